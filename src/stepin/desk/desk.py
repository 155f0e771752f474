"""The desk: one object that takes commands and runs the work behind them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from hashlib import sha256
from itertools import takewhile
from typing import Any, Literal

import msgspec
import structlog

from stepin.agent.editions import Edition
from stepin.agent.gate.material import Material
from stepin.agent.suggestions.suggestions import GeneralAdvice
from stepin.core.action import Resolved
from stepin.core.chat import Chat, stream_of
from stepin.core.command import (
    Actor,
    AnyCommand,
    ApproveAction,
    DenyAction,
    EditAction,
    OpenChat,
    PostMessage,
    ProposeAction,
)
from stepin.core.danger import Safety
from stepin.core.decide import decide, must_be_current
from stepin.core.decide.decision import Decision
from stepin.core.decide.escalating import know_request
from stepin.core.decide.holding import OFF_DUTY
from stepin.core.decide.opening import Opening, open_chat
from stepin.core.decide.wording import must_be_worded
from stepin.core.events.floor import SwitchThrown, WorkerSignedOn
from stepin.core.events.supervision import DecisionDrawn, FlagRaised
from stepin.core.policy import Policy
from stepin.core.record import NewEvent, Recorded
from stepin.desk.alerts.briefing import Briefing
from stepin.desk.alerts.detection import PanelWatch
from stepin.desk.commands.eligibility import RulesEligibility, check_frozen
from stepin.desk.commands.staff import Staff
from stepin.desk.commands.writer import ChatWriter, Written
from stepin.desk.jobs.engine import Engine, Pace
from stepin.desk.kill_switch import Switches
from stepin.desk.parts import Parts
from stepin.desk.services import DraftListener, Services, TurnMemory
from stepin.desk.state.floor import Floor, FloorSnapshot
from stepin.desk.state.follower import Follower
from stepin.desk.state.history import ChatFilter, Past, Searched
from stepin.desk.state.identity import CustomerIdentity
from stepin.desk.state.policies import Policies
from stepin.desk.state.projection import Projection
from stepin.desk.tools.action_commands import Acting
from stepin.desk.tools.background import Background, background_of
from stepin.desk.tools.gateway import CustomerRecord, NoTools, OfferedTool, ToolRoom
from stepin.errors import Conflict, Missing, StepinError, Unavailable
from stepin.judge.detectors.panel import Panel
from stepin.language.person import asks_for_person
from stepin.language.safety import danger
from stepin.language.safety import version as safety_version
from stepin.log.protocol import Log

_log = structlog.get_logger("stepin.desk")
_ACTIONS = (ProposeAction, ApproveAction, EditAction, DenyAction)


class Receipt(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a command led to. `replayed` if an earlier call with the same id had done it."""

    chat_id: str
    seq: int
    position: int
    events: tuple[Recorded, ...]
    replayed: bool = False


