"""The plain forms of other languages: a word for a person beside a word for reaching one."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import msgspec


class _Forms(msgspec.Struct, frozen=True, rename={"no": "not"}):
    persons: tuple[str, ...]
    reach: tuple[str, ...]
    no: tuple[str, ...]


class _Elsewhere(msgspec.Struct, frozen=True):
    also_english: frozenset[str]
    words: tuple[_Forms, ...]
    parts: tuple[_Forms, ...]


_FORMS = msgspec.convert(
    tomllib.loads((files(__package__) / "elsewhere.toml").read_text("utf-8")), _Elsewhere
)
_PERSONS = frozenset(person for forms in _FORMS.words for person in forms.persons)
_NEAR = 8
_NEAR_NO = 5
_LONGEST = 200
_STOPS = ".;!?\n,。！？、।؟،"


def asks(text: str) -> bool:
    """Return whether a text in one of these languages plainly asks for a person."""
    for part in _parts(text):
        words = [word.strip("'\"()¿¡") for word in part.replace("-", " ").split()]
        if not _PERSONS.isdisjoint(words) and any(_near(words, forms) for forms in _FORMS.words):
            return True
        if not part.isascii() and any(_within(part, forms) for forms in _FORMS.parts):
            return True
    return False


def _parts(text: str) -> list[str]:
    for stop in _STOPS:
        text = text.replace(stop, "\n")
    return [part for part in text.split("\n") if part.strip()]


def _near(words: list[str], forms: _Forms) -> bool:
    for at, word in enumerate(words):
        if word not in forms.persons:
            continue
        near = words[max(0, at - _NEAR) : at + _NEAR]
        if word in _FORMS.also_english:
            near = [one for one in near if one not in _FORMS.also_english]
        turned_down = any(w in forms.no for w in words[max(0, at - _NEAR_NO) : at])
        if not turned_down and any(w in forms.reach for w in near):
            return True
    return False


def _within(part: str, forms: _Forms) -> bool:
    return (
        len(part) <= _LONGEST
        and any(person in part for person in forms.persons)
        and any(word in part for word in forms.reach)
        and not any(word in part for word in forms.no)
    )
