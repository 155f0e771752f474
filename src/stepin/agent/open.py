"""Opens a shop's folder: its handbook with guarded and limited tools, and the brain of a name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path

import structlog

from stepin.agent.brain import Brain
from stepin.agent.completion import Llm
from stepin.agent.shop.handbook import Handbook, load_tools, read_handbook
from stepin.agent.tools.isolated import ToolsApart
from stepin.agent.tools.toolbox import Toolbox
from stepin.errors import Unavailable, Unsupported
from stepin.vectors.kept import KeptVectors
from stepin.vectors.load import load as load_encoder
from stepin.vectors.port import Encoder

VECTORS = ".vectors.npz"
_log = structlog.get_logger("stepin.agent")


def open_toolbox(
    folder: Path,
    data: Path,
    now: Callable[[], datetime],
    *,
    apart: ToolsApart | None = None,
) -> tuple[Handbook, Toolbox]:
    """Return a shop's handbook and its tools on the data in a folder.

    Parameters
    ----------
    apart : the process in which the tools run; without it they run here.
    """
    book = open_book(folder)
    tools = load_tools(folder, data, now)
    if apart is not None:
        apart.begin()
    box = Toolbox(
        tools if apart is None else [apart.apart(tool) for tool in tools],
        now_s=time.monotonic,
    )
    speech = book.speech
    issues = {name: one.title for name, one in book.procedures.items()}
    words = issues | speech.fields | speech.words
    return book, box.limited(book.limits).named(speech.tools, words)


def open_book(folder: Path) -> Handbook:
    """Return a shop's handbook, its articles with vectors where there is an encoder."""
    encoder = _encoder()
    if encoder is None:
        return read_handbook(folder)
    kept = KeptVectors(encoder, folder / VECTORS)
    book = read_handbook(folder, encoder, of_passages=kept)
    kept.save()
    return book


@cache
def _encoder() -> Encoder | None:
    try:
        return load_encoder()
    except Unavailable as error:
        _log.warning("articles_without_vectors", code=error.code)
        return None


def open_brain(name: str, book: Handbook, folder: Path | None = None) -> Brain:
    """Return the brain of a name: ``builtin``, or an LLM by its provider string.

    ``STEPIN_LLM_URL`` and ``STEPIN_LLM_KEY`` name another endpoint of OpenAI's protocol. The
    built-in brain's intents are kept in `folder` if it is given and can be written.

    Raises
    ------
    Unsupported
        If an LLM is asked for and the extra ``stepin[llm]`` isn't installed.
    """
    if name == "builtin":
        from stepin.agent.builtin.brain import BuiltinBrain
        from stepin.agent.shop.intent_training import intents_of

        return BuiltinBrain(book, intents_of(book, folder))
    with _extra(name):
        from stepin.agent.llm.brain import LlmBrain
        from stepin.agent.llm.connect import configured
    return LlmBrain(book, configured(name), name=name)


def open_llm(name: str) -> Llm:
    """Return the language model of a provider string, for short questions.

    Raises
    ------
    Unsupported
        If the extra ``stepin[llm]`` isn't installed.
    Invalid
        If the provider isn't known, or its key is missing.
    """
    with _extra(name):
        from stepin.agent.llm.answer import AnsweringLlm
        from stepin.agent.llm.connect import configured
    return AnsweringLlm(configured(name), name=name)


@contextmanager
def _extra(name: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise Unsupported(
            f"The model {name!r} needs the extra stepin[llm].",
            hint="Install it: pip install 'stepin[llm]'.",
            brain=name,
        ) from error
