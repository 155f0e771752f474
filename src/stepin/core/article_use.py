"""How often the AI told each passage of the shop's articles, and what it found no answer for.

Outcomes are left out on purpose: who reads this may not learn, while a trial runs, how chats end
that the AI has answered.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from stepin.core.chat import chat_id_of
from stepin.core.events.chat import MessagePosted, TurnFinished
from stepin.core.record import Recorded


class PassageUse(msgspec.Struct, kw_only=True):
    """What became of one passage.

    Attributes
    ----------
    source : as messages cite it: ``delivery#2`` is the second section of the article delivery.
    told : messages of the AI that cite it.
    chats : chats with such a message.
    missed : searches without an answer to which it came nearest.
    """

    source: str
    told: int = 0
    chats: int = 0
    missed: int = 0


class Unanswered(msgspec.Struct, frozen=True, kw_only=True):
    """A question that no passage answered; `asked` is empty where it was redacted."""

    chat_id: str
    at_us: int
    nearest: str
    asked: str


class ArticleUse:
    """A fold of the log.

    Attributes
    ----------
    unanswered : the questions that no passage answered, as they came.
    """

    def __init__(self) -> None:
        self._uses: dict[str, PassageUse] = {}
        self._seen: set[tuple[str, str]] = set()
        self._said: dict[str, str] = {}
        self.unanswered: list[Unanswered] = []

    def add(self, records: Iterable[Recorded]) -> None:
        """Take events in, in the order of each chat."""
        for record in records:
            chat_id = chat_id_of(record.stream)
            if chat_id is None:
                continue
            event = record.event
            if isinstance(event, MessagePosted):
                self._posted(chat_id, event)
            elif isinstance(event, TurnFinished):
                for nearest in event.missed:
                    self._missed(chat_id, record.at_us, nearest)

    def of(self, source: str) -> PassageUse:
        """Return what became of a passage, also of one that was never found."""
        return self._uses.setdefault(source, PassageUse(source=source))

    def all(self) -> list[PassageUse]:
        """Return what became of every passage, the most told first."""
        return sorted(self._uses.values(), key=lambda use: (-use.told, -use.missed, use.source))

    def _posted(self, chat_id: str, event: MessagePosted) -> None:
        if event.author == "customer":
            self._said[chat_id] = event.text
        for source in dict.fromkeys(event.sources):
            use = self.of(source)
            use.told += 1
            use.chats += (chat_id, source) not in self._seen
            self._seen.add((chat_id, source))

    def _missed(self, chat_id: str, at_us: int, nearest: str) -> None:
        if nearest:
            self.of(nearest).missed += 1
        asked = self._said.get(chat_id, "")
        self.unanswered.append(
            Unanswered(chat_id=chat_id, at_us=at_us, nearest=nearest, asked=asked)
        )
