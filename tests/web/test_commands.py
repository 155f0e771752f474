"""Every command over HTTP, and the feed law after each of them, for both feeds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stepin.agent.tools.tool import Caller, CallPlan, Tool, ToolFailed
from stepin.desk.feeds.board import FloorView, reduce_floor
from stepin.desk.feeds.customer import CustomerSnapshot, reduce_customer
from stepin.desk.feeds.masking import Viewer
from stepin.web.routes.chats import COMMANDS
from tests.desk.feeds.test_hub import Ears
from tests.web.served import EACH_STORE, Served, serving


async def plan(caller: Caller, arguments: Mapping[str, Any]) -> CallPlan:
    if "order" not in arguments:
        raise ToolFailed("no_order", "Which order?")
    return CallPlan(
        arguments=dict(arguments),
        records={"order": arguments["order"]},
        amount=float(arguments.get("amount", 0)),
        intent=f"refund:{arguments['order']}:{arguments.get('amount', 0)}",
    )


async def refund(caller: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"refunded": arguments.get("amount", 0)}


REFUND = Tool(
    name="refund",
    version="1",
    doc="Gives money back.",
    parameters={"type": "object"},
    risk="money",
    customer_scoped=True,
    plan=plan,
    call=refund,
)


class Shop:
    """A catalogue with one tool."""

    def get(self, name: str) -> Tool | None:
        return REFUND if name == "refund" else None

    def all(self) -> tuple[Tool, ...]:
        return (REFUND,)


class Law:
    """Both feeds of a desk, held against fresh snapshots."""

    def __init__(self, served: Served, viewers: list[Viewer]) -> None:
        self.hub = served.app.site.hub
        self.served = served
        self.floors = [(v, self.hub.snapshot(v), Ears()) for v in viewers]
        for viewer, view, ears in self.floors:
            self.hub.watch_floor(ears, viewer, view.position)
        self.chats: dict[str, tuple[CustomerSnapshot, Ears]] = {}

    async def follow(self, chat_id: str) -> None:
        snapshot = await self.hub.customer_view(chat_id)
        ears = Ears()
        await self.hub.watch_chat(ears, chat_id, snapshot.seq)
        self.chats[chat_id] = (snapshot, ears)

    async def holds(self) -> None:
        log = self.served.app.site.log
        for _ in range(200):
            position = await log.position()
            await self.served.caught_up()
            for viewer, view, ears in self.floors:
                now = view
                for update in ears.floor:
                    now = reduce_floor(now, update)
                assert _floor(now) == _floor(self.hub.snapshot(viewer)), viewer
            wrong = []
            for chat_id, (snapshot, ears) in self.chats.items():
                reduced = snapshot
                for change in list(ears.chat):
                    reduced = reduce_customer(reduced, change)
                fresh = await self.hub.customer_view(chat_id)
                if (reduced.chat, reduced.messages) != (fresh.chat, fresh.messages):
                    wrong.append((reduced, fresh))
            if await log.position() == position:
                assert wrong == []
                return
        raise AssertionError("The log never came to rest.")


def _floor(view: FloorView) -> tuple[list[Any], list[Any], dict[str, bool]]:
    return (
        sorted(view.chats, key=lambda c: c.chat_id),
        sorted(view.workers, key=lambda w: w.worker_id),
        view.switches,
    )


@pytest.fixture
async def shop(tmp_path: Path, log_url: str) -> AsyncIterator[Served]:
    async with serving(tmp_path, tools=Shop(), log=log_url) as served:
        yield served


@EACH_STORE
async def test_the_feed_law_holds_after_every_command(shop: Served) -> None:
    ann, lena = await shop.on_duty("ann"), await shop.on_duty("lena", "lead")
    law = Law(shop, [Viewer("ann", "worker"), Viewer("lena", "lead"), Viewer("bea", "worker")])
    dora, opened = await shop.customer("Hello", identity=shop.identity("dora"))
    chat_id = opened["chat_id"]
    await law.follow(chat_id)
    done: set[str] = set()

    async def do(client: Any, expect: int = 200, **body: Any) -> dict[str, Any]:
        answer = await shop.command(client, chat_id, expect, **body)
        done.add(body["type"])
        await law.holds()
        return answer

    async def waiting(action: str) -> dict[str, Any]:
        chat = (await lena.get(f"/api/chats/{chat_id}")).json()
        (card,) = [a for a in chat["card"]["actions"] if a["state"] == action]
        found: dict[str, Any] = card
        return found

    async def propose(amount: float) -> dict[str, Any]:
        arguments = {"order": "A-1", "amount": amount}
        await do(ann, type="ProposeAction", tool="refund", arguments=arguments)
        return await waiting("proposed")

    async def until(is_so: Any) -> None:
        async with asyncio.timeout(20):
            await shop.app.desk.services.follower.until(chat_id, is_so)

    await shop.settled(chat_id)
    await law.holds()
    await do(dora, type="PostMessage", text="I would like a person please")
    await until(lambda c: c.escalation is not None and c.escalation.state == "alerted")
    alerted = (await lena.get(f"/api/chats/{chat_id}")).json()["card"]
    owner = ann if alerted["owner"] == "ann" else lena
    await do(owner, type="AcknowledgeAlert")
    await do(owner, type="Whisper", text="Offer a coupon")
    await until(lambda c: c.turn_id is None)
    if (await shop.app.desk.chat(chat_id)).escalation.live:  # type: ignore[union-attr]
        await do(owner, type="DeclineEscalation", reason="The AI can do it")
    await do(ann, type="TakeOver")
    await do(ann, type="Reply", text="This is Ann")
    await do(ann, type="AddNote", text="LEAK a note")
    await do(ann, type="ChangeLabels", add=["refund"])
    card = await propose(500)
    await do(lena, type="DenyAction", action_id=card["action_id"], reason="too much")
    card = await propose(400)
    await do(
        lena,
        type="EditAction",
        action_id=card["action_id"],
        digest=card["digest"],
        arguments={"order": "A-1", "amount": 300},
    )
    await until(lambda c: all(a.state in ("succeeded", "denied") for a in c.actions.values()))
    await law.holds()
    card = await propose(250)
    await do(lena, type="ApproveAction", action_id=card["action_id"], digest=card["digest"])
    await until(lambda c: sum(a.state == "succeeded" for a in c.actions.values()) == 2)
    await law.holds()
    await do(ann, type="HandBack", note="LEAK all explained")
    await do(ann, type="Reply", text="Wait, I go on")
    await do(ann, type="Transfer", to_worker="lena", note="LEAK for you")
    await do(lena, type="CloseChat", reason="resolved")
    await do(lena, type="EndWrapUp", disposition="solved")
    await do(dora, type="Rate", rating=5)
    assert done == {c.__name__ for c in COMMANDS}
    snapshot, ears = law.chats[chat_id]
    assert b"LEAK" not in b"".join(ears.frames) + msgspec.json.encode(snapshot)
    assert b"LEAK" in b"".join(law.floors[1][2].frames)


@EACH_STORE
async def test_a_stale_picture_is_409_with_the_current_seq(shop: Served) -> None:
    ann = await shop.on_duty("ann")
    _, opened = await shop.customer()
    chat_id = opened["chat_id"]
    await shop.held(ann, chat_id)
    view = (await ann.get(f"/api/chats/{chat_id}")).json()
    seq = view["card"]["seq"]
    await shop.command(ann, chat_id, type="AddNote", text="first", expect_seq=seq)
    stale = await shop.command(ann, chat_id, 409, type="AddNote", text="second", expect_seq=seq)
    assert stale["error"]["code"] == "stale_picture"
    assert stale["error"]["fields"]["seq"] == seq + 1


@EACH_STORE
async def test_a_command_sent_again_answers_as_the_first_time(shop: Served) -> None:
    ann = await shop.on_duty("ann")
    _, opened = await shop.customer()
    await shop.settled(opened["chat_id"])
    first = await shop.command(ann, opened["chat_id"], type="TakeOver", command_id="t1")
    again = await shop.command(ann, opened["chat_id"], type="TakeOver", command_id="t1")
    assert (again["seq"], first["replayed"], again["replayed"]) == (first["seq"], False, True)


@EACH_STORE
async def test_two_workers_take_over_at_once_and_one_wins(shop: Served) -> None:
    ann, bea = await shop.on_duty("ann"), await shop.on_duty("bea")
    _, opened = await shop.customer()
    await shop.settled(opened["chat_id"])
    path = f"/api/chats/{opened['chat_id']}/commands"
    answers = await asyncio.gather(*(c.post(path, json={"type": "TakeOver"}) for c in (ann, bea)))
    assert sorted(a.status_code for a in answers) == [200, 409]
    (refused,) = [a for a in answers if a.status_code == 409]
    assert refused.json()["error"]["code"] == "held_by_worker"


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"type": "Nonsense"},
        {"type": "Reply"},
        {"type": "Reply", "text": 5},
        {"type": "Reply", "text": "x", "extra": 1},
        {"type": "Reply", "text": "x", "chat_id": "another"},
        {"type": "Reply", "text": "x", "command_id": ""},
    ],
)
async def test_what_is_no_command_is_400(shop: Served, body: Any) -> None:
    ann = await shop.worker("ann")
    answer = await ann.post("/api/chats/c1/commands", json=body)
    assert answer.status_code == 400


async def test_a_plan_is_previewed_without_being_carried_out(shop: Served) -> None:
    ann = await shop.worker("ann")
    _, opened = await shop.customer(identity=shop.identity("dora"))
    path = f"/api/chats/{opened['chat_id']}/plan"
    body = {"tool": "refund", "arguments": {"order": "A-1", "amount": 3}}
    preview = (await ann.post(path, json=body)).json()
    assert (preview["records"], preview["amount"]) == ({"order": "A-1"}, 3.0)
    wrong = await ann.post(path, json={"tool": "refund", "arguments": {}})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "no_order")
    assert (await ann.post(path, json={"tool": "none"})).status_code == 404
    _, anonymous = await shop.customer()
    refused = await ann.post(f"/api/chats/{anonymous['chat_id']}/plan", json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_asserted")


@EACH_STORE
async def test_search_history_tools_and_colleagues(shop: Served) -> None:
    ann = await shop.on_duty("ann")
    await shop.worker("bea")
    _, first = await shop.customer("a purple lamp", identity=shop.identity("dora"))
    _, second = await shop.customer("again", identity=shop.identity("dora"))
    found = (await ann.get("/api/search", params={"text": "purple lamp"})).json()
    assert [h["chat_id"] for h in found["hits"]] == [first["chat_id"]]
    history = (await ann.get("/api/customers/dora/chats")).json()["chats"]
    assert [c["chat_id"] for c in history] == [second["chat_id"], first["chat_id"]]
    assert not {"rating", "holder", "policy_version", "trial_id"} & set(history[0])
    assert [t["name"] for t in (await ann.get("/api/tools")).json()["tools"]] == ["refund"]
    colleagues = (await ann.get("/api/colleagues")).json()["workers"]
    assert [(c["worker_id"], c["signed_on"]) for c in colleagues] == [("ann", True), ("bea", False)]


@EACH_STORE
async def test_a_kill_switch_reaches_the_floor(shop: Served) -> None:
    lead = await shop.worker("lena", "lead")
    body = {"switch": "ai", "stopped": True, "why": "it talks nonsense"}
    assert (await lead.post("/api/switches", json=body)).status_code == 200
    await shop.caught_up()
    assert (await lead.get("/api/floor")).json()["switches"] == {"ai": True}
    unknown = await lead.post("/api/switches", json={**body, "switch": "everything"})
    assert unknown.status_code == 400


async def test_a_command_decided_under_another_holder_is_refused(shop: Served) -> None:
    ann, lea = await shop.on_duty("ann"), await shop.on_duty("lea", "lead")
    _, opened = await shop.customer()
    chat_id = opened["chat_id"]
    await shop.held(ann, chat_id)
    epoch = (await lea.get(f"/api/chats/{chat_id}")).json()["card"]["epoch"]
    await shop.command(lea, chat_id, type="TakeOver", expect_epoch=epoch)
    acts: tuple[dict[str, Any], ...] = (
        {"type": "TakeOver"},
        {"type": "Reply", "text": "late"},
        {"type": "ProposeAction", "tool": "find_order", "arguments": {"order": "A-1001"}},
    )
    for act in acts:
        late = await shop.command(ann, chat_id, 409, expect_epoch=epoch, **act)
        assert late["error"]["code"] == "stale_picture"
        assert late["error"]["fields"]["epoch"] == epoch + 1
    text = "the lead holds it"
    await shop.command(lea, chat_id, type="Reply", text=text, expect_epoch=epoch + 1)


async def test_nothing_is_handed_back_where_there_is_no_ai(shop: Served) -> None:
    ann, lea = await shop.on_duty("ann"), await shop.on_duty("lea", "lead")
    _, opened = await shop.customer()
    await shop.held(ann, opened["chat_id"])
    await lea.post("/api/switches", json={"switch": "ai", "stopped": True, "why": "a test"})
    back = await shop.command(ann, opened["chat_id"], 422, type="HandBack", note="go on")
    assert back["error"]["code"] == "ai_off"
