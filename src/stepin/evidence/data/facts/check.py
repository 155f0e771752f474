"""Which analyses a data set supports, and what each of the others is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from stepin.core.facts import (
    TABLES,
    Chats,
    Column,
    Decisions,
    WorkerDays,
    Workers,
)
from stepin.errors import Missing
from stepin.evidence.base.estimate import refusal
from stepin.evidence.data.facts.value_check import faults
from stepin.evidence.data.storage import files, fits, source


@dataclass(frozen=True, slots=True)
class SupportedAnalysis:
    """An analysis and the columns without which it can't be done."""

    name: str
    says: str
    needs: tuple[Column[object], ...]


class CheckFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One analysis on one data set.

    Attributes
    ----------
    missing : what is absent or empty, as `table.column`, or holds values that can't be, in words;
        empty where it is supported.
    cautions : what weakens it without preventing it, in words.
    """

    analysis: str
    says: str
    supported: bool
    missing: tuple[str, ...]
    cautions: tuple[str, ...] = ()


_C, _W = Chats, Workers
_ARMS = (_C.first_owner_id, _C.day, _W.worker_id, _W.arm)

ANALYSES: tuple[SupportedAnalysis, ...] = (
    SupportedAnalysis("sample ratio", "Did as many workers show up as were drawn?", _ARMS),
    SupportedAnalysis("balance", "Were the arms alike before?", (*_ARMS, _C.duration_s)),
    SupportedAnalysis(
        "eligibility ratio",
        "Does the eligible share move with the arm?",
        (*_ARMS, _C.eligible),
    ),
    SupportedAnalysis(
        "duration", "What did the AI do to duration?", (*_ARMS, _C.eligible, _C.duration_s)
    ),
    SupportedAnalysis(
        "retrial", "What did it do to 7-day retrial?", (*_ARMS, _C.eligible, _C.retrial_7d)
    ),
    SupportedAnalysis("rating", "What did it do to ratings?", (*_ARMS, _C.eligible, _C.rating)),
    SupportedAnalysis(
        "rating selection", "Can who answers explain it?", (*_ARMS, _C.eligible, _C.rating)
    ),
    SupportedAnalysis(
        "spillover",
        "What did it do to the other chats?",
        (*_ARMS, _C.eligible, _C.duration_s),
    ),
    SupportedAnalysis("attention", "Did it save the workers' time?", (*_ARMS, _C.attention_s)),
    SupportedAnalysis(
        "matched paths",
        "Which escalation carries the effect?",
        (*_ARMS, _C.eligible, _C.path, _C.issue_class),
    ),
    SupportedAnalysis(
        "predicted paths",
        "The same by the path that was likely at opening.",
        (*_ARMS, _C.eligible, _C.path, _C.p_technical, _C.p_emotional, _C.p_unaided),
    ),
    SupportedAnalysis(
        "effort",
        "What did workers do after a takeover?",
        (*_ARMS, _C.path, _C.takeover_round, _C.worker_messages, _C.worker_latency_s),
    ),
    SupportedAnalysis(
        "timing", "When did they step in?", (*_ARMS, _C.path, _C.takeover_round, _C.rounds)
    ),
    SupportedAnalysis(
        "multitasking", "Did they switch away less?", (*_ARMS, _C.switch_aways, _C.away_s)
    ),
    SupportedAnalysis(
        "prompts",
        "What did randomized alerts do?",
        (*_ARMS, Decisions.drawn, Decisions.probability, Decisions.available),
    ),
    SupportedAnalysis(
        "interference",
        "Did load differ by arm?",
        (_W.arm, WorkerDays.chats, WorkerDays.on_s, WorkerDays.mean_concurrency),
    ),
)


def check_facts(folder: Path) -> tuple[CheckFinding, ...]:
    """Return what every analysis finds in a data set: supported, or what is missing.

    A column counts as missing if its table isn't there, it isn't in the table, or every value is
    empty.

    Raises
    ------
    Missing
        ``no_facts``: the folder holds no table of facts at all.
    """
    import duckdb

    held = [table for table in TABLES if files(folder, table)]
    if not held:
        raise Missing(
            f"{folder} holds no table of facts.",
            code="no_facts",
            hint="Build them with `stepin evidence facts`.",
        )
    needed: dict[str, list[Column[object]]] = {}
    for column in {c for analysis in ANALYSES for c in analysis.needs}:
        needed.setdefault(column.table, []).append(column)
    filled: dict[str, float] = {}
    wrong: dict[str, str] = {}
    with duckdb.connect() as con:
        for table in held:
            relation = source(folder, table)
            there = {r[0]: str(r[1]) for r in con.execute(f"DESCRIBE FROM {relation}").fetchall()}
            asked = [c for c in needed.get(table.name, []) if c.name in there]
            if not asked:
                continue
            sound = [c for c in asked if fits(c, there[c.name])]
            wrong |= {
                f"{table.name}.{c.name}": f"{table.name}.{c.name} is {there[c.name]}, not "
                f"{c.kind.name}"
                for c in asked
                if c not in sound
            }
            if set(table.key) <= there.keys():
                wrong |= {f.column: str(f) for f in faults(con, relation, table, sound)}
            counts = ", ".join(f'count("{c.name}")' for c in asked)
            found = con.execute(f"SELECT count(*), {counts} FROM {relation}").fetchone()  # noqa: S608
            total, *known = found or (0,)
            for column, count in zip(asked, known, strict=True):
                filled[f"{table.name}.{column.name}"] = count / total if total else 0.0
        arms = _arm_sizes(con, folder)
    return tuple(_finding(analysis, filled, wrong, arms) for analysis in ANALYSES)


def _finding(
    analysis: SupportedAnalysis,
    filled: dict[str, float],
    wrong: dict[str, str],
    arms: Sequence[int],
) -> CheckFinding:
    names = [f"{c.table}.{c.name}" for c in analysis.needs]
    missing = [name for name in names if not filled.get(name)]
    missing += [wrong[name] for name in names if name in wrong]
    cautions = [
        f"{name} is empty in {1 - filled[name]:.0%} of rows"
        for name, column in zip(names, analysis.needs, strict=True)
        if name not in missing and not column.optional and filled[name] < 1
    ]
    if any(c is Workers.arm for c in analysis.needs) and "workers.arm" not in missing:
        if len(arms) < 2:
            missing.append("a second arm in workers.arm")
        elif (why := refusal(sum(arms), tuple(arms))) is not None:
            cautions.append(why)
    return CheckFinding(
        analysis=analysis.name,
        says=analysis.says,
        supported=not missing,
        missing=tuple(dict.fromkeys(missing)),
        cautions=tuple(cautions),
    )


def _arm_sizes(con: object, folder: Path) -> list[int]:
    import duckdb

    if not files(folder, Workers) or not isinstance(con, duckdb.DuckDBPyConnection):
        return []
    relation = source(folder, Workers)
    there = {r[0] for r in con.execute(f"DESCRIBE FROM {relation}").fetchall()}
    if "arm" not in there:
        return []
    rows = con.execute(
        f"SELECT count(*) FROM {relation} WHERE arm IS NOT NULL GROUP BY arm"  # noqa: S608
    ).fetchall()
    return [int(r[0]) for r in rows]
