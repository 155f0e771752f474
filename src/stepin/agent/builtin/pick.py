"""Which record a customer means: by its number, by its words, by its place in the list."""

# ruff: noqa: E501
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from stepin.agent.builtin import extract
from stepin.agent.ranking import terms
from stepin.core.procedure import Fact

Record = Mapping[str, Any]

_ORDINALS: tuple[tuple[re.Pattern[str], int], ...] = tuple(
    (re.compile(pattern, re.I), place)
    for pattern, place in (
        (r"\b(?:first|1st)\b|第一|头一", 0),
        (r"\b(?:second|2nd)\b|第二", 1),
        (r"\b(?:third|3rd)\b|第三", 2),
        (r"\b(?:fourth|4th)\b|第四", 3),
    )
)
_LATEST = re.compile(
    r"\b(?:latest|newest|most recent|last (?:order|purchase|one)|my last|just (?:ordered|placed|bought))\b"
    r"|最近|最新|刚(?:刚)?(?:下|买|拍)|最后一(?:个|单)|上一单",
    re.I,
)


class Picked(msgspec.Struct, frozen=True, kw_only=True):
    """What a text says about a pick.

    Attributes
    ----------
    record : the one that is meant, if that is clear.
    absent : an explicit value that is among no records.
    among : those that the text leaves possible.
    """

    record: Record | None = None
    absent: str = ""
    among: tuple[Record, ...] = ()


def pick(
    fact: Fact, records: Sequence[Record], text: str, *, shown: Sequence[Record] = ()
) -> Picked:
    """Return which of the records a text means; `shown` is the list that was last offered."""
    if fact.pattern:
        for value in reversed(extract.codes(text, bounded(fact.pattern), fact.format)):
            for record in records:
                if str(record[fact.key]) == value:
                    return Picked(record=record)
            return Picked(absent=value, among=tuple(records))
    best = _by_words(fact, records, text)
    if len(best) == 1:
        return Picked(record=best[0])
    if shown:
        for pattern, place in _ORDINALS:
            if pattern.search(text) and place < len(shown):
                return Picked(record=shown[place])
        if re.fullmatch(r"\W*[1-9]\W*", text) and int(re.sub(r"\D", "", text)) <= len(shown):
            return Picked(record=shown[int(re.sub(r"\D", "", text)) - 1])
    if fact.pattern and _LATEST.search(text) and records:
        return Picked(record=records[0])
    return Picked(among=tuple(best or records))


def bounded(pattern: str) -> str:
    """Return a pattern that matches no part of a longer number or word."""
    return rf"(?<![A-Za-z0-9])(?:{pattern})(?![A-Za-z0-9])"


def _by_words(fact: Fact, records: Sequence[Record], text: str) -> list[Record]:
    asked = set(terms(text)) | {char for char in text if "\u4e00" <= char <= "\u9fff"}
    scored = []
    for record in records:
        known = " ".join(str(record[field]) for field in fact.words)
        weight = sum(2 if len(term) > 1 else 0 for term in set(terms(known)) & asked)
        scored.append((weight, record))
    most = max((weight for weight, _ in scored), default=0)
    return [record for weight, record in scored if weight == most] if most else []
