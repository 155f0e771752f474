"""One more process on a log: appends messages, claims work and does it, then says what it did."""

from __future__ import annotations

import asyncio
import json
import sys

from stepin.core.events.chat import MessagePosted, TurnFinished
from stepin.core.fence import Fence
from stepin.core.record import NewEvent
from stepin.core.work import DropWork, PutWork
from stepin.log.open import open_log
from stepin.log.protocol import Append, Appended, Log


async def write(log: Log, name: str, count: int) -> int:
    acknowledged = 0
    for n in range(count):
        turn = PutWork(work_id=f"turn:{name}:{n}", kind="turn", stream=f"chat/{n % 5}")
        item = Append(
            stream=f"chat/{n % 5}",
            events=(NewEvent(event=MessagePosted(author="customer", text=f"{name}-{n}")),),
            command_id=f"{name}-{n}",
            command_digest=b"x",
            work=(turn,),
        )
        acknowledged += isinstance(await log.append(item), Appended)
    return acknowledged


async def serve(log: Log, name: str) -> list[str]:
    """Do due turns until there are none."""
    done = []
    while claimed := await log.claim(["turn"], holder=name, limit=7, lease_s=60):
        for work in claimed:
            finished = TurnFinished(turn_id=work.work_id, attempt=work.attempt, outcome="answered")
            item = Append(
                stream=work.stream,
                events=(NewEvent(event=finished),),
                fence=Fence(epoch=0, work_id=work.work_id, attempt=work.attempt),
                work=(DropWork(work_id=work.work_id),),
            )
            if isinstance(await log.append(item), Appended):
                done.append(work.work_id)
    return done


async def main(url: str, name: str, count: int) -> None:
    log = await open_log(url)
    acknowledged = await write(log, name, count)
    done = await serve(log, name)
    await log.close()
    print(json.dumps({"acknowledged": acknowledged, "done": done}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
