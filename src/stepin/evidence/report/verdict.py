"""The verdict strip: the primary effects and whether they can be trusted, in ten seconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np

from stepin.core.facts import Chats
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.faults import told
from stepin.evidence.analysis.fitter import Result, key
from stepin.evidence.analysis.results import Core
from stepin.evidence.base.labels import SAMPLES
from stepin.evidence.base.level import alpha
from stepin.evidence.base.scale import amount, interval, level, probability, signed
from stepin.evidence.report.document import Grid, Headline, HeadRow, Light, Section, Tone
from stepin.evidence.report.reading import reading
from stepin.evidence.report.sections import ledger
from stepin.evidence.report.sections.attention import touching
from stepin.trial.reading import differing


def headlines(context: Context, core: Core) -> tuple[Headline, ...]:
    """Return one headline a primary outcome."""
    return tuple(
        Headline(
            finding=r.finding,
            title=r.measure.title,
            reading=reading(r.finding, treatment=context.treatment) + _in_all(r),
            mean=r.mean,
            rows=_rows(core, r),
        )
        for r in core.primary()
    )


def _rows(core: Core, primary: Result) -> tuple[HeadRow, ...]:
    """Return the primary effect beside the same on the other chats and on all, where known."""
    order: tuple[str, ...] = ("eligible", "ineligible", "all")
    found = [core.find(primary.measure.name, chats) for chats in order]
    rows = []
    for r in found:
        if r is None:
            continue
        f, e = r.finding, r.finding.estimate
        rows.append(
            HeadRow(
                chats=SAMPLES[r.chats],
                base=level(r.control_mean, r.measure.level_scale),
                change=signed(e.value, f.scale),
                span="" if e.low is None else interval(e.low, e.high, f.scale),
                verdict=f.verdict,
            )
        )
    return tuple(rows) if len(rows) > 1 else ()


def _in_all(r: Result) -> str:
    """Return what the mean says beside an effect on logarithms, which is one on typical values."""
    f = r.mean
    if f is None:
        return ""
    e = f.estimate
    span = interval(e.low, e.high, f.scale)
    if e.low is None:
        told = f"{signed(e.value, f.scale)}, without a test"
    elif f.clear:
        told = f"{signed(e.value, f.scale)} ({span})"
    else:
        told = f"no clear change ({span})"
    return f" That is the typical chat; over all chats together, the mean: {told}."


def summary(context: Context, core: Core) -> str:
    """Return the sentence that a manager reads: what moved, which way, on which chats.

    It says no more than the primary outcomes' intervals, and recommends nothing.
    """
    primary = core.primary()
    if not primary and core.absent:
        return "None of the plan's primary outcomes can be told from these facts."
    if not primary:
        return "The plan names no primary outcome, so there is no verdict."
    sentences = []
    for chats in ("eligible", "ineligible", "all"):
        parts = [_part(r) for r in primary if r.chats == chats]
        if parts:
            sentences.append(f"On {SAMPLES[chats]}: {'; '.join(parts)}.")
    return " ".join(sentences)


def _part(r: Result) -> str:
    f, title = r.finding, r.measure.title.lower()
    if f.verdict == "refused":
        return f"{title} can't be tested"
    if f.clear == 0:
        return f"{title}, no clear effect"
    moved = f"{title} {'up' if f.clear > 0 else 'down'} {amount(f.estimate.value, f.scale)}"
    return moved + {"good": ", better", "bad": ", worse"}.get(f.verdict, "")


def lights(context: Context, core: Core, sections: dict[str, Section]) -> tuple[Light, ...]:
    """Return one light an assumption, each leading to its section."""
    found: list[Light] = []
    last, until = context.sample.last_day(), context.plan.dates.treatment_until
    if last < until:
        found.append(
            Light(
                tone="bad",
                title="An early look.",
                text=f"The facts end on {last}, the plan on {until}: nothing here is final.",
                section="design",
            )
        )
    found += [
        Light(
            tone="bad",
            title=f"{title} is missing.",
            text=f"A primary outcome of the plan has no result. {why}",
            section="effects",
        )
        for title, why in core.absent
    ]
    found += [
        Light(tone="bad", title="A section failed.", text=f"{s.title}: {s.failed}", section=s.id)
        for s in sections.values()
        if s.failed
    ]
    found += [
        Light(tone="bad", title="A number failed.", text=f"{what}: {why}", section=ledger.ID)
        for what, why in core.failures
    ]
    found += registered(context)
    found.append(drawn(context))
    found += _told(context, ledger.lights)
    found += _health(sections["health"])
    found.append(_trend(core))
    found.append(_response(context, sections.get("ratings")))
    found.append(_load(sections.get("attention")))
    found.append(_replayed(core))
    found.append(_enough(context))
    return tuple(found)


def _enough(context: Context) -> Light:
    """Return the light on the number of units; those without a chat tell nothing."""
    units = context.sample.units
    seen = np.zeros(len(units.ids), dtype=np.bool_)
    seen[list(context.sample.chatting())] = True
    smallest = int(min((seen & units.treated).sum(), (seen & ~units.treated).sum()))
    bare = int((~seen).sum())
    without = f" {bare} more have no chat in the treatment period." if bare else ""
    who = context.clusters if context.clusters == "chats" else f"{context.clusters} with chats"
    return Light(
        tone="good" if smallest >= 20 else "warn" if smallest >= 5 else "bad",
        title=f"Enough {context.plan.unit}s.",
        text=f"{int(seen.sum())} {who}, {smallest} in the smaller arm." + without,
        section="robustness",
    )


def _told(context: Context, make: Callable[[Context], list[Light]]) -> list[Light]:
    """Return some lights; if they can't be made, that is one."""
    try:
        return make(context)
    except Exception as error:  # noqa: BLE001 - the strip must stand whatever broke below it
        text = f"What was left out couldn't be counted: {told(error)}"
        return [Light(tone="bad", title="A check failed.", text=text, section=ledger.ID)]


