"""Yes, no, and the words that turn a chat around: corrections, changes of mind, a wish to stop.

A yes that also says "but" or "no" is none: an effect needs a clear yes.
"""

from __future__ import annotations

from typing import Literal

from stepin.agent.builtin.agreement import agrees, simplified
from stepin.language.patterns import sign

_READ_CHARS = 2_000
_TOPIC = "answers"

Answer = Literal["yes", "no", ""]


def answer_of(text: str, question: str = "") -> Answer:
    """Return what a text answers to a yes-or-no question; empty if it isn't clear.

    A yes is a text of nothing but words of agreement (see `agreement.agrees`). A condition, a
    doubt, a question, a part of what was asked, or somebody else's agreement leaves it unclear.

    Parameters
    ----------
    question : what was asked, as far as it is known.
    """
    if agrees(text, question):
        return "yes"
    calm = sign(_TOPIC, "agreeable").without(simplified(text[:_READ_CHARS])).strip()
    refuses = sign(_TOPIC, "no").stands_in(calm) or sign(_TOPIC, "keeps").stands_in(calm)
    return "no" if refuses and not sign(_TOPIC, "yes_first").stands_in(calm) else ""


def stops(text: str) -> bool:
    """Return whether the customer drops what was going on."""
    return sign(_TOPIC, "drops").stands_in(text)


def needs_nothing(text: str) -> bool:
    """Return whether a text says nothing but that nothing more is needed."""
    return sign(_TOPIC, "needs_nothing").stands_in(text[:_READ_CHARS])


def untold(text: str) -> bool:
    """Return whether the customer says that they can't tell."""
    return sign(_TOPIC, "untold").stands_in(text)


def leaves_open(text: str) -> bool:
    """Return whether any choice is welcome."""
    return sign(_TOPIC, "leaves_open").stands_in(text)


def means_all(text: str) -> bool:
    """Return whether everything that was offered is meant."""
    return sign(_TOPIC, "all").stands_in(text)


def means_both(text: str) -> bool:
    """Return whether two things are meant."""
    return sign(_TOPIC, "both").stands_in(text)


def adds(text: str) -> bool:
    """Return whether a further request is announced."""
    return sign(_TOPIC, "adds").stands_in(text)


def turns(text: str) -> bool:
    """Return whether the customer corrects themselves or changes their mind."""
    return sign(_TOPIC, "turns").stands_in(text)


def means_another(text: str) -> bool:
    """Return whether the customer means another record than the one that was named."""
    return sign(_TOPIC, "other").stands_in(text)


def angry(text: str) -> bool:
    """Return whether a text is written in anger."""
    return sign(_TOPIC, "anger").stands_in(text)


def anger(text: str) -> int:
    """Return how many different words of anger a text has; exclamation marks count once."""
    return len({said.text.lower()[:3] for said in sign(_TOPIC, "anger").found(text)})
