"""Tools in a process of their own: what hangs there is ended, and the next call is answered."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from stepin.agent.shop.handbook import load_tools
from stepin.agent.tools.isolated import ToolsApart
from stepin.agent.tools.tool import Caller, OutcomeUnknown, Tool, ToolFailed
from stepin.agent.tools.toolbox import Patience, Toolbox

FOLDER = Path(__file__).parents[1] / "hanging"
DORA = Caller(customer_id="dora", asserted=True, key="k1")
ONCE = Patience(tries=1)


@pytest.fixture
async def apart(tmp_path: Path) -> AsyncIterator[ToolsApart]:
    host = ToolsApart(FOLDER, tmp_path, grace_s=0.5)
    yield host
    await host.close()


@pytest.fixture
def box(apart: ToolsApart, tmp_path: Path) -> Toolbox:
    tools = load_tools(FOLDER, tmp_path, lambda: None)  # type: ignore[arg-type, return-value]
    waiting = [_patient(apart.apart(tool)) for tool in tools]
    return Toolbox(waiting, now_s=lambda: 0.0, patience=ONCE)


def _patient(tool: Tool) -> Tool:
    hangs = tool.name in ("slow", "spins", "sleeps")
    return msgspec.structs.replace(tool, timeout_s=0.5 if hangs else 30.0)


def tool(box: Toolbox, name: str) -> Tool:
    found = box.get(name)
    assert found is not None
    return found


async def ended(apart: ToolsApart, times: int) -> None:
    async with asyncio.timeout(30):
        while apart.ended < times:
            await asyncio.sleep(0)


async def test_a_tool_runs_elsewhere_and_answers_as_it_would_here(
    box: Toolbox, apart: ToolsApart
) -> None:
    planned = await tool(box, "echo").plan(DORA, {"text": "hello"})
    assert planned.arguments == {"text": "hello"}
    told = await tool(box, "echo").call(DORA, {"text": "hello"})
    assert (told["text"], told["thread"]) == ("dora: hello", False)
    assert told["pid"] != os.getpid()
    again = await tool(box, "blocking").call(DORA, {"text": "hi"})
    assert (again["pid"], again["thread"]) == (told["pid"], True)
    with pytest.raises(ToolFailed, match="no such order") as refused:
        await tool(box, "refuses").call(DORA, {})
    assert refused.value.code == "no_such_order"
    with pytest.raises(ToolFailed, match="lost"):
        await tool(box, "loses").call(DORA, {})
    with pytest.raises(ToolFailed, match="ValueError") as broken:
        await tool(box, "breaks").call(DORA, {})
    assert "customer has written" not in broken.value.message
    with pytest.raises(ToolFailed) as anonymous:
        await tool(box, "echo").plan(Caller(customer_id="x", asserted=False), {"text": "a"})
    assert anonymous.value.code == "not_signed_in"
    assert apart.ended == 0


@pytest.mark.parametrize("name", ["spins", "sleeps"])
async def test_an_effect_that_hangs_is_ended_and_its_outcome_is_unknown(
    box: Toolbox, apart: ToolsApart, name: str
) -> None:
    before = await tool(box, "echo").call(DORA, {"text": "before"})
    with pytest.raises(OutcomeUnknown):
        await tool(box, name).call(DORA, {})
    await ended(apart, 1)
    reconcile = tool(box, name).reconcile
    assert reconcile is not None
    assert await reconcile(DORA) == ("succeeded", {"key": "k1"})
    after = await tool(box, "echo").call(DORA, {"text": "after"})
    assert after["pid"] != before["pid"]


async def test_a_slow_tool_is_let_go_and_the_others_go_on(box: Toolbox, apart: ToolsApart) -> None:
    before = await tool(box, "echo").call(DORA, {"text": "before"})
    with pytest.raises(ToolFailed):
        await tool(box, "slow").call(DORA, {})
    after = await tool(box, "echo").call(DORA, {"text": "after"})
    assert (after["pid"], apart.ended) == (before["pid"], 0)


async def test_a_process_that_dies_is_replaced(box: Toolbox, apart: ToolsApart) -> None:
    with pytest.raises(ToolFailed):
        await tool(box, "dies").call(DORA, {})
    assert (await tool(box, "echo").call(DORA, {"text": "a"}))["text"] == "dora: a"


async def test_what_is_under_way_beside_a_tool_that_hangs_loses_its_answer(
    box: Toolbox, apart: ToolsApart
) -> None:
    await tool(box, "echo").call(DORA, {"text": "warm"})
    bare = msgspec.structs.replace(tool(box, "echo"), name="slow")
    beside = asyncio.create_task(apart.apart(bare).call(DORA, {}))
    await asyncio.sleep(0)
    with pytest.raises(OutcomeUnknown):
        await tool(box, "spins").call(DORA, {})
    with pytest.raises(ConnectionResetError):
        await beside
