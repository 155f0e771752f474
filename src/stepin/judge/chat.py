"""A chat as the judge reads it: turns with a role, a text and what the tools returned.

Labels (``handoff``, ``sentiment``, ``rating``, ``intent``, ``retrial``) are optional and are
never looked at when scoring.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from stepin.errors import Invalid, Missing
from stepin.language.reading import READ_CHARS, read_part

Role = Literal["customer", "ai", "worker", "system"]

ROLES: dict[str, Role] = {
    "customer": "customer",
    "user": "customer",
    "ai": "ai",
    "assistant": "ai",
    "bot": "ai",
    "worker": "worker",
    "human": "worker",
    "system": "system",
    "tool": "system",
}
"""Spellings of a role that are read from files."""

Sentiment = Literal[0, 1, 2]
"""0 negative, 1 neutral, 2 positive."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One message, and what is known about the AI's work just before it.

    ``n_tools_failed`` and ``n_tools_empty`` count calls since the turn before that returned an
    error or nothing; ``confidence`` is the brain's own, 0 … 1. Of a long text only `read_part` is
    kept, here and where models are fitted.
    """

    role: Role
    text: str
    n_tools: int = 0
    n_tools_failed: int = 0
    n_tools_empty: int = 0
    confidence: float | None = None
    handoff: bool | None = None
    sentiment: Sentiment | None = None

    def __post_init__(self) -> None:
        if len(self.text) > READ_CHARS:
            msgspec.structs.force_setattr(self, "text", read_part(self.text))


class LabelledChat(msgspec.Struct, frozen=True, kw_only=True):
    """A chat's turns in order, and the labels of the whole.

    ``rating`` is the label in the file's own scale; ``retrial`` says whether the customer came
    back with the same issue within the window.
    """

    chat_id: str
    turns: tuple[Turn, ...]
    rating: int | None = None
    intent: str | None = None
    retrial: bool | None = None


Count = Annotated[int, msgspec.Meta(ge=0)]


class _FileTurn(msgspec.Struct, frozen=True):
    role: str
    text: str | None = None
    n_tools: Count = 0
    n_tools_failed: Count = 0
    n_tools_empty: Count = 0
    confidence: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    handoff: bool | int | None = None
    sentiment: int | None = None


class _FileChat(msgspec.Struct, frozen=True):
    chat_id: str
    turns: list[_FileTurn]
    rating: int | None = None
    intent: str | None = None
    retrial: bool | int | None = None


_DECODER = msgspec.json.Decoder(_FileChat)


def read_jsonl(path: str | Path) -> list[LabelledChat]:
    """Return the chats of a file with one JSON object per line.

    Raises
    ------
    Missing
        If there is no such file.
    Invalid
        If a line isn't a chat (the error names the line), a chat_id comes twice, or there is none.
    """
    source = Path(path)
    if not source.is_file():
        raise Missing(
            f"There is no file {source}.", code="no_file", hint="Check the path.", path=str(source)
        )
    chats: list[LabelledChat] = []
    seen: set[str] = set()
    with source.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if number == 1:
                line = line.removeprefix(BOM_UTF8)
            if not line.strip():
                continue
            chat = _parse(line, source, number)
            if chat.chat_id in seen:
                raise Invalid(
                    f"{source}, line {number}: chat_id {chat.chat_id!r} comes twice.",
                    code="chat_twice",
                    hint="Give every chat an id of its own.",
                    line=number,
                )
            seen.add(chat.chat_id)
            chats.append(chat)
    if not chats:
        raise Invalid(
            f"{source} holds no chat.",
            code="no_chats",
            hint="A line is a JSON object with chat_id and turns; a turn has role and text.",
            path=str(source),
        )
    return chats


def _parse(line: bytes, source: Path, number: int) -> LabelledChat:
    try:
        raw = _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _bad_line(source, number, str(error)) from error
    turns: list[Turn] = []
    for place, turn in enumerate(raw.turns):
        role = ROLES.get(turn.role)
        if role is None:
            known = ", ".join(ROLES)
            raise _bad_line(
                source, number, f"turn {place} has the role {turn.role!r}; known are {known}"
            )
        if turn.sentiment not in (None, 0, 1, 2):
            raise _bad_line(source, number, f"turn {place} has the sentiment {turn.sentiment}")
        turns.append(
            Turn(
                role=role,
                text=turn.text or "",
                n_tools=turn.n_tools,
                n_tools_failed=turn.n_tools_failed,
                n_tools_empty=turn.n_tools_empty,
                confidence=turn.confidence,
                handoff=None if turn.handoff is None else bool(turn.handoff),
                sentiment=turn.sentiment,  # type: ignore[arg-type]
            )
        )
    return LabelledChat(
        chat_id=raw.chat_id,
        turns=tuple(turns),
        rating=raw.rating,
        intent=raw.intent,
        retrial=None if raw.retrial is None else bool(raw.retrial),
    )


def _bad_line(source: Path, number: int, why: str) -> Invalid:
    return Invalid(
        f"{source}, line {number}: {why}.",
        code="bad_chat",
        hint="A line is a JSON object with chat_id and turns; a turn has role and text.",
        line=number,
    )


def opening(chat: LabelledChat) -> str:
    """Return the customer's first message, or an empty text if there is none."""
    return next((turn.text for turn in chat.turns if turn.role == "customer"), "")


def spoken(turns: Iterable[Turn]) -> Iterator[Turn]:
    """Yield the turns that somebody said, leaving the system's out."""
    return (turn for turn in turns if turn.role != "system")
