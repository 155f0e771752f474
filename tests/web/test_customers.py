"""A customer's whole way over HTTP: who they are, what they say, coming back, limits."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stepin.core.decide.decision import TEXT_CHARS
from stepin.core.events.chat import ChatOpened
from stepin.settings import Settings
from stepin.web.auth.token import LONGEST, IdentityClaims, sign
from tests.web.served import EACH_STORE, Served, serving


async def test_the_host_site_s_token_says_who_the_customer_is(served: Served) -> None:
    token = served.identity("dora", name="Dora D.", covariates={"orders": 3})
    _, opened = await served.customer(identity=token)
    first = (await served.app.site.log.read(f"chat/{opened['chat_id']}"))[0].event
    assert isinstance(first, ChatOpened)
    assert (first.customer_id, first.asserted, first.customer_name) == ("dora", True, "Dora D.")
    assert first.covariates == {"orders": 3}
    assert opened["visitor"] is None


async def test_nobody_becomes_somebody_without_a_good_token(served: Served) -> None:
    now = served.clock.us() / 1e6
    other = sign(IdentityClaims(sub="dora", aud="stepin", exp=now + 60), b"guessed")
    for token, status, code in [
        (other, 401, "token_signature"),
        (served.identity("dora", lives_s=-1), 401, "token_expired"),
        (served.identity("dora", lives_s=48 * 3_600), 403, "token_too_long"),
    ]:
        body = {"text": "It's me", "identity": token}
        answer = await served.client().post("/api/customer/chats", json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    answer = await served.client().post(
        "/api/customer/chats", json={"text": "x", "customer_id": "dora"}
    )
    assert answer.status_code == 400, "a body never says who somebody is"


@EACH_STORE
async def test_a_visitor_comes_back_as_the_same_visitor(served: Served) -> None:
    _, first = await served.customer("first")
    _, second = await served.customer("second", visitor=first["visitor"])
    event = (await served.app.site.log.read(f"chat/{second['chat_id']}"))[0].event
    assert isinstance(event, ChatOpened)
    assert event.previous_chat_id == first["chat_id"]
    assert not event.asserted
    answer = await served.client().post("/api/customer/return", json={"visitor": first["visitor"]})
    assert [c["chat_id"] for c in answer.json()["chats"]] == [second["chat_id"], first["chat_id"]]
    token = answer.json()["chats"][1]["token"]
    again = served.client({"authorization": f"Bearer {token}"})
    assert (await again.get(f"/api/customer/chats/{first['chat_id']}")).status_code == 200


async def test_an_anonymous_visitor_can_t_claim_a_signed_customer_s_chats(
    served: Served,
) -> None:
    await served.customer(identity=served.identity("dora"))
    answer = await served.client().post(
        "/api/customer/return", json={"identity": served.identity("eve")}
    )
    assert answer.json()["chats"] == []


async def test_a_chat_token_beside_somebody_else_s_identity_is_refused(served: Served) -> None:
    dora, opened = await served.customer(identity=served.identity("dora"))
    token = {"authorization": f"Bearer {opened['token']}"}
    path = f"/api/customer/chats/{opened['chat_id']}"
    asked = [
        ("GET", path, None),
        ("GET", f"{path}/feed", None),
        ("POST", f"{path}/messages", {"text": "I am Bob now"}),
        ("POST", f"{path}/typing", {}),
        ("POST", f"{path}/rating", {"rating": 1}),
        ("POST", f"{path}/leave", {}),
        (
            "POST",
            f"/api/chats/{opened['chat_id']}/commands",
            {"type": "PostMessage", "text": "I am Bob now"},
        ),
    ]
    bob = served.client({**token, "x-stepin-identity": served.identity("bob")})
    for method, where, body in asked:
        answer = await bob.request(method, where, json=body)
        found = (where, answer.status_code, answer.json()["error"]["code"])
        assert found == (where, 403, "another_customer")
    identity = served.identity("bob")
    for where, body in (
        ("/api/customer/return", {"identity": identity}),
        ("/api/customer/chats", {"identity": identity, "text": "I am Bob now"}),
    ):
        answer = await served.client(token).post(where, json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "another_customer")
    assert len(await served.app.site.log.streams(ref="customer:bob")) == 0
    forged = sign(IdentityClaims(sub="dora", aud="stepin", exp=2e9), b"guessed")
    answer = await served.client({**token, "x-stepin-identity": forged}).get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_signature")
    assert [m["text"] for m in (await dora.get(path)).json()["messages"]][:1] == ["Hello?"]


async def test_a_page_that_is_open_for_long_keeps_its_chat(served: Served) -> None:
    _, opened = await served.customer(identity=served.identity("dora"))
    headers = {
        "authorization": f"Bearer {opened['token']}",
        "x-stepin-identity": served.identity("dora", lives_s=-60),
    }
    path = f"/api/customer/chats/{opened['chat_id']}/messages"
    answer = await served.client(headers).post(path, json={"text": "still me"})
    assert answer.status_code == 200, "it says who is there; the chat token is what opens the chat"


async def test_a_signed_in_customer_does_not_get_a_visitor_s_chat(served: Served) -> None:
    _, opened = await served.customer()
    headers = {
        "authorization": f"Bearer {opened['token']}",
        "x-stepin-identity": served.identity("dora"),
    }
    path = f"/api/customer/chats/{opened['chat_id']}"
    assert (await served.client(headers).get(path)).status_code == 403


@EACH_STORE
async def test_a_visitor_whose_first_answer_was_lost_opens_one_chat(served: Served) -> None:
    answer = await served.client().post("/api/customer/return", json={})
    assert answer.status_code == 200
    assert (answer.json()["chats"], answer.json()["text_chars"]) == ([], TEXT_CHARS)
    body = {"text": "hello", "command_id": "o1", "visitor": answer.json()["visitor"]}
    answers = [await served.client().post("/api/customer/chats", json=body) for _ in range(2)]
    assert len({a.json()["chat_id"] for a in answers}) == 1


@EACH_STORE
async def test_a_message_sent_again_under_its_command_id_is_posted_once(served: Served) -> None:
    dora, opened = await served.customer()
    path = f"/api/customer/chats/{opened['chat_id']}/messages"
    body = {"text": "only once", "command_id": "m1"}
    seqs = {(await dora.post(path, json=body)).json()["seq"] for _ in range(3)}
    assert len(seqs) == 1
    other = await dora.post(path, json={**body, "text": "something else"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "command_reused")
    seen = (await dora.get(f"/api/customer/chats/{opened['chat_id']}")).json()
    assert [m["text"] for m in seen["messages"]].count("only once") == 1


@EACH_STORE
async def test_opening_a_chat_again_under_its_command_id_opens_one(served: Served) -> None:
    identity = served.identity("dora")
    body = {"text": "hello", "command_id": "o1", "identity": identity}
    answers = [await served.client().post("/api/customer/chats", json=body) for _ in range(3)]
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["chat_id"] for a in answers}) == 1


@EACH_STORE
async def test_rating_comes_after_the_end_once(served: Served) -> None:
    ann = await served.on_duty("ann")
    dora, opened = await served.customer()
    chat = f"/api/customer/chats/{opened['chat_id']}"
    early = await dora.post(f"{chat}/rating", json={"rating": 5})
    assert early.status_code == 409
    await served.held(ann, opened["chat_id"])
    await served.command(ann, opened["chat_id"], type="CloseChat")
    assert (await dora.post(f"{chat}/rating", json={"rating": 6})).status_code == 422
    assert (await dora.post(f"{chat}/rating", json={"rating": 4})).status_code == 200
    assert (await dora.post(f"{chat}/rating", json={"rating": 1})).status_code == 409
    assert (await dora.get(chat)).json()["chat"]["rating"] == 4
    assert (await dora.post(f"{chat}/messages", json={"text": "more"})).status_code == 409


@pytest.mark.parametrize("text", ["", "   ", "x" * 8_001])
async def test_a_message_without_text_or_with_too_much_is_refused(
    served: Served, text: str
) -> None:
    dora, opened = await served.customer()
    answer = await dora.post(
        f"/api/customer/chats/{opened['chat_id']}/messages", json={"text": text}
    )
    assert answer.status_code == 422


async def test_size_limits(tmp_path: Path) -> None:
    async with serving(tmp_path, body_bytes=1_000) as served:
        dora, opened = await served.customer()
        path = f"/api/customer/chats/{opened['chat_id']}/messages"
        assert (await dora.post(path, json={"text": "x" * 2_000})).status_code == 413

        async def unannounced() -> AsyncIterator[bytes]:
            for _ in range(50):
                yield b"x" * 500

        headers = {"content-type": "application/json"}
        answer = await dora.post(path, content=unannounced(), headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


async def test_rate_limits_say_when_to_come_back(tmp_path: Path) -> None:
    async with serving(tmp_path, messages_per_minute=2, opens_per_minute=2) as served:
        dora, opened = await served.customer()
        eve, other = await served.customer()
        path = "/api/customer/chats/{}/messages"
        mine = path.format(opened["chat_id"])
        codes = [(await dora.post(mine, json={"text": "m"})).status_code for _ in range(3)]
        assert codes == [200, 200, 429]
        hers = await eve.post(path.format(other["chat_id"]), json={"text": "m"})
        assert hers.status_code == 200, "one chat's limit is not another's"
        refused = await served.client().post("/api/customer/chats", json={"text": "x"})
        assert refused.status_code == 429
        wait_s = float(refused.headers["retry-after"])
        served.clock.ahead_s += wait_s
        again = await served.client().post("/api/customer/chats", json={"text": "x"})
        assert again.status_code == 201


async def test_an_integrator_opens_a_chat_for_a_customer_and_goes_on_with_its_token(
    served: Served,
) -> None:
    key = await served.key("chats:open")
    answer = await key.post(
        "/api/integration/chats", json={"customer_id": "dora", "text": "by mail", "channel": "mail"}
    )
    assert answer.status_code == 201
    opened = answer.json()
    first = (await served.app.site.log.read(f"chat/{opened['chat_id']}"))[0].event
    assert isinstance(first, ChatOpened)
    assert (first.customer_id, first.asserted, first.channel) == ("dora", True, "mail")
    client = served.client({"authorization": f"Bearer {opened['token']}"})
    posted = await client.post(
        f"/api/customer/chats/{opened['chat_id']}/messages", json={"text": "more"}
    )
    assert posted.status_code == 200


async def test_only_named_sites_may_embed_the_widget(tmp_path: Path) -> None:
    async with serving(tmp_path, widget_origins=("https://shop.example",)) as served:
        for origin, allowed in (("https://shop.example", True), ("https://evil.example", False)):
            client = served.client({"origin": origin})
            asked = await client.request("OPTIONS", "/api/customer/chats")
            assert asked.status_code == 204
            opened = await client.post("/api/customer/chats", json={"text": "hi"})
            own = {"token": opened.json()["token"]}
            path = f"/api/customer/chats/{opened.json()['chat_id']}/feed"
            async with client.stream("GET", path, params=own) as feed:
                assert feed.status_code == 200
            for answer in (asked, opened, feed):
                found = answer.headers.get("access-control-allow-origin")
                assert found == (origin if allowed else None)
            floor = await client.get("/api/floor")
            assert "access-control-allow-origin" not in floor.headers


async def test_a_customer_never_says_how_a_chat_ended(served: Served) -> None:
    for more in (
        {"disposition": "refunded"},
        {"reason": "transferred"},
        {"reason": "abandoned"},
        {"reason": "timed_out", "disposition": "x"},
    ):
        client, opened = await served.customer()
        chat_id = opened["chat_id"]
        said = await served.command(client, chat_id, 403, type="CloseChat", **more)
        assert said["error"]["code"] == "worker_only"
        await served.command(client, chat_id, type="CloseChat")
        chat = await served.app.desk.chat(chat_id)
        assert (chat.episode, chat.close_reason, chat.stage.disposition) == (
            "closed",
            "resolved",
            None,
        )


LOOKALIKES = ["dora\u200b", " dora", "dora ", "do\u00adra", "dor\uff41", "x" * 101, "dora\u3164"]


@pytest.mark.parametrize("customer_id", LOOKALIKES)
async def test_no_customer_looks_like_another(served: Served, customer_id: str) -> None:
    vouched = await served.key("chats:open")
    body = {"customer_id": customer_id, "text": "hello"}
    answers = [await vouched.post("/api/integration/chats", json=body)]
    token = served.identity(customer_id)
    for path in ("/api/customer/chats", "/api/customer/return"):
        named = {"identity": token} | ({"text": "hello"} if path.endswith("chats") else {})
        answers.append(await served.client().post(path, json=named))
    assert [a.status_code for a in answers] == [400, 400, 400]
    codes = {a.json()["error"]["code"] for a in answers}
    assert codes <= {"customer_id", "body_invalid"}
    assert await served.app.site.log.streams(ref=f"customer:{customer_id}") == []


async def test_an_id_in_any_script_is_one(served: Served) -> None:
    for customer_id in ("dora", "C1001", "王芳", "zoë@example.com", "a b"):
        _, opened = await served.customer(identity=served.identity(customer_id))
        assert (await served.app.desk.chat(opened["chat_id"])).customer_id == customer_id


async def test_the_longest_text_fits_however_json_writes_it(served: Served) -> None:
    text = "\U0001f600" * TEXT_CHARS
    body = json.dumps({"text": text, "identity": served.identity("dora")}, ensure_ascii=True)
    headers = {"content-type": "application/json"}
    opened = await served.client(headers).post("/api/customer/chats", content=body)
    assert opened.status_code == 201, opened.text
    token = {"authorization": f"Bearer {opened.json()['token']}"}
    again = json.dumps({"text": text, "command_id": "x" * 100}, ensure_ascii=True)
    path = f"/api/customer/chats/{opened.json()['chat_id']}/messages"
    answer = await served.client(headers | token).post(path, content=again)
    assert answer.status_code == 200, answer.text
    assert Settings().body_bytes >= 12 * TEXT_CHARS + 2 * LONGEST
