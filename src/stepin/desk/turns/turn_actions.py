"""The hands of a brain: every act is an append through the fence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Literal

import msgspec

from stepin.agent.brain import Called, Fenced, Line, Planned, Withheld
from stepin.agent.bridge import must_bridge, shuts, true_cause
from stepin.agent.gate.chat_gate import ChatGate
from stepin.agent.gate.confirmation import NOT_CONFIRMED, confirmed, key_of
from stepin.agent.gate.gate import Gated, Reason, visible
from stepin.core.action import Action, Resolved
from stepin.core.chat import Chat, stream_of
from stepin.core.decide.actions import propose, withdraw
from stepin.core.decide.decision import Decision
from stepin.core.decide.ending import close_events
from stepin.core.decide.escalating import raise_flag
from stepin.core.events.base import Cause
from stepin.core.events.chat import MessagePosted, TurnFinished
from stepin.core.events.supervision import FlagRaised
from stepin.core.fence import Fence
from stepin.core.notice import notice
from stepin.core.policy import Policy
from stepin.core.record import NewEvent, Versions
from stepin.core.work import Claimed
from stepin.desk.commands.writer import Written
from stepin.desk.services import Services
from stepin.desk.turns.calls import is_decided, not_now
from stepin.desk.turns.drafts import discarded, is_lost
from stepin.desk.turns.interruptible import Interrupted, Interruptible
from stepin.desk.turns.transcript import lines_of
from stepin.errors import Refused, StepinError

TurnOutcome = Literal["answered", "waiting", "gave_up", "closed", "nothing"]


class TurnHands:
    """The hands of one attempt at one turn.

    Parameters
    ----------
    services : what acts need: writer, tools, who can be reached.
    chat, policy : as the turn began.
    work : the lease under which the turn runs.
    basis_seq : the last thing that the turn has read.
    lines : what was said up to there: what the customer has agreed to, and whether a person was
        asked for, are read from them.

    An attempt after a crash sees the same picture (basis, outcomes that it had to be told of) and
    repeats nothing: its messages, calls and journaled steps are named by picture and count.

    Attributes
    ----------
    step : what the turn waits for and a newer message may stop.
    bridges : whether the turn may only bridge the time until a person comes: it says one thing,
        changes nothing and closes nothing.
    """

    def __init__(
        self,
        services: Services,
        chat: Chat,
        policy: Policy,
        work: Claimed,
        *,
        basis_seq: int,
        brain_version: str,
        journal: dict[str, bytes],
        now_us: Callable[[], Awaitable[int]],
        lines: Sequence[Line] = (),
    ) -> None:
        self._services, self._chat, self._policy, self._work = services, chat, policy, work
        self._basis, self._now_us, self._lines = basis_seq, now_us, lines
        self._actor = f"ai:{brain_version}"
        self._versions = Versions(policy=policy.version, model=brain_version)
        told = sum(1 for a in chat.actions.values() if a.awaited and a.settled)
        self._picture = f"{basis_seq}.{told}"
        self._journal, self._says, self._calls = journal, 0, 0
        self._confidence: float | None = None
        self._tokens = 0
        self._missed: tuple[str, ...] = ()
        self._gate = ChatGate(services.material, services.tools.names, lines)
        self._called_now: dict[str, Action] = {}
        self._plans: list[Planned] = []
        self._draft, self.step = "", Interruptible()
        self.outcome: TurnOutcome = "nothing"
        self.waits_for: set[str] = set()
        self.memory: dict[str, Any] | None = None
        self.ended = False
        self.bridges = False

    def gated(self, text: str) -> Gated:
        """Return what of a text may go out, by what the shop and this chat hold."""
        actions = {**self._chat.actions, **self._called_now}
        return self._gate.gated(text, actions.values(), self._plans)

    async def _passed(self, text: str) -> str:
        gated = self.gated(text)
        if gated.refused:
            await self.withhold(text, gated.refused)
            raise Withheld(gated.refused)
        return gated.text

    async def withhold(self, text: str, reason: Reason) -> None:
        """Keep a text that the gate has refused for the workers, without its reasoning."""
        self._services.withheld[reason] += 1
        if kept := visible(text):
            await self._discard(kept, "gate", gate=reason)

    async def say(self, text: str, *, sources: tuple[str, ...] = (), confirms: str = "") -> None:
        """Post a message; a draft that the fence refuses is kept for the workers."""
        text = await self._passed(text)
        self._says += 1
        self._draft = text
        message = MessagePosted(
            author="ai",
            text=text,
            turn_id=self._work.work_id,
            basis_seq=self._basis,
            sources=sources,
            confirms=confirms,
        )
        written = await self._post(message, basis=self._basis)
        if written.refused == "basis" and (unread := await self._may_be_stale()) is not None:
            stale = msgspec.structs.replace(message, stale=True)
            written = await self._post(stale, basis=None, unread=unread)
        if written.refused is not None:
            await self._discard(text, written.refused)
            raise Fenced(written.refused)
        if not written.events:
            await self._shut_out(text)
        self._draft = ""
        self.outcome = "answered"

    async def draft(self, text: str) -> None:
        """Show workers what is being written; the last of it is kept if the chat is taken away."""
        self._draft = visible(text)
        if not await self._cut_off():
            self._services.show_draft(self._chat.chat_id, visible(text), self._chat.epoch)

    async def _cut_off(self) -> bool:
        """Return whether the turn has ended meanwhile, as far as this process knows."""
        chat = await self._services.projection.get(self._chat.chat_id)
        return chat.epoch != self._chat.epoch or chat.turn_id != self._work.work_id

    async def plan(self, tool: str, arguments: Mapping[str, Any]) -> Planned:
        """Return what a call would do now, for the customer of this chat."""
        chat = await self._services.projection.fresh(self._chat.chat_id)
        try:
            resolved = await self._resolved(chat, tool, arguments)
        except StepinError as error:
            return Planned(error=error.code, message=error.message)
        planned = Planned(
            confirms=self._key(resolved) if self._services.tools.needs_yes(chat, tool) else "",
            arguments=resolved.arguments,
            records=resolved.records,
            amount=resolved.amount,
        )
        self._plans.append(planned)
        return planned

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Called:
        """Call a tool through an action."""
        self._calls += 1
        action_id = self._action_id(tool, arguments)
        chat = await self._services.projection.fresh(self._chat.chat_id)
        if self._shut(chat) or self.bridges:
            return not_now(action_id)
        known = chat.actions.get(action_id)
        if known is None:
            try:
                resolved = await self._resolved(chat, tool, arguments)
                self._must_be_confirmed(chat, resolved)
            except StepinError as error:
                return Called(
                    action_id=action_id, state="failed", error=error.code, message=error.message
                )
            written = await self._write(
                lambda chat, now_us: self._proposal(chat, resolved, action_id, now_us),
                basis=self._basis,
            )
            if written.refused is not None:
                raise Fenced(written.refused)
            if not written.events:
                return not_now(action_id)
        settled = await self._services.follower.until(
            self._chat.chat_id, lambda chat: is_decided(chat.actions.get(action_id), chat)
        )
        return self._called(settled.actions[action_id], settled)

    async def withdraw(self, action_id: str) -> bool:
        """Take a proposal back, unless it is decided or the customer has written again."""
        written = await self._write(
            lambda chat, _: withdraw(chat, action_id, self._actor, self._versions),
            basis=self._basis,
        )
        if written.refused is not None:
            raise Fenced(written.refused)
        began = self._chat.actions.get(action_id)
        if not written.events and began is not None and not began.settled:
            self.waits_for.add(action_id)
        return bool(written.events)

    async def _resolved(self, chat: Chat, tool: str, arguments: Mapping[str, Any]) -> Resolved:
        resolved = await self._services.tools.resolve(chat, tool, arguments, again=False)
        self._services.tools.admit(chat, resolved)
        return resolved

    def _key(self, resolved: Resolved) -> str:
        return key_of(self._chat.chat_id, resolved.tool, resolved.arguments, resolved.amount)

    def _must_be_confirmed(self, chat: Chat, resolved: Resolved) -> None:
        if not self._services.tools.needs_yes(chat, resolved.tool):
            return
        if not confirmed(self._lines, chat.actions.values(), self._key(resolved)):
            raise Refused(
                f"The customer hasn't agreed to this call of {resolved.tool}.",
                hint="Ask the customer with the key from `plan`, and call after a clear yes.",
                code=NOT_CONFIRMED,
            )

    async def flag(self, cause: Cause, *, reason: str, score: float | None = None) -> None:
        """Raise a flag and go on."""
        await self._must(lambda chat, now_us: self._flagged(chat, cause, reason, score, now_us))

    async def give_up(self, cause: Cause, text: str, *, reason: str) -> None:
        """Tell the customer, raise a flag, and end the turn waiting for a person.

        A text that the gate keeps back is replaced: nothing may hinder a hand-over.
        """
        gated = self.gated(text)
        if gated.refused:
            await self.withhold(text, gated.refused)
        text = gated.text or notice("ai_stuck", self._chat.language).text

        def decide(chat: Chat, now_us: int) -> Decision:
            flagged = self._flagged(chat, cause, reason, None, now_us, told=True)
            said = NewEvent(event=self._message(text), actor=self._actor, versions=self._versions)
            done = self._finished("gave_up")
            events = (*flagged.events, said, done)
            return Decision(events=events, work=flagged.work)

        await self._end(decide, text)
        self.outcome = "gave_up"

    async def resolve(self, text: str, *, disposition: str) -> None:
        """Say goodbye, end the turn and close the chat as resolved."""
        text = await self._passed(text)

        def decide(chat: Chat, now_us: int) -> Decision | None:
            if self._shut(chat) or self.bridges:
                return None
            said = NewEvent(event=self._message(text), actor=self._actor, versions=self._versions)
            closed = close_events(
                chat,
                "resolved",
                disposition,
                self._actor,
                by="ai",
                invite=self._policy.rating,
            )
            return Decision(
                events=(said, self._finished("closed"), *closed.events),
                work=closed.work,
            )

        await self._end(decide, text)
        self.outcome = "closed"

    async def remember(self, memory: dict[str, Any]) -> None:
        """Keep something for the next turn; it is stored with the turn's outcome."""
        self.memory = memory

    async def journal(self, step: str, compute: Callable[[], Awaitable[bytes]]) -> bytes:
        """Return the step's outcome from the journal, else compute and store it."""
        name = f"{self._picture}:{step}"
        if name not in self._journal:
            body = await self._computed(compute)
            if not await self._services.log.journal_put(self._work, name, body):
                raise Fenced("attempt")
            self._journal[name] = body
        return self._journal[name]

    async def _computed(self, compute: Callable[[], Awaitable[bytes]]) -> bytes:
        """Wait for a step that can be interrupted: a model's stream, as nothing else takes long."""
        try:
            return await self.step.wait(compute)
        except Interrupted:
            if self._draft:
                await self._discard(self._draft, "basis")
            raise Fenced("basis") from None

    async def measure(
        self,
        *,
        confidence: float | None = None,
        tokens: int = 0,
        missed: tuple[str, ...] = (),
    ) -> None:
        """Report confidence, what was spent, and what no article answered."""
        self._missed += missed
        self._confidence = confidence if confidence is not None else self._confidence
        self._tokens += tokens

    async def finish(self) -> None:
        """End the turn as it stands, unless an act has ended it already.

        Raises
        ------
        Fenced
            Something was said meanwhile that the turn has not read, or an action that it waits
            for was decided: the turn is taken again.
        """
        if self.ended:
            return
        if self.waits_for:
            chat = await self._services.projection.fresh(self._chat.chat_id)
            if any(chat.actions[a].settled for a in self.waits_for):
                raise Fenced("basis")
        outcome: TurnOutcome = "waiting" if self.waits_for else self.outcome

        def decide(chat: Chat, now_us: int) -> Decision | None:
            if any(chat.actions[a].settled for a in self.waits_for):
                return None
            return Decision(events=(self._finished(outcome),))

        written = await self._write(decide, basis=self._basis)
        if written.refused is not None or not written.events:
            raise Fenced(written.refused or "basis")
        self.ended = True

    def _message(self, text: str) -> MessagePosted:
        return MessagePosted(
            author="ai", text=text, turn_id=self._work.work_id, basis_seq=self._basis
        )

    def _finished(self, outcome: TurnOutcome) -> NewEvent:
        event = TurnFinished(
            turn_id=self._work.work_id,
            attempt=self._work.attempt,
            outcome=outcome,
            confidence=self._confidence,
            tool_calls=self._calls,
            tokens=self._tokens,
            missed=self._missed,
        )
        return NewEvent(event=event, actor=self._actor, versions=self._versions)

    def _fence(self, basis: int | None) -> Fence:
        return Fence(
            epoch=self._chat.epoch,
            work_id=self._work.work_id,
            attempt=self._work.attempt,
            basis_seq=basis,
        )

    async def _post(
        self, message: MessagePosted, *, basis: int | None, unread: int | None = None
    ) -> Written:
        new = NewEvent(event=message, actor=self._actor, versions=self._versions)

        def decide(chat: Chat, now_us: int) -> Decision | None:
            more = unread is not None and chat.basis_seq != unread
            return None if more or self._shut(chat) else Decision(events=(new,))

        return await self._services.writer.write(
            self._chat.chat_id,
            decide,
            fence=self._fence(basis),
            command_id=f"{self._work.work_id}/{self._picture}/{self._says}",
        )

    async def _write(
        self, decide: Callable[[Chat, int], Decision | None], *, basis: int | None
    ) -> Written:
        return await self._services.writer.write(
            self._chat.chat_id, decide, fence=self._fence(basis)
        )

    async def _must(self, decide: Callable[[Chat, int], Decision | None]) -> None:
        written = await self._write(decide, basis=None)
        if written.refused is not None:
            raise Fenced(written.refused)

    def _shut(self, chat: Chat) -> bool:
        """Return whether nothing that the turn says or does is accepted any more.

        The chat waits for a person since the turn began; or the turn knew, and has said its word.
        """
        return self._says > 1 if self.bridges else shuts(chat, self._policy)

    async def _shut_out(self, text: str) -> None:
        await self._discard(text, "seq")
        raise Fenced("basis")

    async def _end(self, decide: Callable[[Chat, int], Decision | None], text: str) -> None:
        self._draft = text
        await self.store_memory()
        written = await self._write(decide, basis=self._basis)
        if written.refused is not None:
            await self._discard(text, written.refused)
            raise Fenced(written.refused)
        if not written.events:
            await self._shut_out(text)
        self.ended, self._draft = True, ""

    async def store_memory(self) -> None:
        """Store what the brain wants to remember, before the turn's end makes it valid."""
        if self.memory is not None:
            await self._services.memory.put(self._chat.chat_id, self._work.work_id, self.memory)

    def _flagged(
        self,
        chat: Chat,
        cause: Cause,
        reason: str,
        score: float | None,
        now_us: int,
        *,
        told: bool = False,
    ) -> Decision:
        flag = FlagRaised(
            cause=true_cause(cause, self._lines),
            turn_seq=self._basis,
            raised_by="ai",
            score=score,
            reason=reason,
        )
        return raise_flag(
            chat,
            flag,
            self._policy,
            self._services.reachable(chat),
            actor=self._actor,
            now_us=now_us,
            told=told,
        )

    def _proposal(self, chat: Chat, resolved: Any, action_id: str, now_us: int) -> Decision | None:
        if self._shut(chat):
            return None
        return propose(
            chat,
            resolved,
            self._actor,
            self._policy,
            action_id=action_id,
            role=None,
            now_us=now_us,
            turn_id=self._work.work_id,
            basis_seq=self._basis,
        )

    def _action_id(self, tool: str, arguments: Mapping[str, Any]) -> str:
        body = msgspec.json.encode(
            (self._work.work_id, self._picture, self._calls, tool, dict(arguments)),
            order="deterministic",
        )
        return f"a{sha256(body).hexdigest()[:16]}"

    def _called(self, action: Action, chat: Chat) -> Called:
        if action.state in ("proposed", "unknown"):
            self.waits_for.add(action.action_id)
        elif action.state in ("approved", "executing"):
            raise Fenced("epoch")
        self._called_now[action.action_id] = action
        return Called.of(action)

    async def keep_draft(self) -> None:
        """Keep what was being said when the chat was taken from the AI: the turn was cut off."""
        if await is_lost(self._services.log, self._chat, self._work.work_id, self._draft):
            await self._discard(self._draft, "epoch")

    async def _may_be_stale(self) -> int | None:
        """Return the last thing said, if an answer that hasn't read it may be posted; else None.

        Enough drafts must have been refused, and what is unread may be no request for a person.
        """
        chat = await self._services.projection.fresh(self._chat.chat_id)
        if chat.turn.stale_drafts < self._policy.ai.stale_drafts:
            return None
        unread = await self._services.log.read(stream_of(chat.chat_id), after_seq=self._basis)
        said = lines_of(one for one in unread if one.seq <= chat.seq)
        return None if must_bridge(chat, self._policy, said) else chat.basis_seq

    async def _discard(self, text: str, reason: str, *, gate: str = "") -> None:
        """Keep a draft for the workers, once: a turn that is cut off here writes it again."""
        event = discarded(self._work, self._chat, text, reason, basis_seq=self._basis, gate=gate)
        new = NewEvent(event=event, on_behalf_of=self._actor, versions=self._versions)
        said = sha256(f"{self._picture}/{self._says}/{text}".encode()).hexdigest()[:16]
        await self._services.writer.write(
            self._chat.chat_id,
            lambda chat, now_us: Decision(events=(new,)),
            command_id=f"{self._work.work_id}/{self._work.attempt}/draft/{said}",
        )
        self._draft = ""
