"""Which record a customer means: by its number, by its words, by what is true of it, by its place."""

# ruff: noqa: E501
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from stepin.agent.builtin import consent, extract
from stepin.agent.shop.expression import Expression
from stepin.agent.shop.procedure import Fact

Record = Mapping[str, Any]

_ORDINALS: tuple[tuple[re.Pattern[str], int], ...] = tuple(
    (re.compile(pattern, re.I), place)
    for pattern, place in (
        (r"\b(?:first|1st|top)\b|第一|头一|最上面", 0),
        (r"\b(?:second|2nd)\b|第二", 1),
        (r"\b(?:third|3rd)\b|第三", 2),
        (r"\b(?:fourth|4th)\b|第四", 3),
    )
)
_LATEST = re.compile(
    r"\b(?:my|the) (?:very )?(?:latest|newest|most recent|last) (?:order|purchase|one)\b"
    r"|最(?:近|新)(?:的|下的|买的|拍的)?(?:一|那)?(?:单|个订单|笔|次)|刚下的?(?:那)?单|上一(?:单|个订单)",
    re.I,
)
_NEW = re.compile(
    r"\b(?:latest|newest|most recent|last one|just (?:ordered|placed|bought))\b"
    r"|最近|最新|刚(?:刚)?(?:下|买|拍)|最后一(?:个|单)|上一单",
    re.I,
)
_OLD = re.compile(r"\b(?:oldest|earliest)\b|最早|最老", re.I)
_BOUGHT = re.compile(r"\b(?:order|plac|bought|purchas|buy)|买|拍|下单|订|单", re.I)
_ENDING = re.compile(
    r"\b(?:ending|ends|end|finish(?:es|ing)) (?:in|with|on)?\s*(\d{2,5})\b|尾号\D{0,4}(\d{2,5})|(\d{3,5})(?:结尾|那个|那单|的那)",
    re.I,
)
_SHORT_NUMBER = re.compile(r"(?<!\d)(\d{3,5})(?!\d)")
_NOT_THAT = re.compile(r"\bnot (?:the|that|my) [\w ]{2,20}|不是[^，,。；;]{1,8}[，,。；;]", re.I)
_EITHER = re.compile(r"\bor\b|\botherwise\b|或|没有的?话?就|要不|不行就", re.I)
_NAMES = re.compile(r",\s*|、|，")
_PLACE_ALONE = re.compile(r"\A\W*+(?:number |no\.? ?|#)?([1-9])(?:\W*+号)?+\W*+\Z", re.I)
_PLAIN_WORDS = re.compile(r"[a-z0-9]+")


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
    fact: Fact,
    records: Sequence[Record],
    text: str,
    *,
    shown: Sequence[Record] = (),
    today: date | None = None,
) -> Picked:
    """Return which of the records a text means.

    Parameters
    ----------
    shown : the list that was last offered; what answers it may be said more shortly.
    """
    if fact.pattern and (named := _by_number(fact, records, text, asked=bool(shown))) is not None:
        return named
    left = _NOT_THAT.sub(" ", text)
    best = _by_words(fact, records, left, asked=bool(shown))
    if len(best) > 1 and shown and not fact.pattern and _EITHER.search(left):
        best = [min(best, key=lambda record: _place(fact, record, left))]
    if len(best) == 1 and fact.with_ and len(several := _in_full(fact, records, left)) > 1:
        return Picked(among=tuple(several))
    if len(best) == 1:
        return Picked(record=best[0])
    told = [record for record in best or records if _is_told(fact, record, left, today)]
    among = told or best or list(records)
    if len(told) == 1:
        return Picked(record=told[0])
    if shown and (at := _at(left, len(shown))) is not None:
        return Picked(record=shown[at])
    if fact.pattern and among:
        if (_NEW if shown else _LATEST).search(left):
            return Picked(record=among[0])
        if shown and _OLD.search(left):
            return Picked(record=among[-1])
    return Picked(among=tuple(among))


