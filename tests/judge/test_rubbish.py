"""What a stranger may feed to `stepin judge`: each fault is named, and nothing half is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stepin.judge.detectors.learned import ChatModel
from tests.judge.test_cli import model_file as model_file
from tests.judge.test_cli import run

GOOD = '{"chat_id": "a", "turns": [{"role": "customer", "text": "hi", "handoff": true}]}'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "holds no chat"),
        (b"\n \n", "holds no chat"),
        (GOOD.encode() + b'\n\n{"chat_id": "b", "turns": [', "line 3"),
        (b"\x00\x80\xff", "line 1"),
        (GOOD.encode("utf-16"), "line 1"),
        (GOOD.encode() + b'\n{"chat_id":"b","turns":[{"role":"user","text":"\xff"}]}', "line 2"),
        (b'[{"chat_id": "b"}]', "line 1"),
        (b'{"turns": []}', "chat_id"),
        (b'{"chat_id": "b"}', "turns"),
        (b'{"chat_id": "b", "turns": [{"text": "x"}]}', "role"),
        (b'{"chat_id": "b", "turns": [{"role": "agent", "text": "x"}]}', "'agent'"),
        (b'{"chat_id": "b", "turns": [{"role": "ai", "n_tools": -1}]}', "n_tools"),
        (b'{"chat_id": "b", "turns": [{"role": "ai", "confidence": 7}]}', "confidence"),
        (GOOD.encode() + b"\n" + GOOD.encode(), "line 2: chat_id 'a' comes twice"),
    ],
)
@pytest.mark.parametrize("command", ["score", "rescore", "fit"])
def test_a_file_that_holds_no_chats_is_refused_by_name_and_leaves_nothing(
    command: str,
    content: bytes,
    told: str,
    model_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source, out = tmp_path / "chats.jsonl", tmp_path / "out"
    source.write_bytes(content)
    words = {"score": ("--model", model_file), "rescore": (), "fit": ("--task", "handoff")}
    code, _, errors = run(capsys, command, *words[command], "--in", source, "--out", out)
    assert code == 1
    assert told in errors
    assert sorted(tmp_path.iterdir()) == [source]


def test_a_mark_of_byte_order_is_no_fault(
    model_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "chats.jsonl", tmp_path / "out"
    source.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert run(capsys, "score", "--model", model_file, "--in", source, "--out", out)[0] == 0


@pytest.mark.parametrize("command", ["score", "rescore", "fit"])
def test_a_place_that_can_t_be_written_is_refused_before_any_work(
    command: str, model_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = {"score": ("--model", model_file), "rescore": (), "fit": ("--task", "handoff")}
    for out, told in ((tmp_path, "it is a folder"), (tmp_path / "x" / "y", "There is no folder")):
        given = ("--in", tmp_path / "never-read.jsonl", "--out", out)
        code, _, errors = run(capsys, command, *words[command], *given)
        assert (code, told in errors) == (1, True)


def test_a_damaged_model_is_named(
    model_file: Path, test_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = model_file.read_bytes()
    cut, turned = tmp_path / "cut", tmp_path / "turned"
    middle = len(whole) // 3
    cut.write_bytes(whole[:middle])
    bad = bytes(byte ^ 0xFF for byte in whole[middle : middle + 60])
    turned.write_bytes(whole[:middle] + bad + whole[middle + 60 :])
    for model in (cut, turned, test_file):
        code, _, errors = run(
            capsys, "score", "--model", model, "--in", test_file, "--out", tmp_path / "o"
        )
        assert code == 1
        assert f"{model} isn't a model file, or it is damaged" in errors


def test_a_chat_in_two_files_is_refused_and_another_of_the_same_id_is_not(
    train_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fits = ("fit", "--task", "handoff", "--in", train_file, "--out", tmp_path / "m")
    code, _, errors = run(capsys, *fits, "--extra", train_file)
    assert code == 1
    assert "40 chats come twice" in errors
    other = json.loads(train_file.read_text().splitlines()[0])
    other["turns"][0]["text"] = "something else"
    more = tmp_path / "more.jsonl"
    more.write_text(json.dumps(other))
    assert run(capsys, *fits, "--extra", more)[0] == 0
    assert ChatModel.load(tmp_path / "m").card.n_chats == 41


def test_chats_without_a_word_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "chats.jsonl"
    turns = [{"role": "customer", "text": "", "handoff": True}, {"role": "ai", "handoff": False}]
    lines = [json.dumps({"chat_id": str(n), "turns": turns}) for n in range(12)]
    source.write_text("\n".join(lines))
    words = ("fit", "--task", "handoff", "--in", source, "--out", tmp_path / "m")
    code, _, errors = run(capsys, *words)
    assert code == 1
    assert "No turn has a word" in errors


@pytest.mark.parametrize("given", [("--threshold", 7), ("--asymmetry", 1)])
def test_numbers_that_mean_nothing_are_refused(
    given: tuple[str, object],
    model_file: Path,
    test_file: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, _, errors = run(capsys, "evaluate", "--model", model_file, "--in", test_file, *given)
    assert code == 1
    assert given[0] in errors
