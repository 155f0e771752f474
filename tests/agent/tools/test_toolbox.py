from __future__ import annotations

import asyncio

import msgspec
import pytest

from stepin.agent.shop.procedure import Limit
from stepin.agent.tools.definition import define
from stepin.agent.tools.tool import Caller, OutcomeUnknown, Reconciled, Tool, ToolFailed
from stepin.agent.tools.toolbox import Patience, Toolbox

DORA = Caller(customer_id="dora", asserted=True, key="k1")


class Done(msgspec.Struct, frozen=True):
    times: int


class Service:
    """An outside service that fails as told; the same key is done once."""

    def __init__(self, *troubles: Exception | None) -> None:
        self.troubles, self.asked, self.keys = list(troubles), 0, set[str]()

    async def answer(self, key: str) -> Done:
        self.asked += 1
        trouble = self.troubles.pop(0) if self.troubles else None
        if not isinstance(trouble, ConnectionRefusedError):
            self.keys.add(key)
        if trouble is not None:
            raise trouble
        return Done(len(self.keys))


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    async def wait(self, seconds: float) -> None:
        self.now_s += seconds


def tool(service: Service, *, effect: bool, timeout_s: float = 10.0) -> Tool:
    async def act(caller: Caller) -> Done:
        """Do it."""
        return await service.answer(caller.key)

    async def ask(caller: Caller) -> tuple[Reconciled, dict[str, object]]:
        return ("succeeded", {}) if caller.key in service.keys else ("failed", {})

    return define(
        act,
        risk="money" if effect else "read",
        reconcile=ask if effect else None,
        timeout_s=timeout_s,
    )


def guarded(bare: Tool, clock: Clock) -> Tool:
    box = Toolbox([bare], now_s=clock, wait=clock.wait, patience=Patience(failures=2))
    found = box.get(bare.name)
    assert found is not None
    return found


async def test_a_read_is_tried_again_until_it_answers() -> None:
    service, clock = Service(OSError("gone"), OSError("gone")), Clock()
    assert await guarded(tool(service, effect=False), clock).call(DORA, {}) == {"times": 1}
    assert (service.asked, clock.now_s) == (3, pytest.approx(0.6))


async def test_an_effect_is_tried_again_under_the_same_key_and_done_once() -> None:
    service = Service(OSError("lost"), None)
    assert await guarded(tool(service, effect=True), Clock()).call(DORA, {}) == {"times": 1}
    assert service.keys == {"k1"}


async def test_an_effect_that_nobody_can_ask_about_is_tried_once_and_is_unknown() -> None:
    service = Service(OSError("lost"))
    bare = msgspec.structs.replace(tool(service, effect=True), reconcile=None)
    with pytest.raises(OutcomeUnknown):
        await guarded(bare, Clock()).call(DORA, {})
    assert service.asked == 1


async def test_a_refusal_after_a_lost_answer_is_no_proof_that_nothing_happened() -> None:
    service = Service(OSError("lost"), ToolFailed("already_done", "It is done."))
    with pytest.raises(OutcomeUnknown):
        await guarded(tool(service, effect=True), Clock()).call(DORA, {})


async def test_a_slow_effect_is_unknown_and_a_slow_read_has_failed() -> None:
    async def never(_: str) -> Done:
        await asyncio.Event().wait()
        raise AssertionError

    for effect, error in ((True, OutcomeUnknown), (False, ToolFailed)):
        service = Service()
        service.answer = never  # type: ignore[method-assign]
        with pytest.raises(error):
            await guarded(tool(service, effect=effect, timeout_s=0.01), Clock()).call(DORA, {})


async def test_a_tool_that_keeps_failing_rests_and_then_one_call_sees_whether_it_is_back() -> None:
    service, clock = Service(*[ConnectionRefusedError("down")] * 7), Clock()
    act = guarded(tool(service, effect=False), clock)
    for _ in range(2):
        with pytest.raises(ToolFailed, match="down"):
            await act.call(DORA, {})
    with pytest.raises(ToolFailed) as resting:
        await act.call(DORA, {})
    assert (resting.value.code, service.asked) == ("resting", 6)
    clock.now_s += 31
    with pytest.raises(ToolFailed, match="down"):
        await act.call(DORA, {})
    assert service.asked == 7
    clock.now_s += 31
    assert await act.call(DORA, {}) == {"times": 1}


async def test_a_refusal_does_not_open_the_breaker() -> None:
    service = Service(*[ToolFailed("too_late", "No.")] * 9)
    act = guarded(tool(service, effect=False), Clock())
    for _ in range(9):
        with pytest.raises(ToolFailed, match=r"No\."):
            await act.call(DORA, {})
    assert service.asked == 9


async def test_an_anonymous_customer_gets_no_customer_scoped_tool() -> None:
    nobody = Caller(customer_id="dora", asserted=False)
    with pytest.raises(ToolFailed) as refused:
        await tool(Service(), effect=False).plan(nobody, {})
    assert refused.value.code == "not_signed_in"


def test_the_strictest_limit_of_the_procedures_holds() -> None:
    box = Toolbox([tool(Service(), effect=True)], now_s=Clock())
    box.limited(
        [Limit(tool="act", amount=300, approver="lead"), Limit(tool="act", amount=100, times=2)]
    )
    act = box.get("act")
    assert act is not None
    assert (act.limit.amount, act.limit.times, act.limit.approver) == (100, 2, "lead")
