"""One change of the floor, encoded at most once for everybody who may see it."""

from __future__ import annotations

from stepin.core.chat import Chat
from stepin.desk.feeds.board import BoardChat, FloorUpdate, seen_by, visible
from stepin.desk.feeds.frame import numbered
from stepin.desk.feeds.masking import Veil, Viewer, shown_workers, veil
from stepin.desk.feeds.views import WorkerCard
from stepin.desk.feeds.visibility import Entry


class Update:
    """What changed at a position, in the forms that viewers get.

    Parameters
    ----------
    position : of the last event of the change.
    before, after : the chat that changed; both None if no chat did. `before` is None for a chat
        that nobody could see yet.
    entries : what workers read of the events.
    workers : workers whose card changed.
    presence : whether it is their presence that changed; a change of their load alone is news for
        leads only, since its moment tells a colleague what the load would.
    switches : the kill switches, if one was thrown.
    """

    __slots__ = (
        "_forms",
        "after",
        "before",
        "entries",
        "position",
        "presence",
        "switches",
        "workers",
    )

    def __init__(
        self,
        position: int,
        *,
        before: Chat | None = None,
        after: BoardChat | None = None,
        entries: tuple[Entry, ...] = (),
        workers: tuple[WorkerCard, ...] = (),
        presence: bool = False,
        switches: dict[str, bool] | None = None,
    ) -> None:
        self.position = position
        self.before = before
        self.after = after
        self.entries = entries
        self.workers = workers
        self.presence = presence
        self.switches = switches
        self._forms: dict[str, bytes | None] = {}

    def reaches(self) -> frozenset[str] | None:
        """Return the workers for whom there may be a frame, None for all; leads come besides."""
        if self.switches is not None or (self.presence and self.workers):
            return None
        workers: frozenset[str] = frozenset()
        for chat in (self.before, None if self.after is None else self.after.chat):
            if chat is not None:
                seen = seen_by(chat)
                if seen is None:
                    return None
                workers |= seen
        return workers

    def frame_for(self, viewer: Viewer) -> bytes | None:
        """Return the frame for a viewer, None if nothing of it concerns them."""
        lead = viewer.role != "worker"
        if self.after is not None and visible(self.after.chat, viewer):
            hiding = veil(self.after.chat, viewer)
            if hiding.me is not None and self._names_nobody(self.after.chat):
                hiding = Veil("")
            form = "whole" if lead else f"whole:{'' if hiding.me is None else hiding.me}"
            return self._form(form, viewer, hiding)
        if self.before is not None and visible(self.before, viewer):
            return self._form("gone", viewer)
        return self._form("rest" if lead else "rest:", viewer)

    def _names_nobody(self, chat: Chat) -> bool:
        return (
            chat.owner is None
            and chat.holder.kind != "worker"
            and chat.escalation is None
            and not any(e.actor.startswith("worker:") for e in self.entries)
        )

    def _form(self, form: str, viewer: Viewer, hiding: Veil | None = None) -> bytes | None:
        if form not in self._forms:
            body = self.body(viewer, hiding, gone=form == "gone")
            self._forms[form] = None if body is None else numbered(self.position, body)
        return self._forms[form]

    def body(
        self, viewer: Viewer, hiding: Veil | None = None, *, gone: bool = False
    ) -> FloorUpdate | None:
        """Return the update as a viewer reads it; with the chat only if `hiding` says how."""
        lead = viewer.role != "worker"
        workers = shown_workers(self.workers, viewer) if lead or self.presence else ()
        if hiding is not None and self.after is not None:
            return FloorUpdate(
                position=self.position,
                chat=hiding.card(self.after.card()),
                entries=hiding.entries(self.entries),
                workers=workers,
                switches=self.switches,
            )
        left = self.before.chat_id if gone and self.before is not None else None
        if left is None and not workers and self.switches is None:
            return None
        return FloorUpdate(
            position=self.position, gone=left, workers=workers, switches=self.switches
        )
