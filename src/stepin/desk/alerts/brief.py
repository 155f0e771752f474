"""The brief: four lines for the worker who is called, each with the events that it rests on.

What the customer wants, in their words; what the AI did and found; what stands in the way; what is
to be done next, and the next best question; where somebody may be in danger, that alone. Nothing in
it is guessed: every part is read from the log.
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
from stepin.language.person import asks_for_person
from stepin.language.sentences import sentences

_QUOTED = 160
_FOUND = 3
_FOUND_CHARS = 40
_PLAIN = (str, int, float)
SAID = frozenset({"technical", "emotional", "hazard", "risk", "policy", "asked for person"})
"""Reasons that say no more than their cause."""

_DONE = ("succeeded", "executing", WITHDRAWN)
_IN_THE_WAY = ("proposed", "failed", "denied", "expired", "unknown")
_STATES = (*_DONE, *_IN_THE_WAY)


def brief_of(
    chat: Chat, events: Sequence[Recorded], *, language: str, topic: str = "", question: str = ""
) -> tuple[BriefLine, ...]:
    """Return the four lines: wants, done and found, in the way, next.

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
        _in_the_way(chat, events, words),
        _next(chat, events, words, question or words["reask"]),
    )


@kept
def _words(language: str) -> dict[str, str]:
    """Return the brief's words in a language."""
    said = msgspec.structs.asdict(sentences().brief)
    return {name: in_language(text, language) for name, text in said.items()}


def _wants(chat: Chat, events: Sequence[Recorded], words: dict[str, str], topic: str) -> BriefLine:
    said = _customer_said(events)
    about = words["about"].format(topic=topic) if topic else ""
    if not said:
        opened = tuple(e.seq for e in events if isinstance(e.event, ChatOpened))
        return BriefLine(about + words["silent"], opened)
    # What was put right is not wanted any more; and to want a person is no matter of its own.
    since = max((_end_of(a, events) for a in _settled(chat)), default=0)
    open_ = [one for one in said if one[0] > since] or said[-1:]
    matters = [one for one in open_[:3] if not asks_for_person(one[1])] or open_[:3]
    first = max(matters, key=lambda one: len(one[1]))
    text = about + words["wants"].format(first=_short(first[1]))
    cites = [first[0]]
    if said[-1][0] != first[0]:
        text += words["last"].format(last=_short(said[-1][1]))
        cites.append(said[-1][0])
    return BriefLine(text, tuple(cites))


def _customer_said(events: Sequence[Recorded]) -> list[tuple[int, str]]:
    return [
        (e.seq, e.event.text)
        for e in events
        if isinstance(e.event, MessagePosted) and e.event.author == "customer"
    ]


def _settled(chat: Chat) -> list[Action]:
    return [a for a in chat.actions.values() if a.risk != "read" and a.state == "succeeded"]


def _did(chat: Chat, events: Sequence[Recorded], words: dict[str, str]) -> BriefLine:
    by_state = _by_state([a for a in chat.actions.values() if a.by_ai])
    ended = by_state.get("succeeded", [])
    read, changed = [a for a in ended if a.risk == "read"], [a for a in ended if a.risk != "read"]
    others = {name: by_state[name] for name in _DONE[1:] if name in by_state}
    cites: list[int] = []
    parts = []
    for name, actions in {"succeeded": changed, **others, "looked": read}.items():
        if actions:
            parts.append(words[name].format(tools=_named(actions, words)))
            cites += [_end_of(one, events) for one in actions]
    if parts:
        text = words["did"].format(done=words["joins"].join(parts) + _found(read, words))
        return BriefLine(text, tuple(dict.fromkeys(cites)))
    said = [e.seq for e in events if isinstance(e.event, MessagePosted) and e.event.author == "ai"]
    if not said:
        return BriefLine(words["untold"], (chat.basis_seq,))
    return BriefLine(words["nothing"], tuple(said[-3:]))


def _found(read: Sequence[Action], words: dict[str, str]) -> str:
    """Return what the last look-up came to: its first plain fields that weren't asked with."""
    if not read:
        return ""
    asked = set(map(str, read[-1].arguments.values()))
    fields = [
        (name, value)
        for name, value in read[-1].result.items()
        if isinstance(value, _PLAIN) and str(value) not in asked and not name.endswith("_zh")
    ]
    told = [f"{name.replace('_', ' ')} {_short(str(v), _FOUND_CHARS)}" for name, v in fields]
    return words["found"].format(found=", ".join(told[:_FOUND])) if told else ""


def _in_the_way(chat: Chat, events: Sequence[Recorded], words: dict[str, str]) -> BriefLine:
    """Return what keeps the chat from its end: calls that came to nothing or wait, and the flag."""
    by_state = _by_state([a for a in chat.actions.values() if a.by_ai])
    cites: list[int] = []
    parts = []
    for state in _IN_THE_WAY:
        if actions := by_state.get(state, []):
            parts.append(words[state].format(tools=_named(actions, words)))
            cites += [_end_of(one, events) for one in actions]
    if reason := _reason(chat, events):
        seq, cause, why = reason
        told = [
            w for one in why.split(", ") if (w := _in_words(one, words)) not in ("", words[cause])
        ]
        more = f" ({', '.join(told)})" if told else ""
        parts.append(words["stuck"].format(cause=words[cause], reason=more))
        cites.append(seq)
    return BriefLine(
        " ".join(parts) or words["free"], tuple(dict.fromkeys(cites or [chat.basis_seq]))
    )


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


def _next(
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
