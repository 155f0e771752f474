"""A plan from its text, checked whole, and its canonical form and hash.

Every error names the key that is wrong, as `arms[1].share`.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping

import msgspec

from stepin.core.facts import AtOpening, Before, Chats, Workers
from stepin.core.facts.column import NUMBERS
from stepin.errors import Invalid
from stepin.trial.plan import Plan

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_FIELD = re.compile(r"(?:unknown|required) field `(?P<name>[^`]*)`")
_PLACE = re.compile(r"\s*-? at `\$\.?(?P<key>[^`]*)`")

Problem = tuple[str, str]


def read(text: str) -> Plan:
    """Return the plan that a TOML text holds.

    Raises
    ------
    Invalid
        ``plan_syntax`` if the text isn't TOML; ``plan_key`` with the field ``key`` if a value is
        missing, unknown, of the wrong type or makes no sense beside the others.
    """
    try:
        plan = msgspec.toml.decode(text, type=Plan)
    except msgspec.ValidationError as error:
        message = str(error)
        place, field = _PLACE.search(message), _FIELD.search(message)
        parts = (place["key"] if place else "", field["name"] if field else "")
        raise _wrong(".".join(p for p in parts if p), _PLACE.sub("", message)) from error
    except msgspec.DecodeError as error:
        raise Invalid(
            f"The plan isn't TOML: {error}.",
            code="plan_syntax",
            hint="Texts stand in quotes, dates and numbers don't; `stepin trial new` writes a plan "
            "to go by.",
        ) from error
    check(plan)
    return plan


def check(plan: Plan) -> None:
    """Refuse a plan whose parts contradict each other.

    Raises
    ------
    Invalid
        ``plan_key``: the first problem; its message counts the others.
    """
    problems = list(_problems(plan))
    if problems:
        key, what = problems[0]
        more = f" ({len(problems) - 1} more after it)" if len(problems) > 1 else ""
        raise _wrong(key, what + more)


def canonical(plan: Plan) -> str:
    """Return the plan's one text: JSON, keys sorted, defaults written out.

    Two TOML files with the same content, however laid out, have the same canonical text.
    """
    return msgspec.json.encode(plan, order="sorted").decode()


def from_canonical(text: str) -> Plan:
    """Return the plan behind a canonical text, as the log keeps it."""
    return msgspec.json.decode(text, type=Plan)


def differing(plan: Plan, text: str) -> tuple[str, ...]:
    """Return the keys in which a plan differs from one that a log keeps: ``dates.pre_from``.

    A log of an older release names fewer keys; they have their defaults.
    """
    try:
        other = from_canonical(text)
    except msgspec.DecodeError:
        return ("the whole plan, which can't be read",)
    ours, theirs = (dict(_flat(msgspec.to_builtins(p))) for p in (plan, other))
    return tuple(
        sorted(k for k in ours.keys() | theirs.keys() if ours.get(k, "") != theirs.get(k, ""))
    )


def _flat(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    """Yield every leaf of nested tables and lists, with its key."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list | tuple) and value:
        for i, inner in enumerate(value):
            yield from _flat(inner, f"{key}[{i}]")
    else:
        yield key, value


