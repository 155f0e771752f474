"""Blocking functions of a team's own: they run in a thread each, never on the event loop."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

Answer = TypeVar("Answer")
_left: dict[threading.Thread, float] = {}


def awaitable(function: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """Return an async function as it is; a blocking one as a function that runs it in a thread.

    A thread can't be ended. One whose answer nobody waits for any more is `abandoned`; where tools
    run in a process of their own, that process ends itself with it.
    """
    if inspect.iscoroutinefunction(function):
        return cast("Callable[..., Awaitable[Any]]", function)

    async def threaded(*args: Any, **named: Any) -> Any:
        return await _in_thread(lambda: function(*args, **named))

    return threaded


def abandoned(for_s: float) -> list[threading.Thread]:
    """Return the threads that still run although they were given up so many seconds ago."""
    for thread in [one for one in _left if not one.is_alive()]:
        del _left[thread]
    now_s = time.monotonic()
    return [thread for thread, since_s in _left.items() if now_s - since_s >= for_s]


async def _in_thread(work: Callable[[], Answer]) -> Answer:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Answer] = loop.create_future()

    def settle(value: Answer | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(cast("Answer", value))

    def run() -> None:
        value, failed = None, None
        try:
            value = work()
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            failed = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, value, failed)

    thread = threading.Thread(target=run, name="stepin-tool", daemon=True)
    thread.start()
    try:
        return await answer
    except asyncio.CancelledError:
        _left[thread] = time.monotonic()
        raise
