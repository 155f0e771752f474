"""Customers who say what real ones said: the customer side of dialogues in a JSONL file.

Each line is one dialogue, in one of three forms: `turns` (a list with `role` and `text`, as
`stepin judge` reads), `messages` (a list with `role` and `content`), or `messages_display` (one
text, one line per message, `user: …`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from stepin.errors import Invalid

_CUSTOMER = frozenset({"customer", "user"})
_DISPLAYED = re.compile(r"^(user|customer|assistant|agent|tool|system): ", re.MULTILINE)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(slots=True)
class Replayed:
    """One customer of a dialogue: says their next line whenever somebody has answered."""

    customer_id: str
    lines: tuple[str, ...]
    at: int = 0
    name: str = ""
    patience_s: float = field(default=60.0, init=False)

    @property
    def language(self) -> str:
        """What the lines are written in."""
        return "zh" if _CHINESE.search(self.lines[0]) else "en"

    @property
    def content(self) -> bool:
        """Whether everything has been said."""
        return self.at >= len(self.lines)

    def opening(self) -> tuple[str, ...]:
        """Return the first line."""
        self.at = 1
        return self.lines[:1]

    def answer(self, said: str, by: Literal["ai", "worker"]) -> tuple[str, ...]:
        """Return the next line, whatever was said."""
        line = self.lines[self.at : self.at + 1]
        self.at += len(line)
        return line

    def silence(self) -> str | None:
        """Leave: nobody said anything in the dialogue either."""
        return None

    def rating(self) -> int | None:
        """Return nothing: the file doesn't say."""
        return None

    def again(self) -> None:
        """Come back never."""
        return

    def saved(self) -> dict[str, Any]:
        """Return who this is and how far they are."""
        return {"customer_id": self.customer_id, "lines": list(self.lines), "at": self.at}


class ReplayedPeople:
    """The customers of a file, in its order, each once."""

    def __init__(self, dialogues: Sequence[tuple[str, ...]]) -> None:
        self._waiting = [Replayed(f"replay-{n:04d}", d) for n, d in enumerate(dialogues, start=1)]

    def __len__(self) -> int:
        """Return how many have not come yet."""
        return len(self._waiting)

    def draw(self, busy: frozenset[str]) -> Replayed | None:
        """Return the next one, None after the last."""
        return self._waiting.pop(0) if self._waiting else None

    def restored(self, saved: dict[str, Any]) -> Replayed | None:
        """Return one who was talking before a restart; they don't come a second time."""
        who = Replayed(saved["customer_id"], tuple(saved["lines"]), saved["at"])
        self._waiting = [one for one in self._waiting if one.customer_id != who.customer_id]
        return who


def read_dialogues(path: Path) -> ReplayedPeople:
    """Return the customers of a file; dialogues in which no customer speaks are left out.

    Raises
    ------
    Invalid
        ``dialogue_invalid``: the file can't be read, or a line is in none of the three forms; the
        message names the line.
    """
    try:
        rows = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            f"{path}: {getattr(error, 'strerror', None) or error}", code="dialogue_invalid"
        ) from error
    found = []
    for number, row in enumerate(rows, start=1):
        if row.strip():
            try:
                found.append(_said(msgspec.json.decode(row, type=dict[str, Any])))
            except (msgspec.MsgspecError, KeyError, TypeError, AttributeError) as error:
                raise Invalid(
                    f"{path}, line {number}: no dialogue ({error}).",
                    hint="A line is a JSON object with turns, messages or messages_display.",
                    code="dialogue_invalid",
                    line=number,
                ) from error
    spoken = [lines for lines in found if lines]
    if not spoken:
        raise Invalid(f"{path}: no customer says anything.", code="dialogue_invalid")
    return ReplayedPeople(spoken)


def _said(dialogue: Mapping[str, Any]) -> tuple[str, ...]:
    if "messages_display" in dialogue:
        parts = _DISPLAYED.split(dialogue["messages_display"])[1:]
        lines = list(zip(parts[::2], parts[1::2], strict=True))
    elif "turns" in dialogue:
        lines = [(t["role"], t["text"]) for t in dialogue["turns"]]
    else:
        lines = [(m["role"], m["content"]) for m in dialogue["messages"]]
    return tuple(text.strip() for role, text in lines if role in _CUSTOMER and text.strip())
