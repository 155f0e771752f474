"""A language model for one question, as the port that stands in the core."""

from __future__ import annotations

import httpx
from pydantic_ai import Agent, UsageLimits
from pydantic_ai.exceptions import AgentRunError
from pydantic_ai.models import Model

from stepin.errors import Unavailable


class AnsweringLlm:
    """An `Llm` on a pydantic-ai model: one request, no tools, no second try."""

    def __init__(self, model: Model, *, name: str) -> None:
        self._model, self._name = model, name

    @property
    def name(self) -> str:
        """The provider string."""
        return self._name

    async def close(self) -> None:
        """Let go of the provider's connections."""
        client = getattr(self._model, "client", None)
        if client is not None:
            await client.close()

    async def answer(self, instruction: str, text: str) -> str:
        """Return the model's answer, as it is.

        Raises
        ------
        Unavailable
            ``llm_silent``: the provider failed or refused.
        """
        agent = Agent(self._model, output_type=str, instructions=instruction, retries=0)
        limits = UsageLimits(request_limit=1)
        try:
            async with agent.run_stream(text, usage_limits=limits, infer_name=False) as run:
                return await run.get_output()
        except (AgentRunError, httpx.HTTPError) as error:
            raise Unavailable(
                f"The model {self._name} gave no answer: {type(error).__name__}.",
                code="llm_silent",
                hint="Look at the provider's state and at the key.",
                model=self._name,
            ) from error
