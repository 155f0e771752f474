"""The desk's numbers by day and issue class: never by arm, nor by holder while a trial runs."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec

from stepin.desk.trials.trials import hidden_trials
from stepin.evidence.analysis.metrics.cell import LEAST_WORKERS, MetricCell, MetricLine, added, line
from stepin.web.auth.caller import LEAD
from stepin.web.routing.endpoint import Call, Endpoint, HttpReply, endpoint

PART = "Numbers"
_LEAD = frozenset({LEAD})


class NumbersQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many days back from the last event, its own day included."""

    days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 30


class NumbersView(msgspec.Struct, frozen=True, kw_only=True):
    """Measures of closed chats, by the UTC day of their opening.

    Attributes
    ----------
    until_us : the log's clock at the last event; 0 while there is none.
    first_day, last_day : of the days asked for; empty while there is none.
    blinded_by : the trials that hide what is told by holder.
    least_workers : attention is told where it is the time of this many workers or more.
    whole : all of it. days, classes : by day and by issue class. cells : by both.
    """

    until_us: int
    first_day: str
    last_day: str
    blinded_by: tuple[str, ...]
    least_workers: int
    whole: MetricLine
    days: tuple[MetricLine, ...]
    classes: tuple[MetricLine, ...]
    cells: tuple[MetricLine, ...]


@endpoint("GET", "/api/numbers", part=PART, who=_LEAD, query=NumbersQuery, returns=NumbersView)
async def read_numbers(call: Call) -> NumbersView:
    """Return volume, first reply, duration, attention, ratings and retrials of closed chats.

    Attention is told only where it is the time of several workers, and never by day and class at
    once. The share that closed without a person stands beside its retrial, and both are left out
    while a trial hides outcomes by holder.
    """
    query: NumbersQuery = call.query
    return await _view(call, query.days)


@endpoint("GET", "/api/numbers.csv", part=PART, who=_LEAD, query=NumbersQuery, returns="text/csv")
async def numbers_csv(call: Call) -> HttpReply:
    """Return the same as CSV: one line per day and issue class; empty where a value is withheld."""
    query: NumbersQuery = call.query
    view = await _view(call, query.days)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(MetricLine.__struct_fields__)
    for one in view.cells:
        told = msgspec.to_builtins(one)
        writer.writerow(["" if v is None else _inert(v) for v in told.values()])
    name = f"numbers-{view.first_day}-{view.last_day}.csv" if view.last_day else "numbers.csv"
    keep = f'attachment; filename="{name}"'.encode()
    return HttpReply(
        body=out.getvalue().encode(),
        media="text/csv; charset=utf-8",
        headers=((b"content-disposition", keep),),
    )


async def _view(call: Call, days: int) -> NumbersView:
    numbers = await call.site.rollup.numbers()
    hidden = await hidden_trials(call.site.log)
    blind = bool(hidden.names)
    first, last = "", ""
    if numbers.until_us:
        end = dt.datetime.fromtimestamp(numbers.until_us / 1e6, dt.UTC).date()
        first, last = (end - dt.timedelta(days=days - 1)).isoformat(), end.isoformat()
    found = [cell for cell in numbers.cells if first <= cell.day <= last]
    return NumbersView(
        until_us=numbers.until_us,
        first_day=first,
        last_day=last,
        blinded_by=tuple(sorted(hidden.names)),
        least_workers=LEAST_WORKERS,
        whole=line(added(found), blind=blind),
        days=_by(found, lambda c: c.day, "day", blind=blind),
        classes=_by(found, lambda c: c.issue_class, "issue_class", blind=blind),
        cells=tuple(line(cell, blind=blind, attention=False) for cell in found),
    )


def _by(
    found: Sequence[MetricCell], key: Callable[[MetricCell], str], name: str, *, blind: bool
) -> tuple[MetricLine, ...]:
    groups: dict[str, list[MetricCell]] = {}
    for cell in found:
        groups.setdefault(key(cell), []).append(cell)
    return tuple(
        line(added(groups[value], **{name: value}), blind=blind) for value in sorted(groups)
    )


def _inert(value: object) -> object:
    """Return a value that a spreadsheet doesn't take for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


ENDPOINTS: tuple[Endpoint, ...] = (
    read_numbers,
    numbers_csv,
)
