"""What a model may call in a turn.

Procedures, articles, giving up, and the shop's tools. All are offered from the first request on, so
that the request's beginning stays the same and no system message has to announce one; a tool is
refused until a procedure that names it is started. A call that changes something and that the
customer hasn't agreed to becomes a question to the customer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec
from pydantic_ai import RunContext
from pydantic_ai import Tool as ModelTool

from stepin.agent.brain import Called, Hands, TurnContext
from stepin.agent.gate.confirmation import NOT_CONFIRMED, confirmation_of
from stepin.agent.gate.gate import Gated, Reason
from stepin.agent.llm.confirmation_question import question_of
from stepin.agent.llm.instructions import procedure_text
from stepin.agent.shop.article import Passage
from stepin.agent.shop.handbook import Handbook
from stepin.agent.tools.tool import Tool
from stepin.core.action import Action
from stepin.core.events.base import Cause

NOTHING_FOUND = "No passage answers this. Say so honestly; don't make an answer up."
NEAREST_FIRST = (
    "The nearest passages, best first. Perhaps none of them answers the question: then say so "
    "honestly and don't make an answer up."
)
GiveUpCause = Literal["technical", "requested", "policy", "emotional"]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question about one call, which the customer gets instead of the model's words."""

    text: str
    confirms: str
    tool: str
    arguments: dict[str, Any]


class Asked(Exception):
    """The customer has to be asked before the model can go on: the run ends here."""


class Toolset:
    """The tools of one turn.

    Attributes
    ----------
    started : the procedures that were started, with the basis at which they were.
    handed : the cause and reason of a hand-over that the model asked for.
    closing : the disposition with which the model wants to close.
    sources : the passages that it has read.
    asking : the question that the turn ends with.
    recap : where the chat stands, as the model is told it.
    """

    def __init__(
        self, book: Handbook, context: TurnContext, hands: Hands, started: Mapping[str, int]
    ) -> None:
        self._book, self._context, self._hands = book, context, hands
        self.started = dict(started)
        self.handed: tuple[Cause, str] | None = None
        self.closing: str | None = None
        self.sources: list[str] = []
        self.asking: Question | None = None
        self.recap = ""
        self._called: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        self._acted = False

    def gated(self, text: str) -> Gated:
        """Return what of a text may go to the customer."""
        return self._hands.gated(text)

    async def withhold(self, text: str, reason: Reason) -> None:
        """Keep a text that the gate has refused for the workers."""
        await self._hands.withhold(text, reason)

    async def start_procedure(self, name: str) -> str:
        """Start a procedure by its name and return its steps; its tools are refused before that."""
        procedure = self._book.procedures.get(name)
        if procedure is None:
            return f"There is no procedure {name!r}. Known: {', '.join(self._book.procedures)}."
        self.started.setdefault(name, self._context.basis_seq)
        return procedure_text(procedure)

    async def search_articles(self, question: str, language: Literal["en", "zh"]) -> str:
        """Return the passages of the shop's pages that come nearest to a question."""
        found = await self._book.ranking.search_best(question, language)
        self.sources += [hit.passage.source for hit in found[:1] if hit.answers]
        if not found or not found[0].answers:
            nearest = found[0].passage.source if found else ""
            await self._hands.measure(missed=(nearest,))
        if not found:
            return NOTHING_FOUND
        return "\n".join([NEAREST_FIRST, *(_passage(hit.passage) for hit in found)])

    async def hand_over(self, cause: GiveUpCause, reason: str) -> str:
        """Hand the chat to a person after your next message; tell the customer so in it."""
        self.handed = (cause, reason[:200])
        return "A person takes over after your message. Tell the customer briefly."

    async def close_chat(self, disposition: str) -> str:
        """Close the chat as resolved with your next message; only after the customer said so."""
        self.closing = disposition[:60] or "resolved"
        return "The chat is closed with your next message. Say goodbye."

    async def take_back(self) -> str:
        """Take back what waits for a colleague's approval; say what was, and what came too late."""
        back: list[str] = []
        late: list[str] = []
        for action in self._takeable():
            # A turn that was cut off after it took something back is taken again.
            done = action.withdrawn or await self._hands.withdraw(action.action_id)
            (back if done else late).append(action.tool)
        told: dict[str, Any] = {"taken_back": back}
        if not back and not late:
            told["note"] = "nothing waits for a colleague"
        if late:
            told |= {"too_late": late, "note": "decided meanwhile; you are told what became of it"}
        return json.dumps(told)

    def _takeable(self) -> list[Action]:
        actions = self._context.chat.actions.values()
        waits = [a for a in actions if a.state == "proposed" and a.needs_approval]
        return waits + [a for a in actions if a.withdrawn]

    async def call(self, name: str, arguments: dict[str, Any]) -> str:
        """Call a tool of the shop; what the customer hasn't agreed to becomes a question.

        Raises
        ------
        Asked
            The customer has to be asked, and nothing that was done needs to be told before.
        """
        if self.asking is not None:
            return json.dumps(
                {"state": "refused", "error": "the customer is asked first; end here"}
            )
        if not self.offers(name):
            return json.dumps({"state": "refused", "error": self._not_started(name)})
        called = await self._hands.call(name, arguments)
        if called.error != NOT_CONFIRMED:
            self._called.append((name, arguments, called.result))
            self._acted |= self._context.tools[name].risk != "read"
            return _told(called)
        plan = await self._hands.plan(name, arguments)
        if not plan.confirms:
            return json.dumps({"state": "failed", "error": plan.error, "message": plan.message})
        text = question_of(
            self._book,
            self.started,
            name,
            arguments,
            plan,
            self._results(),
            self._context.chat.language[:2],
        )
        self.asking = Question(text=text, confirms=plan.confirms, tool=name, arguments=arguments)
        if not self._acted:
            raise Asked
        note = f"The desk asks the customer after your message: “{text}” Don't ask yourself; tell"
        return json.dumps({"state": NOT_CONFIRMED, "note": f"{note} what was done, and end."})

    def _results(self) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
        for action in self._context.chat.actions.values():
            yield action.tool, action.arguments, action.result
        yield from self._called

    def told(self, pending: Mapping[str, Any]) -> str:
        """Return what the model is told of the question that the turn before ended with."""
        found = confirmation_of(self._context.lines)
        if not pending or found is None or found.key != pending.get("confirms"):
            return ""
        if found.answer == "yes":
            arguments = json.dumps(pending["arguments"], ensure_ascii=False)
            return (
                f"The desk: the customer agreed to {pending['tool']} with {arguments} and to "
                "nothing else. Make exactly this call now"
            )
        said = "said no" if found.answer == "no" else "gave no clear yes"
        return f"The desk: the customer {said} to {pending['tool']}; nothing was changed"

    def _not_started(self, tool: str) -> str:
        named = [one.name for one in self._book.procedures.values() if tool in one.tools]
        if tool not in self._context.tools or not named:
            return "not_there: this tool can't be called in this chat"
        return f"not_started: start a procedure that has it first: {', '.join(named)}"

    def offers(self, name: str) -> bool:
        """Return whether a started procedure names the tool, and it is there in this chat."""
        return name in self._context.tools and self._names(name)

    def _names(self, tool: str) -> bool:
        return any(
            tool in self._book.procedures[name].tools
            for name in self.started
            if name in self._book.procedures
        )


