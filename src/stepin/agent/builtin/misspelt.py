"""Which record a misspelt word names: "the wach one", "my hairdrier".

Only the shop's own words are compared: the names of the records that may be meant. A word that
people write for something else ("back", near "black") is never a slip.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from stepin.language.patterns import SPACED, word_set

Record = Mapping[str, Any]

_WORDS = re.compile(r"[a-z]{1,24}")
_SHORTEST, _LONG = 4, 8
_READ_CHARS, _MOST_WORDS = 600, 60


def misspelt(text: str, names: Sequence[tuple[str, Record]]) -> list[Record]:
    """Return the records, of names and what they name, that are nearest to a word of the text.

    Empty if no word is near enough. Two words of a name may be written as one.
    """
    said = _said(text)
    if not said:
        return []
    near: list[tuple[int, Record]] = []
    for name, record in names:
        written = _WORDS.findall(name.lower())
        wanted = {
            *written,
            *(left + right for left, right in pairwise(written)),
        }
        steps = [step for one in wanted for word in said if (step := _steps(word, one)) is not None]
        if steps:
            near.append((min(steps), record))
    least = min((step for step, _ in near), default=0)
    found: list[Record] = []
    for step, record in near:
        if step == least and record not in found:
            found.append(record)
    return found


def _said(text: str) -> list[str]:
    """Return the words of a text that may be slips, and neighbours written apart as one."""
    words = _WORDS.findall(text[:_READ_CHARS].lower())[:_MOST_WORDS]
    ordinary = word_set("records", "ordinary", SPACED)
    return [word for word in words if len(word) >= _SHORTEST and word not in ordinary]


def _steps(word: str, name: str) -> int | None:
    """Return how many letters apart two words are; None if too many, or the first one differs."""
    if len(name) < _SHORTEST or word[0] != name[0]:
        return None
    allowed = 2 if min(len(word), len(name)) >= _LONG else 1
    if abs(len(word) - len(name)) > allowed:
        return None
    steps = _distance(word, name)
    return steps if steps <= allowed else None


def _distance(left: str, right: str) -> int:
    """Return the edit distance of two short words, where two letters that swapped count once."""
    before: list[int] = []
    last = list(range(len(right) + 1))
    for at, letter in enumerate(left, 1):
        now = [at]
        for to, other in enumerate(right, 1):
            step = min(last[to] + 1, now[to - 1] + 1, last[to - 1] + (letter != other))
            swapped = at > 1 and to > 1 and letter == right[to - 2] and left[at - 2] == other
            now.append(min(step, before[to - 2] + 1) if swapped else step)
        before, last = last, now
    return last[-1]
