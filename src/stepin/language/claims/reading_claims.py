"""Which sentences of a text claim that something was done, in every language that has words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from stepin.language.claims import chinese, english
from stepin.language.claims.claim import Claim
from stepin.language.reading import folded

_MOST_CHARS = 400
_ENDS = frozenset("!?;\n。！？；")


def claims_in(text: str) -> tuple[Claim, ...]:
    """Return what a text claims was done or is being done, sentence by sentence."""
    return tuple(claim for one in sentences_in(folded(text)) for claim in _claims_of(one))


@lru_cache(maxsize=2_048)
def _claims_of(sentence: str) -> tuple[Claim, ...]:
    """Return a sentence's claims; the same few are read again and again in a chat."""
    return tuple((chinese if _is_han(sentence) else english).claims_of(sentence))


def sentences_in(text: str) -> Iterator[str]:
    """Yield the sentences of a text, each with the mark that ends it; endless ones in parts.

    So the work of reading each of them stays bounded.
    """
    start = 0
    for at, char in enumerate(text):
        point = char == "." and text[at + 1 : at + 2] in ("", " ", "\n", '"', "”", ")")
        if not (char in _ENDS or point or at - start >= _MOST_CHARS):
            continue
        if part := text[start : at + 1].strip():
            yield part
        start = at + 1
    if last := text[start:].strip():
        yield last


def _is_han(text: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" for char in text)
