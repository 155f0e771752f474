"""The desk's secrets: out of the database, private, the same for all processes, rotated."""

from __future__ import annotations

import multiprocessing
import os
import stat
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from stepin.app import build
from stepin.errors import Conflict, Invalid, Unavailable
from stepin.log.open import open_log
from stepin.log.protocol import Log
from stepin.settings import Settings
from stepin.web.auth.secret import (
    LOOK_S,
    NOTICED_S,
    OLD_TABLE,
    SecretFile,
    file_of,
    forget_marks,
    look_at_file,
    open_secrets,
    rotate,
)
from stepin.web.auth.token import ChatClaims, sign
from stepin.web.routes.customer import CHAT_AUDIENCE
from tests.web.served import EACH_STORE, serving

OLD = b"an-old-secret-of-the-database-an-old-secret"


class Time:
    def __init__(self) -> None:
        self.s = 1_000_000.0

    def us(self) -> int:
        return int(self.s * 1e6)

    def clock_s(self) -> float:
        return self.s


@pytest.fixture
async def log(log_url: str) -> AsyncIterator[Log]:
    opened = await open_log(log_url)
    yield opened
    await opened.close()


def settings_of(log_url: str, tmp_path: Path, **more: str) -> Settings:
    return Settings(log=log_url, data=str(tmp_path / "data"), **more)  # type: ignore[arg-type]


@EACH_STORE
async def test_secrets_are_made_once_in_a_private_file_and_not_in_the_database(
    log: Log, log_url: str, tmp_path: Path
) -> None:
    settings = settings_of(log_url, tmp_path)
    before = os.umask(0)
    try:
        first = await open_secrets(settings, log)
    finally:
        os.umask(before)
    second = await open_secrets(settings, log)
    path = file_of(settings)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert await log.record_list(OLD_TABLE) == []
    marks = await log.record_list("secret_mark")
    for name in ("chat", "identity"):
        value = first.ring(name).current
        assert len(value) >= 32
        assert second.ring(name).current == value
        assert value.decode() in path.read_text()
        assert all(value not in body and body not in value for _, body in marks)
    assert [p.name for p in path.parent.iterdir() if p.name.startswith(path.name)] == [path.name]


@EACH_STORE
async def test_what_an_earlier_version_kept_in_the_database_moves_out_of_it(
    log: Log, log_url: str, tmp_path: Path
) -> None:
    settings = settings_of(log_url, tmp_path)
    await log.record_put(OLD_TABLE, "chat", OLD)
    await log.record_put(OLD_TABLE, "identity", OLD + b"2")
    found = await open_secrets(settings, log)
    assert found.ring("chat").current == OLD
    assert found.ring("identity").current == OLD + b"2"
    assert await log.record_list(OLD_TABLE) == []
    if log_url.startswith("sqlite:"):
        held = b"".join(p.read_bytes() for p in tmp_path.glob("log.sqlite*"))
        assert OLD not in held
    await log.record_put(OLD_TABLE, "chat", b"made-by-an-old-process-that-came-back")
    again = await open_secrets(settings, log)
    assert again.ring("chat").current == OLD
    assert b"made-by-an-old-process-that-came-back" in again.ring("chat").accepted


async def test_a_rotation_is_noticed_by_running_processes_and_cuts_nobody_off(
    log: Log, log_url: str, tmp_path: Path
) -> None:
    settings, now = settings_of(log_url, tmp_path), Time()

    async def process() -> object:
        return (await open_secrets(settings, log, now_us=now.us, clock_s=now.clock_s)).ring("chat")

    one, two = await process(), await process()
    before = one.current  # type: ignore[attr-defined]
    made = await rotate(settings, log, "chat", overlap_hours=1.0, now_us=now.us())
    now.s += LOOK_S
    for ring in (one, two):
        assert ring.current == before  # type: ignore[attr-defined]
        assert set(ring.accepted) == {before, made.encode()}  # type: ignore[attr-defined]
        assert ring.newest == made.encode()  # type: ignore[attr-defined]
    now.s += NOTICED_S
    for ring in (one, two):
        assert ring.current == made.encode()  # type: ignore[attr-defined]
        assert before in ring.accepted  # type: ignore[attr-defined]
        assert ring.accepted is ring.accepted  # type: ignore[attr-defined]
    now.s += 3_601
    for ring in (one, two, await process()):
        assert ring.accepted == (made.encode(),)  # type: ignore[attr-defined]


async def test_a_leaked_secret_ends_as_soon_as_the_new_one_signs(
    log: Log, log_url: str, tmp_path: Path
) -> None:
    settings, now = settings_of(log_url, tmp_path), Time()
    ring = (await open_secrets(settings, log, now_us=now.us, clock_s=now.clock_s)).ring("chat")
    leaked = ring.current
    await rotate(settings, log, "chat", overlap_hours=0.0, now_us=now.us())
    now.s += NOTICED_S + LOOK_S
    assert leaked not in ring.accepted


