"""Fits the detectors that ship with Stepin, on the sample shop's dialogues.

Example: python -m examples.shop.train --out src/stepin/judge/shipped

The same seed gives the same files. `--chats FILE` keeps the dialogues, to look at or to fit on
with `stepin judge fit`.
"""

from __future__ import annotations

import argparse
import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from stepin.agent.builtin.brain import BuiltinBrain
from stepin.agent.shop.handbook import read_handbook
from stepin.agent.shop.intent_training import intents_of
from stepin.agent.tools.toolbox import Toolbox
from stepin.judge.chat import LabelledChat, opening, read_jsonl
from stepin.judge.fitting.fit import fit
from stepin.judge.fitting.tasks import Task
from stepin.judge.models import intent

from . import tools_of
from .database import Shop
from .dialogues import dialogues, in_order
from .seed import seed as fill

TODAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TASKS: tuple[Task, ...] = ("technical", "emotional", "hazard", "risk")
SEED = 1
N_CHATS = 2500


def generated(n_chats: int, *, seed: int) -> list[dict[str, Any]]:
    """Return dialogues of a freshly seeded shop."""
    shop = Shop(":memory:", now=lambda: TODAY)
    fill(shop, today=TODAY.date())
    book = read_handbook(Path(__file__).parent)
    brain = BuiltinBrain(book, intents_of(book))
    box = Toolbox(tools_of(shop), now_s=lambda: 0.0).limited(book.limits)
    tools = {tool.name: tool for tool in box.all()}
    try:
        return asyncio.run(dialogues(shop, brain, tools, n_chats=n_chats, seed=seed))
    finally:
        shop.close()


def main() -> None:
    """Generate, fit, write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--chats", type=Path)
    options.add_argument("--n-chats", type=int, default=N_CHATS)
    options.add_argument("--seed", type=int, default=SEED)
    given = options.parse_args()
    told = generated(given.n_chats, seed=given.seed)
    given.out.mkdir(parents=True, exist_ok=True)
    file = given.chats or given.out / "dialogues.jsonl"
    file.write_bytes(b"".join(in_order(told)))
    chats: list[LabelledChat] = read_jsonl(file)
    if given.chats is None:
        file.unlink()
    data = f"{len(chats)} generated dialogues of the sample shop, seed {given.seed}"
    date = datetime.now(UTC).date().isoformat()
    cards = {}
    for task in TASKS:
        model = fit(task, chats, seed=given.seed, data=data, date=date)
        model.save(given.out / f"{task}.npz")
        cards[task] = {"version": model.version, **msgspec.to_builtins(model.card)}
        print(task, model.version, f"AUC {model.card.auc:.3f}")
    pairs = [
        (opening(chat), one["path"])
        for chat, one in zip(chats, told, strict=True)
        if one["path"] is not None
    ]
    paths = intent.fit(pairs, seed=given.seed)
    paths.save(given.out / "opening.npz")
    cards["opening"] = {"version": paths.version, "data": data, "date": date,
                        **msgspec.to_builtins(paths.card)}  # fmt: skip
    text = msgspec.json.format(msgspec.json.encode(cards), indent=1)
    (given.out / "cards.json").write_bytes(text + b"\n")


if __name__ == "__main__":
    main()
