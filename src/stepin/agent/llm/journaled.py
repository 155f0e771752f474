"""A model whose answers stand in the turn's journal, and whose words workers see as they come.

After a crash the journal gives the same answers again, so that no model is asked twice for one
step. Rate limits, server errors, silence and cut streams are tried again for a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from pydantic_ai import exceptions
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelResponse,
    TextPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from stepin.agent.brain import Hands

DRAFT_EVERY_CHARS = 24
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
    silence_s : how long one request may take.
    wait : how to pass time between tries.
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
    ) -> None:
        super().__init__(wrapped)
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
        pause_s, reason = self._pause_s, ""
        for left in range(self._tries - 1, -1, -1):
            try:
                async with asyncio.timeout(self._silence_s):
                    return await self._streamed(*request)
            except _AGAIN as error:
                reason = _reason(error)
            except ProviderTrouble as error:
                reason = error.reason
                if reason != "cut_stream":
                    raise
            except exceptions.ModelAPIError as error:
                raise ProviderTrouble(_reason(error)) from error
            if left:
                await self._wait(pause_s)
                pause_s *= 2
        raise ProviderTrouble(reason)

    async def _streamed(self, *request: Any) -> ModelResponse:
        shown = 0
        async with self.wrapped.request_stream(*request) as stream:
            async for _ in stream:
                text = _text(stream.get())
                if len(text) >= shown + DRAFT_EVERY_CHARS:
                    shown = len(text)
                    await self._hands.draft(text)
            response = stream.get()
        if response.finish_reason == "content_filter":
            raise ProviderTrouble("refused")
        if response.finish_reason is None and response.provider_name == "openai":
            raise ProviderTrouble("cut_stream")
        if text := _text(response):
            await self._hands.draft(text)
        return response


def _text(response: ModelResponse) -> str:
    return "".join(part.content for part in response.parts if isinstance(part, TextPart))


def _reason(error: BaseException) -> str:
    status = getattr(error, "status_code", None)
    return f"http_{status}" if status else type(error).__name__
