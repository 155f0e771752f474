"""The words that the rules are made of: data, one file per language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _file(language: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / f"{language}.toml").read_text("utf-8"))


def words_of(language: str) -> dict[str, tuple[str, ...]]:
    """Return the groups of words of a language, by name."""
    groups = _file(language).items()
    return {name: tuple(words.split()) for name, words in groups if isinstance(words, str)}


def short_forms(language: str) -> dict[str, str]:
    """Return what people write for short, and what it stands for."""
    return dict(_file(language).get("short", {}))
