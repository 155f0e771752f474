"""Lines that somebody types, or that a pipe brings, while other things go on."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator


async def typed() -> AsyncIterator[str]:
    """Yield the lines of standard input without their end, until it ends."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()

    def put(line: str | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(queue.put_nowait, line)

    def read() -> None:
        for line in sys.stdin:
            put(line.rstrip("\n"))
        put(None)

    threading.Thread(target=read, name="stepin-typed", daemon=True).start()
    while (line := await queue.get()) is not None:
        yield line


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)
