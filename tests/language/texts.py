"""Texts that make a backtracking pattern try and try again; each is made at any length."""

from __future__ import annotations

_UNITS = {
    "one letter": "x",
    "another letter": "m",
    "capitals": "A",
    "digits": "7",
    "dashes": "-",
    "underscores": "_",
    "dots": ".",
    "commas": ",",
    "spaces": " ",
    "line breaks": "\n",
    "tabs and letters": "a\t",
    "zero-width spaces": "\u200b",
    "combining marks": "e\u0301\u0316",
    "one mark": "\u0301",
    "marks in the wrong order": "\u0301\u0316",
    "a humming syllable": "嗯",
    "yes in Chinese": "好",
    "and so on in Chinese": "好的，",
    "a person in Chinese": "人",
    "not in Chinese": "不",
    "a place in Chinese": "路",
    "scripts in turn": "a中",
    "at signs": "a@",
    "a chain of domains": "a@b.",
    "names with dots": "a.",
    "numbers with commas": "1,",
    "a phone without an end": "+1 ",
    "quotes": "\"'",
    "brackets": "([{",
    "no no no": "no ",
    "yes yes": "yes ",
    "please": "please ",
    "a number and a word": "12 a ",
    "streets": "1 a street, ",
    "not the order": "not the order ",
    "somebody who talks": "talk to the ",
    "my my my": "my a ",
    "exclamations": "!",
    "questions": "?吗",
    "apostrophes": "don't ",
    "curly brackets": "{",
    "a month": "1 of jan",
    "a million": "\u4e07",
    "wide digits": "\uff11",
    "a long ligature": "\ufdfa",
    "smileys": "\U0001f600",
}

NAMES = tuple(_UNITS)


def text(name: str, length: int) -> str:
    """Return a pathological text of exactly `length` characters."""
    return repeated(_UNITS[name], length)


def repeated(unit: str, length: int) -> str:
    """Return a unit again and again, cut at `length` characters."""
    return (unit * (length // len(unit) + 1))[:length]
