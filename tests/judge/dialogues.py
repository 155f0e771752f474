"""Invented dialogues with known labels: the mood sinks after the AI repeats itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

CALM = ("ok thanks", "the order is 48213", "blue please", "收到", "yes that one", "好的 谢谢")
ASKING = ("where is my parcel ?", "can you change it ?", "什么时候发货", "is it in stock ?")
WARY = ("you said that already", "this does not help me", "还是 没有 解决", "again the same")
ANGRY = ("this is useless", "terrible service !", "太 差 了", "i am furious", "真 气人 !")
HELP = ("it ships tomorrow", "i have changed it", "here is the label", "已经 发货 了")
STUCK = ("i did not get that", "please rephrase", "抱歉 没有 理解")


def dialogues(n_chats: int, *, seed: int) -> list[dict[str, Any]]:
    """Return chats as they stand in a file: about a third go wrong."""
    draw = np.random.default_rng(seed)

    def pick(texts: tuple[str, ...]) -> str:
        noise = " ".join(f"w{draw.integers(40)}" for _ in range(draw.integers(3)))
        return f"{texts[draw.integers(len(texts))]} {noise}".strip()

    chats = []
    for number in range(n_chats):
        bad = bool(draw.random() < 0.35)
        turns: list[dict[str, Any]] = [_turn("customer", pick(ASKING), 1)]
        for round_number in range(int(draw.integers(2, 6))):
            stuck = bad and draw.random() < 0.7
            turns.append(_turn("assistant", pick(STUCK if stuck else HELP), 1, failed=int(stuck)))
            if bad and round_number >= 2:
                turns.append(_turn("customer", pick(ANGRY), 0, handoff=1))
            elif bad and round_number == 1:
                turns.append(_turn("customer", pick(WARY), 1, handoff=int(stuck)))
            else:
                turns.append(_turn("customer", pick(CALM), int(draw.integers(1, 3))))
        chats.append(
            {"chat_id": f"c{number}", "turns": turns, "rating": 1 if bad else 2 + number % 2}
        )
    return chats


def _turn(
    role: str, text: str, sentiment: int, *, handoff: int = 0, failed: int = 0
) -> dict[str, Any]:
    return {
        "role": role, "text": text, "sentiment": sentiment, "handoff": handoff,
        "n_tools": failed, "n_tools_failed": failed,
    }  # fmt: skip


def write(path: Path, chats: list[dict[str, Any]]) -> Path:
    """Write chats as JSONL; returns the path."""
    path.write_text("".join(json.dumps(chat, ensure_ascii=False) + "\n" for chat in chats))
    return path
