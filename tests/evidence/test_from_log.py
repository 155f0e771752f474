"""From a desk's own log to the report: export, facts, check and run, each as a user types it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest

from stepin.cli import main
from stepin.core.events import Event
from stepin.core.events.chat import (
    ChatClosed,
    ChatOpened,
    EligibilityAssessed,
    HolderChanged,
    MessagePosted,
    OwnerSet,
    RatingGiven,
    RatingInvited,
    WrapUpEnded,
    WrapUpStarted,
)
from stepin.core.events.floor import FocusMoved, WorkerSignedOff, WorkerSignedOn
from stepin.core.events.supervision import DecisionDrawn
from stepin.core.holder import NOBODY, ai, worker
from stepin.core.record import NewEvent
from stepin.log.protocol import Append, Appended
from stepin.log.sqlite import SqliteLog
from stepin.trial.assignment import assign
from stepin.trial.design import design
from stepin.trial.plan import Plan
from stepin.trial.pool import Pool
from stepin.trial.reading import plan_hash, read
from stepin.trial.state import fold, lock, record, register, stream

PLAN = """
name = "pilot"
seed = 7
control = "people"

[[arms]]
name = "people"
policy = "people.toml"
share = 0.5

[[arms]]
name = "ai"
policy = "ai.toml"
share = 0.5

[dates]
pre_from = 2026-03-02
treatment_from = 2026-03-06
treatment_until = 2026-03-09

[[outcomes]]
name = "duration_s"
role = "primary"
chats = "eligible"
scale = "log"
better = "lower"
minimal_effect = 0.1