def _by_number(fact: Fact, records: Sequence[Record], text: str, *, asked: bool) -> Picked | None:
    values = extract.codes(text, fact.pattern, fact.format)
    by_key = {str(record[fact.key]): record for record in records}
    for value in reversed(values) if consent.turns(text) else values:
        if value in by_key:
            return Picked(record=by_key[value])
    if values:
        return Picked(absent=values[-1], among=tuple(records))
    parts = [part for match in _ENDING.finditer(text) for part in match.groups() if part]
    if not parts and asked:
        parts = _SHORT_NUMBER.findall(text)
    for part in parts:
        found = [record for key, record in by_key.items() if key.endswith(part)]
        found = found or [record for key, record in by_key.items() if f"-{part}" in key]
        if len(found) == 1:
            return Picked(record=found[0])
    return None


def _at(text: str, n_shown: int) -> int | None:
    for pattern, place in _ORDINALS:
        if pattern.search(text) and place < n_shown:
            return place
    if (alone := _PLACE_ALONE.search(text)) is not None:
        place = int(alone[1]) - 1
        return place if place < n_shown else None
    return None


def _is_told(fact: Fact, record: Record, text: str, today: date | None) -> bool:
    """Return whether something that is true of the record stands in the text, and nothing else."""
    said = [hint for hint in fact.hints if hint.stands_in(text)]
    if any(not Expression(hint.when).holds({"it": record}) for hint in said):
        return False
    days = extract.days(text, today) if fact.day and today and _BOUGHT.search(text) else None
    if days is None:
        return bool(said)
    return str(days[0]) <= str(record[fact.day]) <= str(days[1])


def _by_words(fact: Fact, records: Sequence[Record], text: str, *, asked: bool) -> list[Record]:
    scored = [(_weight(fact, record, text, asked=asked), record) for record in records]
    most = max((weight for weight, _ in scored), default=0.0)
    return [record for weight, record in scored if weight == most] if most else []


def _in_full(fact: Fact, records: Sequence[Record], text: str) -> list[Record]:
    """Return the records whose first name stands in a text in full, each name once."""
    by_name = {
        str(record[fact.words[0]]): record
        for record in records
        if any(str(record[field]).lower() in text.lower() for field in fact.words[:1])
    }
    return list(by_name.values())


def _weight(fact: Fact, record: Record, text: str, *, asked: bool) -> float:
    weight = 0.0
    for place, field in enumerate(fact.words):
        names = _NAMES.split(str(record[field]))
        weight += 0.8**place * sum(_named(name, text.lower(), asked=asked) for name in names)
    return weight


def _named(name: str, text: str, *, asked: bool) -> int:
    """Return how clearly a text names a thing: 3 in full, 2 by its head, 1 by a part, 0 not."""
    name = name.lower().strip()
    if not name:
        return 0
    if name.isascii():
        said = {_singular(word) for word in _PLAIN_WORDS.findall(text)}
        words = [_singular(word) for word in _PLAIN_WORDS.findall(name)]
        common = sum(word in said for word in words)
        if common == len(words):
            return 3
        if words[-1] in said:
            return 2
        return 1 if asked and common and any(w in said and len(w) > 3 for w in words) else 0
    if name in text:
        return 3
    if name.endswith("色"):
        return 2 if f"{name[:-1]}的" in text or (asked and name[:-1] in text) else 0
    if name[-2:] in text:
        return 2
    pairs = [name[at : at + 2] for at in range(len(name) - 1)]
    common = sum(pair in text for pair in pairs)
    if common * 2 >= len(pairs) > 1 and common > 1:
        return 2
    return 1 if asked and common else 0


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


def _place(fact: Fact, record: Record, text: str) -> int:
    """Return where in a text a record is first named; its end if it isn't."""
    lowered = text.lower()
    at = [len(lowered)]
    for field in fact.words:
        for name in _NAMES.split(str(record[field]).lower()):
            short = name.removesuffix("色")
            if short and (place := lowered.find(short)) >= 0:
                at.append(place)
    return min(at)
