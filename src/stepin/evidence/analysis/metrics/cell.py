"""The chats of one day and one issue class as sums, which add up to those of any more.

Every measure is the facts' own column (`stepin.core.facts.Chats`); here they are only added.
Nothing knows an arm or a holder, except what no person took part in, which `line` withholds with
its retrial while a trial hides outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from stepin.core.facts import Chats
from stepin.errors import Missing
from stepin.evidence.data.storage import source

LEAST_WORKERS = 3
"""Attention is shown where it is the time of this many workers or more: nobody's own is."""

_SUMS = """
SELECT strftime(day, '%Y-%m-%d') AS day, issue_class, count(*) AS chats,
  count(first_response_s) AS answered, coalesce(sum(first_response_s), 0) AS first_response_s,
  coalesce(sum(duration_s), 0) AS duration_s,
  count(attention_s) AS attended, coalesce(sum(attention_s), 0) AS attention_s,
  coalesce(list_sort(list_distinct(list(first_owner_id) FILTER (attention_s > 0))), [])
    AS attention_by,
  count(*) FILTER (rating_invited) AS invited, count(rating) AS ratings,
  coalesce(sum(rating), 0) AS rating,
  count(retrial_7d) AS matured, count(*) FILTER (retrial_7d) AS retrials,
  count(*) FILTER (alone) AS alone, count(retrial_7d) FILTER (alone) AS alone_matured,
  count(*) FILTER (alone AND retrial_7d) AS alone_retrials
FROM (
  SELECT *, ai_messages > 0 AND worker_messages = 0 AND takeover_at IS NULL AS alone FROM {chats}
) GROUP BY ALL ORDER BY day, issue_class
"""


class MetricCell(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over chats, by the UTC day of their opening.

    Attributes
    ----------
    answered, first_response_s : chats with a first answer, and their waits for it added up.
    duration_s : added up over all chats.
    attended, attention_s : chats whose attention is known, and their sum.
    attention_by : the workers whose time that is; never shown.
    invited, ratings, rating : asked for a rating, given one, their sum.
    matured, retrials : chats whose 7 days have passed, and those the customer came back in.
    alone, alone_matured, alone_retrials : the same for chats that the AI answered and no person
        took part in.
    """

    day: str = ""
    issue_class: str = ""
    chats: int = 0
    answered: int = 0
    first_response_s: float = 0.0
    duration_s: float = 0.0
    attended: int = 0
    attention_s: float = 0.0
    attention_by: tuple[str, ...] = ()
    invited: int = 0
    ratings: int = 0
    rating: float = 0.0
    matured: int = 0
    retrials: int = 0
    alone: int = 0
    alone_matured: int = 0
    alone_retrials: int = 0


class MetricLine(msgspec.Struct, frozen=True, kw_only=True):
    """Measures of some chats; None where nothing is known, or must not be.

    Attributes
    ----------
    first_reply_s, duration_s : means. attention_s : mean, if `LEAST_WORKERS` or more gave it.
    rating, ratings, response_share : mean rating, how many, and given of invited.
    retrial_share, matured : came back within 7 days, of the chats whose 7 days have passed.
    alone_share, alone_retrial_share : answered by the AI without a person taking part, and how many
        of those came back; both or neither, and neither while a trial hides outcomes.
    """

    day: str
    issue_class: str
    chats: int
    first_reply_s: float | None
    duration_s: float | None
    attention_s: float | None
    rating: float | None
    ratings: int
    response_share: float | None
    retrial_share: float | None
    matured: int
    alone_share: float | None
    alone_retrial_share: float | None


def cells(folder: Path) -> list[MetricCell]:
    """Return the cells of a folder of facts, by day and issue class; none if no chat has closed."""
    import duckdb

    try:
        relation = source(folder, Chats)
    except Missing:
        return []
    with duckdb.connect() as con:
        found = con.execute(_SUMS.format(chats=relation))
        names = [column[0] for column in found.description or ()]
        rows = found.fetchall()
    return [msgspec.convert(dict(zip(names, row, strict=True)), MetricCell) for row in rows]


def added(some: Iterable[MetricCell], *, day: str = "", issue_class: str = "") -> MetricCell:
    """Return the sums of some cells, under a day or an issue class of their own."""
    sums = {name: 0.0 for name in _NUMBERS}
    workers: set[str] = set()
    for cell in some:
        workers.update(cell.attention_by)
        for name in _NUMBERS:
            sums[name] += getattr(cell, name)
    whole = {name: sums[name] if name in _REALS else int(sums[name]) for name in _NUMBERS}
    told = {**whole, "day": day, "issue_class": issue_class, "attention_by": sorted(workers)}
    return msgspec.convert(told, MetricCell)


def line(cell: MetricCell, *, blind: bool, attention: bool = True) -> MetricLine:
    """Return the measures of a cell.

    Parameters
    ----------
    blind : a trial hides its outcomes: nothing is told by who held the chat.
    attention : whether attention may be told at all (never by day and class at once, since one line
        could be taken from another).
    """
    whose = attention and len(cell.attention_by) >= LEAST_WORKERS
    shown = not blind
    return MetricLine(
        day=cell.day,
        issue_class=cell.issue_class,
        chats=cell.chats,
        first_reply_s=_mean(cell.first_response_s, cell.answered),
        duration_s=_mean(cell.duration_s, cell.chats),
        attention_s=_mean(cell.attention_s, cell.attended) if whose else None,
        rating=_mean(cell.rating, cell.ratings),
        ratings=cell.ratings,
        response_share=_mean(cell.ratings, cell.invited),
        retrial_share=_mean(cell.retrials, cell.matured),
        matured=cell.matured,
        alone_share=_mean(cell.alone, cell.chats) if shown else None,
        alone_retrial_share=_mean(cell.alone_retrials, cell.alone_matured) if shown else None,
    )


_REALS = frozenset({"first_response_s", "duration_s", "attention_s", "rating"})
_NUMBERS = tuple(
    name
    for name in MetricCell.__struct_fields__
    if name not in ("day", "issue_class", "attention_by")
)


def _mean(total: float, count: int) -> float | None:
    return total / count if count else None
