"""The port of a language model for short questions; what a turn of the AI needs is a `Brain`."""

from __future__ import annotations

from typing import Protocol


class Llm(Protocol):
    """Answers one text under an instruction, and remembers nothing."""

    @property
    def name(self) -> str:
        """What the log and the facts call the model."""
        ...

    async def answer(self, instruction: str, text: str) -> str:
        """Return the model's answer, as it is.

        Raises
        ------
        Unavailable
            ``llm_silent``: the provider failed or refused.
        """
        ...

    async def close(self) -> None:
        """Let go of what it is connected to."""
        ...