def plan_hash(plan: Plan, policies: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of the canonical plan and of the bytes of each policy that it names.

    Raises
    ------
    Invalid
        ``plan_policy``: the bytes of a policy weren't given.
    """
    digest = hashlib.sha256(canonical(plan).encode())
    for arm in plan.arms:
        if arm.policy not in policies:
            raise Invalid(
                f"The policy {arm.policy} of the arm {arm.name} wasn't found.",
                code="plan_policy",
                hint="A policy's path is relative to the plan.",
                arm=arm.name,
                policy=arm.policy,
            )
        digest.update(hashlib.sha256(policies[arm.policy]).digest())
    return digest.hexdigest()


def _wrong(key: str, what: str) -> Invalid:
    place = f"`{key}`: " if key else ""
    return Invalid(
        f"Plan: {place}{what}",
        code="plan_key",
        hint="The reference of trial plans lists every key with its meaning.",
        key=key,
    )


def _problems(plan: Plan) -> Iterator[Problem]:
    if not _NAME.fullmatch(plan.name):
        yield "name", f"{plan.name!r} must be small letters, digits, - and _, at most 64"
    yield from _arms(plan)
    yield from _dates(plan)
    yield from _randomization(plan)
    yield from _outcomes(plan)
    yield from _watching(plan)
    if plan.routing.cap < 1:
        yield "routing.cap", "must be 1 or more"
    if plan.unit == "worker" and plan.routing.owner == "least_loaded" and not plan.routing.reason:
        yield (
            "routing.owner",
            "least_loaded ships freed capacity to the other arm and hides the spillover; "
            "use uniform, or write down routing.reason",
        )


def _arms(plan: Plan) -> Iterator[Problem]:
    names = [a.name for a in plan.arms]
    if len(names) < 2:
        yield "arms", "a trial needs two arms or more"
    for i, arm in enumerate(plan.arms):
        if not _NAME.fullmatch(arm.name):
            yield f"arms[{i}].name", f"{arm.name!r} must be small letters, digits, - and _"
        if arm.name in names[:i]:
            yield f"arms[{i}].name", f"{arm.name!r} is named twice"
        if not 0 < arm.share < 1:
            yield f"arms[{i}].share", "must lie between 0 and 1"
        if not arm.policy:
            yield f"arms[{i}].policy", "must name a policy file"
    if names and not math.isclose(math.fsum(a.share for a in plan.arms), 1, abs_tol=1e-9):
        yield "arms", f"the shares add up to {math.fsum(a.share for a in plan.arms):g}, not to 1"
    if plan.control not in names:
        yield "control", f"{plan.control!r} is not the name of an arm"


def _dates(plan: Plan) -> Iterator[Problem]:
    dates = plan.dates
    if not dates.pre_from < dates.treatment_from:
        yield "dates.pre_from", "the pre-period must begin before treatment does"
    if not dates.treatment_from <= dates.treatment_until:
        yield "dates.treatment_until", "lies before dates.treatment_from"
    before = (dates.treatment_from, 0.0)
    for i, step in enumerate(plan.ramp):
        if not dates.treatment_from <= step.from_ <= dates.treatment_until:
            yield f"ramp[{i}].from", "lies outside the treatment's dates"
        if i and step.from_ <= before[0]:
            yield f"ramp[{i}].from", "must be later than the step before"
        if not before[1] < step.share <= 1:
            yield f"ramp[{i}].share", "must rise from step to step, up to 1"
        before = (step.from_, step.share)
    if plan.ramp and plan.ramp[0].from_ != dates.treatment_from:
        yield "ramp[0].from", "must be dates.treatment_from"
    if plan.ramp and plan.unit == "chat":
        yield "ramp", "a chat is drawn once, at opening: ramp by shares of a worker or customer"


def _randomization(plan: Plan) -> Iterator[Problem]:
    rules = plan.randomization
    if plan.unit != "worker" and (rules.blocks or rules.rerandomize):
        yield (
            "randomization",
            f"a {plan.unit} isn't known before the trial: neither blocks nor re-randomization",
        )
    for i, by in enumerate(rules.blocks):
        if by.quantiles is not None and by.quantiles < 2:
            yield f"randomization.blocks[{i}].quantiles", "must be 2 or more"
    if rules.least_block < 1:
        yield "randomization.least_block", "must be 1 or more"
    again = rules.rerandomize
    if again is not None:
        if not again.covariates:
            yield "randomization.rerandomize.covariates", "name one or more"
        if not 0 < again.acceptance <= 1:
            yield "randomization.rerandomize.acceptance", "must lie above 0 and at most at 1"
        if again.largest_difference <= 0:
            yield "randomization.rerandomize.largest_difference", "must be above 0"


def _outcomes(plan: Plan) -> Iterator[Problem]:
    after = {c.name: c.kind.name for c in Chats.columns if c.stage == "after"}
    if not plan.primary:
        yield "outcomes", "one outcome or more must have the role primary"
    for i, outcome in enumerate(plan.outcomes):
        if outcome.name not in after:
            yield f"outcomes[{i}].name", f"{outcome.name!r} is not an outcome of the table chats"
        elif after[outcome.name] not in NUMBERS:
            kind = after[outcome.name]
            yield (
                f"outcomes[{i}].name",
                f"{outcome.name!r} is a {kind}, and only a number or a truth has a mean to compare",
            )
        if (outcome.name, outcome.chats) in {(o.name, o.chats) for o in plan.outcomes[:i]}:
            yield f"outcomes[{i}].name", f"{outcome.name!r} on {outcome.chats} chats stands twice"
        if outcome.minimal_effect is not None and outcome.minimal_effect <= 0:
            yield f"outcomes[{i}].minimal_effect", "is a size: must be above 0"
        if outcome.role == "primary" and outcome.minimal_effect is None:
            yield f"outcomes[{i}].minimal_effect", "a primary outcome needs one"
    early = {c.name for t in (Chats, Workers) for c in t.columns if isinstance(c, AtOpening)}
    fixed = {c.name for t in (Chats, Workers) for c in t.columns if isinstance(c, Before)}
    allowed = fixed if plan.unit == "worker" else early
    for part in ("controls", "splits"):
        for i, name in enumerate(getattr(plan.analysis, part)):
            if name not in allowed:
                yield f"analysis.{part}[{i}]", f"{name!r} is not fixed before treatment"


def _watching(plan: Plan) -> Iterator[Problem]:
    if list(plan.looks.days) != sorted(set(plan.looks.days)) or any(
        not 0 < d <= plan.days for d in plan.looks.days
    ):
        yield "looks.days", f"must rise and lie within the {plan.days} days of treatment"
    harm = plan.harm
    if not harm.outcomes or len(set(harm.outcomes)) < len(harm.outcomes):
        yield "harm.outcomes", "name each once, and one or more"
    if not 0 < harm.alpha < 0.5:
        yield "harm.alpha", "must lie between 0 and 0.5"
    if not 1 <= harm.low_rating_at_most <= 4:
        yield "harm.low_rating_at_most", "must lie between 1 and 4"
    for key in ("first_after_days", "every_days", "least_count"):
        if getattr(harm, key) < 1:
            yield f"harm.{key}", "must be 1 or more"
    if harm.repetitions * harm.alpha < 10:
        yield "harm.repetitions", f"must be {math.ceil(10 / harm.alpha)} or more at this alpha"
    analysis = plan.analysis
    if not 1e-6 <= analysis.alpha < 0.5:
        yield "analysis.alpha", "must lie between 0.000001 and 0.5"
    for key in ("repetitions", "bootstrap"):
        if getattr(analysis, key) < 99:
            yield f"analysis.{key}", "must be 99 or more"
