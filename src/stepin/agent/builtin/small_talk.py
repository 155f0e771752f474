"""What is said for company's sake: thanks, how are you, who are you."""

from __future__ import annotations

from stepin.agent.builtin.agreement import simplified
from stepin.language.patterns import sign
from stepin.language.sentences import Text, assistant

_TOPIC = "smalltalk"
_LONGEST = 80


def small_talk(text: str) -> Text | None:
    """Return the short answer to a text that is nothing but small talk; None if it is more."""
    if len(text) > _LONGEST:
        return None
    said = simplified(text).strip()
    answers = {"thanks": assistant().welcome, "well": assistant().well, "robot": assistant().robot}
    return next((answer for name, answer in answers.items() if stands(name, said)), None)


def stands(name: str, said: str) -> bool:
    """Return whether a text in small letters is nothing but one kind of small talk."""
    return sign(_TOPIC, name).stands_in(said)
