"""Everybody in a demo, started when the desk answers and gone when it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

_log = structlog.get_logger("stepin.demo")
Part = Callable[[str], Awaitable[None]]


@dataclass(slots=True)
class Cast:
    """Tasks that live beside a server; each part is given the desk's address.

    A part that fails is told in the log and leaves the others alone.
    """

    parts: dict[str, Part]
    _tasks: list[asyncio.Task[None]] = field(default_factory=list, init=False)
    _ended: bool = field(default=False, init=False)

    def start(self, url: str) -> None:
        """Let everybody begin."""
        self._tasks = [
            asyncio.create_task(self._run(name, part, url), name=f"stepin-demo-{name}")
            for name, part in self.parts.items()
        ]

    async def _run(self, name: str, part: Part, url: str) -> None:
        try:
            await part(url)
        except Exception as error:  # noqa: BLE001 - one part's failure must not end the others
            _log.error("part_failed", part=name, error=repr(error), exc_info=error)

    def end(self) -> None:
        """Tell everybody to stop, once; returns at once."""
        if not self._ended:
            self._ended = True
            for task in self._tasks:
                task.cancel()

    async def gone(self) -> None:
        """Return when everybody has stopped, even if the caller is cancelled meanwhile."""
        self.end()
        waiting, interrupted = set(self._tasks), False
        while waiting:
            try:
                _, waiting = await asyncio.wait(waiting)
            except asyncio.CancelledError:
                interrupted = True
        if interrupted:
            raise asyncio.CancelledError
