"""Signing in and out over HTTP: cookies, limits, revocation, roles that change."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.served import PASSWORD, Served, feed, serving


async def test_the_cookie_is_out_of_scripts_reach_and_stays_on_this_site(served: Served) -> None:
    await served.worker("ann")
    client = served.client()
    answer = await client.post("/api/session", json={"worker_id": "ann", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    token = cookie.split(";")[0].partition("=")[2]
    assert token not in answer.text
    me = (await client.get("/api/session")).json()
    assert (me["worker_id"], me["csrf"]) == ("ann", answer.json()["csrf"])
    stored = await served.app.site.log.record_list("session")
    assert all(token not in key and token.encode() not in body for key, body in stored)


async def test_over_https_the_cookie_is_secure(tmp_path: Path) -> None:
    async with serving(tmp_path, secure_cookies=True) as served:
        await served.worker("ann")
        body = {"worker_id": "ann", "password": PASSWORD}
        answer = await served.client().post("/api/session", json=body)
        assert "Secure" in answer.headers["set-cookie"].split("; ")


@pytest.mark.parametrize("worker_id", ["ann", "nobody", "gone"])
async def test_an_unknown_id_a_wrong_password_and_a_disabled_account_look_alike(
    served: Served, worker_id: str
) -> None:
    await served.worker("ann")
    await served.worker("gone")
    admin = await served.worker("root", "admin")
    assert (await admin.post("/api/workers/gone", json={"disabled": True})).status_code == 200
    secret = PASSWORD if worker_id == "gone" else "wrong password"
    answer = await served.client().post(
        "/api/session", json={"worker_id": worker_id, "password": secret}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "sign_in_failed")


async def test_guessing_passwords_is_slowed_down_per_account(tmp_path: Path) -> None:
    async with serving(tmp_path, sign_ins_per_minute=3) as served:
        await served.worker("ann")
        client = served.client()
        wrong = {"worker_id": "ann", "password": "wrong password"}
        codes = [(await client.post("/api/session", json=wrong)).status_code for _ in range(5)]
        assert codes == [401, 401, 401, 429, 429]
        right = await client.post("/api/session", json={"worker_id": "ann", "password": PASSWORD})
        assert right.status_code == 429
        assert float(right.headers["retry-after"]) > 0
        served.clock.ahead_s += 30
        right = await client.post("/api/session", json={"worker_id": "ann", "password": PASSWORD})
        assert right.status_code == 200


async def test_a_session_ends_by_sign_out_age_idleness_and_revocation(tmp_path: Path) -> None:
    async with serving(tmp_path, session_hours=2, session_idle_minutes=60) as served:
        ann = await served.worker("ann")
        other = await served.worker("ann")
        assert (await ann.delete("/api/session")).status_code == 200
        assert (await ann.get("/api/session")).status_code == 401
        assert (await other.get("/api/session")).status_code == 200
        served.clock.ahead_s += 50 * 60
        assert (await other.get("/api/session")).status_code == 200
        served.clock.ahead_s += 50 * 60
        assert (await other.get("/api/session")).status_code == 200, "it was in use meanwhile"
        served.clock.ahead_s += 50 * 60
        assert (await other.get("/api/session")).status_code == 401, "two hours are over"
        idle = await served.worker("ann")
        served.clock.ahead_s += 61 * 60
        assert (await idle.get("/api/session")).status_code == 401


async def test_another_role_password_or_a_disabled_account_ends_the_sessions(
    served: Served,
) -> None:
    admin = await served.worker("root", "admin")
    for change in ({"role": "lead"}, {"password": "another secret"}, {"disabled": True}):
        ann = await served.worker("ann")
        assert (await ann.get("/api/session")).status_code == 200
        assert (await admin.post("/api/workers/ann", json=change)).status_code == 200
        assert (await ann.get("/api/session")).status_code == 401


async def test_an_admin_can_t_lock_themselves_out(served: Served) -> None:
    admin = await served.worker("root", "admin")
    for change in ({"role": "worker"}, {"disabled": True}):
        answer = await admin.post("/api/workers/root", json=change)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "last_admin")


async def test_a_session_revoked_in_mid_stream_is_cut_at_the_next_heartbeat(
    served: Served,
) -> None:
    ann, bea = await served.worker("ann"), await served.worker("bea")
    async with feed(ann, "/api/feed") as hers, feed(bea, "/api/feed") as other:
        await hers.event("snapshot")
        await other.event("snapshot")
        assert await served.app.site.sessions.end_all("ann") == 1
        await served.app.site.sockets.beat()
        with pytest.raises(EOFError):
            await hers.frame()
        assert "comment" in await other.frame()
    assert (await ann.get("/api/floor")).status_code == 401


async def test_a_chat_token_that_expires_in_mid_stream_ends_the_feed(served: Served) -> None:
    dora, opened = await served.customer()
    async with feed(dora, f"/api/customer/chats/{opened['chat_id']}/feed") as hers:
        await hers.event("snapshot")
        await served.app.site.sockets.beat()
        while "comment" not in await hers.frame():
            pass
        served.clock.ahead_s += 49 * 3_600
        await served.app.site.sockets.beat()
        with pytest.raises(EOFError):
            await hers.event("never")


async def test_a_revoked_key_opens_nothing_more(served: Served) -> None:
    admin = await served.worker("root", "admin")
    body = {"name": "helpdesk", "scopes": ["floor:read"]}
    made = (await admin.post("/api/keys", json=body)).json()
    key = served.client({"authorization": f"Bearer {made['secret']}"})
    assert (await key.get("/api/floor")).status_code == 200
    listed = (await admin.get("/api/keys")).text
    assert made["secret"] not in listed
    assert (await admin.delete(f"/api/keys/{made['key_id']}")).status_code == 200
    assert (await key.get("/api/floor")).status_code == 401
