"""Timers: what is due in a chat, workers whose console has gone silent, looks at a trial."""

from __future__ import annotations

from collections.abc import Callable

from stepin.core.chat import Chat, chat_id_of
from stepin.core.decide import timing
from stepin.core.decide.decision import Decision
from stepin.core.decide.nudging import nudge
from stepin.core.decide.replying import late_reply
from stepin.core.events.floor import WorkerSignedOff
from stepin.core.record import NewEvent
from stepin.core.work import Claimed, DropWork, PutWork
from stepin.desk.jobs.retention import Retention
from stepin.desk.services import Services
from stepin.desk.trials.harm_monitor import HarmWatch
from stepin.log.protocol import Append

Due = Callable[[Chat, int], "Decision | int | None"]


class Timers:
    """Does the work of kind `timer`. Every timer looks at the chat before it acts."""

    def __init__(self, services: Services, *, attention_days: int = 0) -> None:
        self._services = services
        self._retention = Retention(services.log, attention_days)
        self._harm = HarmWatch(services.log)

    async def go_off(self, work: Claimed) -> None:
        """Do what a timer asks for now, or set it for later, or drop it."""
        chat_id = chat_id_of(work.stream)
        if work.stream.startswith("trial/"):
            await self._harm.go_off(work)
            return
        if work.stream.startswith("focus/"):
            await self._retention.go_off(work)
            return
        if chat_id is None:
            await self._look_for_worker(work)
            return
        later: int | None = None
        put_anew = False

        def decide(chat: Chat, now_us: int) -> Decision | None:
            nonlocal later, put_anew
            due = self._due(work, chat, now_us)
            later = due if isinstance(due, int) else None
            if not isinstance(due, Decision):
                return None
            put_anew = any(isinstance(w, PutWork) and w.work_id == work.work_id for w in due.work)
            return due

        await self._services.writer.write(chat_id, decide)
        if later is not None:
            await self._services.log.release(work, due_us=later)
        elif not put_anew:
            await self._services.log.change_work([DropWork(work_id=work.work_id)], by=work)

    def _due(self, work: Claimed, chat: Chat, now_us: int) -> Decision | int | None:
        policy = self._services.policies.of(chat)
        match work.body.get("timer"):
            case "idle":
                return timing.idle(chat, policy, now_us=now_us)
            case "wrap_up":
                return timing.wrap_up(chat)
            case "ladder":
                reachable = self._services.reachable(chat)
                return timing.ladder(chat, policy, reachable, now_us=now_us)
            case "reply":
                reachable = self._services.reachable(chat)
                return late_reply(chat, policy, reachable, now_us=now_us)
            case "nudge":
                return nudge(chat, policy, now_us=now_us)
            case str(name) if name.startswith("expiry/"):
                return timing.expiry(chat, str(work.body["action_id"]))
            case _:
                return None

    async def _look_for_worker(self, work: Claimed) -> None:
        log, worker_id = self._services.log, str(work.body["worker_id"])
        if worker_id not in self._services.floor.signed_on:
            await log.change_work([DropWork(work_id=work.work_id)], by=work)
            return
        if await log.record_get("presence", worker_id) is not None:
            period_us = int(float(work.body["period_s"]) * 1e6)
            await log.release(work, due_us=await log.now_us() + period_us)
            return
        lost = NewEvent(event=WorkerSignedOff(worker_id=worker_id, reason="lost"))
        head = await log.head(work.stream)
        await log.append(
            Append(
                stream=work.stream,
                events=(lost,),
                expect_seq=head.seq,
                work=(DropWork(work_id=work.work_id),),
            )
        )
