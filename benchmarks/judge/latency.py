"""What scoring adds to a message: acknowledged through the desk with all detectors on, and without.

Both desks run in this process, each on its own SQLite log (synchronous=FULL), with chats that a
worker holds. Messages come at a steady pace, alternating between the desks in blocks. A second
desk without detectors shows the noise: how far two equal desks lie apart.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.harness import finish, line, options
from stepin.core.command import Actor, OpenChat, PostMessage
from stepin.core.events.floor import WorkerSignedOn
from stepin.core.policy import AssignmentPolicy, Policy
from stepin.desk.alerts.detection import PanelWatch, Watch
from stepin.desk.desk import Desk
from stepin.desk.parts import Parts
from stepin.desk.state.identity import CustomerIdentity
from stepin.judge.detectors.panel import Panel
from stepin.judge.shipped import load_detectors
from stepin.log.sqlite import SqliteLog

CHATS = 20
PER_S = 50
TEXT = "Where is my parcel? I have been waiting for it since last week, order ST-{0}."
POLICY = Policy(assignment=AssignmentPolicy(cap=1_000))
ANN = Actor(kind="worker", id="ann", role="admin")


async def opened(folder: Path, watches: Sequence[Watch]) -> tuple[Desk, list[str]]:
    """Return a running desk with chats that a worker holds."""
    log = await SqliteLog.open(folder / "log.sqlite")
    desk = Desk(log, POLICY, Parts(watches=watches))
    await desk.start()
    await desk.sign_on(
        WorkerSignedOn(worker_id="ann", capacity=999, supervised_capacity=999, role="admin")
    )
    chats = []
    for number in range(CHATS):
        who = f"c{number}"
        receipt = await desk.open_chat(
            Actor(kind="customer", id=who),
            OpenChat(text="Hello"),
            CustomerIdentity(customer_id=who, asserted=True),
        )
        chats.append(receipt.chat_id)
        await desk.services.follower.until(receipt.chat_id, lambda c: c.held_by("ann"))
    return desk, chats


async def block(desk: Desk, chats: list[str], count: int, start: int) -> list[float]:
    """Post messages at the pace and return how long each took, in ms."""
    took = []
    for number in range(count):
        place = (start + number) % CHATS
        command = PostMessage(chat_id=chats[place], text=TEXT.format(start + number))
        began = time.perf_counter()
        await desk.submit(Actor(kind="customer", id=f"c{place}"), command)
        took.append((time.perf_counter() - began) * 1e3)
        await asyncio.sleep(1 / PER_S)
    return took


async def measured(folder: Path, runs: int, count: int) -> dict[str, list[list[float]]]:
    """Return the times of each kind of desk, a list a run."""
    scoring = (PanelWatch(Panel(load_detectors())),)
    kinds: dict[str, Sequence[Watch]] = {"off": (), "off again": (), "on": scoring}
    desks = {}
    for number, (kind, watches) in enumerate(kinds.items()):
        (folder / str(number)).mkdir()
        desks[kind] = await opened(folder / str(number), watches)
    found: dict[str, list[list[float]]] = {kind: [] for kind in kinds}
    for run in range(runs + 1):
        for kind, (desk, chats) in desks.items():
            times = await block(desk, chats, count, run * count)
            if run:
                found[kind].append(times)
    for desk, _ in desks.values():
        await desk.engine.watchers.reach(await desk.log.position())
        await desk.stop()
        await desk.log.close()
    return found


def main() -> None:
    """Measure, and say what is noise."""
    given = options(__doc__)
    runs, count = given.pick(9, 4), given.pick(200, 60)
    with tempfile.TemporaryDirectory() as name:
        found = asyncio.run(measured(Path(name), runs, count))
    for quantile, what in ((0.5, "p50"), (0.95, "p95")):
        per_run = {
            kind: [float(np.quantile(times, quantile)) for times in runs_of]
            for kind, runs_of in found.items()
        }
        middle = {kind: statistics.median(values) for kind, values in per_run.items()}
        added = [on - off for on, off in zip(per_run["on"], per_run["off"], strict=True)]
        noise = [
            abs(one - other)
            for one, other in zip(per_run["off again"], per_run["off"], strict=True)
        ]
        print(
            f"  {what}: off {middle['off']:.2f} ms, off again {middle['off again']:.2f} ms, on"
            f" {middle['on']:.2f} ms; added {statistics.median(added):+.2f} ms (a run:"
            f" {min(added):+.2f} to {max(added):+.2f}); two equal desks differ by up to"
            f" {max(noise):.2f} ms",
            flush=True,
        )
        line(
            f"added latency of a message with scoring on, {what} ms",
            ours=statistics.median(added),
            reference=max(noise),
            ratio=middle["on"] / middle["off"],
            goal="<= the noise of two equal desks",
            holds=statistics.median(added) <= max(noise),
        )
    finish()


if __name__ == "__main__":
    main()
