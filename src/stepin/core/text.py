"""What a text holds besides what can be read: control characters, and nothing at all."""

from __future__ import annotations

import unicodedata

from stepin.language.reading import folded

_LINES = frozenset("\t\n\v\f\r\x85")
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and a symbol, by their category, that show nothing: Hangul fillers, an empty Braille."""


def controls(text: str, *, lines: bool) -> str:
    r"""Return a control character or lone surrogate of a text, "" if there is none.

    Parameters
    ----------
    lines : whether tabs and line breaks are allowed.

    >>> controls("one\ntwo", lines=True), controls("one\ntwo", lines=False)
    ('', '\n')
    """
    if text.isprintable():
        return ""
    for character in sorted(set(text)):
        if character < "\x20" or "\x7f" <= character <= "\x9f":
            if not (lines and (character in _LINES or character > "\x7f")):
                return character
        elif "\ud800" <= character <= "\udfff":
            return character
    return ""


def is_exact(name: str) -> bool:
    r"""Return whether a name is the only one that looks like it, letters of other scripts apart.

    It has no space around it, no control, format or other invisible character, and no other way to
    write one of its characters (NFKC).

    >>> is_exact("c1001"), is_exact("王 芳"), is_exact("c1001\u200b"), is_exact(" c1")
    (True, True, False, False)
    """
    if name.isascii():
        return name.isprintable() and name == name.strip()
    return (
        folded(name) == name
        and name == name.strip()
        and not any(c in _INVISIBLE or unicodedata.category(c)[0] == "C" for c in name)
    )


def is_blank(text: str) -> bool:
    r"""Return whether a text shows nothing: spaces, format characters, marks on nothing.

    >>> is_blank("\u200b \u2060\ufeff"), is_blank("👍"), is_blank("嗯")
    (True, False, False)
    """
    for character in text:
        if character in _INVISIBLE:
            continue
        if unicodedata.category(character)[0] not in "ZCM" or _is_shown(character):
            return False
    return True


def _is_shown(character: str) -> bool:
    """Return whether a private or unassigned character may be one that a font shows."""
    return unicodedata.category(character) in ("Co", "Cn")
