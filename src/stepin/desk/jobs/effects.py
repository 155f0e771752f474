"""Carrying an approved action out: intent row, call, outcome; never twice, never blindly again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from stepin.agent.tools.tool import OutcomeUnknown, ToolFailed
from stepin.core.action import Action
from stepin.core.chat import Chat, chat_id_of
from stepin.core.decide.actions import changed
from stepin.core.decide.decision import Decision
from stepin.core.decide.escalating import raise_flag
from stepin.core.events import ActionEvent
from stepin.core.events.action import (
    ActionExpired,
    ActionFailed,
    ActionReconciled,
    ActionStarted,
    ActionSucceeded,
    ActionUnknown,
)
from stepin.core.events.supervision import FlagRaised
from stepin.core.fence import Fence
from stepin.core.record import NewEvent
from stepin.core.work import Claimed, DropWork
from stepin.desk.services import Services
from stepin.desk.state.fault_site import place_of
from stepin.errors import Forbidden, Missing, StepinError

_log = structlog.get_logger("stepin.desk")


class EffectRunner:
    """Does the work of kind `effect`.

    Before the call an `ActionStarted` is appended through the fence, with the business key
    claimed in the same transaction: that is the intent row. A process that finds an action
    started by another one that died never calls again; it asks the service what happened. Work
    whose plan, call or question has twice not come to an end is not begun a third time: what was
    never sent has failed, what may have been done is unknown, and people are told.

    Parameters
    ----------
    lease_s : a call isn't sent when this much time has passed since the claim.
    reconcile_s : the first pause between two questions about an unknown outcome; it doubles.
    questions : how often to ask before a person is told.
    """

    def __init__(
        self,
        services: Services,
        *,
        lease_s: float,
        reconcile_s: float = 2.0,
        questions: int = 6,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._services, self._lease_s = services, lease_s
        self._reconcile_s, self._questions = reconcile_s, questions
        self._monotonic_s = monotonic_s

    async def carry_out(self, work: Claimed) -> None:
        """Bring one action to its outcome, or put the next question about it off."""
        claimed_s = self._monotonic_s()
        chat_id = chat_id_of(work.stream) or ""
        chat = await self._services.projection.fresh(chat_id)
        action = chat.actions.get(str(work.body["action_id"]))
        if action is None or action.settled:
            await self._services.log.change_work([DropWork(work_id=work.work_id)], by=work)
            return
        if work.poisonous:
            await self._give_up(work, chat, action)
        elif action.state == "approved":
            await self._begin(work, chat, action, claimed_s)
        elif action.risk == "read" and action.state == "executing":
            await self._call(work, chat, action, claimed_s)
        else:
            await self._ask(work, chat, action)

    async def _begin(self, work: Claimed, chat: Chat, action: Action, claimed_s: float) -> None:
        refusal = await self._refusal(chat, action)
        if refusal is not None:
            await self._settle(work, chat.chat_id, action, refusal, was=("approved",))
            return
        started = ActionStarted(
            action_id=action.action_id,
            effect_key=action.business_key,
            attempt=work.attempt,
        )
        fence = Fence(
            epoch=action.epoch,
            work_id=work.work_id,
            attempt=work.attempt,
            basis_seq=action.basis_seq if action.by_ai else None,
        )
        claims = (action.business_key,) if action.business_key else ()
        written = await self._services.writer.write(
            chat.chat_id,
            lambda now, _: _if_still(now, action, ("approved",), started, claims=claims),
            fence=fence,
        )
        if written.refused == "claim":
            failed = ActionFailed(action_id=action.action_id, error="already_done")
            await self._settle(work, chat.chat_id, action, failed, was=("approved",))
        elif written.refused in ("epoch", "basis"):
            expired = ActionExpired(
                action_id=action.action_id,
                reason="takeover" if written.refused == "epoch" else "stale",
            )
            await self._settle(work, chat.chat_id, action, expired, was=("approved",))
        elif written.events:
            await self._call(work, chat, action, claimed_s)
        elif written.refused is None:
            await self._services.log.release(work)

    async def _give_up(self, work: Claimed, chat: Chat, action: Action) -> None:
        """End what has twice not come to an end: it was never sent, or people have to look."""
        _log.error("effect_poisonous", action=action.action_id, claims=work.unended)
        if action.state == "approved" or (action.state == "executing" and action.risk == "read"):
            failed = ActionFailed(action_id=action.action_id, error="poison")
            await self._settle(work, chat.chat_id, action, failed, was=(action.state,), free=True)
        elif action.state == "executing":
            lost = ActionUnknown(action_id=action.action_id, detail="process_lost")
            await self._settle(work, chat.chat_id, action, lost, was=("executing",))
        else:
            await self._tell_people(chat, action)
            await self._ask_later(work, chat, action)

    async def _refusal(self, chat: Chat, action: Action) -> ActionEvent | None:
        if action.epoch != chat.epoch:
            return ActionExpired(action_id=action.action_id, reason="takeover")
        if action.risk == "read":
            return None
        try:
            now = await self._services.tools.planned_again(
                chat, action.tool, action.arguments, action.business_key
            )
        except (Forbidden, Missing) as error:
            stopped = error.code == "tool_stopped"
            return ActionExpired(
                action_id=action.action_id, reason="kill_switch" if stopped else "stale"
            )
        except StepinError as error:
            return ActionFailed(action_id=action.action_id, error=error.code)
        if changed(action, now):
            return ActionExpired(action_id=action.action_id, reason="stale")
        return None

    async def _call(self, work: Claimed, chat: Chat, action: Action, claimed_s: float) -> None:
        try:
            self._services.tools.may_call(chat, action.tool)
        except StepinError as error:
            failed = ActionFailed(action_id=action.action_id, error=error.code)
            await self._settle(work, chat.chat_id, action, failed, was=("executing",), free=True)
            return
        if self._monotonic_s() - claimed_s > self._lease_s * 0.9:
            return
        await asyncio.shield(self._call_and_settle(work, chat, action))

    async def _call_and_settle(self, work: Claimed, chat: Chat, action: Action) -> None:
        """Call and write the outcome, also if the lease is lost meanwhile: it has happened."""
        outcome = await self._outcome(chat, action, self._monotonic_s())
        free = isinstance(outcome, ActionFailed)
        await self._settle(
            work, chat.chat_id, action, outcome, was=("executing", "unknown"), free=free
        )

    async def _outcome(
        self, chat: Chat, action: Action, began: float
    ) -> ActionSucceeded | ActionFailed | ActionUnknown:
        def took() -> int:
            return int((self._monotonic_s() - began) * 1000)

        try:
            result = await self._services.tools.call(
                chat, action.tool, action.arguments, key=_key(action)
            )
        except (Forbidden, Missing) as error:
            return ActionFailed(action_id=action.action_id, error=error.code)
        except ToolFailed as error:
            return ActionFailed(
                action_id=action.action_id,
                error=error.code,
                message=error.message,
                duration_ms=took(),
            )
        except (TimeoutError, OutcomeUnknown, OSError) as error:
            detail = "timeout" if isinstance(error, TimeoutError) else "lost_answer"
            return self._lost(action, detail, took())
        except Exception as error:  # noqa: BLE001 - a tool is foreign code; its outcome is unknown
            _log.error("tool_raised", tool=action.tool, action=action.action_id, **place_of(error))
            return self._lost(action, "tool_raised", took())
        return ActionSucceeded(action_id=action.action_id, result=result, duration_ms=took())

    @staticmethod
    def _lost(action: Action, detail: str, took_ms: int) -> ActionFailed | ActionUnknown:
        if action.risk == "read":
            return ActionFailed(action_id=action.action_id, error=detail, duration_ms=took_ms)
        return ActionUnknown(action_id=action.action_id, detail=detail)

    async def _ask(self, work: Claimed, chat: Chat, action: Action) -> None:
        if action.state == "executing":
            lost = ActionUnknown(action_id=action.action_id, detail="process_lost")
            await self._settle(work, chat.chat_id, action, lost, was=("executing",))
            return
        answer, result = await self._services.tools.reconcile(chat, action.tool, key=_key(action))
        if answer == "unknown":
            await self._ask_later(work, chat, action)
            return
        if answer == "failed" and await self._may_still_be_sent(work, action):
            return
        reconciled = ActionReconciled(
            action_id=action.action_id,
            outcome="succeeded" if answer == "succeeded" else "failed",
            result=result,
        )
        free = answer == "failed"
        await self._settle(work, chat.chat_id, action, reconciled, was=("unknown",), free=free)

    async def _may_still_be_sent(self, work: Claimed, action: Action) -> bool:
        """Put the first "it wasn't done" off if the process that called may only have slept."""
        log = self._services.log
        if action.error != "process_lost" or "denied" in await log.journal_get(work.work_id):
            return False
        await log.journal_put(work, "denied", b"1")
        now_us = await log.now_us()
        await log.release(work, due_us=now_us + int(self._reconcile_s * 1e6))
        return True

    async def _ask_later(self, work: Claimed, chat: Chat, action: Action) -> None:
        if work.attempt >= self._questions:
            await self._tell_people(chat, action)
        pause_s = self._reconcile_s * 2 ** min(work.attempt, 8)
        now_us = await self._services.log.now_us()
        await self._services.log.release(work, due_us=now_us + int(pause_s * 1e6))

    async def _tell_people(self, chat: Chat, action: Action) -> None:
        reason = f"outcome_unknown:{action.action_id}"

        def decide(now: Chat, now_us: int) -> Decision | None:
            if not now.open:
                return None
            flag = FlagRaised(cause="technical", turn_seq=now.seq, raised_by="desk", reason=reason)
            return raise_flag(
                now,
                flag,
                self._services.policies.of(now),
                self._services.reachable(now),
                actor="system",
                now_us=now_us,
            )

        await self._services.writer.write(chat.chat_id, decide, command_id=f"told/{reason}")

    async def _settle(
        self,
        work: Claimed,
        chat_id: str,
        action: Action,
        outcome: ActionEvent,
        *,
        was: tuple[str, ...],
        free: bool = False,
    ) -> None:
        frees = (action.business_key,) if free and action.business_key else ()
        ends = not isinstance(outcome, ActionUnknown)
        drop = (DropWork(work_id=work.work_id),) if ends else ()

        def decide(now: Chat, _: int) -> Decision | None:
            return _if_still(now, action, was, outcome, work=drop, frees=frees)

        written = await self._services.writer.write(chat_id, decide)
        if isinstance(outcome, ActionSucceeded) and not written.events:
            await self._late_truth(chat_id, outcome)
        if not ends:
            await self._services.log.release(work)

    async def _late_truth(self, chat_id: str, outcome: ActionSucceeded) -> None:
        def decide(now: Chat, _: int) -> Decision | None:
            action = now.actions[outcome.action_id]
            if action.state != "failed":
                return None
            truth = ActionReconciled(
                action_id=outcome.action_id, outcome="succeeded", result=outcome.result
            )
            return Decision(events=(NewEvent(event=truth),))

        await self._services.writer.write(chat_id, decide)


def _key(action: Action) -> str:
    return action.business_key or action.action_id


def _if_still(
    chat: Chat,
    action: Action,
    was: tuple[str, ...],
    event: ActionEvent,
    *,
    work: tuple[DropWork, ...] = (),
    claims: tuple[str, ...] = (),
    frees: tuple[str, ...] = (),
) -> Decision | None:
    now = chat.actions.get(action.action_id)
    if now is None or now.state not in was or now.digest != action.digest:
        return None
    return Decision(events=(NewEvent(event=event),), work=work, claims=claims, frees=frees)