class Desk:
    """One process of a desk; any number of processes may run on one log.

    Parameters
    ----------
    log : where everything is written.
    policies : the policies in force; a single policy is the default of all chats.
    parts : what it is made of: tools, brains, detectors and the like.
    pace : leases, concurrency, how often to look.
    """

    def __init__(
        self,
        log: Log,
        policies: Policies | Policy,
        parts: Parts | None = None,
        *,
        pace: Pace | None = None,
    ) -> None:
        self.log = log
        self.policies = policies if isinstance(policies, Policies) else Policies(policies)
        self._parts = parts = parts or Parts()
        self._eligibility = parts.eligibility or RulesEligibility()
        self._safety = Safety(
            find=danger, version=safety_version(), helplines=tuple(parts.helplines)
        )
        self._kept: set[str] = set()
        self.services = _services(log, self.policies, parts)
        self.policies.brains = frozenset(self.services.brains)
        if parts.editions is not None:
            parts.editions.listen(self._renewed)
        self.staff = Staff(log, self.services.floor, self.policies, real_us=parts.clock_us)
        self.past = Past(log)
        self.briefing = Briefing(
            self.services, parts.advice or GeneralAdvice(), self._safety.helplines
        )
        self._switches = Switches(self.services)
        self._acting = Acting(self.services.tools, self.policies, lambda: f"a{parts.new_id()}")
        rules = (PanelWatch(Panel(own=parts.detectors)),)
        self.engine = Engine(
            self.services,
            watches=rules if parts.watches is None else parts.watches,
            pace=pace or Pace(),
            holder=secrets.token_hex(8),
        )

    def _renewed(self, edition: Edition) -> None:
        """Take what the shop's texts hold now; a turn that runs keeps what it began with."""
        self.services.material = edition.material

    async def start(self) -> None:
        """Read what is open, then follow the log and do the work that is due.

        Raises
        ------
        Conflict
            ``eligibility_frozen``: a trial runs that began with another classifier.
        """
        # The rules of danger are read once, here: the first message would hold up all others.
        await asyncio.to_thread(danger, "ready")
        await self.engine.start()
        try:
            await self.check_frozen()
        except Conflict:
            await self.engine.stop()
            raise
        if self._parts.editions is not None:
            self._parts.editions.start()

    async def stop(self) -> None:
        """Give back what is being done, stop following and close the parts; the log stays open."""
        if self._parts.editions is not None:
            await self._parts.editions.stop()
        await self.engine.stop()
        for close in self._parts.closing:
            await close()

    async def check_frozen(self) -> None:
        """Refuse to go on beside a running trial that began with another classifier.

        It begins with that of the first desk that asks after the lock.

        Raises
        ------
        Conflict
            ``eligibility_frozen``: a trial runs, locked before or after this desk's start, that
            began with another classifier.
        """
        trial_id = self.policies.trial_id
        if trial_id is None or trial_id in self._kept:
            return
        try:
            await check_frozen(self.log, trial_id, self._eligibility.version)
        except Conflict as error:
            _log.error("eligibility_frozen", trial=trial_id, why=error.message)
            raise
        self._kept.add(trial_id)

    @property
    def running(self) -> bool:
        """Whether this process follows the log."""
        return self.services.follower.running

    @property
    def position(self) -> int:
        """The last position of the log that this process knows."""
        return self.services.follower.position

    async def open_chat(
        self, actor: Actor, command: OpenChat, customer: CustomerIdentity
    ) -> Receipt:
        """Open a chat: assessed before anyone acts, linked to the last one, waiting for an owner.

        Raises
        ------
        StepinError
            The text is empty or too long, the command id was used with another body, or a trial
            runs that began with another classifier than this desk's (``eligibility_frozen``).
        """
        chat_id = self._parts.new_id() if command.command_id is None else _chat_id(actor, command)
        digest = _digest(actor, command)
        policy = self.policies.default
        command_id = _scoped(actor, command.command_id)
        try:
            await self.check_frozen()
        except Conflict as error:
            shut = Unavailable(
                "This desk takes no new chats now.",
                hint="Come back later, or reach us another way. Whoever runs it: see its log.",
                code="eligibility_frozen",
            )
            shut.__cause__ = error
            return await self._first_receipt(chat_id, command_id, digest, shut)
        before = await self.log.streams(ref=f"customer:{customer.customer_id}")
        previous = next((s[5:] for s in before if s != stream_of(chat_id)), None)
        opening = Opening(
            assessment=self._eligibility.assess(
                command, customer, policy.eligibility, now_us=await self.log.now_us()
            ),
            policy=policy,
            customer_asserted=customer.asserted,
            customer_name=customer.name,
            previous_chat_id=previous,
            trial_id=self.policies.trial_id,
            covariates=customer.covariates,
        )

        def decide_opening(chat: Chat, now_us: int) -> Decision:
            if chat.seq:
                raise Conflict(f"Chat {chat_id} is open already.", code="already_open")
            opened = open_chat(
                command,
                actor,
                opening,
                self.services.reachable(chat),
                self._safety,
                chat_id=chat_id,
                now_us=now_us,
            )
            return know_request(chat, opened) if asks_for_person(command.text) else opened

        try:
            written = await self.services.writer.write(
                chat_id, decide_opening, command_id=command_id, digest=digest
            )
        except Conflict as error:
            return await self._first_receipt(chat_id, command_id, digest, error)
        return self._receipt(chat_id, written)

    async def submit(self, actor: Actor, command: AnyCommand) -> Receipt:
        """Carry out a command, or raise the typed refusal.

        A command that was carried out before under the same id returns its first receipt, also
        where it would be refused now.

        Raises
        ------
        StepinError
            The rules say no; nothing was appended.
        """
        digest = _digest(actor, command)
        command_id = _scoped(actor, command.command_id)
        try:
            written = await self._carried_out(actor, command, command_id, digest)
        except StepinError as error:
            return await self._first_receipt(command.chat_id, command_id, digest, error)
        return self._receipt(command.chat_id, written)

    async def _carried_out(
        self, actor: Actor, command: AnyCommand, command_id: str | None, digest: bytes
    ) -> Written:
        """Decide and write; that somebody is off duty isn't believed before the log was read."""
        try:
            return await self._written(actor, command, command_id, digest)
        except Conflict as error:
            if error.code != OFF_DUTY or not self.running:
                raise
        await self.services.follower.reach(await self.log.position())
        return await self._written(actor, command, command_id, digest)

    async def _written(
        self, actor: Actor, command: AnyCommand, command_id: str | None, digest: bytes
    ) -> Written:
        decided = await self._decided(actor, command)
        return await self.services.writer.write(
            command.chat_id, decided, command_id=command_id, digest=digest
        )

    async def sign_on(self, shift: WorkerSignedOn) -> Recorded:
        """Let a worker take chats from now on."""
        return await self.staff.sign_on(shift)

    async def sign_off(
        self, worker_id: str, *, reason: Literal["asked", "lost", "disabled"] = "asked"
    ) -> Recorded | None:
        """Let a worker take no chats any more; nobody is left stranded."""
        return await self.staff.sign_off(worker_id, reason=reason)

    async def set_presence(
        self, worker_id: str, presence: Literal["available", "away"]
    ) -> Recorded | None:
        """Let a worker be away for a while, or back."""
        return await self.staff.set_presence(worker_id, presence)

    async def seen(self, worker_id: str) -> None:
        """Note a sign of life of a worker's console."""
        await self.staff.seen(worker_id)

    async def history(self, customer_id: str, *, limit: int = 20) -> tuple[Chat, ...]:
        """Return a customer's chats, newest first."""
        return await self.past.history(customer_id, limit=limit)

    async def search(
        self,
        text: str,
        *,
        among: ChatFilter | None = None,
        limit: int = 20,
        before: int | None = None,
    ) -> Searched:
        """Return the newest chats in which every word is found, and where to go on."""
        return await self.past.search(text, among=among, limit=limit, before=before)

    async def chat(self, chat_id: str) -> Chat:
        """Return a chat after everything that the log holds now; `seq` is 0 if there is none."""
        return await self.services.projection.fresh(chat_id)

    async def preview(self, chat_id: str, tool: str, arguments: Mapping[str, Any]) -> Resolved:
        """Return what a tool would do for a chat's customer; nothing is done.

        Raises
        ------
        StepinError
            There is no such chat or tool, it was switched off or may not be called here, it says
            no, or didn't answer within its time.
        """
        return await self.services.tools.preview(await self._there(chat_id), tool, arguments)

    async def records(self, chat_id: str) -> list[CustomerRecord]:
        """Return what the reading tools say of a chat's customer; `Missing` without a chat."""
        return await self.services.tools.records(await self._there(chat_id))

    async def background(self, chat_id: str, action_id: str) -> Background:
        """Return the limits of an action that waits, and what was done for its customer before."""
        chat = await self._there(chat_id)
        past = await self.history(chat.customer_id)
        limits = self.policies.of(chat).approvals
        return background_of(chat, action_id, limits, past)

    def tools(self) -> tuple[OfferedTool, ...]:
        """Return every tool's description, and whether it was switched off."""
        return self.services.tools.all()

    async def _there(self, chat_id: str) -> Chat:
        chat = await self.chat(chat_id)
        if chat.seq == 0:
            raise Missing(f"There is no chat {chat_id}.", code="no_chat")
        return chat

    def floor(self) -> FloorSnapshot:
        """Return the floor as this process knows it."""
        return self.services.floor.snapshot()

    @property
    def withheld(self) -> Mapping[str, int]:
        """How many texts the gate has kept from customers in this process, by reason."""
        return self.services.withheld

    def listen_drafts(self, listener: DraftListener) -> None:
        """Call the listener with (chat id, text) while the AI writes; workers only, not logged."""
        self.services.drafts.append(listener)

    async def kill_switch(self, switch: str, stopped: bool, why: str, actor: Actor) -> Recorded:
        """Throw a kill switch (`ai`, `arm:NAME`, `tool:NAME`) or put it back.

        Returns when what it stops has been stopped everywhere on this floor.
        """
        thrown = SwitchThrown(switch=switch, stopped=stopped, why=why)
        return await self._switches.throw(NewEvent(event=thrown, actor=str(actor)))

    async def _decided(self, actor: Actor, command: AnyCommand) -> Callable[[Chat, int], Decision]:
        if isinstance(command, _ACTIONS):
            chat = await self.services.projection.fresh(command.chat_id)
            must_be_current(chat, command)
            must_be_worded(command)
            return await self._acting.prepare(chat, command, actor)
        asks = isinstance(command, PostMessage) and asks_for_person(command.text)

        def decided(chat: Chat, now_us: int) -> Decision:
            decision = decide(
                chat,
                command,
                actor,
                self.policies.of(chat),
                self.services.reachable(chat),
                self._safety,
                now_us=now_us,
            )
            return know_request(chat, decision) if asks else decision

        return decided

    async def _first_receipt(
        self, chat_id: str, command_id: str | None, digest: bytes, error: StepinError
    ) -> Receipt:
        if command_id is not None:
            carried = await self.log.command(stream_of(chat_id), command_id)
            if carried is not None and carried.digest == digest:
                return self._receipt(chat_id, Written(events=carried.events, replayed=True))
            if carried is not None:
                raise _reused()
        raise error

    def _receipt(self, chat_id: str, written: Written) -> Receipt:
        if written.refused is not None:
            raise _reused()
        own = takewhile(
            lambda e: not isinstance(e.event, FlagRaised | DecisionDrawn), written.events
        )
        return Receipt(
            chat_id=chat_id,
            seq=max(e.seq for e in own),
            position=written.events[-1].position,
            events=written.events,
            replayed=written.replayed,
        )


def _services(log: Log, policies: Policies, parts: Parts) -> Services:
    projection, floor = Projection(log), Floor()
    return Services(
        log=log,
        writer=ChatWriter(log, projection),
        projection=projection,
        floor=floor,
        follower=Follower(log, floor, projection, policies),
        policies=policies,
        tools=ToolRoom(log, parts.tools or NoTools(), policies),
        memory=TurnMemory(log),
        brains=parts.whole_brains(),
        material=parts.material or Material(),
    )


def _reused() -> Conflict:
    return Conflict(
        "This command id was used for another command.",
        hint="Use a new command id for a new command.",
        code="command_reused",
    )


def _digest(actor: Actor, command: AnyCommand | OpenChat) -> bytes:
    body = msgspec.json.encode((str(actor), command), order="deterministic")
    return sha256(body).digest()


def _scoped(actor: Actor, command_id: str | None) -> str | None:
    return None if command_id is None else f"{actor}/{command_id}"


def _chat_id(actor: Actor, command: OpenChat) -> str:
    return sha256(f"{actor}/{command.command_id}".encode()).hexdigest()[:16]
