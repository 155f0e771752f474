"""Who showed up in a trial and what reached them: the sample ratio and the exposure of each arm.

Reads who owned which chat, whether it was eligible and whether the AI ever held it. No rating, no
duration, no end of a chat is read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from stepin.errors import StepinError
from stepin.evidence.data.facts.registered import midnight_us
from stepin.evidence.data.storage import read_parquet
from stepin.trial.design import Design
from stepin.trial.ratio import Method, sample_ratio
from stepin.trial.state import Trial

_CHATS = """
WITH opened AS (
  SELECT chat_id, min(at_us) AS at_us FROM {events} WHERE kind = 'ChatOpened' GROUP BY 1
), owned AS (
  SELECT chat_id, arg_min(owner, seq) AS owner FROM {events}
  WHERE kind = 'OwnerSet' AND owner IS NOT NULL GROUP BY 1
), assessed AS (
  SELECT chat_id, arg_min(eligible, seq) AS eligible FROM {events}
  WHERE kind = 'EligibilityAssessed' GROUP BY 1
), by_ai AS (
  SELECT DISTINCT chat_id FROM {events} WHERE kind = 'HolderChanged' AND holder_to = 'ai'
)
SELECT owner, count(*), count(*) FILTER (eligible),
       count(*) FILTER (eligible AND by_ai.chat_id IS NOT NULL)
FROM opened JOIN owned USING (chat_id) LEFT JOIN assessed USING (chat_id)
LEFT JOIN by_ai USING (chat_id)
WHERE opened.at_us >= {start} GROUP BY owner ORDER BY owner
"""


class ArmSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An arm since treatment began.

    Attributes
    ----------
    assigned, late : units drawn before the lock, and those that joined after it.
    seen, expected, p : units drawn before the lock that owned a chat, the design's mean of that
        number and the test of the difference; None before anybody was seen.
    chats, eligible, by_ai : chats of the arm's workers, those assessed as eligible, and those of
        them that the AI held at some time.
    """

    arm: str
    assigned: int
    late: int
    seen: int
    expected: float | None
    p: float | None
    method: Method | None
    chats: int
    eligible: int
    by_ai: int


def seen(events: Sequence[Path], trial: Trial) -> tuple[ArmSeen, ...]:
    """Return every arm of a trial of workers as it was seen; counts are 0 for other units."""
    worked: dict[str, tuple[int, int, int]] = {}
    if events and trial.plan.unit == "worker":
        worked = _worked(events, midnight_us(trial.plan.dates.treatment_from))
    drawn = {u: row.arm for u, row in trial.rows.items() if not row.late}
    ratios = {}
    if present := sorted(set(worked) & set(drawn)):
        try:
            of, own = _design(trial)
            ratios = {r.arm: r for r in sample_ratio(of, present, arms=own)}
        except StepinError:
            ratios = {}
    found = []
    for arm in trial.plan.arms:
        units = [u for u, row in trial.rows.items() if row.arm == arm.name]
        totals = [sum(worked.get(u, (0, 0, 0))[k] for u in units) for k in range(3)]
        ratio = ratios.get(arm.name)
        found.append(
            ArmSeen(
                arm=arm.name,
                assigned=sum(u in drawn for u in units),
                late=sum(u not in drawn for u in units),
                seen=sum(u in worked and u in drawn for u in units),
                expected=None if ratio is None else ratio.expected,
                p=None if ratio is None else ratio.p,
                method=None if ratio is None else ratio.method,
                chats=totals[0],
                eligible=totals[1],
                by_ai=totals[2],
            )
        )
    return tuple(found)


def _worked(events: Sequence[Path], start_us: int) -> dict[str, tuple[int, int, int]]:
    import duckdb

    query = _CHATS.format(events=read_parquet(events), start=start_us)
    with duckdb.connect(config={"threads": 1}) as con:
        rows = con.execute(query).fetchall()
    return {owner: (chats, eligible, by_ai) for owner, chats, eligible, by_ai in rows}


def _design(trial: Trial) -> tuple[Design, np.ndarray[tuple[int], np.dtype[np.int8]]]:
    """Return the design that the log recorded: counts fixed inside the blocks that were drawn."""
    rows = sorted((r for r in trial.rows.values() if not r.late), key=lambda r: r.unit)
    names = tuple(sorted({r.block for r in rows}))
    arms = tuple(a.name for a in trial.plan.arms)
    of = Design(
        seed=trial.plan.seed,
        units=tuple(r.unit for r in rows),
        block=np.array([names.index(r.block) for r in rows], dtype=np.int64),
        block_names=names,
        arms=arms,
        shares=tuple(a.share for a in trial.plan.arms),
    )
    return of, np.array([arms.index(r.arm) for r in rows], dtype=np.int8)
