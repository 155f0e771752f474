r"""One entry of a file of patterns, and what it matches: RE2, so in time proportional to the text.

An entry says in one of four ways what people write, in small letters:

- ``words``: whole words, no part of a longer one;
- ``starts``: what words begin with;
- ``parts``: what may stand anywhere, for languages without spaces;
- ``phrases``: words that code reads one by one, between ``|``; no patterns.

``\w`` means a letter or digit of any script, ``<name>`` is what the file's ``[let]`` says for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from stepin.errors import Invalid
from stepin.language.given import GivenSet

_LET = re.compile(r"<([a-z_]+)>")
_EDGE_BEFORE, _EDGE_AFTER = r"(?:^|[^\pL\pN_])", r"(?:$|[^\pL\pN_])"


class PatternEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that people write.

    Attributes
    ----------
    words, starts, parts : patterns, one of which has to match.
    phrases : see the module; spaces and line breaks around a phrase don't count.
    named : for an act, the words by which questions name it, between ``|``.
    at : where it has to stand: at the start, at the end, or as the whole text.
    not_before, not_after : what must not stand right behind it, or right before it.
    example : texts in which it stands.
    counter_example : texts that look like it, in which it doesn't.
    """

    words: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    phrases: str = ""
    named: str = ""
    at: Literal["start", "end", "whole", ""] = ""
    not_before: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()
    example: tuple[str, ...] = ()
    counter_example: tuple[str, ...] = ()

    def phrases_said(self) -> tuple[str, ...]:
        """Return the phrases, each once."""
        return _between_bars(self.phrases)

    def names(self) -> tuple[str, ...]:
        """Return the words by which questions name an act."""
        return _between_bars(self.named)

    def bare(self) -> bool:
        """Return whether nothing around it counts, so that entries can be matched as one."""
        return not (self.not_before or self.not_after)

    def pattern(self, let: Mapping[str, str]) -> str:
        """Return what an entry matches, as one pattern with one group."""
        start = "^" if self.at in ("start", "whole") else ""
        end = "$" if self.at in ("end", "whole") else ""
        if self.words:
            start, end = start or _EDGE_BEFORE, end or _EDGE_AFTER
        elif self.starts:
            start = start or _EDGE_BEFORE
        said = "|".join(_written_out(one, let) for one in self.words or self.starts or self.parts)
        return f"{start}({said}){end}" if said else ""

    def fits(self, text: str, said: SaidPart) -> bool:
        """Return whether what stands around a match leaves it one."""
        behind = said.start + len(said.text)
        if self.not_before and text.startswith(self.not_before, behind):
            return False
        return not (self.not_after and text[: said.start].endswith(self.not_after))


class SaidPart(msgspec.Struct, frozen=True):
    """What was found in a text, and where it begins."""

    start: int
    text: str


class LanguageSign:
    """All entries of one name, in all languages: whether and where one of them stands in a text.

    One automaton for all of them says first which may stand there; mostly that is none.
    """

    def __init__(self, entries: Sequence[tuple[PatternEntry, Mapping[str, str]]]) -> None:
        read = [(entry, pattern) for entry, let in entries if (pattern := entry.pattern(let))]
        self._entries = [entry for entry, _ in read]
        self._patterns = GivenSet([pattern for _, pattern in read])

    def stands_in(self, text: str) -> bool:
        """Return whether one of the entries stands in a text."""
        near = self._patterns.standing(text)
        return any(self._entries[one].bare() for one in near) or any(
            True for one in near for _ in self._found(one, text)
        )

    def found(self, text: str) -> Iterator[SaidPart]:
        """Yield what stands in a text; entry by entry, in the order of the text."""
        for one in self._patterns.standing(text):
            yield from self._found(one, text)

    def _found(self, one: int, text: str) -> Iterator[SaidPart]:
        for value in self._patterns.values(one, text):
            said = SaidPart(value.start, value.groups[0])
            if self._entries[one].fits(text, said):
                yield said

    def without(self, text: str) -> str:
        """Return a text with a space for everything that was found."""
        kept: list[str] = []
        at = 0
        for said in sorted(self.found(text), key=lambda one: one.start):
            if said.start >= at:
                kept += (text[at : said.start], " ")
                at = said.start + len(said.text)
        return "".join(kept) + text[at:] if kept else text


def _between_bars(text: str) -> tuple[str, ...]:
    said = (one.strip() for line in text.split("\n") for one in line.split("|"))
    return tuple(dict.fromkeys(one for one in said if one))


def _written_out(pattern: str, let: Mapping[str, str]) -> str:
    def instead(match: re.Match[str]) -> str:
        if match[1] not in let:
            raise Invalid(
                f"Nothing stands for <{match[1]}>.",
                hint="Say it under [let] in the same file.",
                code="pattern_invalid",
            )
        return f"(?:{let[match[1]]})"

    said = _LET.sub(instead, pattern)
    return said.replace(r"\W", r"[^\pL\pN_]").replace(r"\w", r"[\pL\pN_]")
