"""Where a customer wants something sent: the place that is named says what is asked for.

"Send order ST-1 to 22 Baker Street" without its number and place is "send order to", and that
reads like anything. The place itself is the evidence: only a procedure that takes such a place
can be meant, or what the rest of the words says.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from stepin.agent.builtin import extract
from stepin.language.patterns import HAN, SPACED, phrases, word_set

_TOPIC = "sending"
_REACH, _REACH_CHARS = 8, 10


class Sending(msgspec.Struct, frozen=True):
    """A wish to have something sent somewhere; `rest` is what else is said."""

    kind: Literal["address", "email"]
    rest: str


def sending(text: str, bare: str) -> Sending | None:
    """Return the wish of a text to have something sent to an address, None if it has none.

    Parameters
    ----------
    bare : the text without its numbers and places.
    """
    kind: Literal["address", "email"] = "address"
    place = extract.address(text, asked=False)
    if place is None:
        kind, place = "email", extract.email(text)
    if place is None or (at := text.find(place)) < 0:
        return None
    before = text[:at].lower().replace("’", "'")
    if not (_asks(before) or _asks_unspaced(before)):
        return None
    bare = bare.replace(place, " ")
    words = [word.strip(".,!?;:'\"()") for word in bare.lower().replace("’", "'").split()]
    rest = [w for w in words if w and w not in _said("frame") and w not in _said("verbs")]
    rest = [w for w in rest if not word_set(_TOPIC, "frame", HAN).issuperset(w)]
    return Sending(kind, " ".join(rest))


def _asks(before: str) -> bool:
    words = [word.strip(".,!?;:'\"()") for word in before.split()]
    for at in range(len(words) - 1, max(len(words) - _REACH, 0) - 1, -1):
        if words[at] in _said("verbs"):
            towards = not _said("towards").isdisjoint(words[at:])
            return towards and _said("past").isdisjoint(words[max(at - 6, 0) : at])
    return False


def _asks_unspaced(before: str) -> bool:
    near = before[-_REACH_CHARS:]
    verb = max((near.rfind(verb) for verb in phrases(_TOPIC, "verbs", HAN)), default=-1)
    if verb < 0 or not any(word in near[verb:] for word in phrases(_TOPIC, "towards", HAN)):
        return False
    return not any(word in before[-2 * _REACH_CHARS :] for word in phrases(_TOPIC, "past", HAN))


def _said(name: str) -> frozenset[str]:
    return word_set(_TOPIC, name, SPACED)
