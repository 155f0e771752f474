"""Whatever a worker asks for while a trial runs, it doesn't tell which colleague has the AI."""

from __future__ import annotations

import json
from typing import Any

from tests.web.arms import on_trial
from tests.web.served import Served, feed

ARMS = {"ann": "treated", "bo": "treated", "cy": "control", "di": "control"}
PARTS = ("chat", "chats", "card", "entries", "hits", "error")
WISHES: tuple[dict[str, str], ...] = (
    {"type": "Reply", "text": "x"},
    {"type": "HandBack", "note": "x"},
    {"type": "Whisper", "text": "x"},
    {"type": "TakeOver"},
    {"type": "Transfer", "to_worker": "cy"},
)


def about_chats(told: list[dict[str, Any]]) -> list[str]:
    """Return the parts of answers that are about chats, each as text."""
    return [json.dumps(one[part]) for one in told for part in PARTS if one.get(part)]


async def test_a_worker_can_t_tell_who_has_the_ai(served: Served) -> None:
    await on_trial(served, ARMS)
    staff = {w: await served.on_duty(w) for w in ARMS}
    lena, cy = await served.worker("lena", "lead"), staff["cy"]
    by_hand = []
    async with feed(cy, "/api/feed") as live:
        told = [(await live.event("snapshot"))["data"]]
        chats: list[str] = []
        by_ai = 0
        while not by_hand or by_ai < 2:
            assert len(chats) < 100
            _, opened = await served.customer("hello", identity=served.identity("dora"))
            chat_id = opened["chat_id"]
            await served.settled(chat_id)
            chats.append(chat_id)
            card = (await lena.get(f"/api/chats/{chat_id}")).json()["card"]
            owner = card["owner"]
            if card["holder"]["kind"] == "ai":
                by_ai += 1
                await served.command(staff[owner], chat_id, type="TakeOver")
                await served.command(staff[owner], chat_id, type="HandBack", note="go on")
            elif owner != "cy":
                by_hand.append(chat_id)
            await served.command(staff[owner], chat_id, type="AddNote", text="a note")
        await served.customer("is anybody there")
        told += [f["data"] for f in await live.until_text("is anybody there")]

    for chat_id in chats:
        told.append((await cy.get(f"/api/chats/{chat_id}")).json())
        told.append((await cy.get(f"/api/chats/{chat_id}/entries")).json())
    for wish in WISHES:
        refused = await cy.post(f"/api/chats/{by_hand[0]}/commands", json=wish)
        assert refused.status_code in (409, 422), refused.text
        told.append(refused.json())
    told.append((await cy.get("/api/customers/dora/chats")).json())
    told.append((await cy.get("/api/search", params={"text": "hello"})).json())
    told.append((await cy.get("/api/floor")).json())

    texts = about_chats(told)
    assert len(texts) > 10
    assert any("a note" in text for text in texts)
    names = [f'"{kind}{w}"' for kind in ("", "worker:") for w in ("ann", "bo", "di", "lena")]
    assert not [(name, text) for text in texts for name in names if name in text]
    assert not [text for text in texts if '"ai:' in text.replace('"ai:"', "")]
    cards = [w for one in told for w in one.get("workers", ())]
    assert {w["worker_id"] for w in cards} == set(ARMS)
    assert {w["load"] for w in cards} == {None}
    floor = (await lena.get("/api/floor")).json()
    assert {w["load"]["supervises"] > 0 for w in floor["workers"]} == {True, False}
