"""What passes on a feed: never stored, never replayed."""

from __future__ import annotations

from typing import Literal

import msgspec


class Draft(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What the AI is writing, for workers alone.

    `epoch` is the one that the AI holds the chat in: whoever knows a later one drops the draft.
    """

    chat_id: str
    text: str
    epoch: int


class Typing(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Somebody types; a customer isn't told which worker."""

    by: Literal["customer", "worker"]
    chat_id: str = ""
    worker_id: str = ""


class Looking(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A colleague has a chat open, for colleagues who see that chat; it is recorded nowhere."""

    chat_id: str
    worker_id: str
