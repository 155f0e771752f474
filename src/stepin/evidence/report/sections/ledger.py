"""Section: what was left out and what was assumed, before any number: rows by cause and arm."""

from __future__ import annotations

import numpy as np

from stepin.core.facts import Chats, Workers
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.fitter import FLAT
from stepin.evidence.analysis.results import Core, comparison
from stepin.evidence.base.estimate import CLUSTERS_FLOOR
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.labels import SAMPLES, Measure
from stepin.evidence.base.scale import level, probability, whole
from stepin.evidence.data.starts import NEVER
from stepin.evidence.data.storage import source
from stepin.evidence.estimators.effects import uncompared
from stepin.evidence.report.document import Block, Callout, Cell, Light, Section, Tone, grid
from stepin.evidence.report.spec import SectionSpec, from_core

ID, TITLE = "ledger", "What was left out or assumed"
LEAD = (
    "Every chat of the facts that the effects below don't rest on, with the cause, and what was "
    "taken from the facts or from the plan."
)
MANY = 0.05
"""With more of its chats missing in an arm, an outcome asks for caution even if the arms agree."""
SAID = 0.01
BROKEN = 0.01


def unknown(context: Context) -> tuple[int, int]:
    """Return how many chats within the plan's dates belong to nobody in the table of units.

    Where chats are drawn, those of before the treatment never were and don't count.

    Returns
    -------
    tuple
        Those chats, and all chats within the dates.
    """
    sample, dates = context.sample, context.plan.dates
    row = sample.db.execute(
        f"SELECT count(*), count(*) FILTER (first_owner_id IS NULL OR first_owner_id NOT IN "  # noqa: S608
        f"(SELECT worker_id FROM {source(sample.folder, Workers)})) "
        f"FROM {source(sample.folder, Chats)} WHERE day >= ? AND day <= ?",
        [
            dates.treatment_from if context.plan.unit == "chat" else dates.pre_from,
            dates.treatment_until,
        ],
    ).fetchone()
    total, strange = (0, 0) if row is None else (int(row[0]), int(row[1]))
    left = 0 if context.alone is None else context.alone.strangers
    return strange + left, total + left


def _outside(context: Context) -> tuple[int, int]:
    """Return the chats outside the plan's dates, and those within them of units in neither arm."""
    sample, dates = context.sample, context.plan.dates
    row = sample.db.execute(
        "SELECT count(*) FILTER (day < ? OR day > ? OR day IS NULL), "  # noqa: S608
        "count(*) FILTER (day >= ? AND day <= ? AND first_owner_id IN "
        f"(SELECT worker_id FROM {source(sample.folder, Workers)}) "
        "AND first_owner_id NOT IN (SELECT worker_id FROM unit)) "
        f"FROM {source(sample.folder, Chats)}",
        [dates.pre_from, dates.treatment_until, dates.pre_from, dates.treatment_until],
    ).fetchone()
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


def _sample_of(m: Measure) -> str:
    return SAMPLES[m.chats] if m.primary else SAMPLES["all"]


def findings(context: Context) -> list[Finding]:
    """Return, for each outcome that some chats lack, the arm's effect on lacking it.

    Ratings have a section of their own.
    """
    found = []
    for m in context.measures:
        chosen = m.chats if m.primary else "all"
        k = context.known[m.term]
        if m.name == "rating" or not sum(k.missing(chosen)):
            continue
        if (e := k.difference(chosen)) is not None:
            found.append(
                Finding(
                    analysis="missing",
                    outcome=m.name,
                    label=f"the share of chats without {m.label}",
                    sample=_sample_of(m),
                    term=m.title,
                    design="randomized",
                    scale="share",
                    estimate=e,
                )
            )
    return found


def tone(f: Finding, shares: tuple[float, float]) -> Tone:
    """Return the tone of one outcome's missing values: bad where the arm moves who has it."""
    e = f.estimate
    if e.p is None:
        apart = abs(e.value) > 1e-12 and e.se is None and e.clusters >= CLUSTERS_FLOOR
        return "bad" if apart else "warn"
    if e.p < BROKEN:
        return "bad"
    return "warn" if max(shares) > MANY else "good"


