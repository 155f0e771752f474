"""The LLM brain: one run of a model per turn, with budgets, and an honest end when it fails."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from hashlib import blake2b
from typing import Any

import msgspec
from pydantic_ai import Agent, ModelRetry, RunContext, UsageLimits
from pydantic_ai.exceptions import AgentRunError, UnexpectedModelBehavior, UsageLimitExceeded
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage

from stepin.agent.brain import Fenced, Hands, TurnContext
from stepin.agent.gate.gate import Reason
from stepin.agent.llm.history import history_of
from stepin.agent.llm.instructions import rules
from stepin.agent.llm.journaled import Habits, JournaledModel, ProviderTrouble
from stepin.agent.llm.recap import recap
from stepin.agent.llm.sentences import messages
from stepin.agent.llm.toolset import Asked, Toolset, tools_for
from stepin.agent.shop.handbook import Handbook
from stepin.core.events.base import Cause
from stepin.language.languages import in_language
from stepin.language.sentences import assistant

_SHARE_OF_TURN = 0.9
_AGAIN: dict[Reason, str] = {
    "empty": "Your answer was empty. Answer the customer.",
    "too_long": "Your answer was far too long. Answer in a few short sentences.",
    "reasoning": "That was not an answer but reasoning. Write only what the customer shall read.",
    "markers": "Your answer held marks of a model. Write plain sentences for the customer.",
    "tool_call": "You wrote a call into your answer. Make the call, or write plain sentences.",
    "link": "Your answer held a link or address that the shop doesn't have. Leave it out.",
    "template": "Your answer held a gap that isn't filled. Fill it or leave it out.",
    "claim": "You said that something was done, but no call in this chat has done it and no result "
    "says so. Make the call, or say what is so.",
    "amount": "You named an amount that no result of this chat and no page of the shop holds. Say "
    "only amounts that a result holds.",
}


class LlmBrain:
    """A `Brain` on a model.

    Parameters
    ----------
    name : what the log calls the model.
    silence_s, tries, pause_s : how long a provider may send nothing, how often one request is
        tried, and the first pause between tries.
    wait : how to pass time between tries.
    """

    def __init__(
        self,
        book: Handbook,
        model: Model,
        *,
        name: str,
        silence_s: float = 30.0,
        tries: int = 3,
        pause_s: float = 0.5,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._book, self._model, self._name = book, model, name
        self._silence_s, self._tries, self._pause_s = silence_s, tries, pause_s
        self._wait = wait
        self._habits = Habits()
        self._secret = secrets.token_bytes(16)
        self._agents: dict[tuple[object, ...], Agent[Toolset, str]] = {}

    @property
    def version(self) -> str:
        """The model's name with the version of the handbook."""
        return f"{self._name}-{self._book.version}"

    async def turn(self, context: TurnContext, hands: Hands) -> None:
        """Take one turn: ask the model until it has an answer for the customer."""
        ai = context.policy.ai
        language = context.chat.language[:2]
        spent = int(context.memory.get("tokens", 0))
        if spent >= ai.chat_tokens:
            await self._trouble(hands, language, "chat_tokens")
            return
        mark = self._mark(context)
        toolset = Toolset(self._book, context, hands, context.memory.get("started", {}))
        toolset.recap = recap(self._book, context, toolset.started, mark)
        usage = RunUsage()
        try:
            async with asyncio.timeout(ai.turn_seconds * _SHARE_OF_TURN):
                text = await self._run(context, hands, toolset, usage, mark)
        except Fenced:
            raise
        except Asked:
            text = ""
        except TimeoutError:
            await self._trouble(hands, language, "turn_seconds")
            return
        except UsageLimitExceeded:
            await self._trouble(hands, language, "turn_budget")
            return
        except UnexpectedModelBehavior:
            await self._unusable(hands, toolset, language)
            return
        except (ProviderTrouble, AgentRunError) as error:
            await self._trouble(hands, language, _reason(error))
            return
        finally:
            await hands.measure(tokens=usage.total_tokens)
        kept = {"tokens": spent + usage.total_tokens, "started": toolset.started}
        if toolset.asking is not None:
            kept["pending"] = msgspec.to_builtins(toolset.asking)
        await hands.remember(kept)
        await self._speak(hands, toolset, text, language)

    async def _run(
        self,
        context: TurnContext,
        hands: Hands,
        toolset: Toolset,
        usage: RunUsage,
        mark: str,
    ) -> str:
        ai = context.policy.ai
        model = JournaledModel(
            self._model,
            hands,
            tries=self._tries,
            silence_s=self._silence_s,
            pause_s=self._pause_s,
            wait=self._wait,
            habits=self._habits,
        )
        limits = UsageLimits(
            request_limit=ai.turn_steps,
            tool_calls_limit=ai.turn_steps,
            total_tokens_limit=ai.turn_tokens,
        )
        result = await self._agent(context).run(
            model=model,
            deps=toolset,
            message_history=history_of(
                context.lines,
                told=toolset.told(context.memory.get("pending") or {}),
                actions=context.chat.actions,
                mark=mark,
            ),
            model_settings=ModelSettings(max_tokens=ai.answer_tokens) if ai.answer_tokens else None,
            usage_limits=limits,
            usage=usage,
            infer_name=False,
        )
        return result.output

    def _mark(self, context: TurnContext) -> str:
        """Return what frames the desk's words in this turn; what a customer saw of it is past."""
        body = f"{context.chat.chat_id}/{context.basis_seq}".encode()
        return blake2b(body, key=self._secret, digest_size=4).hexdigest()

    def _agent(self, context: TurnContext) -> Agent[Toolset, str]:
        """Return the agent for a chat of this kind; it is made once for all of them."""
        language, disclosed = context.chat.language[:2], context.policy.ai.disclosed
        kind = (language, disclosed, *((t.name, t.version) for t in context.tools.values()))
        if kind not in self._agents:
            agent = self._agents[kind] = Agent(
                self._model,
                output_type=str,
                deps_type=Toolset,
                tools=tools_for(context.tools),
                retries={"tools": 2, "output": 1},
            )
            agent.output_validator(_finished)
            standing_rules = rules(self._book, language=language, disclosed=disclosed)
            agent.instructions(partial(_told, standing_rules))
        return self._agents[kind]

    async def _speak(self, hands: Hands, toolset: Toolset, text: str, language: str) -> None:
        said = messages(text)
        if toolset.handed is not None:
            cause, reason = toolset.handed
            last = said.pop() if said else in_language(assistant().lost, language)
            await self._say(hands, said, toolset)
            await hands.give_up(cause, last, reason=reason)
        elif toolset.asking is not None:
            await self._say(hands, said, toolset)
            await hands.say(toolset.asking.text, confirms=toolset.asking.confirms)
        elif toolset.closing is not None:
            last = said.pop() if said else in_language(assistant().bye, language)
            await self._say(hands, said, toolset)
            await hands.resolve(last, disposition=toolset.closing)
        elif said:
            await self._say(hands, said, toolset)
        else:
            await self._trouble(hands, language, "empty_answer")

    async def _say(self, hands: Hands, said: list[str], toolset: Toolset) -> None:
        for text in said:
            await hands.say(text, sources=tuple(dict.fromkeys(toolset.sources)))

    async def _unusable(self, hands: Hands, toolset: Toolset, language: str) -> None:
        """End where no answer of the model's can go out; a hand-over that it asked for stands."""
        if toolset.handed is None:
            await self._trouble(hands, language, "unusable_answer")
        else:
            cause, reason = toolset.handed
            await hands.give_up(cause, in_language(assistant().lost, language), reason=reason)

    async def _trouble(self, hands: Hands, language: str, reason: str) -> None:
        cause: Cause = "technical"
        text = in_language(assistant().trouble, language)
        await hands.give_up(cause, text, reason=f"llm: {reason}")


async def _told(standing_rules: str, ctx: RunContext[Toolset]) -> str:
    """Return the rules and where the chat stands as one message: some endpoints take no second."""
    return f"{standing_rules}\n{ctx.deps.recap}"


async def _finished(ctx: RunContext[Toolset], text: str) -> str:
    """Return what of an answer may go out, or have the model asked again, once."""
    gated = ctx.deps.gated(text)
    if gated.refused == "empty" and (ctx.deps.handed or ctx.deps.closing or ctx.deps.asking):
        return ""
    if gated.refused:
        await ctx.deps.withhold(text, gated.refused)
        raise ModelRetry(_AGAIN[gated.refused])
    return gated.text


def _reason(error: Any) -> str:
    return str(getattr(error, "reason", "") or type(error).__name__)
