"""A claim, and the words by which languages make one: data, one file per language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

import msgspec

Kind = Literal[
    "refund", "cancel", "change", "send", "exchange", "return", "issue", "account", "credit", "any"
]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Claim(msgspec.Struct, frozen=True):
    """That something was done, or is being done.

    Attributes
    ----------
    kinds : of the act; a word may stand for several.
    sentence : where it is claimed.
    going_on : whether the text says that it is being done.
    """

    kinds: frozenset[Kind]
    sentence: str
    going_on: bool = False


@cache
def data_of(language: str) -> dict[str, dict[str, str]]:
    """Return a language's groups of words."""
    return tomllib.loads((files(__package__) / f"{language}.toml").read_text("utf-8"))


@cache
def words(language: str, group: str, name: str) -> frozenset[str]:
    """Return the words of a name."""
    return frozenset(data_of(language)[group][name].split())


@cache
def kinds_by_word(language: str, group: str) -> dict[str, frozenset[Kind]]:
    """Return what each word of a group of kinds stands for."""
    found: dict[str, set[Kind]] = {}
    for kind in KINDS:
        for word in data_of(language)[group].get(kind, "").split():
            found.setdefault(word, set()).add(kind)
    return {word: frozenset(kinds) for word, kinds in found.items()}


@cache
def phrases_by_kind(group: str) -> tuple[tuple[Kind, tuple[str, ...]], ...]:
    """Return English phrases by kind, each a run of tokens with a space before and after."""
    return tuple(
        (kind, tuple(data_of("en")[group][kind].split("|")))
        for kind in KINDS
        if kind in data_of("en")[group]
    )


def kinds_named(text: str) -> frozenset[Kind]:
    """Return the acts whose words stand in a text, whatever it says of them."""
    found: set[Kind] = set()
    spoken = _split(text)
    for group in ("done", "now", "about", "tools"):
        for one in spoken:
            found |= kinds_by_word("en", group).get(one, frozenset())
    if "back" in spoken and {"money", "paid", "pay"} & set(spoken):
        found.add("refund")
    for group in ("done", "about"):
        for word, kinds in kinds_by_word("zh", group).items():
            if word in text:
                found |= kinds
    return frozenset(found)


def kinds_of_tool(name: str) -> frozenset[Kind]:
    """Return the acts that a tool's name tells of."""
    known = kinds_by_word("en", "tools")
    return frozenset(kind for one in _split(name) for kind in known.get(one, ()))


def kinds_of_state(value: str) -> frozenset[Kind]:
    """Return the acts that a record's short value or key tells of: "shipped", "refunded_on"."""
    spoken = _split(value)
    if {"not", "un", "no", "non", "never", "pending", "to", "awaiting"} & set(spoken):
        return frozenset()
    known = (kinds_by_word("en", "done"), kinds_by_word("en", "states"))
    return frozenset(kind for one in spoken for group in known for kind in group.get(one, ()))


def _split(text: str) -> list[str]:
    spaced = "".join(char if char.isalnum() and char.isascii() else " " for char in text.lower())
    return spaced.split()
