"""A message at 38,000 consoles, in a chat that concerns one of them and the leads.

Ours finds the consoles by whom the change concerns; the floor that it is held against asks every
console, as a desk does that has no index. CPU time of one update, told to all who may see it.
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks.harness import finish, line, options, paired
from stepin.core.chat import Chat, Hold, Ownership
from stepin.core.holder import ai
from stepin.desk.feeds.board import BoardChat
from stepin.desk.feeds.consoles import Consoles
from stepin.desk.feeds.masking import Viewer
from stepin.desk.feeds.progress import ToldConsole
from stepin.desk.feeds.update import Update

CONSOLES = 38_000
GOAL_MS = 0.05


class Deaf:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.told = 0

    def push(self, frame: bytes) -> None:
        """Take a frame."""
        self.told += 1


def _update(position: int) -> Update:
    owner = Ownership(owner="elsewhere")
    chat = Chat(
        chat_id="c1", seq=position, ownership=owner, holding=Hold(holder=ai("builtin"))
    )  # fmt: skip
    return Update(position, before=chat, after=BoardChat(chat))


def _each_ms(count: int, tell: Any) -> float:
    start = time.process_time()
    for position in range(1, count + 1):
        tell(_update(position))
    return (time.process_time() - start) / count * 1e3


def main() -> None:
    """Tell a message by the index and by asking all, in turn."""
    given = options(__doc__)
    consoles = [ToldConsole(Deaf(), Viewer(f"w{n}", "worker"), 0) for n in range(CONSOLES)]
    index = Consoles()
    for console in consoles:
        index.add(console)

    def ask_all(update: Update) -> None:
        for console in consoles:
            console.push(update)

    ours, asked = paired(
        given.pick(9, 3), lambda: _each_ms(2_000, index.tell), lambda: _each_ms(10, ask_all)
    )
    mine, theirs = sorted(ours)[len(ours) // 2], sorted(asked)[len(asked) // 2]
    told = sum(c.listener.told for c in consoles if isinstance(c.listener, Deaf))
    print(
        f"{CONSOLES} consoles, none concerned: {mine:.4f} ms by the index "
        f"({min(ours):.4f}-{max(ours):.4f}), {theirs:.1f} ms asking each; {told} were told"
    )
    line(
        "a message at 38,000 consoles, none concerned, ms",
        ours=mine,
        reference=theirs,
        ratio=mine / theirs,
        goal=f"<= {GOAL_MS} ms, nobody told",
        holds=mine <= GOAL_MS and told == 0,
    )
    finish()


if __name__ == "__main__":
    main()
