"""Whether a customer is too angry for a machine to go on."""

from __future__ import annotations

from stepin.agent.builtin import consent, topics
from stepin.agent.builtin.intents import FAIRLY, LIKELY, Heard
from stepin.agent.builtin.memory import Memory
from stepin.agent.shop.handbook import Handbook

ANGRY_AT_MOST, STRONG_ANGER = 2, 2


def loses_temper(book: Handbook, kept: Memory, heard: Heard) -> bool:
    """Return whether the customer is angry again, or is nothing but angry; anger is counted."""
    anger = consent.anger(heard.text)
    kept.angry += anger > 0 and not heard.text.strip(" !！").isalpha()
    clear = any(request.confidence >= FAIRLY for request in heard.requests)
    again = kept.angry >= ANGRY_AT_MOST and anger > 0
    answering = kept.waiting.kind in ("fact", "confirm")
    lost = (
        anger > 0 and not clear and not answering and not topics.likely(book, heard, least=LIKELY)
    )
    return again or lost or (anger >= STRONG_ANGER and not clear)
