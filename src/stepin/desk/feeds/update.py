"""One change of the floor, encoded at most once for everybody who may see it."""

from __future__ import annotations

from stepin.core.chat import Chat
from stepin.desk.feeds.board import FloorUpdate, Seen, Viewer, visible
from stepin.desk.feeds.card import WorkerCard
from stepin.desk.feeds.frame import numbered
from stepin.desk.feeds.shown import Entry


class Update:
    """What changed at a position, in the forms that viewers get.

    Parameters
    ----------
    position : of the last event of the change.
    before, after : the chat that changed; both None if no chat did. `before` is None for a chat
        that nobody could see yet.
    entries : what workers read of the events.
    workers : workers whose card changed.
    switches : the kill switches, if one was thrown.
    """

    __slots__ = ("_forms", "after", "before", "entries", "position", "switches", "workers")

    def __init__(
        self,
        position: int,
        *,
        before: Chat | None = None,
        after: Seen | None = None,
        entries: tuple[Entry, ...] = (),
        workers: tuple[WorkerCard, ...] = (),
        switches: dict[str, bool] | None = None,
    ) -> None:
        self.position = position
        self.before = before
        self.after = after
        self.entries = entries
        self.workers = workers
        self.switches = switches
        self._forms: dict[str, bytes | None] = {}

    def frame_for(self, viewer: Viewer) -> bytes | None:
        """Return the frame for a viewer, None if nothing of it concerns them."""
        if self.after is not None and visible(self.after.chat, viewer):
            return self._form("whole")
        if self.before is not None and visible(self.before, viewer):
            return self._form("gone")
        return self._form("rest")

    def _form(self, form: str) -> bytes | None:
        if form not in self._forms:
            body = self.body(form)
            self._forms[form] = None if body is None else numbered(self.position, body)
        return self._forms[form]

    def body(self, form: str) -> FloorUpdate | None:
        """Return the update in one of its forms: whole, gone, or rest (no chat)."""
        if form == "whole" and self.after is not None:
            return FloorUpdate(
                position=self.position,
                chat=self.after.card(),
                entries=self.entries,
                workers=self.workers,
                switches=self.switches,
            )
        gone = self.before.chat_id if form == "gone" and self.before is not None else None
        if gone is None and not self.workers and self.switches is None:
            return None
        return FloorUpdate(
            position=self.position, gone=gone, workers=self.workers, switches=self.switches
        )
