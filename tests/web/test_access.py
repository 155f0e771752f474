"""Every endpoint tried as everybody; the table below must name every endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from stepin.web.routing.table import ENDPOINTS
from tests.web.served import Served, serving

CALLERS = (
    "anonymous",
    "customer",
    "another customer",
    "worker",
    "lead",
    "admin",
    "key without scope",
    "key with every scope",
)
EVERYBODY = frozenset(CALLERS)
WORKERS = frozenset({"worker", "lead", "admin"})
LEADS = frozenset({"lead", "admin"})
ADMIN = frozenset({"admin"})
CUSTOMER = frozenset({"customer"})
KEY = frozenset({"key with every scope"})

ALLOWED: dict[tuple[str, str], frozenset[str]] = {
    ("POST", "/api/customer/chats"): EVERYBODY,
    ("POST", "/api/customer/return"): EVERYBODY,
    ("GET", "/api/customer/chats/{chat_id}"): CUSTOMER,
    ("POST", "/api/customer/chats/{chat_id}/messages"): CUSTOMER,
    ("POST", "/api/customer/chats/{chat_id}/typing"): CUSTOMER,
    ("POST", "/api/customer/chats/{chat_id}/rating"): CUSTOMER,
    ("POST", "/api/customer/chats/{chat_id}/leave"): CUSTOMER,
    ("GET", "/api/customer/chats/{chat_id}/feed"): CUSTOMER,
    ("POST", "/api/integration/chats"): KEY,
    ("POST", "/api/chats/{chat_id}/commands"): CUSTOMER | WORKERS,
    ("GET", "/api/chats/{chat_id}"): WORKERS | KEY,
    ("GET", "/api/chats/{chat_id}/entries"): WORKERS | KEY,
    ("POST", "/api/chats/{chat_id}/typing"): WORKERS,
    ("POST", "/api/chats/{chat_id}/looking"): WORKERS,
    ("POST", "/api/chats/{chat_id}/brief"): WORKERS,
    ("POST", "/api/chats/{chat_id}/plan"): WORKERS,
    ("GET", "/api/chats/{chat_id}/records"): WORKERS,
    ("GET", "/api/chats/{chat_id}/actions/{action_id}/background"): WORKERS,
    ("GET", "/api/floor"): WORKERS | KEY,
    ("GET", "/api/feed"): WORKERS | KEY,
    ("POST", "/api/presence"): WORKERS,
    ("POST", "/api/switches"): LEADS,
    ("POST", "/api/attention"): WORKERS,
    ("GET", "/api/attention"): WORKERS,
    ("GET", "/api/search"): WORKERS,
    ("GET", "/api/customers/{customer_id}/chats"): WORKERS,
    ("GET", "/api/replies"): WORKERS,
    ("GET", "/api/tools"): WORKERS,
    ("GET", "/api/colleagues"): WORKERS,
    ("POST", "/api/session"): EVERYBODY,
    ("GET", "/api/session"): WORKERS,
    ("DELETE", "/api/session"): WORKERS,
    ("GET", "/api/sessions"): WORKERS,
    ("DELETE", "/api/sessions/{session_id}"): WORKERS,
    ("GET", "/api/numbers"): LEADS,
    ("GET", "/api/numbers.csv"): LEADS,
    ("GET", "/api/trials"): LEADS,
    ("GET", "/api/trials/{trial}"): LEADS,
    ("POST", "/api/trials/{trial}/unblind"): LEADS,
    ("GET", "/api/evidence"): LEADS,
    ("GET", "/api/evidence/{report}"): LEADS,
    ("GET", "/api/evidence/{report}/figures/{figure}"): LEADS,
    ("GET", "/api/evidence/{report}/files/{file}"): LEADS,
    ("GET", "/api/workers"): ADMIN,
    ("POST", "/api/workers"): ADMIN,
    ("POST", "/api/workers/{worker_id}"): ADMIN,
    ("GET", "/api/keys"): ADMIN,
    ("POST", "/api/keys"): ADMIN,
    ("DELETE", "/api/keys/{key_id}"): ADMIN,
    ("GET", "/metrics"): ADMIN | KEY,
    ("GET", "/healthz"): EVERYBODY,
    ("GET", "/readyz"): EVERYBODY,
    ("GET", "/"): EVERYBODY,
    ("GET", "/shop"): EVERYBODY,
    ("GET", "/api/demo/customer"): EVERYBODY,
    ("GET", "/api/openapi.json"): EVERYBODY,
    ("GET", "/api/reference"): EVERYBODY,
}


def test_the_table_names_every_endpoint_and_no_other() -> None:
    assert {(e.method, e.path) for e in ENDPOINTS} == set(ALLOWED)


async def _caller(served: Served, name: str, own: httpx.AsyncClient) -> httpx.AsyncClient:
    match name:
        case "anonymous":
            return served.client()
        case "customer":
            return own
        case "another customer":
            return (await served.customer())[0]
        case "worker" | "lead" | "admin":
            return await served.worker(f"a-{name}", name)
        case "key without scope":
            return await served.key()
        case _:
            return await served.key("chats:open", "chats:read", "floor:read", "metrics:read")


async def _try(client: httpx.AsyncClient, method: str, path: str, body: Any) -> tuple[int, str]:
    async with client.stream(method, path, json=body) as response:
        if response.headers["content-type"].startswith("text/event-stream"):
            return response.status_code, ""
        text = (await response.aread()).decode()
    return response.status_code, text


@pytest.mark.parametrize("name", CALLERS)
async def test_everybody_reaches_what_they_may_and_nothing_else(served: Served, name: str) -> None:
    own, opened = await served.customer()
    wrong = []
    for (method, path), allowed in ALLOWED.items():
        client = await _caller(served, name, own)
        filled = path.format(
            chat_id=opened["chat_id"],
            customer_id="dora",
            worker_id="nobody",
            session_id="0" * 64,
            action_id="none",
            key_id="none",
            report="none",
            trial="none",
            figure="none.svg",
            file="report.html",
        )
        status, text = await _try(client, method, filled, None if method == "GET" else {})
        denied = 401 if name == "anonymous" else 403
        if (status in (401, 403)) == (name in allowed) or (
            name not in allowed and status != denied
        ):
            wrong.append((method, path, status, text[:100]))
    assert wrong == []


@pytest.mark.parametrize(
    "endpoint",
    [
        e
        for e in ENDPOINTS
        if e.method != "GET" and "anyone" not in e.who and "customer" not in e.path
    ],
    ids=lambda e: f"{e.method} {e.path}",
)
async def test_a_cookie_alone_changes_nothing(served: Served, endpoint: Any) -> None:
    if endpoint.path.startswith("/api/integration"):
        return
    admin = await served.worker("root", "admin")
    path = endpoint.path.format(
        chat_id="c", worker_id="root", session_id="s", key_id="k", customer_id="c", trial="t"
    )
    for token in (None, "", "0" * 64):
        headers = dict(admin.headers)
        headers.pop("x-csrf-token")
        if token is not None:
            headers["x-csrf-token"] = token
        client = served.client(headers)
        answer = await client.request(endpoint.method, path, json={})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")


async def test_a_customer_s_token_opens_one_chat_only(served: Served) -> None:
    dora, hers = await served.customer("I am Dora")
    eve, _ = await served.customer("I am Eve")
    chat = f"/api/customer/chats/{hers['chat_id']}"
    tries = [
        await eve.get(chat),
        await eve.post(f"{chat}/messages", json={"text": "me too"}),
        await eve.post(f"{chat}/rating", json={"rating": 1}),
        await eve.post(f"{chat}/leave", json={}),
        await eve.get(f"{chat}/feed"),
        await eve.post(
            f"/api/chats/{hers['chat_id']}/commands", json={"type": "PostMessage", "text": "x"}
        ),
    ]
    assert [(t.status_code, t.json()["error"]["code"]) for t in tries] == [
        (403, "another_chat")
    ] * len(tries)
    seen = (await dora.get(chat)).json()
    assert [m["text"] for m in seen["messages"] if m["author"] == "customer"] == ["I am Dora"]


async def test_a_customer_can_t_use_a_worker_s_commands(served: Served) -> None:
    dora, opened = await served.customer()
    for command in (
        {"type": "TakeOver"},
        {"type": "Whisper", "text": "x"},
        {"type": "AddNote", "text": "x"},
    ):
        refused = await served.command(dora, opened["chat_id"], 403, **command)
        assert refused["error"]["code"] == "worker_only"


async def test_workers_can_t_end_or_list_each_other_s_sessions(served: Served) -> None:
    await served.worker("ann")
    bea = await served.worker("bea")
    admin = await served.worker("root", "admin")
    (session,) = await served.app.site.sessions.of("ann")
    assert (await bea.get("/api/sessions", params={"worker_id": "ann"})).status_code == 403
    assert (await bea.delete(f"/api/sessions/{session.session_id}")).status_code == 404
    assert len(await served.app.site.sessions.of("ann")) == 1
    assert (await admin.delete(f"/api/sessions/{session.session_id}")).status_code == 200
    assert await served.app.site.sessions.of("ann") == []


async def test_attention_is_one_s_own(served: Served) -> None:
    ann, bea = await served.worker("ann"), await served.worker("bea")
    moved = {"type": "FocusMoved", "chat_id": "c1", "duration_ms": 900, "active_ms": 1_000}
    recorded = await ann.post("/api/attention", json={"events": [moved]})
    assert recorded.json() == {"recorded": 1}
    assert [x["active_ms"] for x in (await ann.get("/api/attention")).json()["lines"]] == [900]
    assert (await bea.get("/api/attention")).json()["lines"] == []
    lead = await served.worker("lena", "lead")
    forged = {**moved, "worker_id": "ann"}
    assert (await lead.post("/api/attention", json={"events": [forged]})).status_code == 400


async def test_attention_that_is_reported_asks_to_be_forgotten(
    tmp_path: Path, log_url: str
) -> None:
    async with serving(tmp_path, log=log_url, attention_days=30) as served:
        ann = await served.worker("ann")
        moved = {"type": "FocusMoved", "chat_id": "c1", "duration_ms": 900, "active_ms": 800}
        await ann.post("/api/attention", json={"events": [moved]})
        log = served.app.site.log
        assert "focus/ann" in await log.work_streams("timer")
        assert len((await ann.get("/api/attention")).json()["lines"]) == 1
        await log.redact("focus/ann", 1, through_seq=1, reason="old", actor="system")
        assert (await ann.get("/api/attention")).json()["lines"] == []
