"""Every kind of event there is: the one vocabulary of the log."""

from __future__ import annotations

from typing import get_args

from stepin.core.events.action import ActionEvent
from stepin.core.events.base import Event
from stepin.core.events.chat import ChatEvent
from stepin.core.events.floor import FloorEvent
from stepin.core.events.supervision import SupervisionEvent

AnyEvent = ChatEvent | ActionEvent | SupervisionEvent | FloorEvent

KINDS: dict[str, type[Event]] = {cls.__name__: cls for cls in get_args(AnyEvent)}
"""The class of each kind, by its name in the log."""

__all__ = [
    "KINDS",
    "ActionEvent",
    "AnyEvent",
    "ChatEvent",
    "Event",
    "FloorEvent",
    "SupervisionEvent",
]
