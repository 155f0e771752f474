"""The order of the report, and its building from facts and plan."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import duckdb
from threadpoolctl import threadpool_limits

from stepin.core.facts import TABLES
from stepin.errors import Invalid, Missing, Refused
from stepin.evidence.analysis.column_check import check
from stepin.evidence.analysis.context import NEEDED, Context
from stepin.evidence.analysis.results import Core, core
from stepin.evidence.base.labels import measures
from stepin.evidence.base.level import at_level
from stepin.evidence.data.sample import Sample
from stepin.evidence.data.starts import NEVER
from stepin.evidence.data.storage import files
from stepin.evidence.estimators.row_level.alone import Alone, keyed
from stepin.evidence.report import verdict
from stepin.evidence.report.document import Document, Section
from stepin.evidence.report.guard import guarded
from stepin.evidence.report.registry import SECTIONS
from stepin.trial.plan import Plan

Tick = Callable[[str], None]


def steps(plan: Plan) -> int:
    """Return how often `build` calls its ``tick``, and once for writing."""
    return 3 * len(measures(plan)) + len(SECTIONS) + 1


def build(
    folder: Path,
    plan: Plan,
    *,
    arm: str | None = None,
    policies: Mapping[str, bytes] | None = None,
    early: bool = False,
    tick: Tick = lambda _: None,
) -> Document:
    """Return the whole report on one arm against the control.

    Parameters
    ----------
    folder : the data set. plan : the registered plan.
    arm : the arm; by default the plan's first that isn't the control.
    policies : the policy files by the name that the plan gives them, for the plan's hash.
    early : report although the facts end before the plan does; the report says so.
    tick : called with a few words at each step.

    Raises
    ------
    Refused
        ``trial_running`` when the facts end before the plan, without
        ``early``.
    Invalid
        ``arms_differ``: the facts don't hold both arms; ``facts_unreadable``: a file is broken;
        as `door.check`, `alone.keyed` and `sample.Sample`.
    Missing
        ``no_facts``: a table isn't there, or an arm has no chats in the treatment period.
    """
    try:
        check(folder, plan, NEEDED)
        with at_level(plan.analysis.alpha), keyed(folder, plan) as alone:
            return _read(folder, plan, arm, policies, early, tick, alone)
    except duckdb.Error as error:
        raise Invalid(
            f"A file of the facts can't be read: {str(error).splitlines()[0]}",
            code="facts_unreadable",
            hint="Build the facts again; each file must be whole.",
        ) from error


def _read(
    folder: Path,
    plan: Plan,
    arm: str | None,
    policies: Mapping[str, bytes] | None,
    early: bool,
    tick: Tick,
    alone: Alone | None,
) -> Document:
    own = folder if alone is None else alone.folder
    sample = Sample(own, plan, arm, grouped=alone is not None and alone.groups > 0)
    try:
        last = sample.last_day()
        if last < plan.dates.treatment_until and not early:
            raise Refused(
                f"The facts end on {last}, the plan on {plan.dates.treatment_until}.",
                code="trial_running",
                hint="Wait for the plan's end, or look early on purpose: the report will say so.",
                last_day=str(last),
            )
        _inhabited(sample)
        # One thread of linear algebra: many small problems are faster so, and the same bytes.
        with threadpool_limits(limits=1):
            return _build(Context(sample, policies, alone), folder, tick)
    finally:
        sample.close()


def _inhabited(sample: Sample) -> None:
    dates = sample.plan.dates
    treated = sample.units.treated
    seen = {bool(treated[u]) for u in sample.chatting()}
    if not seen and (ids := sample.unmet()) is not None:
        raise Invalid(
            f"No first_owner_id of the chats is a worker_id of an arm, e.g. {ids[0]!r} and "
            f"{ids[1]!r}.",
            code="ids_differ",
            hint="Write both ids alike when the facts are built.",
        )
    if seen != {True, False}:
        raise Missing(
            f"The facts hold no chats of {'both arms' if not seen else 'one of the arms'} from "
            f"{dates.treatment_from} to {dates.treatment_until}.",
            code="no_facts",
            hint=_when(sample),
        )


def _when(sample: Sample) -> str:
    """Return what to check where an arm has no chats in the treatment period."""
    days = sorted(set(sample.starts.days) - {NEVER})
    if not sample.starts.recorded or not days:
        return "Check that the plan's dates are those of these facts."
    return (
        f"A chat counts from its unit's day in workers.treated_from on, and those days are "
        f"{days[0]} to {days[-1]}: check them beside the plan's dates."
    )


def _build(context: Context, folder: Path, tick: Tick) -> Document:
    main = core(context, tick)
    made: dict[str, Section] = {}

    for spec in SECTIONS:
        tick(spec.title)
        made[spec.id] = guarded(spec, context, main, made)
    return document(context, main, made, folder)


def document(context: Context, main: Core, made: dict[str, Section], folder: Path) -> Document:
    """Return the report around finished sections; `folder` holds the facts as they were given."""
    plan = context.plan
    return Document(
        title=plan.name,
        subtitle=plan.question or f"What did {context.treatment} change?",
        summary=verdict.summary(context, main),
        facts=verdict.about(context),
        headlines=verdict.headlines(context, main),
        lights=verdict.lights(context, main, made),
        sections=tuple(made.values()),
        digest=(
            ("Plan (SHA-256)", context.plan_digest),
            ("Facts (SHA-256)", facts_digest(folder)),
            ("Stepin", _version()),
        ),
    )


def facts_digest(folder: Path) -> str:
    """Return the SHA-256 over all files of the facts, in the order of tables and names."""
    whole = hashlib.sha256()
    for table in TABLES:
        for path in files(folder, table):
            with path.open("rb") as file:
                part = hashlib.file_digest(file, "sha256").hexdigest()
            whole.update(f"{table.name}/{path.name} {part}\n".encode())
    return whole.hexdigest()


def _version() -> str:
    try:
        return version("stepin")
    except PackageNotFoundError:
        return "from source"
