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
from stepin.evidence.base.scale import interval, signed
from stepin.evidence.data.sample import Sample
from stepin.evidence.data.storage import files
from stepin.evidence.estimators.row_level.alone import Alone, keyed
from stepin.evidence.report import verdict
from stepin.evidence.report.document import Document, Section
from stepin.evidence.report.guard import guarded
from stepin.evidence.report.sections import (
    attention,
    balance,
    effects,
    effort,
    ledger,
    looks,
    net,
    outlook,
    paths,
    prompts,
    ratings,
    robustness,
    splits,
    timing,
    trust,
)
from stepin.trial.plan import Plan

Tick = Callable[[str], None]
SECTIONS = 19


def steps(plan: Plan) -> int:
    """Return how often `build` calls its ``tick``, and once for writing."""
    return 3 * len(measures(plan)) + SECTIONS + 1


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
            hint="Check that the plan's dates are those of these facts.",
        )


def _build(context: Context, folder: Path, tick: Tick) -> Document:
    main = core(context, tick)
    made: dict[str, Section] = {}

    def add(make: Callable[[Context], Section], id_: str, title: str, lead: str = "") -> None:
        tick(title)
        made[id_] = guarded(make, context, id_, title, lead)

    add(lambda c: ledger.section(c, main), ledger.ID, ledger.TITLE, ledger.LEAD)
    add(trust.design_card, "design", "What was fixed before")
    add(lambda c: trust.health(c, main), "health", "Is the data sound?")
    add(balance.section, balance.ID, balance.TITLE, balance.LEAD)
    add(lambda c: effects.main_table(c, main), "effects", "What the AI changed")
    add(lambda c: net.section(c, main), "net", "Direct, spillover and net")
    add(lambda c: effects.days(c, main), "days", "Day by day")
    add(lambda c: looks.section(c, main), looks.ID, looks.TITLE, looks.LEAD)
    add(paths.section, paths.ID, paths.TITLE, paths.LEAD)
    add(effort.section, effort.ID, effort.TITLE, effort.LEAD)
    add(timing.section, timing.ID, timing.TITLE, timing.LEAD)
    add(prompts.section, prompts.ID, prompts.TITLE, prompts.LEAD)
    add(ratings.section, ratings.ID, ratings.TITLE, ratings.LEAD)
    add(attention.section, attention.ID, attention.TITLE, attention.LEAD)
    add(splits.section, splits.ID, splits.TITLE, splits.LEAD)
    add(lambda c: robustness.section(c, main), "robustness", "How fragile is it?")
    add(outlook.mediation, "together", "What the difference goes together with")
    add(lambda c: outlook.power(c, main), "power", "What could this trial see?")
    add(
        lambda c: outlook.compare(c, main, _path_texts(made["paths"])),
        "published",
        "Beside published effects",
    )
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


def _path_texts(section: Section) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(
        (
            f.outcome,
            f.term,
            signed(f.estimate.value, f.scale),
            interval(f.estimate.low, f.estimate.high, f.scale),
        )
        for f in section.findings
        if f.analysis == "paths_matched"
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