def registered(context: Context) -> list[Light]:
    """Return the light on whether this is the plan that the log holds; none without a log."""
    origin = context.origin
    if origin is None or not origin.plan:
        return []
    when = ""
    if origin.registered_us is not None:
        day = dt.datetime.fromtimestamp(origin.registered_us / 1e6, dt.UTC)
        when = f" on {day:%Y-%m-%d}"
    keys = differing(context.plan, origin.plan)
    return [
        Light(
            tone="bad" if keys else "good",
            title="The registered plan.",
            text=f"The log's plan, registered{when}, has other values of: {', '.join(keys)}."
            if keys
            else f"This is the plan that the log registered{when}.",
            section="design",
        )
    ]


def drawn(context: Context) -> Light:
    """Return the light on whether the arms are those that the plan draws.

    Arms that were drawn here can't vouch for themselves: there the policies that the log says were
    in force are the witness, and without them there is none.
    """
    title, section = "Drawn as planned.", "robustness"
    alone = context.alone
    if alone is None or not alone.drawn_again:
        same = context.draws.registered
        if alone is not None:
            same = alone.as_planned == alone.units
        text = "The plan's draw gives exactly these arms."
        if not same:
            text = "The recorded arms are not the plan's own draw; blocks are replayed instead."
        return Light(tone="good" if same else "warn", title=title, text=text, section=section)
    if alone.policies is None:
        text = (
            f"The log keeps no list of {context.plan.unit}s' arms, so these were drawn again; no "
            "policy in the facts tells whether they were in force."
        )
        return Light(tone="warn", title=title, text=text, section=section)
    chats, own = alone.policies
    tone: Tone = "good" if own >= 0.99 * chats else "warn" if own >= 0.95 * chats else "bad"
    text = (
        f"The arms were drawn again from the plan; the policy that the log says was in force is "
        f"that of the arm in {own:,} of {chats:,} chats."
    )
    return Light(tone=tone, title=title, text=text, section=section)


