"""A shop's texts as they are now: read again while the desk runs, when their files have changed.

What a turn begins with stays with it: it takes one edition's brain, and a later edition is another
object. An edition that can't be read leaves the one before it in force. What the AI may do isn't
changed by a file alone: limits, tools and who is eligible are the process's, and a change of limits
waits for a restart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from stepin.agent.brain import Brain, Line
from stepin.agent.gate.material import Material
from stepin.agent.shop.handbook import Handbook, texts_of
from stepin.agent.suggestions.suggestions import Advice, Suggestion
from stepin.core.chat import Chat
from stepin.errors import Invalid, StepinError

EVERY_S = 5.0
Marks = frozenset[tuple[str, int, int]]
_log = structlog.get_logger("stepin.agent")


@dataclass(frozen=True, slots=True)
class Edition:
    """A shop's texts with all that is made of them."""

    book: Handbook
    brains: Mapping[str, Brain]
    advice: Advice
    material: Material


class Editions:
    """The edition in force, and the watch over the files.

    Parameters
    ----------
    folder : the shop's.
    read : makes an edition of what the folder holds; called in a thread.
    every_s : how often the files are looked at.
    wait : how to pass time between two looks.
    """

    def __init__(
        self,
        folder: Path,
        read: Callable[[], Edition],
        *,
        every_s: float = EVERY_S,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._folder, self._read, self._every_s, self._wait = folder, read, every_s, wait
        self._marks = marks_of(folder)
        self.current = read()
        self._listeners: list[Callable[[Edition], None]] = []
        self._watch: asyncio.Task[None] | None = None

    def listen(self, listener: Callable[[Edition], None]) -> None:
        """Have every new edition told as soon as it is in force."""
        self._listeners.append(listener)

    async def look(self) -> bool:
        """Read the files again if they have changed; return whether a new edition is in force."""
        marks = await asyncio.to_thread(marks_of, self._folder)
        if marks == self._marks:
            return False
        self._marks = marks
        try:
            edition = await asyncio.to_thread(self._read)
            self._check(edition)
        except (StepinError, OSError, ValueError) as error:
            code = getattr(error, "code", type(error).__name__)
            _log.warning("shop_not_reloaded", code=code, told=str(error)[:300])
            return False
        if edition.book.version == self.current.book.version:
            return False
        self.current = edition
        for listener in self._listeners:
            listener(edition)
        _log.info("shop_reloaded", version=edition.book.version)
        return True

    def _check(self, edition: Edition) -> None:
        if edition.book.limits != self.current.book.limits:
            raise Invalid(
                "The AI's limits have changed.",
                code="limits_need_restart",
                hint="Restart the desk: limits are part of its tools.",
            )

    def start(self) -> None:
        """Begin to look at the files."""
        self._watch = asyncio.create_task(self._watching())

    async def stop(self) -> None:
        """End looking at the files."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
            self._watch = None

    async def _watching(self) -> None:
        while True:
            await self._wait(self._every_s)
            await self.look()


class BrainsNow(Mapping[str, Brain]):
    """Brains by name, as they are when somebody asks for one."""

    def __init__(self, now: Callable[[], Mapping[str, Brain]]) -> None:
        self._now = now

    def __getitem__(self, name: str) -> Brain:
        return self._now()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def wrapped(self, wrap: Callable[[Brain], Brain]) -> BrainsNow:
        """Return the brains with each wrapped, once while it is in force."""
        made: dict[str, tuple[Brain, Brain]] = {}

        def now() -> dict[str, Brain]:
            for name, brain in self._now().items():
                if name not in made or made[name][0] is not brain:
                    made[name] = (brain, wrap(brain))
            return {name: made[name][1] for name in self._now()}

        return BrainsNow(now)


class AdviceNow:
    """The advice of the edition in force."""

    def __init__(self, editions: Editions) -> None:
        self._editions = editions

    async def suggest(self, chat: Chat, lines: Sequence[Line]) -> tuple[Suggestion, ...]:
        """Return suggestions for what was said."""
        return await self._editions.current.advice.suggest(chat, lines)

    def topic(self, chat: Chat, language: str) -> str:
        """Return what the chat is about."""
        return self._editions.current.advice.topic(chat, language)


def marks_of(folder: Path) -> Marks:
    """Return each text's name, time of change and size; one that is gone meanwhile is left out."""
    found = set[tuple[str, int, int]]()
    for path in texts_of(folder):
        try:
            told = path.stat()
        except OSError:
            continue
        found.add((path.relative_to(folder).as_posix(), told.st_mtime_ns, told.st_size))
    return frozenset(found)
