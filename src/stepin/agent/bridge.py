"""The time until a person comes: what the AI may still say, whichever brain the policy names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from stepin.agent.brain import Hands, Line, TurnContext
from stepin.core.chat import Chat
from stepin.core.events.base import Cause
from stepin.core.policy import Policy
from stepin.language.languages import in_language
from stepin.language.person import asks_for_person
from stepin.language.sentences import Text, bridge

BRIDGED_AT_MOST = 3
_DIGITS_OF_A_NUMBER = 4


def must_bridge(chat: Chat, policy: Policy, lines: Sequence[Line]) -> bool:
    """Return whether a turn may only bridge the time until a person comes.

    So it is after a flag about somebody's safety, and after a request for a person unless the
    policy lets the AI go on: one that is known, or one that the turn is the first to read.
    """
    if chat.danger:
        return True
    if policy.ai.after_request == "go_on":
        return False
    return chat.asked_us is not None or asks(unanswered(lines))


def shuts(chat: Chat, policy: Policy) -> bool:
    """Return whether nothing but a bridge is accepted from the AI in this chat now."""
    asked = chat.asked_us is not None and policy.ai.after_request != "go_on"
    return chat.danger != "" or asked


def unanswered(lines: Sequence[Line]) -> list[Line]:
    """Return what the customer has written since the AI or a worker last spoke."""
    last = max(
        (n for n, one in enumerate(lines) if one.speaker in ("ai", "worker") or one.settles),
        default=-1,
    )
    return [one for one in lines[last + 1 :] if one.speaker == "customer"]


def since_person(lines: Sequence[Line]) -> list[Line]:
    """Return what the customer has written since a worker last spoke or handed the chat back."""
    people = ("worker", "boundary")
    last = max((n for n, one in enumerate(lines) if one.speaker in people), default=-1)
    return [one for one in lines[last + 1 :] if one.speaker == "customer"]


def asks(lines: Iterable[Line]) -> bool:
    """Return whether any of these lines asks for a person."""
    return any(_asks(one.text) for one in lines)


@lru_cache(maxsize=2_048)
def _asks(text: str) -> bool:
    """Remember the answer: every turn looks at all of a chat's lines again."""
    return asks_for_person(text)


def true_cause(cause: Cause, lines: Sequence[Line]) -> Cause:
    """Return the cause for which a brain calls a person, as the log may record it.

    *Requested* is what a customer has asked for, in words, since the AI took the chat; a brain that
    says so without is stuck.
    """
    if cause == "requested" and not asks(since_person(lines)):
        return "technical"
    return cause


class Bridge:
    """Takes the turns of a chat that waits for a person: answers nothing and calls no tool.

    It speaks once for each message of the customer's, and a few times in all. A request that no
    detector has flagged yet is flagged first, so that it never depends on one.
    """

    async def turn(self, context: TurnContext, hands: Hands) -> None:
        """Take one turn."""
        chat = context.chat
        if "requested" not in chat.raised and not chat.danger:
            await hands.flag("requested", reason="asked for a person")
        await hands.remember({**context.memory, "read_seq": context.basis_seq})
        news = unanswered(context.lines)
        if not news or (context.policy.ai.after_request == "queue" and not chat.danger):
            return
        text = self._text(chat, context.lines)
        if text is not None:
            await hands.say(in_language(text, chat.language[:2]))

    def _text(self, chat: Chat, lines: Sequence[Line]) -> Text | None:
        if chat.danger:
            spoke = any(
                one.speaker == "ai" and one.text in bridge().stays.values() for one in lines
            )
            return None if spoke else bridge().stays
        bridged = 0
        if chat.asked_us is not None:
            asked_us = chat.asked_us
            bridged = sum(one.speaker == "ai" and one.at_us >= asked_us for one in lines)
        if bridged >= BRIDGED_AT_MOST:
            return None
        if bridged:
            return bridge().noted
        numbered = any(_has_number(one.text) for one in since_person(lines))
        return bridge().has_all if numbered else bridge().asks_number


def _has_number(text: str) -> bool:
    """Return whether a text holds a number that may be an order's."""
    return any(
        sum(letter.isdigit() for letter in word) >= _DIGITS_OF_A_NUMBER for word in text.split()
    )
