"""How far each listener has been told: no feed says the same number twice.

A process follows the log at its own pace, and may lag behind another one or behind the log that it
reads a snapshot from. So a listener's cursor, not the process's, decides what is still news: what
the tail brings later up to that cursor is dropped for this listener alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stepin.core.chat import Chat
from stepin.core.record import Recorded
from stepin.desk.feeds.board import NameOf
from stepin.desk.feeds.customer import customer_update
from stepin.desk.feeds.frame import numbered
from stepin.desk.feeds.masking import Viewer
from stepin.desk.feeds.update import Update

if TYPE_CHECKING:
    from stepin.desk.feeds.hub import Listener


class CustomerRun:
    """What some events in a row change for a chat's customer.

    Parameters
    ----------
    before, after : the chat before and after them.
    run : the events; `again` are older ones that they redact.
    """

    __slots__ = ("_after", "_again", "_before", "_frame", "_made", "_name_of", "_run", "seq")

    def __init__(
        self,
        before: Chat,
        after: Chat,
        run: Sequence[Recorded],
        again: Sequence[Recorded],
        name_of: NameOf,
    ) -> None:
        self.seq = run[-1].seq
        self._before, self._after = before, after
        self._run, self._again, self._name_of = run, again, name_of
        self._made = False
        self._frame: bytes | None = None

    def frame_after(self, told: int) -> bytes | None:
        """Return the frame for one who was told everything up to a seq, None for no news.

        Who was told nothing of it shares one frame with the others; who was told the beginning
        gets a frame of the rest.
        """
        if told >= self.seq:
            return None
        if told >= self._run[0].seq:
            return self._encoded(None, [e for e in self._run if e.seq > told])
        if not self._made:
            self._made, self._frame = True, self._encoded(self._before, self._run)
        return self._frame

    def _encoded(self, before: Chat | None, run: Sequence[Recorded]) -> bytes | None:
        update = customer_update(before, self._after, [*run, *self._again], self._name_of)
        return None if update is None else numbered(update.seq, update)


class ToldCustomer:
    """A customer's listener: what comes while it is told what it has missed waits for that.

    Attributes
    ----------
    told : the last seq that it was told.
    """

    __slots__ = ("_waiting", "listener", "told")

    def __init__(self, listener: Listener, told: int, *, waits: bool) -> None:
        self.listener, self.told = listener, told
        self._waiting: list[CustomerRun | bytes] | None = [] if waits else None

    def push(self, news: CustomerRun | bytes) -> None:
        """Tell a run, as far as it is news, or a passing frame."""
        if self._waiting is not None:
            self._waiting.append(news)
        elif isinstance(news, bytes):
            self.listener.push(news)
        elif (frame := news.frame_after(self.told)) is not None:
            self.told = news.seq
            self.listener.push(frame)

    def go_on(self, told: int) -> None:
        """Tell what has waited, from a seq on."""
        self.told = told
        waiting, self._waiting = self._waiting, None
        for news in waiting or ():
            self.push(news)


class ToldConsole:
    """A console's listener. `told` is the last position that it was told."""

    __slots__ = ("listener", "told", "viewer")

    def __init__(self, listener: Listener, viewer: Viewer, told: int) -> None:
        self.listener, self.viewer, self.told = listener, viewer, told

    def push(self, update: Update) -> None:
        """Tell an update, if it is news and concerns this viewer."""
        if update.position <= self.told:
            return
        frame = update.frame_for(self.viewer)
        if frame is not None:
            self.listener.push(frame)
