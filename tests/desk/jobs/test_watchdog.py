"""The watchdog: whatever holds the event loop up is named while it does so."""

from __future__ import annotations

import asyncio
import threading

from structlog.testing import capture_logs

from stepin.desk.jobs.watchdog import HANGING, Watchdog

SECRET = "what a customer has written"


def foreign_code(until: threading.Event) -> str:
    said = SECRET
    until.wait(20)
    return said


async def held_up(dog: Watchdog, until: threading.Event, *, name: str) -> None:
    """Hold the loop up in a turn, until the watchdog has seen it."""

    async def turn() -> None:
        foreign_code(until)

    await asyncio.create_task(turn(), name=name)


async def test_what_holds_the_loop_up_is_named_once_with_its_turn() -> None:
    seen = threading.Event()
    lags: list[float] = []

    def running() -> list[str]:
        seen.set()
        return ["turn:c9:4", "turn:c1:2"]

    dog = Watchdog(running, lag_s=0.03, look_s=0.01, note_lag=lags.append)
    dog.start()
    with capture_logs() as logs:
        await held_up(dog, seen, name="turn:c1:2")
        async with asyncio.timeout(20):
            while not any(line["event"] == "loop_free" for line in logs):
                await asyncio.sleep(0)
        await dog.stop()
    blocked = [line for line in logs if line["event"] == "loop_blocked"]
    assert len(blocked) == 1
    (line,) = blocked
    assert (line["turn"], line["running"]) == ("turn:c1:2", ["turn:c1:2", "turn:c9:4"])
    assert any(step.endswith(" foreign_code") for step in line["frames"])
    assert SECRET not in repr(logs)
    assert max(lags) > 0.02


async def test_a_loop_that_is_held_up_too_long_ends_the_process() -> None:
    ended = threading.Event()
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    dog = Watchdog(lambda: (), lag_s=0.02, look_s=0.01, end=end)
    dog.may_end(0.1)
    dog.start()
    with capture_logs() as logs:
        await held_up(dog, ended, name="somebody else's task")
        await dog.stop()
    assert codes == [HANGING]
    assert [line["turn"] for line in logs if line["event"] == "loop_hangs"] == [""]


async def test_a_loop_that_goes_on_is_left_alone() -> None:
    dog = Watchdog(lambda: (), lag_s=5.0, look_s=0.01)
    dog.start()
    with capture_logs() as logs:
        for _ in range(20):
            await asyncio.sleep(0)
        await dog.stop()
    assert logs == []
