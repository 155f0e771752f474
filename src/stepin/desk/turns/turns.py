"""AI turns: a brain is asked, and whatever it does goes through the fence."""

from __future__ import annotations

import asyncio
from collections import Counter

import structlog

from stepin.agent.brain import Brain, Fenced, TurnContext, Withheld
from stepin.agent.bridge import Bridge, must_bridge
from stepin.core.chat import Chat, chat_id_of
from stepin.core.decide.decision import Decision
from stepin.core.decide.escalating import raise_flag
from stepin.core.events.chat import TurnFailed, TurnStarted
from stepin.core.events.supervision import FlagRaised
from stepin.core.fence import Fence
from stepin.core.notice import notice
from stepin.core.policy import Policy
from stepin.core.record import NewEvent, Versions
from stepin.core.work import Claimed, DropWork
from stepin.desk.services import Services
from stepin.desk.state.fault_site import place_of
from stepin.desk.turns.transcript import lines_of
from stepin.desk.turns.turn_actions import TurnHands
from stepin.errors import StepinError, Unavailable

WITHHELD_TRIES = 2
_log = structlog.get_logger("stepin.desk")


class TurnRunner:
    """Does the work of kind `turn`.

    An attempt counts from its claim on (see `Claimed.unended`): a turn whose attempts have twice
    ended neither well nor badly, because they hung, were killed or lost their lease, is not begun a
    third time but fails in front of people. Until one of them acts, the AI takes no other turn in
    that chat. A turn that has once not ended is taken while no other such turn is: what hangs or
    kills its process for the second time takes only itself along, not all that ran beside it.
    Which turns run now is in `running`, for whoever asks what holds the process up.

    Parameters
    ----------
    tries : failed attempts at one turn before the AI gives up. Attempts that a newer message had
        refused are not counted; they end at the third stale draft.
    """

    def __init__(self, services: Services, *, tries: int = 3, retry_s: float = 1.0) -> None:
        self._services, self._tries, self._retry_s = services, tries, retry_s
        self.running: dict[str, str] = {}
        self._hands: dict[str, TurnHands] = {}
        self._interrupted: Counter[str] = Counter()
        self._suspect = ""

    def interrupt(self, chat: Chat) -> None:
        """Stop what a model is writing in a chat whose customer has written again.

        It would be refused when it is done. As often as drafts may be refused for that in a row,
        and no oftener: somebody who writes all the time gets an answer too.
        """
        turn_id = chat.turn_id or ""
        hands = self._hands.get(turn_id)
        most = self._services.policies.of(chat).ai.stale_drafts
        if hands is None or max(self._interrupted[turn_id], chat.turn.stale_drafts) >= most:
            return
        if hands.step.interrupt():
            self._interrupted[turn_id] += 1

    async def take(self, work: Claimed) -> None:
        """Take one attempt at a turn: it ends, is taken again, or fails in front of people."""
        if work.unended == 1 or work.poisonous:
            await self._take(work)
        elif self._suspect:
            due = await self._services.log.now_us() + int(self._retry_s * 1e6)
            await self._services.log.release(work, due_us=due)
        else:
            self._suspect = work.work_id
            try:
                await self._take(work)
            finally:
                self._suspect = ""

    async def _take(self, work: Claimed) -> None:
        chat_id = chat_id_of(work.stream) or ""
        chat = await self._services.projection.fresh(chat_id)
        if chat.turn_id != work.work_id or not chat.ai_holds:
            await self._services.log.change_work([DropWork(work_id=work.work_id)], by=work)
            return
        policy = self._services.policies.of(chat)
        brain = self._services.brains.get(policy.ai.brain)
        if work.poisonous:
            _log.error("turn_poisonous", turn=work.work_id, chat=chat_id, claims=work.unended)
            version = policy.ai.brain if brain is None else brain.version
            await self._fail(work, chat, policy, "poison", version)
            return
        if brain is None:
            await self._fail(work, chat, policy, "no_brain", policy.ai.brain)
            return
        if chat.ai_messages >= policy.ai.chat_turns:
            await self._fail(work, chat, policy, "chat_budget", brain.version)
            return
        started = await self._start(work, chat, policy, brain)
        if started is None:
            return
        self.running[work.work_id] = brain.version
        again = False
        try:
            async with asyncio.timeout(policy.ai.turn_seconds):
                await self._run(work, started, policy, brain)
        except Fenced as fenced:
            if fenced.reason == "basis":
                again = True
                await self._services.log.release(work)
        except TimeoutError:
            await self._fail(work, chat, policy, "timeout", brain.version)
        except Unavailable:
            raise
        except StepinError as error:
            await self._again_or_fail(work, chat, policy, brain, error.code)
        except Exception as error:  # noqa: BLE001 - a brain is foreign code
            _log.error("brain_failed", turn=work.work_id, attempt=work.attempt, **place_of(error))
            await self._again_or_fail(work, chat, policy, brain, type(error).__name__)
        finally:
            self.running.pop(work.work_id, None)
            if not again:
                self._interrupted.pop(work.work_id, None)

    async def _start(self, work: Claimed, chat: Chat, policy: Policy, brain: Brain) -> Chat | None:
        event = TurnStarted(
            turn_id=work.work_id,
            attempt=work.attempt,
            basis_seq=chat.basis_seq,
            brain_version=brain.version,
        )
        new = NewEvent(
            event=event,
            actor=f"ai:{brain.version}",
            versions=Versions(policy=policy.version, model=brain.version),
        )
        fence = Fence(
            epoch=chat.epoch,
            work_id=work.work_id,
            attempt=work.attempt,
            basis_seq=chat.basis_seq,
        )
        written = await self._services.writer.say(
            chat.chat_id, Decision(events=(new,)), fence=fence
        )
        if written.refused == "basis":
            await self._services.log.release(work)
        return None if written.refused else await self._services.projection.fresh(chat.chat_id)

    async def _run(self, work: Claimed, chat: Chat, policy: Policy, brain: Brain) -> None:
        log = self._services.log
        events = [e for e in await log.read(work.stream) if e.seq <= chat.seq]
        lines = lines_of(events)
        bridges = must_bridge(chat, policy, lines)
        hands = TurnHands(
            self._services,
            chat,
            policy,
            work,
            basis_seq=chat.basis_seq,
            brain_version=brain.version,
            journal=await log.journal_get(work.work_id),
            now_us=log.now_us,
            lines=lines,
        )
        hands.bridges = bridges
        context = TurnContext(
            chat=chat,
            lines=lines,
            basis_seq=chat.basis_seq,
            now_us=await log.now_us(),
            policy=policy,
            tools=self._services.tools.offered(chat),
            memory=await self._services.memory.get(chat.chat_id, work.work_id),
        )
        self._hands[work.work_id] = hands
        try:
            await (Bridge() if bridges else brain).turn(context, hands)
        except asyncio.CancelledError:
            await self._keep_draft(work, hands)
            raise
        finally:
            self._hands.pop(work.work_id, None)
        await hands.store_memory()
        await hands.finish()

    async def _keep_draft(self, work: Claimed, hands: TurnHands) -> None:
        """Keep the draft of a turn that was cut off, also if it is cut off again meanwhile.

        The takeover drops the work, so its lease is found lost while the draft is being written.
        """
        keeping = asyncio.create_task(hands.keep_draft())
        while not keeping.done():
            try:
                await asyncio.shield(keeping)
            except asyncio.CancelledError:
                continue
            except StepinError as error:
                _log.warning("draft_lost", turn=work.work_id, code=error.code)

    async def _again_or_fail(
        self, work: Claimed, chat: Chat, policy: Policy, brain: Brain, reason: str
    ) -> None:
        log = self._services.log
        await log.journal_put(work, f"failed:{work.attempt}", reason.encode())
        failed = [step for step in await log.journal_get(work.work_id) if step[:7] == "failed:"]
        tries = min(self._tries, WITHHELD_TRIES) if reason == Withheld.code else self._tries
        if len(failed) < tries:
            due = await self._services.log.now_us() + int(self._retry_s * 1e6)
            await self._services.log.release(work, due_us=due)
        else:
            await self._fail(work, chat, policy, reason, brain.version)

    async def _fail(
        self, work: Claimed, chat: Chat, policy: Policy, reason: str, version: str
    ) -> None:
        """End the turn without an answer: the customer is told, and somebody is asked to come."""

        def decide(now: Chat, now_us: int) -> Decision:
            flag = FlagRaised(
                cause="technical", turn_seq=now.basis_seq, raised_by="desk", reason=reason
            )
            flagged = raise_flag(
                now,
                flag,
                policy,
                self._services.reachable(now),
                actor="system",
                now_us=now_us,
            )
            failed = NewEvent(
                event=TurnFailed(turn_id=work.work_id, attempt=work.attempt, reason=reason),
                versions=Versions(policy=policy.version, model=version),
            )
            said = NewEvent(event=notice("ai_stuck", now.language))
            return Decision(events=(*flagged.events, failed, said), work=flagged.work)

        fence = Fence(epoch=chat.epoch, work_id=work.work_id, attempt=work.attempt)
        await self._services.writer.write(chat.chat_id, decide, fence=fence)
