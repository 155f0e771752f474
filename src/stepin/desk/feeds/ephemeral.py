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
    """Somebody types; it is not said which worker."""

    by: Literal["customer", "worker"]
    chat_id: str = ""
