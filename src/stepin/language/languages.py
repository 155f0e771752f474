"""Which languages there are, and in which one somebody is answered.

A language is there when it has its file in ``sentences/``; the folder of this module holds them
all. Everything that is read from it is read once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from stepin.errors import Invalid

FALLBACK = "en"
"""What is spoken where a language isn't there; its files are complete."""

_OWN = Path(__file__).parent
_P = ParamSpec("_P")
_R = TypeVar("_R")
_HAN, _LATIN = "han", "latin"
_HAN_LETTER = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_REST_OF_CODE = re.compile(r"[\w-]*+", re.ASCII)


class _Place:
    """Where the languages stand, and how what was read from there is forgotten."""

    folder = _OWN
    forgets: list[Callable[[], None]] = []


def kept(work: Callable[_P, _R]) -> Callable[_P, _R]:
    """Keep what a function has read from the languages' files, till they stand elsewhere."""
    read = cache(work)
    _Place.forgets.append(read.cache_clear)
    return read  # type: ignore[return-value]


@contextmanager
def languages_in(folder: Path) -> Iterator[None]:
    """Read the languages of another folder than ours while this is open; for tests and checks."""
    before = _Place.folder
    _move(folder)
    try:
        yield
    finally:
        _move(before)


def _move(folder: Path) -> None:
    _Place.folder = folder
    for forget in _Place.forgets:
        forget()


def languages_folder() -> Path:
    """Return the folder with ``sentences/`` and ``patterns/``."""
    return _Place.folder


@kept
def codes() -> tuple[str, ...]:
    """Return the languages that are there, the one that stands in for others first."""
    found = {path.stem for path in (_Place.folder / "sentences").glob("*.toml")}
    return (FALLBACK, *sorted(found - {FALLBACK}))


@kept
def table(name: str) -> dict[str, Any]:
    """Return what a file of the languages' folder holds.

    Raises
    ------
    Invalid
        ``language_invalid``: it isn't there, or is no TOML.
    """
    path = _Place.folder / name
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise language_invalid(name, f"it can't be read: {error}") from error


def language_invalid(name: str, told: str) -> Invalid:
    """Return the error that a file of a language can't be used."""
    return Invalid(
        f"{name}: {told}.",
        hint=f"Compare it with the file of `{FALLBACK}`; `stepin agent check` lists all that is "
        "missing.",
        code="language_invalid",
        file=name,
    )


def code_of(tag: str) -> str:
    """Return the language that is spoken with somebody who reads `tag` ("zh-Hant" reads zh)."""
    short = tag.lower().replace("_", "-").partition("-")[0]
    known = codes()
    return short if short in known else short[:2] if short[:2] in known else FALLBACK


def in_language(text: Mapping[str, str], language: str) -> str:
    """Return the text in a language, or in the one that stands in for it."""
    return text.get(language) or text[FALLBACK]


@kept
def scripts() -> dict[str, str]:
    """Return the script of every language, as its file names it."""
    about = {code: table(f"sentences/{code}.toml").get("about", {}) for code in codes()}
    return {code: str(told.get("script", "")) for code, told in about.items()}


def _of_script(script: str, otherwise: str) -> str:
    """Return the language among those of a script: the one so far if it is one of them."""
    known = scripts()
    if known.get(otherwise) == script:
        return otherwise
    return next((code for code, one in known.items() if one == script), otherwise)


def language_of(text: str, otherwise: str) -> str:
    """Return the language that a text is written in; `otherwise` where it shows none.

    Numbers, codes and e-mail addresses are in no language. Languages of one script aren't told
    apart: the one so far stays.
    """
    han = len(_HAN_LETTER.findall(text))
    words = sum(len(_LATIN_WORD.findall(_without_code(token))) for token in text.split())
    short = words < 2 and scripts().get(otherwise) == _HAN
    if han == words == 0 or (not han and short):
        return otherwise
    return _of_script(_HAN if han * 2 >= words else _LATIN, otherwise)


def letters_tell(text: str, otherwise: str) -> str:
    """Return the language of a text as far as its letters tell, else `otherwise`, a tag."""
    letters = sum(letter.isalpha() for letter in text)
    han = sum("\u4e00" <= letter <= "\u9fff" for letter in text)
    if 4 * han >= letters > 0:
        return _of_script(_HAN, otherwise)
    if han == 0 and letters > 0 and scripts().get(code_of(otherwise)) == _HAN:
        return _of_script(_LATIN, otherwise)
    return otherwise


def _without_code(token: str) -> str:
    """Return what a token says behind a number or a code in it; nothing for an e-mail address."""
    last = max(token.rfind(digit) for digit in "0123456789")
    if last >= 0 and (coded := _REST_OF_CODE.match(token, last)) is not None:
        return token[coded.end() :]
    return "" if "@" in token[1:-1] else token
