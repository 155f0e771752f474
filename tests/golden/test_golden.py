"""The golden log is what the code writes today, and its chats are what they were."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from stepin.core.chat import Chat, chat_id_of, fold
from tests.golden.story import FILE, encode, load, tell_to


def chats() -> dict[str, Chat]:
    events = sorted(load(), key=lambda e: (e.stream, e.seq))
    return {
        chat_id: fold(chat_id, list(group))
        for stream, group in groupby(events, key=lambda e: e.stream)
        if (chat_id := chat_id_of(stream)) is not None
    }


async def test_the_code_still_writes_the_golden_log(tmp_path: Path) -> None:
    assert encode(await tell_to(tmp_path / "log.sqlite")) == FILE.read_bytes()


def test_positions_and_seqs_have_no_gaps() -> None:
    events = load()
    assert [e.position for e in events] == list(range(1, len(events) + 1))


def test_every_chat_is_closed_with_its_path() -> None:
    assert {k: (c.episode, c.path, c.rating) for k, c in chats().items()} == {
        "c1": ("closed", "none", 5),
        "c2": ("closed", "technical", 4),
        "c3": ("closed", "none", None),
        "c4": ("closed", "emotional", 1),
        "c5": ("closed", "none", 5),
        "c6": ("closed", "none", None),
    }


def test_the_ai_held_only_eligible_chats_of_treated_owners() -> None:
    held = {k: c.ai_messages > 0 for k, c in chats().items()}
    assert held == {"c1": True, "c2": True, "c3": True, "c4": True, "c5": False, "c6": False}
