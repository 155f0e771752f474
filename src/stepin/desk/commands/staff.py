"""Workers coming, going, and being there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from stepin.core.command import Actor
from stepin.core.events import Event
from stepin.core.events.floor import PresenceChanged, WorkerSignedOff, WorkerSignedOn
from stepin.core.record import NewEvent, Recorded
from stepin.core.work import DropWork, PutWork, WorkChange
from stepin.desk.state.floor import Floor
from stepin.desk.state.policies import Policies
from stepin.errors import Conflict
from stepin.log.protocol import Append, Appended, Log


class Staff:
    """Who is signed on. A worker whose console is silent for `presence_s` is signed off as lost.

    Parameters
    ----------
    real_us : real time in UTC µs; the sign of life follows it, not the log's clock.
    """

    def __init__(
        self, log: Log, floor: Floor, policies: Policies, *, real_us: Callable[[], int]
    ) -> None:
        self._log, self._floor, self._policies, self._real_us = log, floor, policies, real_us

    async def sign_on(self, shift: WorkerSignedOn) -> Recorded:
        """Take chats from now on; signing on again changes capacity, groups and role."""
        await self.seen(shift.worker_id)
        period_s = self._policies.default.times.presence_s
        now_us = await self._log.now_us()
        timer = PutWork(
            work_id=f"presence:{shift.worker_id}",
            kind="timer",
            stream=_stream(shift.worker_id),
            due_us=now_us + int(period_s * 1e6),
            body={"timer": "presence", "worker_id": shift.worker_id, "period_s": period_s / 2},
            replace=True,
        )
        return await self._append(shift.worker_id, shift, work=(timer,))

    async def sign_off(
        self, worker_id: str, *, reason: Literal["asked", "lost", "disabled"] = "asked"
    ) -> Recorded | None:
        """Take no chats any more; None if the worker wasn't signed on."""
        if worker_id not in self._floor.signed_on:
            return None
        await self._log.record_delete("presence", worker_id)
        off = WorkerSignedOff(worker_id=worker_id, reason=reason)
        drop = DropWork(work_id=f"presence:{worker_id}")
        return await self._append(worker_id, off, work=(drop,))

    async def set_presence(
        self, worker_id: str, presence: Literal["available", "away"]
    ) -> Recorded | None:
        """Be away for a while, or back; None if that is so already."""
        known = self._floor.signed_on.get(worker_id)
        if known is None:
            raise Conflict(f"{worker_id} isn't signed on.", hint="Sign on.", code="not_signed_on")
        if known.away == (presence == "away"):
            return None
        return await self._append(
            worker_id, PresenceChanged(worker_id=worker_id, presence=presence)
        )

    async def seen(self, worker_id: str) -> None:
        """Note a sign of life; a console sends one at least twice in `presence_s`."""
        period_us = int(self._policies.default.times.presence_s * 1e6)
        await self._log.record_put(
            "presence", worker_id, b"{}", expires_us=self._real_us() + period_us
        )

    async def _append(
        self, worker_id: str, event: Event, *, work: tuple[WorkChange, ...] = ()
    ) -> Recorded:
        actor = Actor(kind="worker", id=worker_id)
        new = NewEvent(event=event, actor=str(actor))
        outcome = await self._log.append(
            Append(stream=_stream(worker_id), events=(new,), work=work)
        )
        assert isinstance(outcome, Appended)
        return outcome.events[0]


def _stream(worker_id: str) -> str:
    return f"worker/{worker_id}"
