"""Every door through which a tool's code runs at a desk asks the same owner: switch and time."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import stepin
from stepin.agent.brain import Brain, Hands, TurnContext
from stepin.agent.tools.tool import Caller, CallPlan, Reconciled, Tool
from stepin.core.action import Action
from stepin.core.command import EditAction, ProposeAction, TakeOver
from stepin.errors import Forbidden, Unavailable
from tests.desk.brains import Scripted
from tests.desk.conftest import ANN, LEA, Room

SOURCE = Path(stepin.__file__).parent
ORDER = {"order": "A-1001"}
RUNNING = {"preview", "resolve", "planned_again", "records", "call", "reconcile"}


class Watched:
    """A tool that reads and one that pays; both say when their code ran, and can be slow."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.slow = False
        self.broken = False

    def all(self) -> tuple[Tool, ...]:
        bare = {"type": "object", "properties": {}, "required": []}
        return tuple(
            Tool(
                name=name,
                version="1",
                doc=name,
                parameters=bare,
                risk="read" if name == "look" else "money",
                customer_scoped=True,
                plan=self._plan,
                call=self._call,
                reconcile=None if name == "look" else self._reconcile,
                timeout_s=0.05,
            )
            for name in ("look", "pay")
        )

    def get(self, name: str) -> Tool | None:
        return next((t for t in self.all() if t.name == name), None)

    async def _run(self, what: str) -> None:
        self.ran.append(what)
        if self.broken:
            raise ZeroDivisionError
        if self.slow:
            await asyncio.Event().wait()

    async def _plan(self, caller: Caller, arguments: Mapping[str, Any]) -> CallPlan:
        await self._run("plan")
        return CallPlan(arguments=dict(arguments), amount=1.0, intent=str(sorted(arguments)))

    async def _call(self, caller: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        await self._run("call")
        return {}

    async def _reconcile(self, caller: Caller) -> tuple[Reconciled, dict[str, Any]]:
        await self._run("reconcile")
        return "failed", {}


class Scene:
    """A chat of Ann's in which a payment was made before the switch fell."""

    def __init__(self, room: Room, tools: Watched, chat_id: str, action: Action) -> None:
        self.room, self.tools, self.chat_id, self.action = room, tools, chat_id, action

    async def throw(self) -> None:
        for name in ("look", "pay"):
            await self.room.desk.kill_switch(f"tool:{name}", True, "wrong amounts", LEA)
        self.tools.ran.clear()


async def preview(scene: Scene) -> None:
    await scene.room.desk.preview(scene.chat_id, "pay", ORDER)


async def records(scene: Scene) -> None:
    assert await scene.room.desk.records(scene.chat_id) == []


async def propose(scene: Scene) -> None:
    wish = ProposeAction(chat_id=scene.chat_id, tool="pay", arguments={"again": 1})
    await scene.room.desk.submit(ANN, wish)


async def edit(scene: Scene) -> None:
    change = EditAction(
        chat_id=scene.chat_id,
        action_id=scene.action.action_id,
        digest=scene.action.digest,
        arguments={"other": 2},
    )
    await scene.room.desk.submit(LEA, change)


async def an_effect_about_to_begin(scene: Scene) -> None:
    chat = await scene.room.desk.chat(scene.chat_id)
    key = scene.action.business_key
    await scene.room.desk.services.tools.planned_again(chat, "pay", ORDER, key)


async def an_effect_that_has_begun(scene: Scene) -> None:
    chat = await scene.room.desk.chat(scene.chat_id)
    await scene.room.desk.services.tools.call(chat, "pay", ORDER, key="k")


DOORS: dict[str, Callable[[Scene], Awaitable[None]]] = {
    "preview": preview,
    "records": records,
    "propose": propose,
    "edit": edit,
    "effect about to begin": an_effect_about_to_begin,
    "effect that has begun": an_effect_that_has_begun,
}
CALLERS = {
    ("desk/desk.py", "preview"): "preview",
    ("desk/desk.py", "records"): "records",
    ("desk/tools/action_commands.py", "resolve"): "propose, edit",
    ("desk/turns/turn_actions.py", "resolve"): "the AI's own test below",
    ("desk/jobs/effects.py", "planned_again"): "effect about to begin",
    ("desk/jobs/effects.py", "call"): "effect that has begun",
    ("desk/jobs/effects.py", "reconcile"): "the test below: asked even of a stopped tool",
}


async def scene_of(room: Room, tools: Watched, brain: Brain | None = None) -> Scene:
    await room.add(tools=tools, brains={"builtin": brain or Scripted(_quiet)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.holder.kind != "nobody" and c.turn_id is None)
    await room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    ask = ProposeAction(chat_id=chat_id, tool="pay", arguments=ORDER)
    await room.desk.submit(ANN, ask)
    chat = await room.until(chat_id, lambda c: all(a.settled for a in c.actions.values()))
    (action,) = chat.actions.values()
    return Scene(room, tools, chat_id, action)


async def _quiet(context: TurnContext, hands: Hands) -> None:
    await hands.say("One moment.")


@pytest.mark.parametrize("door", DOORS)
async def test_no_door_runs_a_tool_that_was_switched_off(timed_room: Room, door: str) -> None:
    tools = Watched()
    scene = await scene_of(timed_room, tools)
    await scene.throw()
    if door == "records":
        await records(scene)
    else:
        with pytest.raises(Forbidden) as refused:
            await DOORS[door](scene)
        assert refused.value.code == "tool_stopped"
        assert "lead" in refused.value.hint
    assert tools.ran == []


@pytest.mark.parametrize("door", ["preview", "propose", "effect about to begin", "records"])
async def test_no_door_waits_longer_than_a_tool_may_take(timed_room: Room, door: str) -> None:
    tools = Watched()
    scene = await scene_of(timed_room, tools)
    tools.slow = True
    async with asyncio.timeout(5):
        if door == "records":
            await records(scene)
            return
        with pytest.raises(Unavailable) as late:
            await DOORS[door](scene)
    assert late.value.code == "tool_timeout"


async def test_a_tool_that_breaks_is_a_tool_that_doesnt_answer(timed_room: Room) -> None:
    tools = Watched()
    scene = await scene_of(timed_room, tools)
    tools.broken = True
    with pytest.raises(Unavailable) as broke:
        await preview(scene)
    assert broke.value.code == "tool_raised"
    await records(scene)
    chat = await timed_room.desk.chat(scene.chat_id)
    asked = await timed_room.desk.services.tools.reconcile(chat, "pay", key="k")
    assert asked == ("unknown", {})


async def test_the_ai_neither_sees_nor_runs_a_tool_that_was_switched_off(timed_room: Room) -> None:
    tools, seen = Watched(), []

    async def turn(context: TurnContext, hands: Hands) -> None:
        seen.append((sorted(context.tools), (await hands.call("pay", ORDER)).error))

    await timed_room.add(tools=tools, brains={"builtin": Scripted(turn)})
    await timed_room.sign_on("ann")
    for name in ("look", "pay"):
        await timed_room.desk.kill_switch(f"tool:{name}", True, "wrong amounts", LEA)
    chat_id = await timed_room.open("Pay me")
    await timed_room.until(chat_id, lambda c: bool(seen) and c.turn_id is None)
    assert seen == [([], "tool_stopped")]
    assert tools.ran == []


async def test_a_brain_can_not_reach_a_tools_code_but_through_its_hands(timed_room: Room) -> None:
    tools, refusals = Watched(), []

    async def turn(context: TurnContext, hands: Hands) -> None:
        tool = context.tools["pay"]
        me = Caller(customer_id="dora", asserted=True, key="mine")
        assert tool.reconcile is not None
        for run in (tool.plan(me, {}), tool.call(me, {}), tool.reconcile(me)):
            with pytest.raises(Forbidden) as refused:
                await run
            refusals.append(refused.value.code)

    await timed_room.add(tools=tools, brains={"builtin": Scripted(turn)})
    await timed_room.sign_on("ann")
    chat_id = await timed_room.open("Pay me")
    await timed_room.until(chat_id, lambda c: len(refusals) == 3 and c.turn_id is None)
    assert tools.ran == []


async def test_a_stopped_tool_is_still_asked_what_became_of_a_call(timed_room: Room) -> None:
    tools = Watched()
    scene = await scene_of(timed_room, tools)
    await scene.throw()
    chat = await timed_room.desk.chat(scene.chat_id)
    assert await timed_room.desk.services.tools.reconcile(chat, "pay", key="k") == ("failed", {})
    assert tools.ran == ["reconcile"]


def test_the_doors_are_these_and_no_others() -> None:
    """Whoever makes a tool's `Caller` runs its code: the door, and what has no desk around it."""
    makers, callers = set(), set()
    for file in SOURCE.rglob("*.py"):
        where = file.relative_to(SOURCE).as_posix()
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "stepin.agent.tools.tool":
                if any(name.name == "Caller" for name in node.names):
                    makers.add(where)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                on = node.func.value
                named = on.attr if isinstance(on, ast.Attribute) else getattr(on, "id", "")
                if node.func.attr in RUNNING and named in ("tools", "_tools", "room"):
                    callers.add((where, node.func.attr))
    outside = {m for m in makers if not m.startswith("agent/")} - {"__init__.py"}
    assert outside == {"desk/tools/gateway.py"}, "the package itself only exports the name"
    assert callers == set(CALLERS)
