"""Amounts of money in a text, however they are written."""

from __future__ import annotations

import msgspec

from stepin.language.claims.claim import words
from stepin.language.reading import folded

_SIGNS = frozenset("£$€¥₹₩₽₺")
_BEFORE = words("en", "money", "before")
_AFTER = _BEFORE | words("en", "money", "after")
_AFTER_HAN = tuple(words("zh", "money", "after"))
_AHEAD = 12


class Money(msgspec.Struct, frozen=True):
    """An amount; `readings` are what its figures may mean ("1.299" is 1.299 or 1299)."""

    readings: frozenset[float]
    at: int


def money_in(text: str) -> tuple[Money, ...]:
    """Return the amounts of money in a text: figures beside a currency's sign or name."""
    text = folded(text).lower()
    found: list[Money] = []
    at = 0
    while at < len(text):
        if not _is_figure(text[at]):
            at += 1
            continue
        end = at
        while end < len(text) and (_is_figure(text[end]) or _joins(text, end)):
            end += 1
        if _has_currency(text, at, end):
            found.append(Money(readings(text[at:end]), at))
        at = end
    return tuple(found)


def readings(figures: str) -> frozenset[float]:
    """Return what figures with points, commas and apostrophes may mean."""
    figures = figures.replace("'", "").replace(" ", "")
    texts = {figures.replace(",", "")}
    head, comma, tail = figures.rpartition(",")
    if comma and tail.isdigit():
        texts.add(f"{head.replace('.', '').replace(',', '')}.{tail}")
    if figures.count(".") > 1 or ("." in figures and len(figures.rpartition(".")[2]) == 3):
        texts.add(figures.replace(".", "").replace(",", ""))
    return frozenset(round(float(one), 2) for one in texts if _is_number(one))


def _is_number(text: str) -> bool:
    return text.count(".") <= 1 and text.replace(".", "").isdigit() and text.isascii()


def _is_figure(char: str) -> bool:
    return char.isascii() and char.isdigit()


def _joins(text: str, at: int) -> bool:
    after = text[at + 1 : at + 2]
    return text[at] in ".,'" and bool(after) and _is_figure(after)


def _has_currency(text: str, start: int, end: int) -> bool:
    before, after = text[max(start - 5, 0) : start].rstrip(), text[end : end + _AHEAD].lstrip()
    if before[-1:] in _SIGNS or after[:1] in _SIGNS:
        return not after[:1] or before[-1:] in _SIGNS or not _is_figure(after[1:2])
    if any(before.endswith(word) for word in _BEFORE):
        return True
    word = ""
    for char in after:
        if not ("a" <= char <= "z"):
            break
        word += char
    return word in _AFTER or after.startswith(_AFTER_HAN)
