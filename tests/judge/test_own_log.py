"""Detectors and a desk's own log: old chats scored anew, and labels taken from the facts."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest

from stepin.core.events.chat import MessagePosted
from stepin.core.record import NewEvent
from stepin.judge.detectors.learned import ChatModel
from stepin.log.protocol import Append
from stepin.log.sqlite import SqliteLog
from tests.judge.dialogues import dialogues
from tests.judge.test_cli import run

ROLE = {"customer": "customer", "assistant": "ai"}


@pytest.fixture
def own(tmp_path: Path) -> tuple[str, Path]:
    """A log of 48 invented chats, and the facts of them."""
    chats = dialogues(48, seed=5)
    path = tmp_path / "log.sqlite"

    async def write() -> None:
        log = await SqliteLog.open(path)
        for chat in chats:
            said = tuple(
                NewEvent(event=MessagePosted(author=ROLE[turn["role"]], text=turn["text"]))  # type: ignore[arg-type]
                for turn in chat["turns"]
            )
            await log.append(Append(stream=f"chat/{chat['chat_id']}", events=said))
        await log.close()

    asyncio.run(write())
    facts = tmp_path / "facts"
    facts.mkdir()
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE c (chat_id TEXT, rating INT, retrial_7d BOOL, takeover_round INT,"
            " opened_at INT)"
        )
        con.executemany(
            "INSERT INTO c VALUES (?, ?, false, ?, ?)",
            [
                (c["chat_id"], c["rating"], 2 if c["rating"] == 1 else None, n)
                for n, c in enumerate(chats)
            ],
        )
        con.execute(f"COPY c TO '{facts / 'chats.parquet'}' (FORMAT parquet)")
    return f"sqlite:///{path}", facts


def test_rescoring_a_log_or_a_file_says_the_same_and_writes_nothing_to_the_log(
    own: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, _ = own
    place = Path(url.removeprefix("sqlite:///"))
    before = place.read_bytes()
    code, text, _ = run(capsys, "rescore", "--log", url, "--out", tmp_path / "a.jsonl", "--json")
    assert code == 0
    assert json.loads(text)["chats"] == 48
    assert place.read_bytes() == before
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert {"technical", "emotional", "risk", "requested"} <= set(lines[0]["turns"][0]["scores"])
    file = tmp_path / "chats.jsonl"
    bare = [
        {
            "chat_id": c["chat_id"],
            "turns": [{"role": t["role"], "text": t["text"]} for t in c["turns"]],
        }
        for c in dialogues(48, seed=5)
    ]
    file.write_text("".join(json.dumps(c) + "\n" for c in bare))
    run(capsys, "rescore", "--in", file, "--out", tmp_path / "b.jsonl")
    again = [json.loads(line) for line in (tmp_path / "b.jsonl").read_text().splitlines()]
    assert [t["scores"] for t in again[3]["turns"]] == [t["scores"] for t in lines[3]["turns"]]


def test_a_detector_is_fitted_on_the_labels_of_the_facts_and_judged_on_later_chats(
    own: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, facts = own
    out = tmp_path / "risk.npz"
    code, text, _ = run(
        capsys, "fit", "--task", "risk", "--facts", facts, "--log", url, "--out", out, "--json"
    )
    told = json.loads(text)
    assert code == 0
    assert (told["later"]["n_chats"], told["later"]["n_seen_chats"]) == (12, 0)
    assert told["card"]["n_chats"] == 48
    assert [point["n_chats"] for point in told["curve"]] == [18, 36]
    assert ChatModel.load(out).version == told["version"]


def test_the_report_on_later_chats_is_a_picture_too(
    own: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, facts = own
    drawn = []
    for task, name in (("handoff", "a.svg"), ("handoff", "b.svg"), ("risk", "c.svg")):
        code, text, _ = run(
            capsys, "fit", "--task", task, "--facts", facts, "--log", url,
            "--out", tmp_path / "m.npz", "--picture", tmp_path / name, "--json",
        )  # fmt: skip
        assert code == 0
        drawn.append((json.loads(text)["later"], (tmp_path / name).read_text("utf-8")))
    told, svg = drawn[0]
    assert drawn[1][1] == svg
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    for words in ("Calibration", "Precision at the alert budget", "What more labels buy"):
        assert f">{words}<" in svg
    assert f">{told['budget'][3]['precision']:.2f}<" in svg
    assert ">Median lead: " in svg
    assert ">Median lead: " not in drawn[2][1]
    code, _, said = run(
        capsys, "fit", "--task", "risk", "--facts", facts, "--log", url,
        "--out", tmp_path / "m.npz", "--picture", tmp_path / "x.png",
    )  # fmt: skip
    assert (code > 0, "is no SVG file" in said) == (True, True)


def test_labels_that_a_log_does_not_hold_are_refused(
    own: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, facts = own
    out = tmp_path / "x.npz"
    code, _, said = run(
        capsys, "fit", "--task", "emotional", "--facts", facts, "--log", url, "--out", out
    )
    assert code
    assert "A log has no labels of emotional" in said
    code, _, said = run(capsys, "fit", "--task", "risk", "--out", out)
    assert "Give labelled chats or facts" in said
    code, _, said = run(
        capsys, "fit", "--task", "risk", "--facts", tmp_path, "--log", url, "--out", out
    )
    assert "There is no table of chats" in said
