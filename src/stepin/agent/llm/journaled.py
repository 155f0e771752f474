"""A model whose answers stand in the turn's journal, and whose words workers see as they come.

After a crash the journal gives the same answers again, so that no model is asked twice for one
step. Rate limits, server errors, silence and cut streams are tried again for a while.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from pydantic_ai import exceptions
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from stepin.agent.brain import Hands
from stepin.agent.gate.gate import LONGEST_CHARS, closes_unopened, visible
from stepin.agent.llm.hearing import listening
from stepin.agent.llm.usage import with_usage

DRAFT_EVERY_CHARS = 24
MOST_WAIT_S = 15.0
"""A provider that asks for a longer pause is taken for gone: the customer waits."""
MOST_CHARS = 120_000
"""Of everything that a model writes in one answer, reasoning and calls included."""

_COMPLETE = frozenset({"stop", "tool_call"})
_COMPLETE_RAW = frozenset({"eos", "eos_token", "end_turn", "stop_sequence"})
_UNFINISHED = frozenset({"cut_stream", "length", "endless"})
_AGAIN = (
    exceptions.ModelRateLimitError,
    exceptions.ModelServerError,
    exceptions.ModelOverloadedError,
    exceptions.ModelConnectionError,
    exceptions.ModelTimeoutError,
    exceptions.ModelUnavailableError,
    httpx.HTTPError,
    TimeoutError,
)


class Habits:
    """What was learned of a model in this process.

    Attributes
    ----------
    thinks : whether it begins with reasoning that has no opening mark.
    """

    thinks = False


class ProviderTrouble(Exception):
    """The provider gave no usable answer; `reason` is short and stable."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class JournaledModel(WrapperModel):
    """Asks the wrapped model by streaming, journals the answer, and drafts its text.

    Parameters
    ----------
    tries : how often one step is asked in all.
    silence_s : how long nothing may come: no byte where the endpoint is our own connection's, no
        event elsewhere. How long an answer takes in all is for the turn's time to end.
    wait : how to pass time between tries.
    habits : what was learned of the model; shared by its turns.

    An answer counts only if the provider itself says that it is finished: the raw reason is
    looked at, because the wrapper fills a missing one in. One that was cut is asked for again
    once.
    """

    def __init__(
        self,
        wrapped: Model,
        hands: Hands,
        *,
        tries: int = 3,
        silence_s: float = 30.0,
        pause_s: float = 0.5,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
        habits: Habits | None = None,
    ) -> None:
        super().__init__(wrapped)
        self._habits = habits or Habits()
        self._hands, self._tries, self._silence_s = hands, tries, silence_s
        self._pause_s, self._wait = pause_s, wait
        self._step = 0

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Return the journal's answer for this step, or ask for it.

        Raises
        ------
        ProviderTrouble
            No usable answer came in `tries` tries.
        """
        self._step += 1

        async def compute() -> bytes:
            response = await self._asked(messages, model_settings, model_request_parameters)
            return ModelMessagesTypeAdapter.dump_json([response])

        body = await self._hands.journal(f"model:{self._step}", compute)
        (answer,) = ModelMessagesTypeAdapter.validate_json(body)
        if not isinstance(answer, ModelResponse):
            raise ProviderTrouble("journal")
        return answer

    async def _asked(self, *request: Any) -> ModelResponse:
        pause_s, reason, unfinished = self._pause_s, "", 0
        for left in range(self._tries - 1, -1, -1):
            asked_s = 0.0
            try:
                return await self._heard(*request)
            except _AGAIN as error:
                reason = _reason(error)
                asked_s = float(getattr(error, "retry_after", None) or 0.0)
                if asked_s > MOST_WAIT_S:
                    raise ProviderTrouble(reason) from error
            except ProviderTrouble as error:
                reason = error.reason
                unfinished += 1
                if reason not in _UNFINISHED or unfinished > 1:
                    raise
            except exceptions.ModelAPIError as error:
                raise ProviderTrouble(_reason(error)) from error
            if left:
                await self._wait(max(pause_s, asked_s))
                pause_s *= 2
        raise ProviderTrouble(reason)

    async def _heard(self, *request: Any) -> ModelResponse:
        """Ask, and stop when nothing has come for `silence_s`: no text, no byte."""
        clock = asyncio.get_running_loop()
        async with asyncio.timeout(self._silence_s) as alarm:

            def heard() -> None:
                if not alarm.expired():
                    alarm.reschedule(clock.time() + self._silence_s)

            with listening(heard):
                return with_usage(await self._streamed(heard, *request), request[0], request[2])

    async def _streamed(self, heard: Callable[[], None], *request: Any) -> ModelResponse:
        written, text, shown, chars = list[str](), 0, 0, 0
        async with self.wrapped.request_stream(*request) as stream:
            async for event in stream:
                heard()
                piece, others = _pieces(event)
                if piece:
                    written.append(piece)
                text, chars = text + len(piece), chars + len(piece) + others
                if text > LONGEST_CHARS or chars > MOST_CHARS:
                    raise ProviderTrouble("endless")
                if text >= shown + DRAFT_EVERY_CHARS:
                    shown = text
                    await self._draft("".join(written))
            response = stream.get()
        _must_be_complete(response)
        said = _text(response)
        self._habits.thinks = self._habits.thinks or closes_unopened(said)
        if said:
            await self._draft(said)
        return _with_objects(response)

    async def _draft(self, text: str) -> None:
        await self._hands.draft(visible(text, thinks=self._habits.thinks))


def _pieces(event: object) -> tuple[str, int]:
    """Return the text that an event of a stream adds, and how many characters beside it."""
    part = event.part if isinstance(event, PartStartEvent) else None
    delta = event.delta if isinstance(event, PartDeltaEvent) else None
    match part or delta:
        case TextPart(content=text) | TextPartDelta(content_delta=text):
            return text, 0
        case ThinkingPart(content=other) | ThinkingPartDelta(content_delta=other):
            return "", len(other or "")
        case ToolCallPart(args=arguments) | ToolCallPartDelta(args_delta=arguments):
            return "", len(arguments) if isinstance(arguments, str) else 0
        case _:
            return "", 0


def _must_be_complete(response: ModelResponse) -> None:
    """Raise unless the provider said that the answer is finished."""
    raw = str((response.provider_details or {}).get("finish_reason") or "")
    reason = response.finish_reason
    if reason == "content_filter":
        raise ProviderTrouble("refused")
    if reason == "length":
        raise ProviderTrouble("length")
    if not raw or not (reason in _COMPLETE or raw in _COMPLETE_RAW):
        raise ProviderTrouble("cut_stream")


def _with_objects(response: ModelResponse) -> ModelResponse:
    """Return an answer whose calls all have an object of arguments, if an empty one.

    Some models write ``null`` for no arguments; the call is then checked like any other, and the
    model is told what is missing.
    """
    for part in response.parts:
        if isinstance(part, ToolCallPart) and isinstance(part.args, str) and part.args:
            try:
                read = json.loads(part.args)
            except (ValueError, RecursionError):
                continue
            if not isinstance(read, dict):
                part.args = "{}"
    return response


def _text(response: ModelResponse) -> str:
    return "".join(part.content for part in response.parts if isinstance(part, TextPart))


def _reason(error: BaseException) -> str:
    status = getattr(error, "status_code", None)
    return f"http_{status}" if status else type(error).__name__
