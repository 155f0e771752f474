"""The customer's yes to one call: bound to that call, to one question and one answer, used once.

The record is no store of its own but a fold of the chat's lines: the AI's question carries the
key of the call that it asks about, and what the customer wrote right after it is the answer. So
it survives a crash as the log does, and a brain can't make one up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from stepin.agent.brain import Line
from stepin.agent.builtin.consent import Answer, answer_of
from stepin.core.action import Action

NOT_CONFIRMED = "not_confirmed"
_KEY_CHARS = 32
_BETWEEN = frozenset({"customer", "system", "whisper", "action"})


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """A question about one call and what the customer answered to it.

    Attributes
    ----------
    key : of the call that was asked about; see `key_of`.
    question : the question's text.
    question_seq, answer_seq : where both stand; the answer is at 0 if there is none yet.
    answer : yes, no, or empty if it is neither clearly.
    """

    key: str
    question: str
    question_seq: int
    answer_seq: int = 0
    answer: Answer = ""


def key_of(chat_id: str, tool: str, arguments: Mapping[str, Any], amount: float) -> str:
    """Return the key of a call: the same for the same tool, resolved arguments and amount."""
    body = msgspec.json.encode(
        (chat_id, tool, dict(arguments), round(amount, 4)), order="deterministic"
    )
    return sha256(body).hexdigest()[:_KEY_CHARS]


def confirmation_of(lines: Sequence[Line]) -> Confirmation | None:
    """Return the question that stands at a chat's end and its answer, None if none does.

    Whatever the AI says after a question, a person's word and a hand-back end it.
    """
    after: list[Line] = []
    for line in reversed(lines):
        if line.speaker == "ai" and line.confirms:
            said = [one for one in reversed(after) if one.speaker == "customer"]
            return Confirmation(
                key=line.confirms,
                question=line.text,
                question_seq=line.seq,
                answer_seq=said[-1].seq if said else 0,
                answer=answer_of("\n".join(one.text for one in said), line.text) if said else "",
            )
        if line.speaker not in _BETWEEN:
            return None
        after.append(line)
    return None


def confirmed(lines: Sequence[Line], actions: Iterable[Action], key: str) -> bool:
    """Return whether the customer's last answer lets the call of a key through, now and once."""
    found = confirmation_of(lines)
    if found is None or found.key != key or found.answer != "yes":
        return False
    return not any(one.risk != "read" and one.seq > found.question_seq for one in actions)
