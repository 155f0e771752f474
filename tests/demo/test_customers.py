"""The shop's customers at a served desk, over real sockets: the AI resolves, a person approves."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

from examples.shop import Clerk, open_shop
from examples.shop.visitors import Visitors

from stepin.agent.open import open_brain, open_toolbox
from stepin.cli.demo.command import signed_by
from stepin.core.chat import Chat, fold
from stepin.core.events.action import ActionApproved, ActionProposed
from stepin.core.events.chat import RatingGiven
from stepin.core.record import Recorded
from stepin.demo.colleague import Manner, SimulatedColleague
from stepin.demo.crowd import Crowd, CrowdPace
from stepin.demo.visit import Tempo
from tests.agent.conftest import SHOP
from tests.shop.conftest import NOW
from tests.web.served import PASSWORD, Served, serving

POLICY = "[approvals]\nai_money_limit = 100\nworker_money_limit = 1000\n[assignment]\ncap = 50\n"
HASTE = 100.0
CUSTOMERS_HASTE = 20.0
"""Slow enough that a busy machine doesn't cost them their patience."""


async def served_shop(stack: AsyncExitStack, folder: Path) -> Served:
    """Serve the shop with the built-in brain."""
    (folder / "policy.toml").write_text(POLICY)
    (folder / "data").mkdir()
    book, box = open_toolbox(SHOP, folder / "data", lambda: NOW)
    brains = {"builtin": open_brain("builtin", book)}
    policy = str(folder / "policy.toml")
    return await stack.enter_async_context(serving(folder, tools=box, brains=brains, policy=policy))


def crowd_at(
    served: Served,
    folder: Path,
    pace: CrowdPace,
    *,
    people_share: float = 0.0,
    haste: float = CUSTOMERS_HASTE,
) -> Crowd:
    people = Visitors(
        open_shop(folder / "data", lambda: NOW), seed=5, people_share=people_share, unusual_share=0
    )
    ahead_s = served.clock.us() / 1e6 - time.time()
    sign = signed_by(served.app.site.identity_secret, "stepin", now_s=lambda: time.time() + ahead_s)
    tempo = Tempo(haste=haste)
    return Crowd(served.url, people, sign, Random(5), pace, tempo, memory=folder / "customers.json")


async def chats_of(served: Served) -> list[tuple[Chat, tuple[Recorded, ...]]]:
    found: dict[str, list[Recorded]] = {}
    for event in await served.app.site.log.read_all(after_position=0, limit=100_000):
        if event.stream.startswith("chat/"):
            found.setdefault(event.stream[5:], []).append(event)
    return [(fold(chat_id, events), tuple(events)) for chat_id, events in found.items()]


async def test_the_ai_resolves_them_and_a_worker_approves_what_is_above_the_limit(
    tmp_path: Path,
) -> None:
    async with AsyncExitStack() as stack:
        served = await served_shop(stack, tmp_path)
        await served.on_duty("ann")
        manner = Manner(react_s=1.0, haste=HASTE)
        ann = SimulatedColleague(served.url, "ann", PASSWORD, Clerk(), Random(1), manner)
        working = asyncio.create_task(ann.run())
        crowd = crowd_at(served, tmp_path, CrowdPace(every_s=4.0, most_open=4, chats=14))
        async with asyncio.timeout(60):
            await crowd.run()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        assert crowd.count == {"done": 14}
        chats = await chats_of(served)
        assert len(chats) == 14
        assert all(chat.episode in ("closed", "wrap_up") for chat, _ in chats)
        alone = [
            c for c, _ in chats if c.talk.worker_messages == 0 and c.close_reason == "resolved"
        ]
        assert len(alone) >= 10
        events = [e for _, of_chat in chats for e in of_chat]
        asked = [e.event for e in events if isinstance(e.event, ActionProposed)]
        waited = {e.action_id for e in asked if e.needs_approval}
        assert waited
        assert all(e.amount > 100 for e in asked if e.action_id in waited)
        approved = {
            e.event.action_id: e.actor
            for e in events
            if isinstance(e.event, ActionApproved) and not e.event.automatic
        }
        assert approved == dict.fromkeys(waited, "worker:ann")
        assert any(isinstance(e.event, RatingGiven) for e in events)


async def test_people_answer_what_the_ai_may_not_have(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        served = await served_shop(stack, tmp_path)
        await served.on_duty("ann")
        manner = Manner(react_s=1.0, haste=HASTE)
        ann = SimulatedColleague(served.url, "ann", PASSWORD, Clerk(), Random(1), manner)
        working = asyncio.create_task(ann.run())
        crowd = crowd_at(served, tmp_path, CrowdPace(every_s=5.0, chats=4), people_share=1.0)
        async with asyncio.timeout(60):
            await crowd.run()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        chats = [chat for chat, _ in await chats_of(served)]
        assert len(chats) == 4
        assert all(chat.talk.worker_messages and chat.owner == "ann" for chat in chats)
        assert all(chat.episode in ("closed", "wrap_up") for chat in chats)


async def test_a_restart_of_the_customers_goes_on_with_the_same_chats(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        served = await served_shop(stack, tmp_path)
        kept = tmp_path / "customers.json"
        one = crowd_at(served, tmp_path, CrowdPace(every_s=0.05, most_open=3, chats=3), haste=1.0)
        first = asyncio.create_task(one.run())
        async with asyncio.timeout(30):
            while not kept.exists() or len(json.loads(kept.read_bytes())) < 3:
                await served.caught_up()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert all(chat.open for chat, _ in await chats_of(served)), "nobody is there to answer"
        await served.on_duty("ann")
        second = crowd_at(served, tmp_path, CrowdPace(every_s=1.0, chats=0))
        async with asyncio.timeout(30):
            await second.run()
        chats = [chat for chat, _ in await chats_of(served)]
        assert len(chats) == 3, "nobody came anew"
        assert not any(chat.open for chat in chats)
        assert second.count == {"done": 3}
