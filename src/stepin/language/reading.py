"""How much of a message brains and detectors read, and how a text is brought to one form.

The stored message stays whole: people and exports see all of it.
"""

from __future__ import annotations

import unicodedata

READ_CHARS = 2_000
"""What is read of one message: more can't be meant for a machine, and costs all other chats."""

_FROM_THE_END = 500
_MARKS_AT_MOST = 4


def read_part(text: str) -> str:
    """Return what is read of a message: all of it, or its beginning and its end.

    The two are joined by a line with an ellipsis and are cut between words where there is a space,
    so that no number is made that nobody has written. What comes out has at most `READ_CHARS`
    characters, and reading it again changes nothing.
    """
    if len(text) <= READ_CHARS:
        return text
    gap = "\n…\n"
    head = text[: READ_CHARS - _FROM_THE_END - len(gap)]
    tail = text[-_FROM_THE_END:]
    if not text[len(head)].isspace():
        shorter = head.rsplit(None, 1)[0]
        head = shorter if len(shorter) > len(head) // 2 else head
    if not text[-_FROM_THE_END - 1].isspace():
        later = tail.split(None, 1)[-1]
        tail = later if len(later) > len(tail) // 2 else tail
    return f"{head.rstrip()}{gap}{tail.lstrip()}"


def braced(text: str) -> str:
    """Return what stands from the first opening to the last closing curly bracket, or nothing."""
    first, last = text.find("{"), text.rfind("}")
    return text[first : last + 1] if 0 <= first < last else ""


def folded(text: str) -> str:
    """Return a text in compatibility form (NFKC): full-width digits become digits.

    Of marks that stand one over the other only the first few are kept: the standard library sorts
    them by inserting, which takes the square of their number. What comes out is at most twice as
    long: a single ligature may stand for eighteen characters.
    """
    if text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MARKS_AT_MOST:
            kept.append(char)
    return unicodedata.normalize("NFKC", "".join(kept))[: 2 * len(text)]
