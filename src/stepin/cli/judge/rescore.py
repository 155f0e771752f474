"""What ``stepin judge rescore`` does: other detectors on old chats, beside what was decided."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from stepin.cli.output import as_json as print_json
from stepin.cli.output_file import must_be_writable, whole_file
from stepin.core.record import Recorded
from stepin.errors import Invalid
from stepin.judge.chat import LabelledChat, read_jsonl
from stepin.judge.detectors.opinions import named_scores, opinions
from stepin.judge.detectors.panel import Panel
from stepin.judge.shipped import load_detectors
from stepin.judge.transcript import Spoken, Transcript
from stepin.log.open import open_log
from stepin.log.protocol import Log
from stepin.settings import load

PAGE = 5_000


def rescore_all(
    out: Path,
    chats: Path | None,
    log: str | None,
    detectors: Path | None,
    config: Path | None,
    *,
    as_json: bool,
) -> int:
    """Score and write; returns the exit code."""
    if chats is not None and log is not None:
        raise Invalid("Give --in or --log, not both.", code="two_sources")
    must_be_writable(out)
    panel = Panel(load_detectors(detectors))
    told: Iterable[tuple[str, tuple[Spoken, ...]]]
    told = _of_file(chats) if chats is not None else _of_log(log, config)
    n_chats = n_turns = 0
    with whole_file(out) as file:
        for chat_id, turns in told:
            scored = _scored(panel, turns)
            n_chats, n_turns = n_chats + 1, n_turns + len(scored)
            line = {"chat_id": chat_id, "detectors": panel.version, "turns": scored}
            file.write(msgspec.json.encode(line) + b"\n")
    summary = {"detectors": panel.version, "chats": n_chats, "turns": n_turns, "out": str(out)}
    if as_json:
        print_json(summary)
    else:
        print(f"Scored {n_turns} turns of {n_chats} chats into {out}: {panel.version}.")
    return 0


def _scored(panel: Panel, turns: Iterable[Spoken]) -> list[dict[str, object]]:
    state, lines = panel.start(), list[dict[str, object]]()
    for spoken in turns:
        state, author = panel.update(state, spoken.turn), spoken.turn.role
        if author == "system":
            continue
        scores = panel.score(state)
        due: list[str] = []
        kinds = [kind for one in scores if one.detector == "safety" for kind in one.reasons]
        if author == "customer":
            due = [one.cause for one in opinions(scores) if one.score >= one.threshold]
            due = ["policy", *(c for c in due if c != "policy")] if kinds else due
        named = named_scores(scores)
        line: dict[str, object] = {"seq": spoken.seq, "author": author, "scores": named}
        lines.append({**line, "flags": due, "kinds": kinds})
    return lines


def _of_file(path: Path) -> Iterator[tuple[str, tuple[Spoken, ...]]]:
    for chat in read_jsonl(path):
        yield chat.chat_id, _spoken(chat)


def _spoken(chat: LabelledChat) -> tuple[Spoken, ...]:
    return tuple(Spoken(place, turn) for place, turn in enumerate(chat.turns, start=1))


def _of_log(url: str | None, config: Path | None) -> list[tuple[str, tuple[Spoken, ...]]]:
    settings = load({"log": url}, env=os.environ, file=config).settings

    heard = asyncio.run(heard_in(settings.log))
    return [(chat_id, transcript.turns) for chat_id, transcript in heard.items()]


async def heard_in(url: str) -> dict[str, Transcript]:
    """Return the transcript of every chat in a log; nothing is written."""
    log = await open_log(url)
    try:
        return await _heard(log)
    finally:
        await log.close()


async def _heard(log: Log) -> dict[str, Transcript]:
    heard: dict[str, Transcript] = {}
    position = 0
    while events := await log.read_all(after_position=position, limit=PAGE):
        position = events[-1].position
        by_chat: dict[str, list[Recorded]] = {}
        for event in events:
            if event.stream.startswith("chat/"):
                by_chat.setdefault(event.stream[5:], []).append(event)
        for chat_id, more in by_chat.items():
            heard[chat_id] = heard.get(chat_id, Transcript()).read(more)
    return heard
