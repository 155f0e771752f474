"""How many live feeds a listener, an address and a process may have."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from stepin.web.live.stream import FEEDS_OF_ONE
from tests.web.served import Served, feed, serving


async def refused(client: httpx.AsyncClient, path: str) -> tuple[int, str]:
    async with client.stream("GET", path) as answer:
        await answer.aread()
    assert int(answer.headers["retry-after"]) >= 1
    error = answer.json()["error"]
    assert error["hint"]
    return answer.status_code, error["code"]


class Open(AsyncExitStack):
    """Feeds that stay open until the end."""

    async def feed(self, client: httpx.AsyncClient, path: str) -> None:
        self.kept = getattr(self, "kept", [])
        self.kept.append(await self.enter_async_context(feed(client, path)))
        await self.kept[-1].event("snapshot")


@pytest.mark.parametrize("side", ["customer", "worker"])
async def test_one_listener_has_a_few_feeds_and_gets_them_back(served: Served, side: str) -> None:
    dora, opened = await served.customer()
    ann = await served.on_duty("ann")
    client, path = (
        (dora, f"/api/customer/chats/{opened['chat_id']}/feed")
        if side == "customer"
        else (ann, "/api/feed")
    )
    async with Open() as stack:
        for _ in range(FEEDS_OF_ONE):
            await stack.feed(client, path)
        assert await refused(client, path) == (429, "feeds_of_one")
        metrics = (await (await served.key("metrics:read")).get("/metrics")).text
        assert 'stepin_feeds_refused_total{why="holder"} 1.0' in metrics
        other, theirs = await served.customer()
        async with feed(other, f"/api/customer/chats/{theirs['chat_id']}/feed") as fine:
            await fine.event("snapshot")
    while len(served.app.site.sockets):
        served.app.site.sockets.end_all()
        served.app.site.sockets.stopping = False
        await served.client().get("/healthz")
    async with feed(client, path) as again:
        await again.event("snapshot")
    assert not [n for n in served.app.site.sockets._of.values() if n < 1]


async def test_an_address_has_a_limit_that_does_not_touch_workers(tmp_path: Path) -> None:
    async with serving(tmp_path, feeds_per_address=2) as served, Open() as stack:
        for _ in range(2):
            client, opened = await served.customer()
            path = f"/api/customer/chats/{opened['chat_id']}/feed"
            await stack.feed(client, path)
        client, opened = await served.customer()
        path = f"/api/customer/chats/{opened['chat_id']}/feed"
        assert await refused(client, path) == (429, "feeds_from_here")
        ann = await served.on_duty("ann")
        await stack.feed(ann, "/api/feed")
        elsewhere = client.build_request(
            "GET", path, headers={"x-forwarded-for": "2001:db8:1:2:3:4:5:6"}
        )
        answer = await client.send(elsewhere, stream=True)
        assert answer.status_code == 200
        await answer.aclose()


async def test_the_last_feeds_of_a_process_are_for_workers(served: Served) -> None:
    served.app.site.sockets._most = 5
    ann = await served.on_duty("ann")
    async with Open() as stack:
        for n in range(5):
            client, opened = await served.customer()
            path = f"/api/customer/chats/{opened['chat_id']}/feed"
            if n == 4:
                assert await refused(client, path) == (503, "feeds_full")
            else:
                await stack.feed(client, path)
        await stack.feed(ann, "/api/feed")
        assert await refused(ann, "/api/feed") == (503, "feeds_full")
        assert (await client.get(path.removesuffix("/feed"))).status_code == 200
