"""`stepin log` as its users type it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from stepin.cli import main
from stepin.log.open import open_log
from tests.log.database import tamper
from tests.log.samples import SECRET, fill, register_trial


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'log.sqlite'}"

    async def make() -> None:
        log = await open_log(address)
        await fill(log)
        await log.close()

    asyncio.run(make())
    return address


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["log", *words])
    return int(ended.value.code or 0)


def test_verify_says_whole_or_exits_1(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify", "--log", url) == 0
    assert "Intact: 22 events in 4 streams" in capsys.readouterr().out
    asyncio.run(tamper(url, "UPDATE event SET at_us = at_us + 1 WHERE position = 3"))
    assert run("verify", "--log", url, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert not told["whole"]
    assert told["faults"][0]["kind"] == "chain"


def test_a_seal_finds_a_cut_tail(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seal = str(tmp_path / "seal.json")
    assert run("seal", seal, "--log", url, "--by", "user:ann") == 0
    assert run("verify", "--log", url, "--seal", seal) == 0
    asyncio.run(tamper(url, "DELETE FROM event WHERE position > 15"))
    assert run("verify", "--log", url) == 0
    assert run("verify", "--log", url, "--seal", seal) == 1
    assert "cut" in capsys.readouterr().out


def test_export_needs_a_reason_while_a_trial_runs(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def register() -> None:
        log = await open_log(url)
        await register_trial(log, "spring")
        await log.close()

    asyncio.run(register())
    folder = str(tmp_path / "out")
    assert run("export", folder, "--log", url) == 1
    assert "--why" in capsys.readouterr().err
    assert not Path(folder).exists()
    assert run("export", folder, "--log", url, "--why", "audit", "--by", "user:ann", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["unblinded"] == ["spring"]
    assert list(Path(folder).iterdir())


def test_redact_by_customer_warns_of_exports_with_texts(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("export", str(tmp_path / "out"), "--with-text", "--log", url) == 0
    assert run("redact", "--customer", "c1", "--reason", "asked", "--log", url) == 0
    told = capsys.readouterr().out
    assert "5 events have lost their private fields" in told
    assert "Exports with texts were made before (positions 23)" in told
    assert SECRET.encode() in Path(url.removeprefix("sqlite:///")).read_bytes()


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("verify", "--log", "sqlite:///nowhere/log.sqlite"), 1),
        (("verify", "--log", "mysql://x"), 1),
        (("redact", "--reason", "x"), 1),
        (("verify", "--nonsense"), 2),
    ],
)
def test_what_can_not_be_done_has_its_exit_code(words: tuple[str, ...], status: int) -> None:
    assert run(*words) == status


def test_verifying_writes_nothing(url: str) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    before = path.read_bytes()
    assert run("verify", "--log", url) == 0
    assert path.read_bytes() == before


@pytest.mark.parametrize("command", ["verify", "seal", "export", "redact"])
def test_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command, "--help") == 0
    assert f"stepin log {command}" in capsys.readouterr().out
