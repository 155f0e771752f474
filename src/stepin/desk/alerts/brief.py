"""The brief: three lines for the worker who is called, each with the events that it rests on.

What the customer wants, in their words; what the AI did and what failed; what can still be put
right, and the next best question; where somebody may be in danger, that alone. Nothing in it is
guessed: every part is read from the log.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stepin.core.action import WITHDRAWN, Action
from stepin.core.chat import Chat
from stepin.core.escalation import LATE_REPLY
from stepin.core.events import ActionEvent
from stepin.core.events.chat import ChatOpened, MessagePosted, TurnFailed
from stepin.core.events.supervision import BriefLine, FlagRaised
from stepin.core.record import Recorded
from stepin.language.languages import code_of, in_language, kept
from stepin.language.sentences import sentences

_QUOTED = 160
_PLAIN = (str, int, float)
SAID = frozenset({"technical", "emotional", "hazard", "risk", "policy", "asked for person"})
"""Reasons that say no more than their cause."""

_STATES = (
    "succeeded", "failed", "denied", "expired", "unknown", "proposed", "executing", WITHDRAWN
)  # fmt: skip


def brief_of(
    chat: Chat, events: Sequence[Recorded], *, language: str, topic: str = "", question: str = ""
) -> tuple[BriefLine, ...]:
    """Return the three lines.

    Parameters
    ----------
    events : the chat's, oldest first.
    language : the worker's; quotes stay as they were written.
    topic : what the chat is about, in the worker's language; empty if it isn't known.
    question : the next best question; empty for a general one.
    """
    words = _words(code_of(language))
    return (
        _wants(chat, events, words, topic),
        _did(chat, events, words),
        _recoverable(chat, events, words, question or words["reask"]),
    )


@kept
def _words(language: str) -> dict[str, str]:
    """Return the brief's words in a language."""
    said = msgspec.structs.asdict(sentences().brief)
    return {name: in_language(text, language) for name, text in said.items()}


def _wants(chat: Chat, events: Sequence[Recorded], words: dict[str, str], topic: str) -> BriefLine:
    said = [
        (e.seq, e.event.text)
        for e in events
        if isinstance(e.event, MessagePosted) and e.event.author == "customer"
    ]
    about = f" ({topic})" if topic else ""
    if not said:
        opened = tuple(e.seq for e in events if isinstance(e.event, ChatOpened))
        return BriefLine(words["wants"].format(topic=about, first=""), opened)
    first = max(said[:3], key=lambda one: len(one[1]))
    text = words["wants"].format(topic=about, first=_short(first[1]))
    cites = [first[0]]
    if said[-1][0] != first[0]:
        text += words["last"].format(last=_short(said[-1][1]))
        cites.append(said[-1][0])
    return BriefLine(text, tuple(cites))


def _did(chat: Chat, events: Sequence[Recorded], words: dict[str, str]) -> BriefLine:
    by_state = _by_state([a for a in chat.actions.values() if a.by_ai])
    ended = by_state.pop("succeeded", [])
    read, changed = [a for a in ended if a.risk == "read"], [a for a in ended if a.risk != "read"]
    cites: list[int] = []
    parts = []
    for name, actions in {"succeeded": changed, **by_state, "looked": read}.items():
        if actions:
            parts.append(words[name].format(tools=_named(actions, words)))
            cites += [_end_of(one, events) for one in actions]
    text = words["did"].format(done=words["joins"].join(parts))
    if not parts:
        text = words["nothing"].format(n=chat.ai_messages)
        cites = [e.seq for e in events if isinstance(e.event, MessagePosted)
                 and e.event.author == "ai"][-3:]  # fmt: skip
    reason = _reason(chat, events)
    if reason is not None:
        seq, cause, why = reason
        told = [
            w for one in why.split(", ") if (w := _in_words(one, words)) not in ("", words[cause])
        ]
        more = f" ({', '.join(told)})" if told else ""
        text += words["stuck"].format(cause=words[cause], reason=more)
        cites.append(seq)
    return BriefLine(text, tuple(dict.fromkeys(cites)))


def _in_words(reason: str, words: dict[str, str]) -> str:
    """Return a reason in the worker's words, as it was given if nothing is known for it."""
    if reason in SAID:
        return ""
    kind, _, name = reason.partition(":")
    return (
        words["procedure"].format(name=name)
        if kind == "procedure"
        else words.get(reason.replace(" ", "_"), reason)
    )


def _recoverable(
    chat: Chat, events: Sequence[Recorded], words: dict[str, str], question: str
) -> BriefLine:
    if chat.danger:
        return BriefLine(words["danger"], (chat.basis_seq,))
    by_state = _by_state(
        [a for a in chat.actions.values() if a.risk != "read" or a.state == "failed"]
    )
    again = [a for s in ("failed", "denied", "expired") for a in by_state.get(s, ())]
    waits, unknown = by_state.get("proposed", []), by_state.get("unknown", [])
    done = [a for a in by_state.get("succeeded", ()) if a.risk != "read"]
    by_word = {"decide": waits, "check": unknown, "redo": again, "done": done}
    said = [
        words[name].format(tools=_named(actions, words))
        for name, actions in by_word.items()
        if actions
    ]
    cites = [_end_of(one, events) for one in (*waits, *unknown, *again, *done)]
    if not said:
        said = [words["open"]]
    if not cites:
        cites = [chat.basis_seq]
    text = " ".join(said) + words["ask"].format(question=_short(question))
    return BriefLine(text, tuple(dict.fromkeys(cites)))


def _by_state(actions: Sequence[Action]) -> dict[str, list[Action]]:
    found: dict[str, list[Action]] = {}
    for state in _STATES:
        of_state = [a for a in actions if (WITHDRAWN if a.withdrawn else a.state) == state]
        if of_state:
            found[state] = of_state
    return found


def _named(actions: Sequence[Action], words: dict[str, str]) -> str:
    """Return the calls with what they were about, each tool's last call once."""
    last = {a.tool: a for a in actions}
    named = []
    for one in list(last.values())[-3:]:
        given = [(one.records.get(name), value) for name, value in one.arguments.items()]
        told = [found if isinstance(found, _PLAIN) else value for found, value in given]
        plain = ", ".join(str(v) for v in told if isinstance(v, _PLAIN))
        about = ": ".join(part for part in (_short(plain, 60), one.error) if part)
        named.append(one.tool.replace("_", " ") + (f" ({about})" if about else ""))
    return words["joins"].join(named)


def _end_of(action: Action, events: Sequence[Recorded]) -> int:
    """Return the last event of an action."""
    of_it = [
        e.seq
        for e in events
        if isinstance(e.event, ActionEvent) and e.event.action_id == action.action_id
    ]
    return of_it[-1] if of_it else action.seq


def _reason(chat: Chat, events: Sequence[Recorded]) -> tuple[int, str, str] | None:
    for e in reversed(events):
        if isinstance(e.event, FlagRaised) and not e.event.shadow and e.event.kind != LATE_REPLY:
            why = e.event.reason or e.event.raised_by
            return e.seq, e.event.cause, why.replace("_", " ")
        if isinstance(e.event, TurnFailed):
            return e.seq, "technical", e.event.reason.replace("_", " ")
    return None


def _short(text: str, most: int = _QUOTED) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
