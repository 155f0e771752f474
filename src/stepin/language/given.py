r"""Patterns that come from a shop's files: RE2, which takes time in proportion to the text.

RE2 knows no look-around and no back-reference. ``\b``, ``\d``, ``\w`` and ``\s`` mean ASCII, so
that a code that stands beside Chinese has an edge there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import re2

from stepin.errors import Invalid

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.encoding = re2.Options.Encoding.UTF8
_CASELESS = re2.Options()
_CASELESS.log_errors = False
_CASELESS.encoding = re2.Options.Encoding.UTF8
_CASELESS.case_sensitive = False
_JOINS = "-–—_/"
_INSTEAD = {
    "(?=": "say what the value consists of, character by character, without a look ahead",
    "(?!": "say what the value consists of, character by character, without a look ahead",
    "(?<": "leave the look behind out: a value never begins or ends inside a longer word or number",
    "\\1": "write the repeated part out again: a pattern can't refer back to what it has found",
}


class FoundValue:
    """Where a value stands in a text, and what its groups say.

    Attributes
    ----------
    start : the place of its first character.
    groups : the pattern's groups, the first one first, one that is not there empty; the whole value
        if the pattern has no groups.
    """

    __slots__ = ("groups", "start")

    def __init__(self, start: int, groups: tuple[str, ...]) -> None:
        self.start, self.groups = start, groups


class Given:
    """A pattern of a file, compiled.

    Raises
    ------
    Invalid
        ``pattern_invalid`` if RE2 can't read it, or it may match nothing at all; with what to write
        instead.
    """

    def __init__(self, pattern: str, *, ignore_case: bool = False) -> None:
        options = _CASELESS if ignore_case else _OPTIONS
        try:
            self._plain = re2.compile(pattern.encode(), options)
            bounded = rf"(?:^|[^A-Za-z0-9])({pattern})(?:$|[^A-Za-z0-9])"
            self._bounded = re2.compile(bounded.encode(), options)
        except re2.error as error:
            raise _unreadable(pattern, error) from None
        if self._plain.fullmatch(b"") is not None:
            raise Invalid(
                f"The pattern {pattern!r} matches nothing at all.",
                hint="At least one character of a value must be there.",
                code="pattern_invalid",
                pattern=pattern,
            )

    @property
    def n_groups(self) -> int:
        """How many groups the pattern has."""
        return int(self._plain.groups)

    def stands_in(self, text: str) -> bool:
        """Return whether the pattern matches somewhere in a text."""
        return self._plain.search(text.encode("utf-8", "replace")) is not None

    def values(self, text: str) -> Iterator[FoundValue]:
        """Yield the matches that are no part of a longer number or word, in order."""
        raw = text.encode("utf-8", "replace")
        at, read, start = 0, 0, 0
        while (match := self._bounded.search(raw, at)) is not None:
            first, last = match.span(1)
            start += len(raw[read:first].decode("utf-8", "replace"))
            read = first
            if first >= 1 and _joined(text, start):
                at = first + 1
                continue
            whole, *inner = ((one or b"").decode("utf-8", "replace") for one in match.groups())
            yield FoundValue(start, tuple(inner) or (whole,))
            at = last


class GivenSet:
    """Several patterns, each with one group; letters of either case are the same.

    One automaton says which of them stand in a text, before any is looked for by itself.

    Raises
    ------
    Invalid
        ``pattern_invalid`` if RE2 can't read one of them.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._each = []
        self._all = re2.Set.SearchSet(_CASELESS)
        for pattern in patterns:
            try:
                self._each.append(re2.compile(pattern.encode(), _CASELESS))
            except re2.error as error:
                raise _unreadable(pattern, error) from None
            self._all.Add(pattern.encode())
        self._all.Compile()

    def standing(self, text: str) -> list[int]:
        """Return the places of the patterns that stand in a text, in order."""
        if not self._each:
            return []
        return sorted(self._all.Match(text.encode("utf-8", "replace")) or ())

    def values(self, place: int, text: str) -> Iterator[FoundValue]:
        """Yield what the group of one of the patterns holds, match by match."""
        raw = text.encode("utf-8", "replace")
        at = read = start = 0
        while at <= len(raw) and (match := self._each[place].search(raw, at)) is not None:
            first, last = match.span(1)
            start += len(raw[read:first].decode("utf-8", "replace"))
            read = first
            yield FoundValue(start, (raw[first:last].decode("utf-8", "replace"),))
            at = last if last > at else at + 1


@lru_cache(maxsize=512)
def given(pattern: str, *, ignore_case: bool = False) -> Given:
    """Return a compiled pattern of a file; see `Given`."""
    return Given(pattern, ignore_case=ignore_case)


def _joined(text: str, start: int) -> bool:
    """Return whether a word and a joining mark stand right before a place ("AB-1", "10/12")."""
    if start < 2 or text[start - 1] not in _JOINS:
        return False
    return text[start - 2].isascii() and text[start - 2].isalnum()


def _unreadable(pattern: str, error: Exception) -> Invalid:
    why = error.args[0] if error.args else "?"
    told = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
    hint = next((instead for sign, instead in _INSTEAD.items() if sign in pattern), "")
    return Invalid(
        f"The pattern {pattern!r} can't be used: {told}.",
        hint=(hint[:1].upper() + hint[1:] + "." if hint else "")
        or "Patterns are read by RE2: no look-around, no back-reference.",
        code="pattern_invalid",
        pattern=pattern,
    )
