"""Takeovers that cut a turn which is being written: what was written so far is kept.

One process takes the AI's turns, another one (the caller's) takes the chats over at random moments.
The brain streams a draft word by word before it says each sentence, and notes in a file what it had
streamed when it was cut; the log is searched for exactly that.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from stepin.agent.brain import Fenced, Hands, TurnContext
from stepin.core.chat import Chat, apply, stream_of
from stepin.core.command import Actor, OpenChat, TakeOver
from stepin.core.events.chat import DraftDiscarded, MessagePosted
from stepin.core.events.floor import WorkerSignedOn
from stepin.core.policy import AssignmentPolicy, Policy, TimePolicy
from stepin.desk.desk import Desk
from stepin.desk.jobs.engine import Pace
from stepin.desk.parts import Parts
from stepin.desk.state.identity import CustomerIdentity
from stepin.log.open import open_log
from stepin.log.protocol import Log

POLICY = Policy(
    assignment=AssignmentPolicy(rule="uniform", cap=100_000),
    times=TimePolicy(presence_s=86_400.0),
)
ANN = Actor(kind="worker", id="ann", role="lead")


@dataclass(slots=True)
class Kept:
    """What became of the drafts: how many turns were cut while writing, how many drafts kept."""

    races: int = 0
    cut: int = 0
    kept: int = 0
    accepted: int = 0


class Writer:
    """A brain that writes sentence after sentence, each of them streamed first."""

    version = "writer-1"

    def __init__(self, cuts: Path) -> None:
        self._cuts, self._rng = cuts, random.Random(4)

    async def turn(self, context: TurnContext, hands: Hands) -> None:
        """Write until somebody takes the pen away, then note what was on the paper."""
        draft = ""
        try:
            for n in range(8):
                words = f"sentence {n} of {context.chat.chat_id} has seven words".split()
                for length in range(1, len(words) + 1):
                    draft = " ".join(words[:length])
                    await hands.draft(draft)
                    await asyncio.sleep(self._rng.random() * 0.004)
                await hands.say(draft)
                draft = ""
        except (asyncio.CancelledError, Fenced):
            if draft:
                note = {"chat": context.chat.chat_id, "turn": context.chat.turn_id, "text": draft}
                with self._cuts.open("a") as file:
                    file.write(json.dumps(note) + "\n")
            raise


async def serve(url: str, cuts: str) -> None:
    """Take turns until killed."""
    desk = Desk(
        await open_log(url),
        POLICY,
        Parts(brains={"builtin": Writer(Path(cuts))}, watches=()),
        pace=Pace(turns=64),
    )
    await desk.start()
    print("ready", flush=True)
    await asyncio.Event().wait()


async def race(desk: Desk, number: int, rng: random.Random) -> str:
    """Open a chat, let the AI write, take it over."""
    customer = Actor(kind="customer", id=f"k{number}")
    identity = CustomerIdentity(customer_id=customer.id, asserted=True)
    opened = await desk.open_chat(customer, OpenChat(text=f"hello {number}"), identity)
    async with asyncio.timeout(60):
        await desk.services.follower.until(opened.chat_id, lambda c: c.holder.kind == "ai")
    await asyncio.sleep(rng.random() * 0.15)
    await desk.submit(ANN, TakeOver(chat_id=opened.chat_id))
    return opened.chat_id


async def judge(log: Log, chats: list[str], cuts: Path) -> Kept:
    """Compare what the brain had written with what the log has kept.

    A text that was on its way when the turn was cut and stands in the chat was said, not cut.
    """
    found = Kept(races=len(chats))
    kept: set[tuple[str, str, str]] = set()
    said: set[tuple[str, str | None, str]] = set()
    for chat_id in chats:
        chat = Chat(chat_id=chat_id)
        for recorded in await log.read(stream_of(chat_id)):
            found.accepted += recorded.actor.startswith("ai:") and not chat.ai_holds
            if isinstance(recorded.event, DraftDiscarded) and recorded.event.reason == "epoch":
                kept.add((chat_id, recorded.event.turn_id, recorded.event.text))
            if isinstance(recorded.event, MessagePosted) and recorded.event.author == "ai":
                said.add((chat_id, recorded.event.turn_id, recorded.event.text))
            chat = apply(chat, recorded)
    for text in cuts.read_text().splitlines() if cuts.exists() else []:
        note = json.loads(text)
        written = (note["chat"], note["turn"], note["text"])
        if written not in said:
            found.cut += 1
            found.kept += written in kept
    return found


async def run(url: str, races: int, *, at_once: int, cuts: Path, seed: int) -> Kept:
    """Run the races with a second process that takes the turns, and judge them."""
    log = await open_log(url)
    # This process draws the owners: without a brain it would give no chat to the AI.
    brains = {"builtin": Writer(cuts)}
    desk = Desk(log, POLICY, Parts(brains=brains, watches=()), pace=Pace(turns=0))
    await desk.start()
    shift = WorkerSignedOn(worker_id="ann", capacity=10**6, supervised_capacity=10**6, role="lead")
    await desk.sign_on(shift)
    command = [sys.executable, "-m", "benchmarks.desk._drafts", url, str(cuts)]
    other = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert other.stdout is not None
    await asyncio.to_thread(other.stdout.readline)
    numbers, rng, chats = iter(range(races)), random.Random(seed), list[str]()

    async def lane() -> None:
        for number in numbers:
            chats.append(await race(desk, number, rng))

    try:
        await asyncio.gather(*(lane() for _ in range(at_once)))
        await asyncio.sleep(3)
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    found = await judge(log, chats, cuts)
    await desk.stop()
    await log.close()
    return found


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2]))
