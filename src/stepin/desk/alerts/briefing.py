"""Shows a worker the brief and suggested replies, and writes down what was shown."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Literal

import msgspec

from stepin.agent.brain import Line
from stepin.agent.suggestions.suggestions import Advice, Suggestion
from stepin.core.chat import Chat, stream_of
from stepin.core.command import Actor
from stepin.core.danger import Helpline
from stepin.core.decide.decision import Decision, by
from stepin.core.events import Event
from stepin.core.events.supervision import BriefLine, BriefShown, SuggestionShown
from stepin.core.notice import caution, caution_template
from stepin.core.record import Recorded
from stepin.desk.alerts.brief import brief_of
from stepin.desk.services import Services
from stepin.desk.turns.transcript import lines_of
from stepin.errors import Missing
from stepin.language.languages import letters_tell


class ShownSuggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A suggestion under the id that a reply names when it uses it."""

    suggestion_id: str
    kind: Literal["seek", "propose", "empathy", "close"]
    text: str
    source: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What the worker sees; empty where the chat's policy leaves it out."""

    chat_id: str
    lines: tuple[BriefLine, ...] = ()
    suggestions: tuple[ShownSuggestion, ...] = ()


class Briefing:
    """Builds briefs from the log. One picture of a chat is written once for each worker.

    Where somebody may be in danger the only suggestion is the careful sentence to them.
    """

    def __init__(
        self, services: Services, advice: Advice, helplines: Sequence[Helpline] = ()
    ) -> None:
        self._services, self._advice = services, advice
        self._helplines = tuple(helplines)

    async def show(self, chat_id: str, worker: Actor, *, language: str) -> Shown:
        """Return the brief of the chat as it stands, and log it with its suggestions.

        Raises
        ------
        Missing
            There is no such chat.
        """
        chat = await self._services.projection.fresh(chat_id)
        if not chat.seq:
            raise Missing(f"There is no chat {chat_id}.", code="no_chat")
        alerts = self._services.policies.of(chat).alerts
        if not chat.open or not (alerts.brief or alerts.suggestions):
            return Shown(chat_id=chat_id)
        events = await self._services.log.read(stream_of(chat_id))
        lines = lines_of(events)
        advised: tuple[Suggestion, ...] = ()
        if chat.danger:
            advised = (self._careful(chat, lines),)
        elif alerts.suggestions:
            advised = await self._advice.suggest(chat, lines)
        asks = next((one.text for one in advised if one.kind == "seek"), "")
        told: tuple[BriefLine, ...] = ()
        if alerts.brief:
            topic = self._advice.topic(chat, language)
            told = brief_of(chat, events, language=language, topic=topic, question=asks)
        picture = f"{worker.id}/{chat.epoch}/{_flag(chat)}/{chat.basis_seq}/{language}"
        if chat.danger:
            picture += f"/{chat.danger}"
        if stands := _decided(chat):
            picture += f"/{stands}"
        shown = _shown(picture, worker, told, advised)
        written = await self._services.writer.write(
            chat_id,
            lambda now, now_us: Decision(events=by(worker, *shown) if now.open else ()),
            command_id=f"brief/{picture}",
        )
        return _read(chat_id, written.events)

    def _careful(self, chat: Chat, lines: Sequence[Line]) -> Suggestion:
        """Return the careful sentence in the language in which the customer last wrote."""
        said = [line.text for line in lines if line.speaker == "customer"]
        message = caution(
            chat.danger, letters_tell("".join(said[-1:]), chat.language), self._helplines
        )
        source = caution_template(chat.danger)
        return Suggestion(kind="empathy", text=message.text, source=source)


def _flag(chat: Chat) -> int:
    return 0 if chat.escalation is None else chat.escalation.flag_seq


def _decided(chat: Chat) -> str:
    """Return how the actions stand that need a person: the brief speaks of them."""
    asked = (a for a in chat.actions.values() if a.needs_approval)
    return ",".join(f"{a.action_id}:{a.state}" for a in asked)


def _shown(
    picture: str, worker: Actor, told: Sequence[BriefLine], advised: Sequence[Suggestion]
) -> list[Event]:
    events: list[Event] = []
    if told:
        text = "\n".join(line.text for line in told)
        cites = tuple(line.cites for line in told)
        events.append(BriefShown(worker_id=worker.id, text=text, cites=cites))
    for number, one in enumerate(advised):
        events.append(
            SuggestionShown(
                suggestion_id=sha256(f"{picture}/{number}".encode()).hexdigest()[:16],
                worker_id=worker.id,
                kind=one.kind,
                text=one.text,
                source=one.source,
            )
        )
    return events


def _read(chat_id: str, events: Sequence[Recorded]) -> Shown:
    """Return what was written: after a retry that is what was shown the first time."""
    lines: tuple[BriefLine, ...] = ()
    suggestions = []
    for recorded in events:
        event = recorded.event
        if isinstance(event, BriefShown):
            texts = event.text.split("\n")
            lines = tuple(BriefLine(t, c) for t, c in zip(texts, event.cites, strict=False))
        elif isinstance(event, SuggestionShown):
            suggestions.append(
                ShownSuggestion(
                    suggestion_id=event.suggestion_id,
                    kind=event.kind,
                    text=event.text,
                    source=event.source,
                )
            )
    return Shown(chat_id=chat_id, lines=lines, suggestions=tuple(suggestions))