def _shares(context: Context, m: Measure) -> tuple[float, float]:
    chosen = m.chats if m.primary else "all"
    k = context.known[m.term]
    lost, chats = k.missing(chosen), k.by_arm(k.chats, chosen)
    return lost[0] / max(chats[0], 1), lost[1] / max(chats[1], 1)


def lights(context: Context) -> list[Light]:
    """Return the lights on missing outcomes, unknown units, flattened logarithms and starts."""
    found: list[Light] = []
    by = {(m.name, m.title): m for m in context.measures}
    worst: list[tuple[Tone, str]] = []
    for f in findings(context):
        m = by[f.outcome, f.term]
        shares = _shares(context, m)
        worst.append(
            (
                tone(f, shares),
                f"{m.title} is missing in {level(shares[1], 'share')} of treated and "
                f"{level(shares[0], 'share')} of control chats (p = {probability(f.estimate.p)}).",
            )
        )
    order: dict[Tone, int] = {"bad": 0, "warn": 1, "good": 2, "plain": 3}
    told = [text for t, text in sorted(worst, key=lambda w: order[w[0]]) if t != "good"]
    found.append(
        Light(
            tone=min((t for t, _ in worst), key=lambda t: order[t], default="good"),
            title="Outcomes known.",
            text=" ".join(told)
            or ("No outcome is missing more in one arm." if worst else "No outcome is missing."),
            section=ID,
        )
    )
    strange, total = unknown(context)
    if strange:
        share = strange / total
        found.append(
            Light(
                tone="bad" if share > MANY else "warn",
                title="Chats of unknown units.",
                text=f"{whole(strange)} of {whole(total)} chats ({level(share, 'share')}) belong "
                f"to nobody in the table of {context.plan.unit}s and are left out.",
                section=ID,
            )
        )
    for m in context.measures:
        share = context.known[m.term].flattened(m.chats if m.primary else "all")
        if m.log and SAID < share <= FLAT:
            found.append(
                Light(
                    tone="warn",
                    title="Small values in logarithms.",
                    text=f"{m.title}: {level(share, 'share')} of values lie below one unit and "
                    "count as one.",
                    section=ID,
                )
            )
    return [*found, *_waved(context), *_started(context)]


def alone_in_wave(context: Context) -> tuple[int, int, int]:
    """Return what leaves every effect because its wave can't be compared.

    Returns
    -------
    tuple
        Chats of the control and of the treated arm, and the units that they belong to.
    """
    arms = comparison(context)
    last = int(np.datetime64(context.plan.dates.treatment_until, "D").astype(np.int64))
    frame = context.sample.daily({"n": "1"}, chats="all")
    after = frame.where(frame.after)
    chats = np.bincount(after.unit, after.values["n:n"], arms.start.size)
    left = uncompared(arms, last, chats > 0)
    by = [int(chats[left & (arms.treated == arm)].sum()) for arm in (False, True)]
    return by[0], by[1], int(left.sum())


def _waved(context: Context) -> list[Light]:
    control, treated, units = alone_in_wave(context)
    if not units:
        return []
    some = units == 1
    return [
        Light(
            tone="warn",
            title="Waves without a comparison.",
            text=f"{whole(control + treated)} chats of {whole(units)} "
            f"{context.plan.unit if some else context.plan.unit + 's'} are in no effect: on the "
            f"day on which {'it' if some else 'they'} began, fewer than two began in one of the "
            "arms.",
            section=ID,
        )
    ]


def _started(context: Context) -> list[Light]:
    starts, units = context.sample.starts, len(context.sample.units.ids)
    found = []
    if starts.during:
        found.append(
            Light(
                tone="warn",
                title="Began during a day.",
                text=f"{whole(starts.during)} of {whole(units)} {context.clusters} began in the "
                "course of a day. The whole of that day counts as treated, so an effect on it is "
                "diluted.",
                section=ID,
            )
        )
    if not starts.moved:
        return found
    return [
        *found,
        Light(
            tone="warn",
            title="Started as planned.",
            text=f"{whole(starts.moved)} of {whole(units)} {context.clusters} began on another day "
            "than the plan gives them. Their own days, as the facts hold them, are used.",
            section=ID,
        ),
    ]


