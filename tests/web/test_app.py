"""The door itself: headers, request ids, wrong paths and methods, health, metrics, silence."""

from __future__ import annotations

import json
import logging
from io import StringIO
from pathlib import Path

import pytest
import structlog

from stepin.core.events import Event
from stepin.core.events.floor import TrialLocked, TrialRegistered
from stepin.core.record import NewEvent
from stepin.log.protocol import Append
from stepin.trial.reading import canonical
from stepin.web.app import Front
from stepin.web.logs import tell
from stepin.web.routing.endpoint import Call, Endpoint
from tests.desk.running_trials import plan_of
from tests.web.served import Served, serving


@pytest.fixture
def told() -> object:
    """Let everything be told as JSON into a buffer."""
    before, level = logging.getLogger().handlers, logging.getLogger().level
    out = StringIO()
    tell("debug", stream=out)
    for client in ("httpx", "httpcore"):
        logging.getLogger(client).setLevel(logging.WARNING)
    yield out
    structlog.reset_defaults()
    logging.getLogger().handlers = before
    logging.getLogger().setLevel(level)


async def test_every_answer_carries_the_protective_headers(served: Served) -> None:
    client = served.client()
    for path in ("/", "/api/floor", "/nowhere", "/healthz", "/api/reference"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        if headers["content-type"].startswith("text/html"):
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "no-referrer"
            assert "script-src 'self';" in policy
        else:
            assert policy.startswith("default-src 'none';")
        assert headers["cache-control"] == "no-store"


async def test_request_ids_are_kept_if_they_are_harmless(served: Served) -> None:
    client = served.client()
    assert (await client.get("/healthz", headers={"x-request-id": "abc-12345"})).headers[
        "x-request-id"
    ] == "abc-12345"
    for bad in ("x", "a b c d e f g h", "y" * 200, "<script>alert"):
        given = (await client.get("/healthz", headers={"x-request-id": bad})).headers
        assert given["x-request-id"] != bad


async def test_wrong_paths_and_methods(served: Served) -> None:
    client = served.client()
    missing = await client.get("/api/nothing")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "no_route")
    wrong = await client.request("PUT", "/api/session")
    assert wrong.status_code == 405
    assert set(wrong.headers["allow"].split(", ")) == {"POST", "GET", "DELETE"}


async def test_a_body_must_be_json_and_say_so(served: Served) -> None:
    client = served.client()
    for content, media in (
        (b"{", "application/json"),
        (b"{}", "text/plain"),
        (b"\xff", "application/json"),
    ):
        answer = await client.post("/api/session", content=content, headers={"content-type": media})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "not_json")


async def test_health_readiness_and_metrics(served: Served) -> None:
    client = served.client()
    assert (await client.get("/healthz")).json() == {"alive": True}
    assert (await client.get("/readyz")).json()["lag"] == 0
    await served.customer()
    key = await served.key("metrics:read")
    text = (await key.get("/metrics")).text
    assert 'stepin_requests_total{endpoint="open_chat",status="201"} 1.0' in text
    assert "stepin_request_seconds_bucket" in text
    assert "stepin_feeds_open 0.0" in text
    await served.app.site.hub.stop()
    assert (await client.get("/readyz")).status_code == 503
    assert (await client.get("/healthz")).status_code == 200


async def test_a_desk_with_another_classifier_than_its_trials_is_not_ready(served: Served) -> None:
    plan = canonical(plan_of({"a": "a", "b": "b"}, control="a"))
    await served.app.site.log.record_add("eligibility", "t", b"another-1")
    events: list[Event] = [
        TrialRegistered(trial_id="t", plan=plan, plan_hash="h"),
        TrialLocked(trial_id="t", assignment_hash="h"),
    ]
    told = tuple(NewEvent(event=event) for event in events)
    await served.app.site.log.append(Append(stream="trial/t", events=told))
    await served.app.desk.services.follower.reach(await served.app.site.log.position())
    answer = await served.client().get("/readyz")
    assert answer.status_code == 503
    assert "began with the classifier another-1" in answer.json()["error"]["message"]
    assert "stepin trial stop t" in answer.json()["error"]["hint"]


async def test_metrics_may_be_made_public(tmp_path: Path) -> None:
    async with serving(tmp_path, metrics_public=True) as served:
        assert (await served.client().get("/metrics")).status_code == 200


async def test_logs_are_json_name_the_request_and_hold_no_text(
    tmp_path: Path, told: StringIO
) -> None:
    async with serving(tmp_path, access_log="all") as served:
        ann = await served.on_duty("ann")
        dora, opened = await served.customer("my SECRET question")
        path = f"/api/customer/chats/{opened['chat_id']}"
        await dora.post(
            f"{path}/messages", json={"text": "SECRET"}, headers={"x-request-id": "trace-1234"}
        )
        await served.client().get(f"{path}/feed", params={"token": "SECRET"})
        await served.client().post("/api/session", json={"worker_id": "ann", "password": "SECRET"})
        await dora.post(f"{path}/messages", json={"text": ["SECRET"]})
        await ann.get("/api/search", params={"text": "SECRET"})
        await ann.get("/api/search?text=SECRET&limit=SECRET")
    lines = [json.loads(line) for line in told.getvalue().splitlines()]
    (posted,) = [x for x in lines if x.get("request_id") == "trace-1234"]
    assert (posted["endpoint"], posted["status"], posted["chat"]) == (
        "post_message",
        200,
        opened["chat_id"],
    )
    assert "SECRET" not in told.getvalue()
    assert opened["token"] not in told.getvalue()


async def test_a_bug_is_a_500_that_names_the_request_and_shows_nothing_else(
    served: Served, told: StringIO
) -> None:
    async def broken(call: Call) -> None:
        """Fail."""
        raise RuntimeError("inner detail")

    who = frozenset({"anyone"})
    endpoint = Endpoint(method="GET", path="/broken", part="x", who=who, handle=broken)

    async def nothing() -> None:
        return None

    front = Front(served.app.site, (endpoint,), start=nothing, stop=nothing)
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/broken",
        "query_string": b"",
        "headers": [(b"x-request-id", b"trace-5678")],
        "client": ("127.0.0.1", 1),
    }
    await front(scope, receive, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 500
    body = sent[1]["body"]
    assert isinstance(body, bytes)
    assert b"trace-5678" in body
    assert b"inner detail" not in body
    assert "inner detail" not in told.getvalue()
    assert '"error": "RuntimeError"' in told.getvalue()
