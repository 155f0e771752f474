"""What no body, query or path may hold: depth without end, control characters."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepin.errors import Invalid
from stepin.web.routing.table import ENDPOINTS
from stepin.web.routing.wire import DEEPEST, decode_body
from tests.web.served import EACH_STORE, Served

SCOPE = {"headers": [(b"content-type", b"application/json")]}


def decoded(raw: bytes) -> object:
    return decode_body(SCOPE, raw, object)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 20_000 + b"]" * 20_000,
        b'{"x":' * 10_000 + b"1" + b"}" * 10_000,
        b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
        b"[" * 30_000,
    ],
    ids=["lists", "objects", "just too deep", "open"],
)
@pytest.mark.parametrize("path", sorted({e.path for e in ENDPOINTS if e.body is not None}))
async def test_nested_json_is_refused_whoever_reads_it(
    served: Served, raw: bytes, path: str
) -> None:
    endpoint = next(e for e in ENDPOINTS if e.path == path and e.body is not None)
    with pytest.raises(Invalid) as refused:
        decode_body(SCOPE, raw, endpoint.body)
    assert refused.value.code in ("body_too_deep", "not_json", "body_invalid")


@EACH_STORE
async def test_a_nested_command_is_a_bad_request(served: Served) -> None:
    dora, opened = await served.customer()
    deep = '{"type":"PostMessage","x":' + "[" * 20_000 + "]" * 20_000 + "}"
    answer = await dora.post(
        f"/api/chats/{opened['chat_id']}/commands",
        content=deep,
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "body_too_deep"


NESTED = st.recursive(
    st.none() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=30,
)


@given(NESTED, st.booleans())
def test_a_body_passes_unless_it_is_deep_or_holds_a_control_character(
    value: object, ascii_only: bool
) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    bad = any((c < " " and c not in "\t\n\v\f\r") or c == "\x7f" for t in texts(value) for c in t)
    if not bad:
        assert decoded(raw) == value
        return
    with pytest.raises(Invalid) as refused:
        decoded(raw)
    assert refused.value.code == "control_character"


def texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [t for inner in value for t in texts(inner)]
    if isinstance(value, dict):
        return [t for pair in value.items() for inner in pair for t in texts(inner)]
    return []


def test_the_deepest_that_passes_passes() -> None:
    raw = b"[" * DEEPEST + b"]" * DEEPEST
    assert decoded(raw) is not None
    assert decoded(b'["' + b"[" * 100 + b'"]') == ["[" * 100]


@EACH_STORE
@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\x7f"], ids=["nul", "escape", "delete"])
async def test_control_characters_are_refused_alike_on_both_stores(
    served: Served, bad: str
) -> None:
    dora, opened = await served.customer()
    ann = await served.on_duty("ann")
    chat = opened["chat_id"]
    asked = [
        dora.post(f"/api/customer/chats/{chat}/messages", json={"text": f"a{bad}b"}),
        dora.post(
            f"/api/customer/chats/{chat}/messages", json={"text": "a", "command_id": f"c{bad}"}
        ),
        dora.post(
            f"/api/chats/{chat}/commands",
            json={"type": "PostMessage", "text": "a", "command_id": f"c{bad}"},
        ),
        served.client().post("/api/customer/chats", json={"text": f"Hi{bad}"}),
        served.client().post("/api/customer/chats", json={"text": "Hi", "language": bad}),
        served.client().post(
            "/api/customer/chats",
            json={"text": "Hi", "identity": served.identity(f"do{bad}ra")},
        ),
        ann.get("/api/search", params={"text": f"ab{bad}"}),
        ann.get(f"/api/chats/a%{ord(bad):02x}b"),
        ann.get(f"/api/customers/a%{ord(bad):02x}b/chats"),
        ann.post(f"/api/chats/{chat}/commands", json={"type": "AddLabel", "label": f"x{bad}"}),
        served.client().post(
            "/api/session", json={"worker_id": f"a{bad}", "password": "correct horse"}
        ),
    ]
    for request in asked:
        answer = await request
        assert answer.status_code == 400, answer.text
        error = answer.json()["error"]
        assert error["code"] == "control_character", error
        assert "byte sequence" not in answer.text
    fine = await dora.post(f"/api/customer/chats/{chat}/messages", json={"text": "a\tb\r\nc"})
    assert fine.status_code == 200


@EACH_STORE
async def test_a_message_that_shows_nothing_is_empty(served: Served) -> None:
    dora, opened = await served.customer()
    answer = await dora.post(
        f"/api/customer/chats/{opened['chat_id']}/messages", json={"text": "\u200b\u2060\ufeff"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "empty_text")
    opening = await served.client().post("/api/customer/chats", json={"text": "\u200b"})
    assert opening.status_code == 422
