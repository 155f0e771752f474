"""What was said, as a model reads it: trimmed, with the boundary of a hand-back in it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    UserPromptPart,
)

from stepin.agent.brain import Line

MOST_LINES = 40
MOST_CHARS = 12_000
_FRAMES = {
    "worker": "[A colleague wrote to the customer] {0}",
    "system": "[The desk told the customer] {0}",
    "whisper": "[A colleague tells you, unseen by the customer] {0}",
    "boundary": "[A colleague has handed the chat back to you. Their note] {0}",
    "action": "[What became of an action] {0}",
}

_SETTLED = (
    "[A colleague has dealt with what stands above: don't answer it. Answer what is written from "
    "here on. Their reason] {0}"
)


def _shown(line: Line) -> str:
    """Return a line in its frame; a customer's words can't put on a frame of their own."""
    text = line.text[:MOST_CHARS]
    if line.settles:
        return _SETTLED.format(text)
    if line.speaker == "customer":
        return text.replace("[", "(").replace("]", ")")
    return _FRAMES.get(line.speaker, "{0}").format(text)


def history_of(lines: Sequence[Line], *, told: str = "") -> list[ModelMessage]:
    """Return the newest lines as messages; neighbours of one side are joined.

    `told` is what the desk tells the model at the end, e.g. what the customer has agreed to.

    The last message is always a request. At most `MOST_LINES` lines and `MOST_CHARS` characters
    are kept, and from the newest hand-back on everything that fits.
    """
    kept: list[Line] = []
    chars = 0
    for line in reversed(lines[-MOST_LINES:]):
        chars += len(line.text)
        if kept and chars > MOST_CHARS:
            break
        kept.append(line)
    found: list[ModelMessage] = []
    for line in reversed(kept):
        if line.speaker == "ai":
            text = TextPart(line.text)
            if found and isinstance(found[-1], ModelResponse):
                found[-1] = ModelResponse(parts=[*found[-1].parts, text])
            else:
                found.append(ModelResponse(parts=[text]))
            continue
        shown = _shown(line)
        part = UserPromptPart(shown)
        if found and isinstance(found[-1], ModelRequest):
            found[-1] = ModelRequest(parts=[*found[-1].parts, part])
        else:
            found.append(ModelRequest(parts=[part]))
    if told:
        last = UserPromptPart(f"[{told}]")
        if found and isinstance(found[-1], ModelRequest):
            found[-1] = ModelRequest(parts=[*found[-1].parts, last])
        else:
            found.append(ModelRequest(parts=[last]))
    if not found or isinstance(found[-1], ModelResponse):
        found.append(ModelRequest(parts=[UserPromptPart("[Nothing new was written. Go on.]")]))
    return found
