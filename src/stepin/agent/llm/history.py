"""What was said, as a model reads it: trimmed, with the boundary of a hand-back in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    UserPromptPart,
)

from stepin.agent.brain import Line
from stepin.agent.llm.recap import outcome
from stepin.core.action import Action

MOST_LINES = 40
MOST_CHARS = 12_000
_FRAMES = {
    "worker": "a colleague wrote to the customer",
    "system": "the desk told the customer",
    "whisper": "a colleague tells you, unseen by the customer",
    "boundary": "a colleague has handed the chat back to you; their note",
    "action": "what became of a call",
}
_BRACKETS = str.maketrans("[]［］【】", "()（）()")

_SETTLED = (
    "[A colleague has dealt with what stands above: don't answer it. Answer what is written from "
    "here on. Their reason] {0}"
)


def _shown(line: Line, actions: Mapping[str, Action], mark: str) -> str:
    """Return a line in its frame; a customer's words can't put on a frame of their own."""
    text = line.text[:MOST_CHARS]
    if line.settles:
        return _SETTLED.format(text)
    if line.speaker == "customer":
        return text.translate(_BRACKETS)
    frame = _FRAMES.get(line.speaker)
    if frame is None:
        return text
    action = actions.get(line.action_id or "")
    if action is not None:
        text = f"{outcome(action)} ({text})"
    return f"[desk {mark}: {frame}] {text}"


def _in_order(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with the desk's notices before what the customer wrote right before them.

    So the last thing that a model reads is the customer's.
    """
    found: list[Line] = []
    for line in lines:
        at = len(found)
        if line.speaker == "system":
            while at and found[at - 1].speaker == "customer":
                at -= 1
        found.insert(at, line)
    return found


def history_of(
    lines: Sequence[Line],
    *,
    told: str = "",
    actions: Mapping[str, Action] | None = None,
    mark: str = "",
) -> list[ModelMessage]:
    """Return the newest lines as messages; neighbours of one side are joined.

    `told` is what the desk tells the model at the end, e.g. what the customer has agreed to. `mark`
    frames all that the desk and colleagues say: it is new in every turn, so nobody can forge it.

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
    for line in _in_order(kept[::-1]):
        if line.speaker == "ai":
            text = TextPart(line.text)
            if found and isinstance(found[-1], ModelResponse):
                found[-1] = ModelResponse(parts=[*found[-1].parts, text])
            else:
                found.append(ModelResponse(parts=[text]))
            continue
        shown = _shown(line, actions or {}, mark)
        part = UserPromptPart(shown)
        if found and isinstance(found[-1], ModelRequest):
            found[-1] = ModelRequest(parts=[*found[-1].parts, part])
        else:
            found.append(ModelRequest(parts=[part]))
    if told:
        last = UserPromptPart(f"[desk {mark}: {told}]")
        if found and isinstance(found[-1], ModelRequest):
            found[-1] = ModelRequest(parts=[*found[-1].parts, last])
        else:
            found.append(ModelRequest(parts=[last]))
    if not found or isinstance(found[-1], ModelResponse):
        go_on = f"[desk {mark}: nothing new was written] Go on."
        found.append(ModelRequest(parts=[UserPromptPart(go_on)]))
    return found