def _arms(context: Context) -> str:
    if context.alone is None or not context.alone.drawn_again:
        return "as the facts hold them"
    checked = context.alone.policies
    return "drawn again by the plan, as the log draws them" + (
        f"; the policy in force is that of the arm in {whole(checked[1])} of {whole(checked[0])} "
        "chats"
        if checked
        else "; no policy in the facts tells whether they were in force"
    )


def _days(context: Context) -> str:
    starts = context.sample.starts
    days = sorted(set(starts.days) - {NEVER})
    if not starts.recorded:
        return f"{days[0]}, the plan's: the facts give no day of their own"
    never = sum(day == NEVER for day in starts.days)
    told = str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}, {len(days)} days"
    return (
        f"{told}, as the facts hold them"
        + (f"; {whole(never)} never" if never else "")
        + (f"; {whole(starts.during)} in the course of a day, all of it" if starts.during else "")
    )


def _returns(context: Context) -> list[tuple[str | Cell, ...]]:
    """Return until when returns count as known, where own tables say it."""
    origin = context.origin
    if origin is None or origin.known_until is None:
        return []
    why = "the export, as the mapping says" if origin.exported else "the last opening of a chat"
    return [("Returns known until", f"{origin.known_until:%Y-%m-%d %H:%M} UTC, {why}")]


def section(context: Context, core: Core) -> Section:
    """Return the ledger."""
    strange, _ = unknown(context)
    outside, neither = _outside(context)
    rows: list[tuple[str | Cell, ...]] = []

    def row(cause: str, where: str, control: str, treated: str, what: str | Cell = "") -> None:
        rows.append((cause, where, control, treated, what))

    both = "not told by arm"
    if context.alone is None:
        row("Outside the plan's dates", "all chats", both, whole(outside))
    row(f"Of units in neither arm ({context.plan.unit}s)", "all chats", both, whole(neither))
    row("Of units that the facts don't know", "all chats", both, whole(strange))
    lone = alone_in_wave(context)
    if lone[2]:
        row("In waves that can't be compared", "all chats", whole(lone[0]), whole(lone[1]))
    tested = {(f.outcome, f.term): f for f in findings(context)}
    for m in context.measures:
        chosen = m.chats if m.primary else "all"
        k = context.known[m.term]
        lost = k.missing(chosen)
        f = tested.get((m.name, m.title))
        what: str | Cell = "see Ratings" if m.name == "rating" else ""
        if f is not None:
            what = Cell(f"p = {probability(f.estimate.p)}", tone(f, _shares(context, m)))
        row(f"Without {m.label}", _sample_of(m), whole(lost[0]), whole(lost[1]), what)
        if m.log:
            raised = k.by_arm(k.raised, chosen)
            row(
                f"{m.title}: below one unit, counted as one",
                _sample_of(m),
                whole(raised[0]),
                whole(raised[1]),
            )
    assumed: list[tuple[str | Cell, ...]] = [
        ("Arms", _arms(context)),
        ("First days", _days(context)),
        *_returns(context),
        (
            "Eligible chats",
            "as the facts hold them"
            if context.strata_known
            else "not told by the facts: all chats are compared together, and no part of them",
        ),
        ("Level of the tests", f"{context.plan.analysis.alpha:g}, the plan's"),
        ("Extreme values", "left as they are: nothing is trimmed"),
    ]
    blocks: list[Block] = [
        grid(
            "Chats left out, treatment period where told by arm",
            ("Cause", "Of", "Control", "Treated", "Do the arms differ?"),
            rows,
            text_columns=2,
            note="A chat without an outcome leaves that outcome's sample alone. If one arm lacks "
            "it more often, the comparison can be turned round by who is left: below p = 0.01 that "
            "is a failed check.",
        ),
        grid("What was assumed", ("What", "How"), assumed, text_columns=2),
    ]
    blocks += [
        Callout(tone="warn", title=f"No result: {title}, {chats}.", text=why)
        for title, chats, why in core.refused
    ]
    blocks += [
        Callout(tone="bad", title=f"This failed: {what}.", text=why) for what, why in core.failures
    ]
    return Section(
        id=ID, title=TITLE, lead=LEAD, blocks=tuple(blocks), findings=tuple(findings(context))
    )


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_core(section))
