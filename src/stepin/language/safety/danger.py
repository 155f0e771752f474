"""Whether a text says that somebody may be hurt, harmed, threatened or robbed, or goes to law."""

from __future__ import annotations

from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files

from stepin.language.danger_kinds import Danger
from stepin.language.safety.folding import Folded, fold
from stepin.language.safety.rulebook import Rulebook
from stepin.language.safety.spelling import Spelling

GRAVEST_FIRST = ("self_harm", "child", "injury", "product_danger", "threat", "fraud", "legal")
_LONGEST_CODE = 3
_SPELLING = "spelling.txt"


def _text(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")


@cache
def _languages() -> dict[str, str]:
    """Return the file of every language that has rules, by its code."""
    names = sorted(one.name for one in files(__package__).iterdir())
    coded = {name.removesuffix(".txt"): name for name in names if name.endswith(".txt")}
    return {code: name for code, name in coded.items() if len(code) <= _LONGEST_CODE}


def knows(language: str) -> bool:
    """Return whether there are rules in a language."""
    return language in _languages()


@cache
def _book() -> Rulebook:
    return Rulebook({name: _text(name) for name in _languages().values()})


@cache
def _spelling() -> Spelling:
    words, others, short = _text(_SPELLING).split("\n---\n")
    pairs = short.split()
    return Spelling(words.split(), others.split(), dict(zip(pairs[::2], pairs[1::2], strict=True)))


@cache
def version() -> str:
    """Return ``safety-`` and 8 hexadecimal digits over the rules."""
    told = "".join(_text(name) for name in (*_languages().values(), _SPELLING, "characters.txt"))
    return f"safety-{sha256(told.encode()).hexdigest()[:8]}"


def dangers(text: str) -> tuple[Danger, ...]:
    """Return every kind of danger that a text tells of, the gravest first.

    Pure and fast: the whole text is read, in a time proportional to its length.
    """
    folded = fold(text)
    if not folded.tokens:
        return ()
    tokens = tuple(map(_meant, folded.tokens))
    matched = _book().match(Folded(tokens, folded.sentences))
    matched.mask("harmless")
    found = ((kind, matched.first(kind)) for kind in GRAVEST_FIRST)
    return tuple(
        Danger(kind=f"safety.{kind}", rule=rule) for kind, rule in found if rule is not None
    )


@lru_cache(maxsize=16_384)
def _meant(token: str) -> str:
    """Return the word that a token is written for, right or not."""
    token = _spelling().written_out(token)
    return token if _book().words.knows(token) else _spelling().corrected(token)


def danger(text: str) -> Danger | None:
    """Return the gravest danger that a text tells of, None if there is none."""
    return next(iter(dangers(text)), None)
