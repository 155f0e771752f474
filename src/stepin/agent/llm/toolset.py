"""What a model may call in a turn.

Procedures, articles, giving up, and the tools that the started procedures name. A change waits
until the customer has been asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic_ai import RunContext, ToolDefinition
from pydantic_ai import Tool as ModelTool

from stepin.agent.brain import Called, Hands, TurnContext
from stepin.agent.domain import Handbook
from stepin.agent.llm.instructions import procedure_text
from stepin.agent.tool import Tool
from stepin.core.events.base import Cause

GiveUpCause = Literal["technical", "requested", "policy", "emotional"]


class Toolset:
    """The tools of one turn.

    Attributes
    ----------
    started : the procedures that were started, with the basis at which they were.
    handed : the cause and reason of a hand-over that the model asked for.
    closing : the disposition with which the model wants to close.
    sources : the passages that it has read.
    """

    def __init__(
        self, book: Handbook, context: TurnContext, hands: Hands, started: Mapping[str, int]
    ) -> None:
        self._book, self._context, self._hands = book, context, hands
        self.started = dict(started)
        self.handed: tuple[Cause, str] | None = None
        self.closing: str | None = None
        self.sources: list[str] = []

    async def start_procedure(self, name: str) -> str:
        """Start a procedure by its name and return its steps; its tools are there from then on."""
        procedure = self._book.procedures.get(name)
        if procedure is None:
            return f"There is no procedure {name!r}. Known: {', '.join(self._book.procedures)}."
        self.started.setdefault(name, self._context.basis_seq)
        return procedure_text(procedure)

    async def search_articles(self, question: str, language: Literal["en", "zh"]) -> str:
        """Return passages of the shop's pages that answer a question, or say that none does."""
        hits = self._book.ranking.find(question, language)
        self.sources += [hit.passage.source for hit in hits[:1]]
        if not hits:
            return "No passage answers this. Say so honestly; don't make an answer up."
        return "\n".join(f"[{hit.passage.title}] {hit.passage.text}" for hit in hits)

    async def hand_over(self, cause: GiveUpCause, reason: str) -> str:
        """Hand the chat to a person after your next message; tell the customer so in it."""
        self.handed = (cause, reason[:200])
        return "A person takes over after your message. Tell the customer briefly."

    async def close_chat(self, disposition: str) -> str:
        """Close the chat as resolved with your next message; only after the customer said so."""
        self.closing = disposition[:60] or "resolved"
        return "The chat is closed with your next message. Say goodbye."

    async def call(self, name: str, arguments: dict[str, Any]) -> str:
        """Call a tool of the shop, if the customer has been asked where that is needed."""
        if self._context.tools[name].risk != "read" and not self._was_asked(name):
            return json.dumps(
                {"state": "refused", "error": "ask the customer first and wait for a yes"}
            )
        return _told(await self._hands.call(name, arguments))

    def offers(self, name: str) -> bool:
        """Return whether a started procedure names the tool, and it is there in this chat."""
        return name in self._context.tools and self._names(name)

    def _names(self, tool: str) -> bool:
        return any(
            tool in self._book.procedures[name].tools
            for name in self.started
            if name in self._book.procedures
        )

    def _was_asked(self, tool: str) -> bool:
        """Whether the AI spoke, and the customer answered, since a procedure with it started."""
        since = min(
            (
                basis
                for name, basis in self.started.items()
                if name in self._book.procedures and tool in self._book.procedures[name].tools
            ),
            default=self._context.basis_seq,
        )
        asked = [
            line.seq for line in self._context.lines if line.speaker == "ai" and line.seq > since
        ]
        return bool(asked) and any(
            line.speaker == "customer" and line.seq > asked[0] for line in self._context.lines
        )


def tools_for(tools: Mapping[str, Tool]) -> list[ModelTool[Toolset]]:
    """Return everything that a model can ever call, in a fixed order; made once for all turns."""
    own: list[ModelTool[Toolset]] = [
        ModelTool(start_procedure, sequential=True),
        ModelTool(search_articles, sequential=True),
        ModelTool(hand_over, sequential=True),
        ModelTool(close_chat, sequential=True),
    ]
    return own + [_offered(tools[name]) for name in sorted(tools)]


async def start_procedure(ctx: RunContext[Toolset], name: str) -> str:
    """Start a procedure by its name and return its steps; its tools are there from then on."""
    return await ctx.deps.start_procedure(name)


async def search_articles(
    ctx: RunContext[Toolset], question: str, language: Literal["en", "zh"]
) -> str:
    """Return passages of the shop's pages that answer a question, or say that none does."""
    return await ctx.deps.search_articles(question, language)


async def hand_over(ctx: RunContext[Toolset], cause: GiveUpCause, reason: str) -> str:
    """Hand the chat to a person after your next message; tell the customer so in it."""
    return await ctx.deps.hand_over(cause, reason)


async def close_chat(ctx: RunContext[Toolset], disposition: str) -> str:
    """Close the chat as resolved with your next message; only after the customer said so."""
    return await ctx.deps.close_chat(disposition)


def _offered(known: Tool) -> ModelTool[Toolset]:
    async def call(ctx: RunContext[Toolset], **arguments: Any) -> str:
        return await ctx.deps.call(known.name, arguments)

    async def prepare(
        ctx: RunContext[Toolset], definition: ToolDefinition
    ) -> ToolDefinition | None:
        return definition if ctx.deps.offers(known.name) else None

    tool: ModelTool[Toolset] = ModelTool.from_schema(
        call,
        name=known.name,
        description=known.doc,
        json_schema=known.parameters,
        takes_ctx=True,
        sequential=True,
    )
    tool.prepare = prepare
    return tool


def _told(called: Called) -> str:
    told: dict[str, Any] = {"state": called.state}
    if called.state == "proposed":
        told["note"] = "waits for a colleague's approval; not carried out yet"
    if called.result:
        told["result"] = called.result
    if called.error:
        told["error"], told["message"] = called.error, called.message
    return json.dumps(told, ensure_ascii=False)
