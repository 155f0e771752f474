"""What a pattern is made of: the words in it, of which texts are made that provoke it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_parser: Any = re._parser  # type: ignore[attr-defined]
_constants: Any = re._constants  # type: ignore[attr-defined]


def atoms(pattern: re.Pattern[str]) -> list[str]:
    """Return the characters and the runs of characters that a pattern spells out."""
    found: set[str] = set()
    _walk(_parser.parse(pattern.pattern, pattern.flags), found)
    return sorted(found)


def _walk(items: Iterable[tuple[Any, Any]], found: set[str]) -> None:
    c = _constants
    run = ""
    for op, given in items:
        if op is c.LITERAL:
            run += chr(given)
            found.add(chr(given))
            continue
        found.add(run)
        run = ""
        if op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
            _walk(given[2], found)
        elif op is c.SUBPATTERN:
            _walk(given[3], found)
        elif op is c.BRANCH:
            for branch in given[1]:
                _walk(branch, found)
        elif op in (c.ASSERT, c.ASSERT_NOT):
            _walk(given[1], found)
        elif op is c.ATOMIC_GROUP:
            _walk(given, found)
    found.add(run)
    found.discard("")
