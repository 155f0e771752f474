"""Who is signed on, how much they may hold, and how much they hold: a fold of workers' events."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from stepin.core.events import Event
from stepin.core.events.base import Scalar
from stepin.core.events.floor import PresenceChanged, WorkerSignedOff, WorkerSignedOn


class Presence(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A worker who is signed on.

    Attributes
    ----------
    capacity : chats that the worker may hold at once.
    supervised_capacity : chats that the AI may hold under the worker's eyes at once.
    away : signed on, but takes nothing new now.
    """

    worker_id: str
    capacity: int
    supervised_capacity: int
    groups: tuple[str, ...] = ()
    role: str = "worker"
    away: bool = False
    covariates: dict[str, Scalar] = {}


def apply_presence(signed_on: Mapping[str, Presence], event: Event) -> dict[str, Presence]:
    """Return who is signed on after one more event."""
    after = dict(signed_on)
    match event:
        case WorkerSignedOn():
            after[event.worker_id] = Presence(
                worker_id=event.worker_id,
                capacity=event.capacity,
                supervised_capacity=event.supervised_capacity,
                groups=event.groups,
                role=event.role,
                covariates=event.covariates,
            )
        case WorkerSignedOff():
            after.pop(event.worker_id, None)
        case PresenceChanged():
            known = after.get(event.worker_id)
            if known is not None:
                away = event.presence == "away"
                after[event.worker_id] = msgspec.structs.replace(known, away=away)
        case _:
            pass
    return after
