"""From a folder of facts and a plan's file to a report on disk."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import msgspec

from stepin.errors import Invalid
from stepin.evidence.report.build import Tick, build, steps
from stepin.evidence.report.document import Document
from stepin.evidence.report.export import write
from stepin.trial.plan_file import registered_plan

Progress = Callable[[int], AbstractContextManager[Tick]]
"""Takes the number of steps; its context gives a function that is called at each of them."""


def _silent(total: int) -> AbstractContextManager[Tick]:
    return nullcontext(lambda _: None)


class WrittenReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was written.

    Attributes
    ----------
    page : the HTML page. document : the same report as data: checks, sections and findings.
    """

    page: Path
    document: Document

    @property
    def failed(self) -> tuple[str, ...]:
        """The titles of failed checks; with any of them the data can't be trusted."""
        return tuple(x.title for x in self.document.lights if x.tone == "bad")


def run_report(
    facts: Path | str,
    plan: Path | str,
    out: Path | str = "report",
    *,
    arm: str | None = None,
    early: bool = False,
    progress: Progress = _silent,
) -> WrittenReport:
    """Write the report of a finished trial: one HTML page, figures, every number.

    Writes report.html, report.json, numbers.csv, tables.csv and figures/*.svg; running it again on
    the same facts writes the same bytes.

    Parameters
    ----------
    facts : the folder of facts.
    plan : the registered plan's file; policy files beside it go into its hash.
    out : the folder to write to; made if it isn't there.
    arm : the arm to compare with the control; by default the first other one.
    early : report before the plan's end; the report says so.
    progress : shows how far the work is.

    Raises
    ------
    Missing
        ``no_plan``: there is no such file.
    Invalid
        ``not_a_folder``: `out` is a file.
    StepinError
        The plan or the facts are refused; see `stepin.evidence.report.build.build`.
    """
    registered, policies = registered_plan(Path(plan))
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise Invalid(
            f"{folder} is a file.",
            code="not_a_folder",
            hint="Name a folder with --out; it is made if it isn't there.",
        )
    with progress(steps(registered)) as tick:
        document = build(
            Path(facts), registered, arm=arm, policies=policies, early=early, tick=tick
        )
        tick("Writing")
        return WrittenReport(page=write(document, folder)[0], document=document)