def tools_for(tools: Mapping[str, Tool]) -> list[ModelTool[Toolset]]:
    """Return everything that a model can ever call, in a fixed order; made once for all turns."""
    own: list[ModelTool[Toolset]] = [
        ModelTool(start_procedure, sequential=True),
        ModelTool(search_articles, sequential=True),
        ModelTool(hand_over, sequential=True),
        ModelTool(close_chat, sequential=True),
        ModelTool(take_back, sequential=True),
    ]
    return own + [_offered(tools[name]) for name in sorted(tools)]


async def start_procedure(ctx: RunContext[Toolset], name: str) -> str:
    """Start a procedure by its name and return its steps; its tools are refused before that."""
    return await ctx.deps.start_procedure(name)


async def search_articles(
    ctx: RunContext[Toolset], question: str, language: Literal["en", "zh"]
) -> str:
    """Return the passages of the shop's pages that come nearest to a question."""
    return await ctx.deps.search_articles(question, language)


async def hand_over(ctx: RunContext[Toolset], cause: GiveUpCause, reason: str) -> str:
    """Hand the chat to a person after your next message; tell the customer so in it."""
    return await ctx.deps.hand_over(cause, reason)


async def close_chat(ctx: RunContext[Toolset], disposition: str) -> str:
    """Close the chat as resolved with your next message; only after the customer said so."""
    return await ctx.deps.close_chat(disposition)


async def take_back(ctx: RunContext[Toolset]) -> str:
    """Take back every call that still waits for approval; only if the customer says no to it."""
    return await ctx.deps.take_back()


def _offered(known: Tool) -> ModelTool[Toolset]:
    async def call(ctx: RunContext[Toolset], **arguments: Any) -> str:
        return await ctx.deps.call(known.name, arguments)

    return ModelTool.from_schema(
        call,
        name=known.name,
        description=known.doc,
        json_schema=known.parameters,
        takes_ctx=True,
        sequential=True,
    )


def _passage(passage: Passage) -> str:
    return f"[{': '.join(filter(None, (passage.title, passage.heading)))}] {passage.text}"


def _told(called: Called) -> str:
    told: dict[str, Any] = {"state": called.state}
    if called.state == "proposed":
        told["note"] = "waits for a colleague's approval; not carried out yet"
    if called.result:
        told["result"] = called.result
    if called.denial:
        told["denial"] = called.denial
    if called.error:
        told["error"], told["message"] = called.error, called.message
    return json.dumps(told, ensure_ascii=False)
