"""Live feeds over real sockets: nothing lost, doubled or out of order, whatever the line does."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from stepin.desk.feeds.frame import numbered
from tests.web.served import EACH_STORE, Served, feed, serving


@EACH_STORE
async def test_a_customer_s_feed_begins_with_a_snapshot_and_goes_on(served: Served) -> None:
    ann = await served.on_duty("ann")
    dora, opened = await served.customer()
    path = f"/api/customer/chats/{opened['chat_id']}"
    await served.held(ann, opened["chat_id"])
    async with feed(dora, f"{path}/feed") as hers:
        assert (await hers.frame())["retry"] == "1000"
        snapshot = await hers.event("snapshot")
        assert snapshot["data"]["chat"]["speaker_name"] == "Ann"
        await served.command(ann, opened["chat_id"], type="Reply", text="Good morning")
        (update,) = await hers.until_text("Good morning")
        assert int(update["id"]) > int(snapshot["id"])
        headers = hers.response.headers
        assert headers["content-type"].startswith("text/event-stream")
        assert headers["x-accel-buffering"] == "no"
        assert headers["cache-control"] == "no-store"


async def test_a_feed_takes_its_token_from_the_query_where_headers_can_t_be_sent(
    served: Served,
) -> None:
    _, opened = await served.customer()
    path = f"/api/customer/chats/{opened['chat_id']}"
    async with feed(served.client(), f"{path}/feed", token=opened["token"]) as hers:
        await hers.event("snapshot")
    only_feeds = await served.client().get(path, params={"token": opened["token"]})
    assert only_feeds.status_code == 401


@EACH_STORE
@pytest.mark.parametrize("side", ["customer", "worker"])
async def test_complaints_12_and_13_reconnecting_by_cursor_misses_and_doubles_nothing(
    served: Served, side: str
) -> None:
    ann = await served.on_duty("ann")
    dora, opened = await served.customer()
    chat_id = opened["chat_id"]
    await served.held(ann, chat_id)
    await served.caught_up()
    client, path = (
        (dora, f"/api/customer/chats/{chat_id}/feed") if side == "customer" else (ann, "/api/feed")
    )
    async with feed(client, path) as first:
        cursor = int((await first.event("snapshot"))["id"])
    wanted = [f"m{n}" for n in range(30)]
    heard: list[str] = []
    sent = 0
    while len(heard) < len(wanted):
        for text in wanted[sent : sent + 4]:
            await served.command(ann, chat_id, type="Reply", text=text)
        sent += 4
        async with feed(client, path, after=cursor) as again:
            before = len(heard)
            while len(heard) == before or (sent >= len(wanted) and len(heard) < len(wanted)):
                frame = await again.event()
                assert int(frame["id"]) > cursor
                cursor = int(frame["id"])
                heard += _texts(frame["data"])
    assert heard == wanted


def _texts(data: dict[str, Any]) -> list[str]:
    shown = data.get("messages") or [
        e["data"] for e in data.get("entries", ()) if e["kind"] == "MessagePosted"
    ]
    return [m["text"] for m in shown if m["author"] == "worker"]


@EACH_STORE
async def test_complaint_15_messages_sent_at_once_arrive_in_the_order_of_the_log(
    served: Served,
) -> None:
    dora, opened = await served.customer()
    path = f"/api/customer/chats/{opened['chat_id']}"
    async with feed(dora, f"{path}/feed") as hers:
        await hers.event("snapshot")
        posts = [dora.post(f"{path}/messages", json={"text": f"m{n}"}) for n in range(40)]
        answers = await asyncio.gather(*posts)
        seqs = {f"m{n}": a.json()["seq"] for n, a in enumerate(answers)}
        heard: list[tuple[int, str]] = []
        while len(heard) < 40:
            for m in (await hers.event())["data"].get("messages", ()):
                if m["author"] == "customer":
                    heard.append((m["seq"], m["text"]))
    assert heard == sorted((seq, text) for text, seq in seqs.items())


async def test_a_cursor_of_another_life_is_told_to_start_afresh(tmp_path: Path) -> None:
    async with serving(tmp_path, feed_keep=3) as served:
        ann = await served.on_duty("ann")
        _, opened = await served.customer()
        await served.held(ann, opened["chat_id"])
        for n in range(6):
            await served.command(ann, opened["chat_id"], type="Reply", text=f"m{n}")
        await served.caught_up()
        async with feed(ann, "/api/feed", after=1) as hers:
            await hers.event("reset")


@EACH_STORE
async def test_a_server_that_restarts_loses_no_message_for_the_customer(
    tmp_path: Path, log_url: str
) -> None:
    async with serving(tmp_path, log=log_url) as served:
        dora, opened = await served.customer("before")
        token = opened["token"]
        path = f"/api/customer/chats/{opened['chat_id']}"
        async with feed(dora, f"{path}/feed") as hers:
            cursor = int((await hers.event("snapshot"))["id"])
        await dora.post(f"{path}/messages", json={"text": "in between"})
    async with serving(tmp_path, log=log_url) as again:
        client = again.client({"authorization": f"Bearer {token}"})
        async with feed(client, f"{path}/feed", after=cursor) as hers:
            await hers.until_text("in between")


async def test_a_slow_listener_is_cut_and_resumes_where_it_was(tmp_path: Path) -> None:
    async with serving(tmp_path, feed_kb=64) as served:
        dora, opened = await served.customer()
        path = f"/api/customer/chats/{opened['chat_id']}"
        address = urlsplit(served.url)
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        line.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(line, (address.hostname, address.port))
        request = (
            f"GET {path}/feed?after=1 HTTP/1.1\r\nhost: x\r\n"
            f"authorization: Bearer {opened['token']}\r\n\r\n"
        )
        await loop.sock_sendall(line, request.encode())
        sockets = served.app.site.sockets
        while len(sockets) == 0:
            await asyncio.sleep(0)
        async with feed(dora, f"{path}/feed") as quick:
            await quick.event("snapshot")
            body = "长" * 7_900
            sent = 0
            while len(sockets) == 2:
                assert sent < 800, "the slow listener was never cut"
                texts = [f"{n} {body}" for n in range(sent, sent + 8)]
                posts = (dora.post(f"{path}/messages", json={"text": text}) for text in texts)
                await asyncio.gather(*posts)
                sent += 8
                heard = 0
                while heard < 8:
                    heard += len((await quick.event())["data"].get("messages", ()))
        assert b"slow" in served.app.site.stats.render()
        got = b""
        while chunk := await asyncio.wait_for(loop.sock_recv(line, 65_536), 10):
            got += chunk
        line.close()
        cursor, heard_texts = 0, []
        for part in got.split(b"id: ")[1:]:
            if b"}\n\n" not in part:
                continue
            cursor = int(part.split(b"\n", 1)[0])
            data = json.loads(part.split(b"data: ", 1)[1].split(b"\n", 1)[0])
            heard_texts += [m["text"] for m in data.get("messages", ())]
        async with feed(dora, f"{path}/feed", after=cursor) as again:
            while not _numbers(heard_texts) >= set(range(sent)):
                data = (await again.event())["data"]
                heard_texts += [m["text"] for m in data.get("messages", ())]
        assert len(_numbers(heard_texts)) == sum(body in t for t in heard_texts), "none twice"


def _numbers(texts: list[str]) -> set[int]:
    return {int(t.split(" ", 1)[0]) for t in texts if t[0].isdigit()}


@EACH_STORE
async def test_everybody_comes_back_at_once(served: Served) -> None:
    """A small storm; the benchmark runs one of two thousand."""
    ann = await served.on_duty("ann")
    chats = [await served.customer(f"hello {n}") for n in range(40)]
    cursors = {}
    for client, opened in chats:
        path = f"/api/customer/chats/{opened['chat_id']}/feed"
        async with feed(client, path) as hers:
            cursors[opened["chat_id"]] = int((await hers.event("snapshot"))["id"])
    for _, opened in chats:
        await served.command(ann, opened["chat_id"], type="Reply", text="Here I am")

    async def back(client: Any, chat_id: str) -> list[str]:
        path = f"/api/customer/chats/{chat_id}/feed"
        async with feed(client, path, after=cursors[chat_id]) as hers:
            frames = await hers.until_text("Here I am")
            return [m["text"] for f in frames for m in f["data"].get("messages", ())]

    heard = await asyncio.gather(*(back(c, o["chat_id"]) for c, o in chats))
    assert all(texts.count("Here I am") == 1 for texts in heard)
    while len(served.app.site.sockets):
        await asyncio.sleep(0)


async def test_typing_reaches_the_other_side_and_is_never_replayed(served: Served) -> None:
    ann = await served.on_duty("ann")
    lena = await served.on_duty("lena", "lead")
    dora, opened = await served.customer()
    path = f"/api/customer/chats/{opened['chat_id']}"
    await served.held(ann, opened["chat_id"])
    await served.caught_up()
    async with feed(dora, f"{path}/feed") as hers, feed(lena, "/api/feed") as console:
        await hers.event("snapshot")
        position = int((await console.event("snapshot"))["id"])
        await ann.post(f"/api/chats/{opened['chat_id']}/looking")
        await ann.post(f"/api/chats/{opened['chat_id']}/typing")
        await dora.post(f"{path}/typing")
        typing = await hers.event("typing")
        assert typing["data"] == {"by": "worker"}
        assert "id" not in typing
        looking = await console.event("looking")
        assert looking["data"] == {"chat_id": opened["chat_id"], "worker_id": "ann"}
        assert (await console.event("typing"))["data"]["worker_id"] == "ann"
        assert (await console.event("typing"))["data"]["by"] == "customer"
    async with feed(lena, "/api/feed", after=position) as again:
        await served.app.site.sockets.beat()
        assert "retry" in await again.frame()
        assert "comment" in await again.frame()


@EACH_STORE
async def test_no_feed_of_a_customer_says_what_only_workers_may_know(served: Served) -> None:
    ann = await served.on_duty("ann")
    dora, opened = await served.customer("I want a person please")
    chat_id = opened["chat_id"]
    raw = []
    async with feed(dora, f"/api/customer/chats/{chat_id}/feed") as hers:
        raw.append(await hers.event("snapshot"))
        await served.settled(chat_id)
        await served.command(ann, chat_id, type="TakeOver")
        await served.command(ann, chat_id, type="AddNote", text="SECRET note")
        await served.command(ann, chat_id, type="ChangeLabels", add=["SECRET"])
        await served.command(ann, chat_id, type="HandBack", note="SECRET hand-back")
        await served.command(ann, chat_id, type="Whisper", text="SECRET whisper")
        await served.command(ann, chat_id, type="Reply", text="the end")
        raw += await hers.until_text("the end")
    text = json.dumps(raw)
    for word in ("SECRET", "whisper", "epoch", "owner", "score", "flag", "policy", "position"):
        assert word not in text, word


def test_frames_are_what_the_standard_says() -> None:
    assert numbered(7, {"a": "x\ny"}) == b'id: 7\ndata: {"a":"x\\ny"}\n\n'