async def test_a_token_of_a_secret_that_has_ended_is_refused_also_if_it_was_known(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path) as served:
        dora, opened = await served.customer()
        path = f"/api/customer/chats/{opened['chat_id']}"
        assert (await dora.get(path)).status_code == 200
        site = served.app.site
        now_us = served.clock.us()
        await rotate(site.settings, site.log, "chat", overlap_hours=1.0, now_us=now_us)
        served.clock.ahead_s += NOTICED_S + LOOK_S
        assert (await dora.get(path)).status_code == 200
        _, later = await served.customer()
        served.clock.ahead_s += 3_700
        assert (await dora.get(path)).status_code == 401
        fresh = served.client({"authorization": f"Bearer {later['token']}"})
        answer = await fresh.get(f"/api/customer/chats/{later['chat_id']}")
        assert answer.status_code == 200


async def test_two_identity_secrets_are_accepted_and_chat_secrets_may_be_set(
    tmp_path: Path,
) -> None:
    settings = {
        "identity_secret": "the new one",
        "identity_secret_previous": "the old one",
        "chat_secret": "shared by all processes",
        "chat_secret_previous": "the one before",
    }
    async with serving(tmp_path, **settings) as served:
        for secret, status in (("the new one", 201), ("the old one", 201), ("another", 401)):
            exp = served.clock.us() / 1e6 + 60
            claims = ChatClaims(sub="dora", aud="stepin", exp=exp, chat="")
            token = sign(claims, secret.encode())
            answer = await served.client().post(
                "/api/customer/chats", json={"text": "Hello", "identity": token}
            )
            assert answer.status_code == status, answer.text
        opened = (await served.client().post("/api/customer/chats", json={"text": "Hi"})).json()
        chat = opened["chat_id"]
        for secret, status in (("the one before", 200), ("another", 401)):
            claims = ChatClaims(sub="x", aud=CHAT_AUDIENCE, exp=9e12, chat=chat)
            bearer = f"Bearer {sign(claims, secret.encode())}"
            got = await served.client({"authorization": bearer}).get(f"/api/customer/chats/{chat}")
            assert got.status_code == status
        with pytest.raises(Conflict) as refused:
            await rotate(
                served.app.site.settings, served.app.site.log, "chat", overlap_hours=1, now_us=1
            )
        assert refused.value.code == "secret_is_set"


@EACH_STORE
async def test_processes_with_different_files_notice_it_at_their_start(
    log: Log, log_url: str, tmp_path: Path
) -> None:
    here = settings_of(log_url, tmp_path, secrets=str(tmp_path / "here"))
    there = settings_of(log_url, tmp_path, secrets=str(tmp_path / "there"))
    await open_secrets(here, log)
    for look in (open_secrets, look_at_file):
        with pytest.raises(Conflict) as refused:
            await look(there, log)
        assert refused.value.code == "secrets_differ"
    with pytest.raises(Conflict):
        await build(there, log)
    SecretFile(Path(there.secrets)).change(lambda _: Path(here.secrets).read_bytes())
    mine = (await open_secrets(here, log)).ring("chat").current
    assert (await open_secrets(there, log)).ring("chat").current == mine
    Path(here.secrets).unlink()
    with pytest.raises(Conflict):
        await open_secrets(here, log)
    await forget_marks(log)
    await open_secrets(here, log)


async def test_a_file_that_is_no_file_of_secrets_says_so(
    log: Log, log_url: str, tmp_path: Path
) -> None:
    settings = settings_of(log_url, tmp_path, secrets=str(tmp_path / "odd"))
    Path(settings.secrets).write_text("{not json")
    with pytest.raises(Invalid) as refused:
        await open_secrets(settings, log)
    assert refused.value.code == "secrets_unreadable"
    folder = settings_of(log_url, tmp_path, secrets=str(tmp_path))
    with pytest.raises(Unavailable) as unavailable:
        await open_secrets(folder, log)
    assert unavailable.value.code == "secrets_unavailable"


def _add(path: str, n: int) -> None:
    def more(raw: bytes) -> bytes:
        known = msgspec.json.decode(raw or b"[]", type=list[int])
        time.sleep(0.001)
        return msgspec.json.encode([*known, n])

    SecretFile(Path(path)).change(more)


def test_processes_that_change_the_file_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shared" / "secrets"
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(4) as pool:
        pool.starmap(_add, [(str(path), n) for n in range(40)])
    assert sorted(msgspec.json.decode(path.read_bytes())) == list(range(40))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
