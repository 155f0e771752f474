"""From a name to a model: a provider string, or any endpoint that speaks OpenAI's protocol."""

from __future__ import annotations

import os

import httpx
from openai import AsyncOpenAI, OpenAIError
from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from stepin.agent.llm.hearing import HearingTransport
from stepin.errors import Invalid


def connect(name: str, *, url: str = "", key: str = "", timeout_s: float = 30.0) -> Model:
    """Return the model of a name.

    Parameters
    ----------
    name : ``PROVIDER:MODEL``; with `url` the model's name at that endpoint, with or without
        ``openai:`` before it.
    url : the base URL of an endpoint, e.g. ``http://localhost:11434/v1``.
    key : its key; endpoints without one take any.

    Raises
    ------
    Invalid
        If the provider isn't known, its package isn't installed, or its key is missing.
    """
    if url:
        client = AsyncOpenAI(
            base_url=url,
            api_key=key or "none",
            max_retries=0,
            timeout=timeout_s,
            # Its types name another package, which takes these clients as well.
            http_client=httpx.AsyncClient(  # type: ignore[arg-type]
                transport=HearingTransport(), timeout=timeout_s
            ),
        )
        return _whole(
            OpenAIChatModel(
                name.removeprefix("openai:"), provider=OpenAIProvider(openai_client=client)
            )
        )
    try:
        return _whole(infer_model(name))
    except (UserError, ValueError, ImportError, OpenAIError) as error:
        why = " ".join(str(error).split())[:200]
        raise Invalid(
            f"The model {name!r} can't be used: {why}",
            code="llm_invalid",
            hint="Name PROVIDER:MODEL and set the provider's key, or set STEPIN_LLM_URL.",
            model=name,
        ) from error


def _whole(model: Model) -> Model:
    """Return the model with its text left whole.

    Its library takes reasoning out of a stream only where a mark is one piece of it, and then
    may miss the end; the gate reads the whole text and misses neither. A system message in the
    middle of a chat, which some endpoints refuse, becomes a user's.
    """
    vars(model)["profile"] = {
        **model.profile,
        "thinking_tags": ("\0", "\0"),
        "supports_inline_system_prompts": False,
    }
    return model


def configured(name: str) -> Model:
    """Return the model of a name, at the endpoint of ``STEPIN_LLM_URL`` if it is set."""
    url, key = os.environ.get("STEPIN_LLM_URL", ""), os.environ.get("STEPIN_LLM_KEY", "")
    return connect(name, url=url, key=key)
