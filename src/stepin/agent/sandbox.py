"""One chat without a desk: everything in memory, for trying procedures out and for tests.

Tools are planned, limited, approved and called as the desk does it, on real data. Nothing is
logged and nothing survives.
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

import msgspec

from stepin.agent.brain import Brain, Called, Line, Planned, Speaker, TurnContext, Withheld
from stepin.agent.gate.chat_gate import ChatGate
from stepin.agent.gate.confirmation import NOT_CONFIRMED, confirmed, key_of
from stepin.agent.gate.gate import Gated, Reason, visible
from stepin.agent.gate.material import Material
from stepin.agent.tools.limits import admit, must_be_an_amount, needs_approval
from stepin.agent.tools.tool import Caller, CallPlan, OutcomeUnknown, Tool, ToolFailed
from stepin.core.action import WITHDRAWN, Action, ActionState
from stepin.core.chat import Chat, ChatOrigin, Hold, Stage
from stepin.core.events.base import Cause
from stepin.core.holder import Holder
from stepin.core.notice import notice
from stepin.core.policy import Policy

Watch = Callable[[str, str], None]


class Rehearsal:
    """A chat that one customer has with a brain; the `Hands` of its turns.

    Parameters
    ----------
    tools : what the brain may call.
    asserted : whether the host site has signed for the customer.
    watch : told every step, as (kind, text).
    material : what the shop's own texts hold, as the desk's gate knows it.

    Attributes
    ----------
    ended : how the AI's part ended: empty as long as it goes on.
    withheld : what the gate has kept from the customer, and why.
    """

    def __init__(
        self,
        brain: Brain,
        tools: Mapping[str, Tool],
        *,
        customer_id: str,
        asserted: bool = True,
        language: str = "en",
        policy: Policy | None = None,
        now_us: Callable[[], int] | None = None,
        watch: Watch = lambda kind, text: None,
        key: str = "rehearsal",
        material: Material | None = None,
    ) -> None:
        self.brain, self.tools = brain, dict(tools)
        self.policy = policy or Policy()
        self.caller = Caller(customer_id=customer_id, asserted=asserted)
        self.chat = Chat(
            chat_id=key,
            origin=ChatOrigin(
                customer_id=customer_id, customer_asserted=asserted, language=language
            ),
            stage=Stage(episode="active"),
            holding=Hold(holder=Holder(kind="ai", id=brain.version)),
        )
        self.lines: list[Line] = []
        self.memory: dict[str, Any] = {}
        self.ended: Literal["", "resolved", "given_up"] = ""
        self.cause: Cause | None = None
        self.reason = ""
        self.flags: list[Cause] = []
        self.calls: list[tuple[str, dict[str, Any], ActionState]] = []
        self.tokens = 0
        self.journaled: dict[str, bytes] = {}
        self._now_us = now_us or itertools.count(1_000_000, 1_000_000).__next__
        self._watch, self._basis = watch, 0
        self._material, self._read = material or Material(), tuple[Line, ...]()
        self._plans: list[Planned] = []
        self.withheld: list[tuple[Reason, str]] = []

    async def customer_says(self, text: str) -> list[str]:
        """Post a customer's message, let the AI take its turn, and return what it says."""
        return await self.customer_says_all(text)

    async def customer_says_all(self, *texts: str) -> list[str]:
        """Post several messages that are read in one turn; return what the AI says."""
        for text in texts:
            self._line("customer", text)
        return await self.turn()

    async def turn(self) -> list[str]:
        """Let the AI take a turn on what there is; return what it says."""
        start = self._basis = len(self.lines)
        self._read, self._plans = tuple(self.lines), []
        context = TurnContext(
            chat=self.chat,
            lines=tuple(self.lines),
            basis_seq=len(self.lines),
            now_us=self._now_us(),
            policy=self.policy,
            tools=self.tools,
            memory=self.memory,
        )
        await self.brain.turn(context, self)
        return [line.text for line in self.lines[start:] if line.speaker == "ai"]

    async def decide(self, action_id: str, *, approve: bool) -> list[str]:
        """Approve or deny a waiting action as a colleague; return what the AI says then."""
        action = self.chat.actions[action_id]
        if not approve:
            self._store(action, state="denied")
        else:
            await self._carry_out(action, self.tools[action.tool])
        self._line("action", self.chat.actions[action_id].state, action_id)
        return await self.turn()

    def waiting(self) -> list[str]:
        """Return the actions that wait for a colleague."""
        return [a.action_id for a in self.chat.actions.values() if a.state == "proposed"]

    def gated(self, text: str) -> Gated:
        """Return what of a text may go out, as a desk decides it."""
        gate = ChatGate(self._material, self.tools, self._read)
        return gate.gated(text, self.chat.actions.values(), self._plans)

    async def _passed(self, text: str) -> str:
        gated = self.gated(text)
        if gated.refused:
            await self.withhold(text, gated.refused)
            raise Withheld(gated.refused)
        return gated.text

    async def withhold(self, text: str, reason: Reason) -> None:
        """Show what the gate has kept from the customer."""
        self.withheld.append((reason, text))
        self._watch("withholds", f"{reason}: {visible(text)}")

    async def say(self, text: str, *, sources: tuple[str, ...] = (), confirms: str = "") -> None:
        """Post a message to the customer."""
        text = await self._passed(text)
        self._watch("says", text + (f"  [{', '.join(sources)}]" if sources else ""))
        self._line("ai", text, confirms=confirms)

    async def draft(self, text: str) -> None:
        """Show what is being written."""
        self._watch("drafts", visible(text))

    async def plan(self, tool: str, arguments: Mapping[str, Any]) -> Planned:
        """Return what a call would do."""
        known = self.tools.get(tool)
        if known is None:
            return Planned(error="no_such_tool")
        try:
            plan = await known.plan(self.caller, arguments)
            must_be_an_amount(plan)
            admit(known, plan.amount, self.chat.actions)
        except ToolFailed as refused:
            return Planned(error=refused.code, message=refused.message)
        planned = Planned(
            confirms=self._key(known, plan) if known.needs_yes else "",
            arguments=plan.arguments,
            records=plan.records,
            amount=plan.amount,
        )
        self._plans.append(planned)
        return planned

    def _key(self, tool: Tool, plan: CallPlan) -> str:
        return key_of(self.chat.chat_id, tool.name, plan.arguments, plan.amount)

    def _must_be_confirmed(self, tool: Tool, plan: CallPlan) -> None:
        actions = self.chat.actions.values()
        if tool.needs_yes and not confirmed(self._read, actions, self._key(tool, plan)):
            raise ToolFailed(NOT_CONFIRMED, "The customer hasn't agreed to this call.")

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Called:
        """Plan, limit, approve and call a tool."""
        known = self.tools.get(tool)
        number = len(self.chat.actions) + 1
        action_id = f"{self.chat.chat_id}:{number}"
        if known is None:
            self._watch("calls", f"{tool}: there is no such tool")
            return Called(action_id=action_id, state="failed", error="no_such_tool")
        try:
            plan = await known.plan(self.caller, arguments)
            must_be_an_amount(plan)
            admit(known, plan.amount, self.chat.actions)
            self._must_be_confirmed(known, plan)
        except ToolFailed as refused:
            self.calls.append((tool, dict(arguments), "failed"))
            self._watch("calls", f"{tool} {dict(arguments)}: refused, {refused.code}")
            return Called(
                action_id=action_id, state="failed", error=refused.code, message=refused.message
            )
        waits = needs_approval(known, plan, self.policy.approvals)
        action = Action(
            action_id=action_id,
            state="proposed",
            tool=tool,
            tool_version=known.version,
            risk=known.risk,
            arguments=plan.arguments,
            digest="",
            business_key=plan.intent or action_id,
            proposer=self.brain.version,
            epoch=0,
            seq=len(self.lines),
            basis_seq=len(self.lines),
            needs_approval=waits,
            records=plan.records,
            amount=plan.amount,
        )
        self._store(action)
        if waits:
            self._watch("calls", f"{tool} {plan.arguments}: waits for approval ({plan.amount:.2f})")
            self.calls.append((tool, dict(plan.arguments), "proposed"))
            return Called(action_id=action_id, state="proposed")
        return await self._carry_out(action, known)

    async def withdraw(self, action_id: str) -> bool:
        """Take a waiting proposal back."""
        action = self.chat.actions.get(action_id)
        if action is None or action.state != "proposed":
            return False
        self._watch("withdraws", action.tool)
        self._store(action, state="expired", error=WITHDRAWN)
        return True

    async def flag(self, cause: Cause, *, reason: str, score: float | None = None) -> None:
        """Raise a flag and go on."""
        self._watch("flags", f"{cause}: {reason}")
        self.flags.append(cause)

    async def give_up(self, cause: Cause, text: str, *, reason: str) -> None:
        """Tell the customer honestly, and stop."""
        gated = self.gated(text)
        if gated.refused:
            await self.withhold(text, gated.refused)
        text = gated.text or notice("ai_stuck", self.chat.language).text
        self._watch("gives up", f"{cause}: {reason}")
        self._line("ai", text)
        self.ended, self.cause, self.reason = "given_up", cause, reason

    async def resolve(self, text: str, *, disposition: str) -> None:
        """Say goodbye and close."""
        text = await self._passed(text)
        self._watch("resolves", disposition)
        self._line("ai", text)
        self.ended, self.reason = "resolved", disposition

    async def remember(self, memory: dict[str, Any]) -> None:
        """Keep something for the next turn; as plain values, as a desk stores it."""
        self.memory = msgspec.json.decode(msgspec.json.encode(memory))

    async def journal(self, step: str, compute: Callable[[], Awaitable[bytes]]) -> bytes:
        """Return the step's outcome, computed once for what the turn has read."""
        name = f"{self._basis}:{step}"
        if name not in self.journaled:
            self.journaled[name] = await compute()
        return self.journaled[name]

    async def measure(
        self,
        *,
        confidence: float | None = None,
        tokens: int = 0,
        missed: tuple[str, ...] = (),
    ) -> None:
        """Count what was spent; show what no article answered."""
        for nearest in missed:
            self._watch("finds no article", f"nearest {nearest or 'none'}")
        self.tokens += tokens
        if confidence is not None:
            self._watch("measures", f"confidence {confidence:.2f}")

    async def _carry_out(self, action: Action, tool: Tool) -> Called:
        caller = msgspec.structs.replace(
            self.caller, key=f"{self.chat.chat_id}/{action.business_key}"
        )
        state: ActionState
        result: dict[str, Any] = {}
        error = message = ""
        try:
            result, state = await tool.call(caller, action.arguments), "succeeded"
        except ToolFailed as failed:
            state, error, message = "failed", failed.code, failed.message
        except OutcomeUnknown as unknown:
            state, message = "unknown", str(unknown)
        self._store(action, state=state, result=result, error=error)
        self.calls.append((tool.name, dict(action.arguments), state))
        self._watch("calls", f"{tool.name} {action.arguments}: {state} {error}".rstrip())
        return Called(
            action_id=action.action_id, state=state, result=result, error=error, message=message
        )

    def _store(self, action: Action, **changes: Any) -> None:
        stored = msgspec.structs.replace(action, **changes)
        actions = {**self.chat.actions, action.action_id: stored}
        self.chat = msgspec.structs.replace(self.chat, actions=actions)

    def _line(
        self, speaker: Speaker, text: str, action_id: str | None = None, confirms: str = ""
    ) -> None:
        seq = len(self.lines) + 1
        self.lines.append(
            Line(
                seq=seq,
                at_us=self._now_us(),
                speaker=speaker,
                text=text,
                action_id=action_id,
                confirms=confirms,
            )
        )
        self.chat = msgspec.structs.replace(self.chat, seq=seq, basis_seq=seq)
