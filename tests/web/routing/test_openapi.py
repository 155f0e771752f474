"""The OpenAPI document against the running desk: complete, valid, and never a 5xx."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error

from stepin.web.routes.chats import COMMANDS
from stepin.web.routing.openapi import openapi
from stepin.web.routing.table import ENDPOINTS
from tests.web.served import Served, serving

DOCUMENT = openapi(ENDPOINTS)
STREAMS = {e.path for e in ENDPOINTS if e.stream is not None}


def _refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from _refs(value)


def test_every_endpoint_is_described_and_every_reference_leads_somewhere() -> None:
    described = {(m.upper(), p) for p, ms in DOCUMENT["paths"].items() for m in ms}
    assert described == {(e.method, e.path) for e in ENDPOINTS}
    schemas = DOCUMENT["components"]["schemas"]
    assert {r.removeprefix("#/components/schemas/") for r in _refs(DOCUMENT)} <= set(schemas)
    names = [o["operationId"] for ms in DOCUMENT["paths"].values() for o in ms.values()]
    assert len(names) == len(set(names))
    assert all(o["summary"] for ms in DOCUMENT["paths"].values() for o in ms.values())


def test_every_command_is_described_without_the_chat_that_the_path_names() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for command in COMMANDS:
        assert "chat_id" not in schemas[command.__name__]["properties"]
        assert schemas[command.__name__]["properties"]["type"]["enum"] == [command.__name__]


def test_what_an_answer_always_carries_is_required_and_what_a_caller_may_leave_out_is_not() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert "mood" in schemas["ChatCard"]["required"]
    assert "reason" in schemas["Escalation"]["required"]
    assert "redacted" not in schemas["Entry"]["required"]
    assert "chat" not in schemas["FloorUpdate"]["required"]
    assert "command_id" not in schemas["TakeOver"]["required"]


def test_the_frames_of_every_stream_are_described() -> None:
    for endpoint in ENDPOINTS:
        assert bool(endpoint.frames) == (endpoint.stream is not None)
        assert {f.__name__ for f in endpoint.frames} <= set(DOCUMENT["components"]["schemas"])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """A desk served from another thread, with an admin's headers."""
    ready: list[tuple[str, dict[str, str]]] = []
    begun, over = threading.Event(), threading.Event()
    folder: Path = tmp_path_factory.mktemp("desk")

    async def serve() -> None:
        async with serving(folder) as served:
            ready.append((served.url, await _admin(served)))
            begun.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert begun.wait(30)
    yield ready[0]
    over.set()
    thread.join(30)


async def _admin(served: Served) -> dict[str, str]:
    admin = await served.worker("root", "admin")
    return {"cookie": admin.headers["cookie"], "x-csrf-token": admin.headers["x-csrf-token"]}


SCHEMA = schemathesis.openapi.from_dict(DOCUMENT).exclude(path=sorted(STREAMS))


OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
@pytest.mark.filterwarnings("ignore")
def test_no_request_that_the_document_allows_is_a_5xx(
    operation: Any, desk: tuple[str, dict[str, str]]
) -> None:
    url, headers = desk
    if operation.label == "DELETE /api/session":
        headers = {}

    @settings(
        max_examples=6,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def answered(case: Any) -> None:
        case.call_and_validate(base_url=url, headers=headers, checks=[not_a_server_error])

    answered()


def test_every_operation_but_the_streams_is_tried() -> None:
    assert len(OPERATIONS) == len([e for e in ENDPOINTS if e.path not in STREAMS])
