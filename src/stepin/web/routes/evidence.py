"""The reports on the desk's shelf: what they say, their figures as drawn, their files to keep."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from stepin.desk.trials.trials import Hidden, hidden_trials
from stepin.errors import Refused, StepinError
from stepin.evidence.report.store import FILES, Shelf, ShelfReport
from stepin.web.auth.caller import LEAD
from stepin.web.routing.asgi import Headers
from stepin.web.routing.endpoint import Call, Endpoint, HttpReply, endpoint

PART = "Evidence"
_LEAD = frozenset({LEAD})
FOLDER = "evidence"
_INERT: Headers = ((b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),)


class ReportLine(msgspec.Struct, frozen=True, kw_only=True):
    """A report in the list.

    Attributes
    ----------
    name : of its folder. trial : whose report it is; empty if it can't be read.
    hidden : whether the trial is running, so that nothing but this line is shown.
    summary : the report's first sentence; empty while hidden.
    problem : why it can't be read; empty if it can.
    """

    name: str
    trial: str = ""
    question: str = ""
    summary: str = ""
    written_us: int = 0
    hidden: bool = False
    problem: str = ""


class ReportList(msgspec.Struct, frozen=True, kw_only=True):
    """The reports on the shelf, the latest first. `folder` is where new ones are put."""

    folder: str
    reports: tuple[ReportLine, ...]


class ReportView(msgspec.Struct, frozen=True, kw_only=True):
    """A report for reading, with the names of the files that can be downloaded."""

    name: str
    written_us: int
    report: ShelfReport
    files: tuple[str, ...]


@endpoint("GET", "/api/evidence", part=PART, who=_LEAD, returns=ReportList)
async def list_reports(call: Call) -> ReportList:
    """List the reports in the folder `evidence` of the desk's data folder, the latest first.

    A report of a trial that runs is listed without a word of what it says.
    """
    shelf = shelf_of(call)
    hidden = await hidden_trials(call.site.log)
    lines = await asyncio.to_thread(lambda: [_line(shelf, n, hidden) for n in shelf.names()])
    lines.sort(key=lambda line: (-line.written_us, line.name))
    return ReportList(folder=str(_folder(call)), reports=tuple(lines))


@endpoint("GET", "/api/evidence/{report}", part=PART, who=_LEAD, returns=ReportView)
async def read_report(call: Call) -> ReportView:
    """Return what a report says. Refused (`blinded`) while its trial runs."""
    shelf, name = shelf_of(call), call.path["report"]
    report = await _open(call, shelf)
    files = []
    for file in FILES:
        try:
            shelf.size(name, file)
            files.append(file)
        except StepinError:
            continue
    return ReportView(
        name=name, written_us=shelf.written_us(name), report=report, files=tuple(files)
    )


@endpoint(
    "GET", "/api/evidence/{report}/figures/{figure}", part=PART, who=_LEAD, returns="image/svg+xml"
)
async def report_figure(call: Call) -> HttpReply:
    """Return a figure's SVG, byte for byte as the report's folder holds it."""
    shelf = shelf_of(call)
    await _open(call, shelf)
    body = await asyncio.to_thread(
        shelf.figure, call.path["report"], call.path["figure"].removesuffix(".svg")
    )
    return HttpReply(body=body, media="image/svg+xml", headers=_INERT)


@endpoint(
    "GET",
    "/api/evidence/{report}/files/{file}",
    part=PART,
    who=_LEAD,
    returns="application/octet-stream",
)
async def report_file(call: Call) -> HttpReply:
    """Return `report.html`, `report.json` or `numbers.csv` as a download, byte for byte."""
    shelf, name, file = shelf_of(call), call.path["report"], call.path["file"]
    await _open(call, shelf)
    body = await asyncio.to_thread(shelf.file, name, file)
    keep = f'attachment; filename="{name}-{file}"'.encode()
    return HttpReply(
        body=body, media=FILES[file], headers=(*_INERT, (b"content-disposition", keep))
    )


def shelf_of(call: Call) -> Shelf:
    """Return the desk's shelf of reports."""
    return Shelf(_folder(call))


def _folder(call: Call) -> Path:
    return Path(call.site.settings.data) / FOLDER


async def _open(call: Call, shelf: Shelf) -> ShelfReport:
    """Return a report whose trial is not hidden; everything else of it may be shown, too."""
    report = await asyncio.to_thread(shelf.report, call.path["report"])
    if is_about(report, await hidden_trials(call.site.log)):
        raise Refused(
            f"The trial {report.title} is running: its report stays closed until its end.",
            hint="Wait for the end, or unblind the trial on its page; the log keeps who and why.",
            code="blinded",
            trial=report.title,
        )
    return report


def is_about(report: ShelfReport, hidden: Hidden) -> bool:
    """Return whether a report is about one of the hidden trials, by its name or its plan."""
    return report.title in hidden.names or report.plan_hash in hidden.plan_hashes


def _line(shelf: Shelf, name: str, hidden: Hidden) -> ReportLine:
    try:
        report, written_us = shelf.report(name), shelf.written_us(name)
    except (StepinError, OSError) as error:
        return ReportLine(name=name, problem=str(error))
    closed = is_about(report, hidden)
    return ReportLine(
        name=name,
        trial=report.title,
        question=report.question,
        summary="" if closed else report.summary,
        written_us=written_us,
        hidden=closed,
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    list_reports,
    read_report,
    report_figure,
    report_file,
)