def _health(section: Section) -> list[Light]:
    checks = [
        (row[0].text.lower(), {c.tone for c in row})
        for block in section.blocks
        if isinstance(block, Grid)
        for row in block.rows
    ]
    broken = [name for name, tones in checks if "bad" in tones]
    tone: Tone = "bad" if broken else "good"
    text = "No sign that the arms differ in who or what was seen."
    if broken:
        text = f"A check fails: {', '.join(broken)}."
    elif any(f.estimate.p is None for f in section.findings) or not section.findings:
        tone, text = "warn", "Could not be checked in full."
    return [Light(tone=tone, title="Same chats in both arms.", text=text, section="health")]


def _trend(core: Core) -> Light:
    studies = [core.events.get(key(r.measure, r.chats)) for r in core.primary()]
    ps = [e.before.p for e in studies if e is not None and e.before is not None]
    known = [p for p in ps if p is not None]
    if not known:
        return Light(
            tone="warn",
            title="Alike before the start.",
            text="Could not be tested.",
            section="days",
        )
    worst = min(1.0, min(known) * len(known))
    return Light(
        tone="good" if worst >= 0.05 else "warn",
        title="Alike before the start.",
        text=f"Joint test over the days before, all primary outcomes: p = {probability(worst)}.",
        section="days",
    )


def _response(context: Context, section: Section | None) -> Light:
    found = [f for f in section.findings if f.analysis == "response"] if section else []
    if not found:
        return Light(
            tone="plain", title="Who rates.", text="No ratings in these data.", section="ratings"
        )
    f = found[0]
    if bool(np.isfinite(context.late.number(Chats.rating)).all()):
        return Light(
            tone="good",
            title="Who rates.",
            text="Every eligible chat was rated.",
            section="ratings",
        )
    return Light(
        tone="warn" if f.clear or f.estimate.p is None else "good",
        title="Who rates.",
        text=f"The arm moves who answers by {amount(f.estimate.value, 'share')}; see the bounds."
        if f.clear
        else "No sign that the arm moves who answers."
        if f.estimate.p is not None
        else "Too few independent units to tell whether the arm moves who answers.",
        section="ratings",
    )


def _load(section: Section | None) -> Light:
    found = [f for f in section.findings if f.analysis == "interference"] if section else []
    if not found:
        return Light(
            tone="warn",
            title="Arms apart.",
            text="Load by arm can't be checked with these data.",
            section="attention",
        )
    moved = touching(found)
    return Light(
        tone="warn" if moved else "good",
        title="Arms apart.",
        text=f"Load differs in {', '.join(f.label for f in moved)}."
        if moved
        else "No sign that one arm's load reaches the other.",
        section="attention",
    )


def _replayed(core: Core) -> Light:
    apart = []
    for r in core.primary():
        f = r.finding
        if f.estimate.p is None or f.randomization_p is None:
            continue
        if (f.estimate.p < alpha()) != (f.randomization_p < alpha()):
            apart.append(r.measure.title)
    draws = [e.statistics.size for e in core.replays.values()]
    return Light(
        tone="warn" if apart or not draws else "good",
        title="Formula and replay agree.",
        text=f"They disagree on {', '.join(apart)}."
        if apart
        else f"{int(np.max(draws)):,} replayed draws give the same verdicts."
        if draws
        else "Nothing to replay.",
        section="robustness",
    )


def about(context: Context) -> tuple[tuple[str, str], ...]:
    """Return the line of facts under the title."""
    units, dates = context.sample.units, context.plan.dates
    treated = int(units.treated.sum())
    eligible = context.late
    return (
        (
            context.clusters.capitalize(),
            f"{treated} treated, {len(units.ids) - treated} control",
        ),
        (
            "Eligible chats in the trial",
            f"{len(eligible):,} ({level(float(eligible.treated.mean()), 'share')} treated)"
            if len(eligible)
            else "none",
        ),
        ("Treatment", f"{dates.treatment_from} to {dates.treatment_until}"),
        ("Before", f"from {dates.pre_from}"),
    )
