"""Which record a customer means: by number, by its words, by what is true of it, by its place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import msgspec

from stepin.agent.builtin import consent, extract
from stepin.agent.builtin.misspelt import misspelt
from stepin.agent.shop.expression import Expression
from stepin.agent.shop.procedure import Fact
from stepin.language.patterns import sign

Record = Mapping[str, Any]

_TOPIC = "records"
_ORDINALS = ("first", "second", "third", "fourth")
_SHORT_NUMBER = re.compile(r"(?<!\d)(\d{3,5})(?!\d)")
_NAMES = re.compile(r",\s*|、|，")
_LONG_NUMBER = re.compile(r"\d{4,}")
_JOINED_CHARS = 12
_NUMBER = re.compile(r"\d{1,5}")
_PLAIN_WORDS = re.compile(r"[a-z0-9]+")


class Picked(msgspec.Struct, frozen=True, kw_only=True):
    """What a text says about a pick.

    Attributes
    ----------
    record : the one that is meant, if that is clear.
    absent : an explicit value that is among no records.
    among : those that the text leaves possible.
    more : further ones that are meant beside `record`, in the order of the text.
    """

    record: Record | None = None
    absent: str = ""
    among: tuple[Record, ...] = ()
    more: tuple[Record, ...] = ()


def pick(
    fact: Fact,
    records: Sequence[Record],
    text: str,
    *,
    shown: Sequence[Record] = (),
    today: date | None = None,
    but: frozenset[str] = frozenset(),
) -> Picked:
    """Return which of the records a text means.

    Parameters
    ----------
    shown : the list that was last offered; what answers it may be said more shortly.
    but : fields whose words don't tell: "I want a black one" says what is wanted instead.
    """
    if fact.pattern and (named := _by_number(fact, records, text, asked=bool(shown))) is not None:
        return named
    left = sign(_TOPIC, "not_that").without(text)
    fields = [(place, one) for place, one in enumerate(fact.words) if one not in but]
    best = _by_words(fields, records, left, asked=bool(shown))
    if len(best) > 1 and shown and not fact.pattern and sign(_TOPIC, "either").stands_in(left):
        best = [min(best, key=lambda record: _place(fact, record, left))]
    if len(best) == 1 and fact.with_ and len(several := _in_full(fact, records, left)) > 1:
        return Picked(among=tuple(several))
    if len(best) == 1:
        return Picked(record=best[0])
    spoken = bool(shown) or sign(_TOPIC, "bought").stands_in(left)
    told = [
        record
        for record in best or records
        if _is_told(fact, record, left, today if spoken else None)
    ]
    among = told or best or list(records)
    if len(told) == 1:
        return Picked(record=told[0])
    if shown and (at := _at(left, len(shown))) is not None:
        return Picked(record=shown[at])
    if fact.pattern and among:
        if sign(_TOPIC, "newest" if shown else "latest").stands_in(left):
            return Picked(record=among[0])
        if shown and sign(_TOPIC, "oldest").stands_in(left):
            return Picked(record=among[-1])
    return Picked(among=tuple(among))


def _by_number(fact: Fact, records: Sequence[Record], text: str, *, asked: bool) -> Picked | None:
    values = extract.codes(text, fact.pattern, fact.format)
    by_key = {str(record[fact.key]): record for record in records}
    known = [value for value in values if value in by_key]
    if known and consent.turns(text):
        return Picked(record=by_key[known[-1]])
    if known:
        more = tuple(by_key[value] for value in known[1:]) if _joined(text) else ()
        return Picked(record=by_key[known[0]], more=more)
    if values:
        return Picked(absent=values[-1], among=tuple(records))
    ends = sign(_TOPIC, "ending").found(text)
    parts = [number for said in ends for number in _NUMBER.findall(said.text)]
    if not parts and asked:
        parts = _SHORT_NUMBER.findall(text)
    for part in parts:
        found = [record for key, record in by_key.items() if key.endswith(part)]
        found = found or [record for key, record in by_key.items() if f"-{part}" in key]
        if len(found) == 1:
            return Picked(record=found[0])
    return None


def _joined(text: str) -> bool:
    """Return whether the numbers of a text stand together, as those of one wish do."""
    places = [match.span() for match in _LONG_NUMBER.finditer(text)]
    near = all(after[0] - before[1] <= _JOINED_CHARS for before, after in pairwise(places))
    return near and not sign(_TOPIC, "either").stands_in(text)


def _at(text: str, n_shown: int) -> int | None:
    for place, name in enumerate(_ORDINALS[:n_shown]):
        if sign(_TOPIC, name).stands_in(text):
            return place
    alone = sign(_TOPIC, "place_alone")
    if alone.stands_in(text) and (number := _NUMBER.search(text)) is not None:
        place = int(number[0]) - 1
        return place if place < n_shown else None
    return None


def _is_told(fact: Fact, record: Record, text: str, today: date | None) -> bool:
    """Return whether something that is true of the record stands in the text, and nothing else."""
    said = [hint for hint in fact.hints if hint.stands_in(text)]
    if any(not Expression(hint.when).holds({"it": record}) for hint in said):
        return False
    days = extract.days(text, today) if fact.day and today else None
    if days is None:
        return bool(said) or _costs(record, text)
    return str(days[0]) <= str(record[fact.day]) <= str(days[1])


def _costs(record: Record, text: str) -> bool:
    """Return whether an amount of money that is said is one of the record's."""
    said = extract.amount(text)
    if said is None:
        return False
    return any(isinstance(one, float) and abs(one - float(said)) < 1 for one in record.values())


def _by_words(
    fields: Sequence[tuple[int, str]], records: Sequence[Record], text: str, *, asked: bool
) -> list[Record]:
    scored = [(_weight(fields, record, text, asked=asked), record) for record in records]
    most = max((weight for weight, _ in scored), default=0.0)
    if most:
        best = [record for weight, record in scored if weight == most]
        return best if asked else [*best, *_named_too(fields, records, best, text)]
    names = [(str(record[field]), record) for place, field in fields for record in records]
    return misspelt(text, names)


def _named_too(
    fields: Sequence[tuple[int, str]],
    records: Sequence[Record],
    best: Sequence[Record],
    text: str,
) -> list[Record]:
    """Return the records that a text names beside the best one, by a name of the same field."""
    if len(best) != 1:
        return []
    rest = text.lower()
    for _, field in fields:
        names = [one.lower() for one in _NAMES.split(str(best[0][field]))]
        said = [one for one in names if _named(one, rest, asked=False)]
        for name in said:
            rest = _without_words(rest, name)
        if said:
            return [
                record
                for record in records
                if record is not best[0]
                and any(_named(one, rest, asked=False) for one in _NAMES.split(str(record[field])))
            ]
    return []


def _without_words(text: str, name: str) -> str:
    """Return a text without the words of a name."""
    if not name.isascii():
        return text.replace(name, " ").replace(name[-2:], " ")
    words = {_singular(word) for word in _PLAIN_WORDS.findall(name)}
    return " ".join(one for one in _PLAIN_WORDS.findall(text) if _singular(one) not in words)


def _in_full(fact: Fact, records: Sequence[Record], text: str) -> list[Record]:
    """Return the records whose first name stands in a text in full, each name once."""
    by_name = {
        str(record[fact.words[0]]): record
        for record in records
        if any(str(record[field]).lower() in text.lower() for field in fact.words[:1])
    }
    return list(by_name.values())


def _weight(fields: Sequence[tuple[int, str]], record: Record, text: str, *, asked: bool) -> float:
    weight = 0.0
    for place, field in fields:
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
