"""What a request has cost where the provider doesn't say: estimated from the characters."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelResponse
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.usage import RequestUsage

_CHARS_A_TOKEN = 4
_CHARS_A_TOOL = 60


def with_usage(
    response: ModelResponse,
    messages: Sequence[ModelMessage],
    parameters: ModelRequestParameters,
) -> ModelResponse:
    """Return an answer that has a usage: the provider's, else an estimate."""
    if response.usage.total_tokens:
        return response
    asked = ModelMessagesTypeAdapter.dump_json(list(messages)).decode()
    tools = sum(
        tokens_in(f"{one.name}{one.description}{one.parameters_json_schema}") + _CHARS_A_TOOL // 4
        for one in parameters.function_tools
    )
    said = ModelMessagesTypeAdapter.dump_json([response]).decode()
    response.usage = RequestUsage(
        input_tokens=tokens_in(asked) + tools, output_tokens=tokens_in(said)
    )
    return response


def tokens_in(text: str) -> int:
    """Return about how many tokens a text has: four letters make one, a Chinese sign is one."""
    plain = sum(char < "\u2e80" for char in text)
    return plain // _CHARS_A_TOKEN + len(text) - plain
