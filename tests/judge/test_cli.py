"""`stepin judge` from the command line, on files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stepin.cli import main
from stepin.judge.detectors.learned import ChatModel


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """Return exit code, output and errors of one command."""
    with pytest.raises(SystemExit) as ended:
        main(["judge", *map(str, words)])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


@pytest.fixture(scope="module")
def model_file(models: dict[str, ChatModel], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "handoff"
    models["handoff"].save(path)
    return path


def test_fit_writes_a_model_and_says_what_it_is(
    train_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "risk"
    code, text, _ = run(capsys, "fit", "--task", "risk", "--in", train_file, "--out", out, "--json")
    assert code == 0
    assert json.loads(text)["version"] == ChatModel.load(out).version
    assert json.loads(text)["card"]["n_chats"] == 40


def test_score_gives_a_number_a_turn(
    model_file: Path, test_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scores.jsonl"
    code, _, _ = run(capsys, "score", "--model", model_file, "--in", test_file, "--out", out)
    assert code == 0
    asked = [json.loads(line) for line in test_file.read_text().splitlines()]
    got = [json.loads(line) for line in out.read_text().splitlines()]
    assert [chat["chat_id"] for chat in got] == [chat["chat_id"] for chat in asked]
    assert [len(chat["scores"]) for chat in got] == [len(chat["turns"]) for chat in asked]


def test_labels_are_not_looked_at(
    model_file: Path, test_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = tmp_path / "bare.jsonl"
    lines = []
    for line in test_file.read_text().splitlines():
        chat = json.loads(line)
        chat.pop("rating")
        for turn in chat["turns"]:
            turn.pop("handoff")
            turn.pop("sentiment")
        lines.append(json.dumps(chat))
    bare.write_text("\n".join(lines))
    for source, name in ((test_file, "a"), (bare, "b")):
        run(capsys, "score", "--model", model_file, "--in", source, "--out", tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_evaluate_prints_the_floors(
    model_file: Path, test_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ("evaluate", "--model", model_file, "--in", test_file)
    code, text, _ = run(capsys, *ask)
    assert code == 0
    assert "golden transfer I / II / III, never" in text
    code, text, _ = run(capsys, *ask, "--json", "--require-f1", "0.999")
    report = json.loads(text)
    assert code == int(report["f1"] < 0.999)
    assert report["n_seen_chats"] == 0
    assert report["f1"] > report["always"]["f1"]


def test_evaluate_warns_of_chats_that_were_fitted_on(
    model_file: Path, train_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, text, _ = run(capsys, "evaluate", "--model", model_file, "--in", train_file)
    assert "CAUTION: 40" in text


def test_intents_fit_and_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.judge.examples import PAIRS

    source = tmp_path / "chats.jsonl"
    chats = [
        {"chat_id": str(n), "intent": name, "turns": [{"role": "customer", "text": text}]}
        for n, (text, name) in enumerate(PAIRS)
    ]
    source.write_text("\n".join(json.dumps(chat, ensure_ascii=False) for chat in chats))
    out, scores = tmp_path / "intent", tmp_path / "scores"
    assert run(capsys, "fit", "--task", "intent", "--in", source, "--out", out)[0] == 0
    assert run(capsys, "score", "--model", out, "--in", source, "--out", scores)[0] == 0
    first = json.loads(scores.read_text().splitlines()[0])
    assert first["intents"][0][0] == PAIRS[0][1]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("fit", "--task", "nonsense", "--in", "x", "--out", "y"), 2),
        (("score", "--in", "x"), 2),
        (("card", "--model", "absent"), 1),
        (("fit", "--task", "risk", "--in", "absent.jsonl", "--out", "y"), 1),
    ],
)
def test_exit_codes(words: tuple[str, ...], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, *words)[0] == code


@pytest.mark.parametrize("command", ["fit", "score", "evaluate", "card", "curve", "agreement"])
def test_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, text, _ = run(capsys, command, "--help")
    assert code == 0
    assert f"stepin judge {command}" in text
    assert "Example" in text


def test_a_bad_line_is_named(
    model_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "bad.jsonl"
    source.write_text('{"chat_id": "a", "turns": []}\n{"chat_id": "b"}\n')
    code, _, errors = run(
        capsys, "score", "--model", model_file, "--in", source, "--out", tmp_path / "o"
    )
    assert code == 1
    assert "line 2" in errors
