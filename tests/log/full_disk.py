"""A process that may write no more than a limit: what it says when its log's disk is full."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from pathlib import Path

from stepin.core.events.chat import MessagePosted
from stepin.core.record import NewEvent
from stepin.errors import Unavailable
from stepin.log.protocol import Append, Appended
from stepin.log.sqlite import SqliteLog


async def main(path: Path, limit_bytes: int) -> None:
    log = await SqliteLog.open(path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, resource.RLIM_INFINITY))
    acknowledged, code, then = 0, "", ""
    while not code:
        message = MessagePosted(author="worker", text="x" * 2000)
        item = Append(stream="chat/1", events=(NewEvent(event=message),))
        try:
            assert isinstance(await log.append(item), Appended)
            acknowledged += 1
        except Unavailable as error:
            code = error.code
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    done = await log.append(Append(stream="chat/1", events=(NewEvent(event=message),)))
    then = type(done).__name__
    await log.close()
    print(json.dumps({"acknowledged": acknowledged, "code": code, "then": then}))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
