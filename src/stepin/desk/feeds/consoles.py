"""The consoles of a process, found by whom a change concerns instead of asked one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from stepin.core.chat import Chat
from stepin.desk.feeds.board import seen_by
from stepin.desk.feeds.masking import Viewer
from stepin.desk.feeds.progress import ToldConsole
from stepin.desk.feeds.update import Update

if TYPE_CHECKING:
    from stepin.desk.feeds.hub import Listener


class Consoles:
    """Listeners by worker; those of leads and admins, who see everything, stand apart.

    A change costs what it concerns: a message in a chat that one worker owns asks that worker's
    consoles and those of leads, however many others are signed on.
    """

    def __init__(self) -> None:
        self._of: dict[str, dict[Listener, ToldConsole]] = {}
        self._leads: dict[Listener, ToldConsole] = {}
        self._place: dict[Listener, dict[Listener, ToldConsole]] = {}

    def __len__(self) -> int:
        return len(self._place)

    def add(self, console: ToldConsole) -> None:
        """Tell a console from now on; one that is here already is told from its new cursor."""
        self.remove(console.listener)
        viewer = console.viewer
        lead = viewer.role != "worker"
        place = self._leads if lead else self._of.setdefault(viewer.worker_id, {})
        place[console.listener] = console
        self._place[console.listener] = place

    def remove(self, listener: Listener) -> None:
        """Tell a console nothing any more."""
        place = self._place.pop(listener, None)
        if place is None:
            return
        console = place.pop(listener)
        if not place and place is not self._leads:
            del self._of[console.viewer.worker_id]

    def tell(self, update: Update) -> None:
        """Push an update to every console that it concerns."""
        for console in tuple(self._reached(update.reaches())):
            console.push(update)

    def pass_on(self, frame: bytes, chat: Chat) -> None:
        """Push a passing frame to every console on whose floor a chat stands."""
        for console in tuple(self._reached(seen_by(chat))):
            console.listener.push(frame)

    def tell_colleagues(self, worker_id: str, chat: Chat, frame: Callable[[Viewer], bytes]) -> None:
        """Push a frame about a worker, made for each viewer, to everybody else who sees a chat."""
        for console in tuple(self._reached(seen_by(chat))):
            if console.viewer.worker_id != worker_id:
                console.listener.push(frame(console.viewer))

    def _reached(self, workers: frozenset[str] | None) -> Iterator[ToldConsole]:
        """Yield the consoles of leads, then those of these workers, or of all (None)."""
        if workers is None:
            places = chain((self._leads,), self._of.values())
        else:
            places = chain((self._leads,), (self._of.get(w, {}) for w in workers))
        return chain.from_iterable(place.values() for place in places)
