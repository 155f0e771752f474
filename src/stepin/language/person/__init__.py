"""Whether somebody asks for a person: one answer for the detectors and for the built-in brain.

Rules, because a request is never to be missed for want of training. A person must be what is
wished for: *I need a human*, *speak to your manager*, *let somebody call me*. A word for a person
beside a word for wanting isn't enough (*a table for 8 people*, *can I talk about my order*), nor is
talk about a person (*the agent said …*), a wish turned down (*I don't need an agent*), or the
question whether one speaks with a machine. To refuse the machine is to ask for a person.

Turns that the rules don't reach stand with the patterns of each language (``person.toml``).

Every rule looks at a bounded number of words around a word, so the time is proportional to the
length of the text. Of a long text the beginning and the end are read: who asks for a person says so
at one of them.
"""

from __future__ import annotations

import unicodedata

from stepin.language.patterns import sign
from stepin.language.person import chinese, elsewhere, english
from stepin.language.reading import folded, read_part

__all__ = ["asks_for_person"]


def asks_for_person(text: str) -> bool:
    """Return whether a message asks for a person.

    English and Chinese (either script, Mandarin and Cantonese) are known well, of a dozen other
    languages the plain forms.
    """
    said = _plain(text)
    han = not said.isascii() or any(word in said for word in chinese.PINYIN)
    if english.asks(said) or (han and chinese.asks(said)) or elsewhere.asks(said):
        return True
    return sign("person", "asks").stands_in(said)


def _plain(text: str) -> str:
    """Return a text in lower case and one width, with plain apostrophes and without marks."""
    text = read_part(text)
    if not text.isascii():
        bare = "".join(c for c in text if not unicodedata.combining(c))
        text = folded(bare)
    return text.translate(_APOSTROPHES).lower()


_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "`": "'", "\u00b4": "'"})
