"""Memory of an idle live feed over the same on raw ASGI, five thousand open.

Measured as the growth of the serving process' proportional set size, a fresh server each time.
Both sides hold the connection and one task; ours holds the session's expiry and a bounded queue.
"""

from __future__ import annotations

import asyncio
import resource
import tempfile
from pathlib import Path

import uvloop

from benchmarks.desk._served import connect, running
from benchmarks.harness import finish, options, paired, report

FEEDS_A_CHAT = 6
"""One less than a chat's customer may have open besides the first, which warms up."""


async def _open(server: object, count: int) -> float:
    from benchmarks.desk._served import Running

    assert isinstance(server, Running)
    port, chats = server.told["port"], server.told["chats"]
    warm = [await connect(port, c["feed"], c["head"]) for c in chats]
    await asyncio.sleep(0.3)
    before = server.pss_kib()
    held = []
    for start in range(0, count, 100):
        wanted = (chats[n % len(chats)] for n in range(start, start + 100))
        held += await asyncio.gather(*(connect(port, c["feed"], c["head"]) for c in wanted))
    await asyncio.sleep(0.5)
    grown = server.pss_kib() - before
    for _, writer in (*warm, *held):
        writer.close()
    return grown / count


def _measure(kind: str, folder: Path, count: int) -> float:
    folder.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=folder) as name,
        running(kind, Path(name), -(-count // FEEDS_A_CHAT)) as up,
    ):
        return uvloop.run(_open(up, count))


def main() -> None:
    """Measure both sides."""
    given = options(__doc__)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(given.pick(5_000, 1_000), hard - 500)
    print(f"{count} idle feeds, KiB each (file limit was {soft})")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, floor = paired(
            5,
            lambda: _measure("path", folder / "a", count),
            lambda: _measure("raw", folder / "b", count),
        )
    report(
        "memory of an idle feed over raw ASGI", ours, floor, goal=1.3, at_least=False, unit="KiB"
    )
    finish()


if __name__ == "__main__":
    main()
