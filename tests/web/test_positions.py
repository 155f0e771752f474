"""No position, seq or epoch that a client gives is believed beyond what the log holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from stepin.web.routes.chats import COMMANDS
from tests.core.test_wording import made, texts
from tests.web.served import Served, feed, serving
from tests.web.test_commands import Shop

FAR = 10**9


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path, tools=Shop(), log=f"sqlite:///{tmp_path / 'log.sqlite'}") as desk:
        yield desk


def body_of(kind: type[Any], **more: Any) -> dict[str, Any]:
    """A command of a kind with whatever it needs."""
    needed: dict[str, Any] = {
        "text": "words",
        "note": "words",
        "rating": 3,
        "tool": "refund",
        "arguments": {"order": "A-1"},
        "action_id": "a1",
        "digest": "d",
    }
    known = kind.__struct_fields__
    return {"type": kind.__name__, **{k: v for k, v in needed.items() if k in known}, **more}


async def test_a_command_decided_on_what_nobody_has_seen_is_refused(shop: Served) -> None:
    ann = await shop.on_duty()
    _, opened = await shop.customer()
    chat_id = opened["chat_id"]
    await shop.held(ann, chat_id)
    before = (await ann.get(f"/api/chats/{chat_id}")).json()["card"]
    for kind in COMMANDS:
        for given in ({"expect_seq": FAR}, {"expect_epoch": FAR}):
            said = await shop.command(ann, chat_id, 400, **body_of(kind, **given))
            assert (kind, said["error"]["code"]) == (kind, "ahead_of_log")
    assert (await ann.get(f"/api/chats/{chat_id}")).json()["card"] == before


async def test_an_approval_that_has_seen_what_isn_t_written_is_refused(shop: Served) -> None:
    ann, lea = await shop.on_duty(), await shop.worker("lea", "admin")
    _, opened = await shop.customer(identity=shop.identity("dora"))
    chat_id = opened["chat_id"]
    await shop.held(ann, chat_id)
    wish = {"order": "A-1", "amount": 5_000}
    await shop.command(ann, chat_id, type="ProposeAction", tool="refund", arguments=wish)
    seen = (await lea.get(f"/api/chats/{chat_id}")).json()
    (action,) = seen["card"]["actions"]
    named = {"action_id": action["action_id"], "digest": action["digest"]}
    for more in (
        {"type": "ApproveAction"},
        {"type": "EditAction", "arguments": {"order": "A-1", "amount": 4_000}},
    ):
        for seq in (seen["card"]["seq"] + 1, FAR):
            said = await shop.command(lea, chat_id, 400, **more, **named, seen_seq=seq)
            assert said["error"]["code"] == "ahead_of_log"
    await shop.command(lea, chat_id, type="ApproveAction", **named, seen_seq=seen["card"]["seq"])


async def test_entries_after_what_isn_t_written_are_refused(shop: Served) -> None:
    ann = await shop.on_duty()
    _, opened = await shop.customer()
    path = f"/api/chats/{opened['chat_id']}"
    await shop.settled(opened["chat_id"])
    seq = (await ann.get(path)).json()["card"]["seq"]
    answer = await ann.get(f"{path}/entries", params={"after_seq": seq})
    assert answer.json() == {"entries": []}
    answer = await ann.get(f"{path}/entries", params={"after_seq": FAR})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "ahead_of_log")


async def test_a_feed_from_what_isn_t_written_begins_anew(shop: Served) -> None:
    ann = await shop.on_duty()
    customer, opened = await shop.customer()
    path = f"/api/customer/chats/{opened['chat_id']}/feed"
    async with feed(customer, path, after=FAR) as anew:
        assert (await anew.event("snapshot"))["data"]["chat"]
    async with feed(ann, "/api/feed", after=FAR) as anew:
        assert await anew.event("reset")


async def test_every_text_of_every_command_is_looked_at(shop: Served) -> None:
    """Over HTTP, in a chat where the command might be carried out."""
    ann = await shop.on_duty()
    _, opened = await shop.customer()
    await shop.held(ann, opened["chat_id"])
    for kind, name in texts():
        many = isinstance(getattr(made(kind, name, "x"), name), tuple)
        for bad, code in (("\u200b", "empty_text"), ("x" * 9_000, "text_too_long")):
            body = body_of(kind, **{name: [bad] if many else bad})
            answer = await ann.post(f"/api/chats/{opened['chat_id']}/commands", json=body)
            assert (kind, name, answer.json()["error"]["code"]) == (kind, name, code)


async def test_who_holds_a_chat_reads_why_a_whisper_reaches_nobody(shop: Served) -> None:
    ann = await shop.on_duty()
    _, opened = await shop.customer()
    await shop.held(ann, opened["chat_id"])
    said = await shop.command(ann, opened["chat_id"], 409, type="Whisper", text="be kind")
    assert "You hold" in said["error"]["message"]
    assert "another worker" not in said["error"]["message"]