[[outcomes]]
name = "rating"
chats = "eligible"
better = "higher"
"""
POLICIES = {"people.toml": b"name = 'people'\n[ai]\nenabled = false\n", "ai.toml": b"name = 'ai'\n"}
EVEN = (1 / 24,) * 24
WORKERS = tuple(f"w{n:02d}" for n in range(24))
DAYS = 8
CHATS_A_DAY = 2


class Day:
    """A log whose clock is moved by hand."""

    def __init__(self, log: SqliteLog, clock: list[int]) -> None:
        self.log, self.clock = log, clock

    async def tell(self, name: str, *events: Event, actor: str = "system", epoch: int = 0) -> None:
        new = tuple(NewEvent(event=e, actor=actor, epoch=epoch or None) for e in events)
        assert isinstance(await self.log.append(Append(stream=name, events=new)), Appended)

    async def chat(
        self, n: int, owner: str, *, with_ai: bool, eligible: bool, long_s: float
    ) -> None:
        name = f"chat/c{n}"
        customer = f"customer:k{n % 90}"
        chosen = WORKERS.index(owner)
        await self.tell(
            name,
            ChatOpened(
                customer_id=f"k{n % 90}", asserted=True, issue_class="parcel", trial_id="pilot"
            ),
            MessagePosted(author="customer", text="Where is it?"),
            actor=customer,
        )
        await self.tell(
            name,
            EligibilityAssessed(
                eligible=eligible, score=0.9 if eligible else 0.1, threshold=0.5, reason="rules",
                classifier_version="rules-1", issue_class="parcel",
            ),
            DecisionDrawn(
                point="assignment", options=WORKERS, probabilities=EVEN,
                drawn=owner, draw_key=f"assign:{n}",
            ),
            OwnerSet(
                owner=owner, rule="uniform", candidates=WORKERS,
                covariates={"tenure_days": 100 + chosen},
            ),
        )  # fmt: skip
        holder = ai("builtin") if with_ai else worker(owner)
        await self.tell(name, HolderChanged(from_=NOBODY, to=holder, reason="assigned"), epoch=1)
        self.clock[0] += int(long_s * 1e6)
        author, actor = ("ai", "ai:builtin") if with_ai else ("worker", f"worker:{owner}")
        await self.tell(name, MessagePosted(author=author, text="Today."), actor=actor)  # type: ignore[arg-type]
        if not with_ai:
            await self.tell(name, WrapUpStarted(worker_id=owner), WrapUpEnded(worker_id=owner))
        await self.tell(name, ChatClosed(reason="resolved", closed_by="worker"), epoch=2)
        await self.tell(name, RatingInvited())
        if n % 3 == 0:
            await self.tell(name, RatingGiven(rating=3 + n % 3 - with_ai), actor=customer)
        focus = FocusMoved(worker_id=owner, chat_id=f"c{n}", duration_ms=20_000, active_ms=9_000)
        await self.tell(f"focus/{owner}", focus, actor=f"worker:{owner}")


async def tell_trial(path: Path, plan: Plan) -> None:
    """Write eight days of a small trial as a desk would have."""
    start = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    clock = [int(start.timestamp() * 1e6)]
    log = await SqliteLog.open(path, clock_us=lambda: clock[0])
    day = Day(log, clock)
    of = design(plan, Pool(WORKERS, {}))
    rows = assign(of)
    arm = {row.unit: row.arm for row in rows}
    told: list[Event] = [register(plan, plan_hash(plan, POLICIES)), *record(plan, rows)]
    told.append(lock(fold((e, "user:lea", 0) for e in told)))
    await day.tell(stream("pilot"), *told, actor="user:lea")
    rng = np.random.default_rng(3)
    n = 0
    for d in range(DAYS):
        morning = dt.datetime(2026, 3, 2 + d, 9, tzinfo=dt.UTC)
        clock[0] = int(morning.timestamp() * 1e6)
        for w in WORKERS:
            signed = WorkerSignedOn(worker_id=w, capacity=3, supervised_capacity=8)
            await day.tell(f"worker/{w}", signed, actor=f"worker:{w}")
        treated_day = dt.date(2026, 3, 2 + d) >= plan.dates.treatment_from
        for w in WORKERS:
            for k in range(CHATS_A_DAY):
                eligible = k % 2 == 0
                with_ai = eligible and treated_day and arm[w] == "ai"
                long_s = float(rng.lognormal(4.5, 0.4)) * (0.4 if with_ai else 1.0)
                await day.chat(n, w, with_ai=with_ai, eligible=eligible, long_s=long_s)
                n += 1
        for w in WORKERS:
            await day.tell(f"worker/{w}", WorkerSignedOff(worker_id=w), actor=f"worker:{w}")
    clock[0] = int(dt.datetime(2026, 3, 25, tzinfo=dt.UTC).timestamp() * 1e6)
    await log.close()


def typed(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(args))
    out = capsys.readouterr()
    code = ended.value.code
    return (0 if code is None else int(code)), out.out + out.err


def test_the_desks_own_log_becomes_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import asyncio

    plan = read(PLAN)
    (tmp_path / "plan.toml").write_text(PLAN)
    for name, body in POLICIES.items():
        (tmp_path / name).write_bytes(body)
    asyncio.run(tell_trial(tmp_path / "log.sqlite", plan))
    url = f"sqlite:///{tmp_path}/log.sqlite"
    events, facts, out = (str(tmp_path / name) for name in ("events", "facts", "report"))

    code, said = typed(capsys, "log", "verify", "--log", url)
    assert code == 0, said
    code, said = typed(
        capsys, "log", "export", events, "--log", url, "--why", "report", "--by", "lea"
    )
    assert code == 0, said
    code, said = typed(capsys, "evidence", "facts", facts, "--events", events)
    assert code == 0, said
    code, said = typed(capsys, "evidence", "check", facts)
    assert "spillover          yes" in said, said
    code, said = typed(
        capsys,
        "evidence",
        "run",
        "--facts",
        facts,
        "--plan",
        str(tmp_path / "plan.toml"),
        "--out",
        out,
    )
    assert code in (0, 1), said
    pages = list(Path(out).glob("*.html"))
    assert len(pages) == 1
    numbers = json.loads(next(Path(out).glob("*.json")).read_text())
    assert numbers, said
    text = pages[0].read_text()
    assert "http://" not in text.replace("http://www.w3.org", "")
