"""`stepin agent import-articles` and `stepin agent articles` as their users type them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from stepin.cli import main
from stepin.core.events.chat import MessagePosted, TurnFinished
from stepin.core.record import NewEvent
from stepin.log.open import open_log
from stepin.log.protocol import Append


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["agent", *words])
    return int(ended.value.code or 0)


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'log.sqlite'}"
    events = (
        MessagePosted(author="customer", text="do you sell bread"),
        MessagePosted(author="ai", text="In two days.", sources=("delivery#1",)),
        TurnFinished(turn_id="t", attempt=1, outcome="answered", missed=("jobs#1",)),
    )

    async def make() -> None:
        log = await open_log(address)
        new = tuple(NewEvent(event=event) for event in events)
        await log.append(Append(stream="chat/a", events=new))
        await log.close()

    asyncio.run(make())
    return address


def test_an_export_becomes_articles_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = {"id": 1, "title": "Returns", "body": "<p>30 days</p>", "locale": "en-us"}
    draft = page | {"id": 2, "title": "Not yet", "draft": True}
    export = tmp_path / "z.json"
    export.write_text(json.dumps({"articles": [page, draft]}))
    words = ("import-articles", str(export), "--into", str(tmp_path / "shop"))
    assert run(*words) == 0
    told = capsys.readouterr().out
    assert "Left out: Not yet: it is a draft." in told
    assert "1 articles written" in told
    assert run(*words) == 1
    assert "--replace" in capsys.readouterr().err
    assert run(*words, "--replace", "--json") == 0
    assert json.loads(capsys.readouterr().out)["written"] == ["returns.en.md"]


def test_use_is_told_with_what_nobody_was_told(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "payment.en.md").write_text("# Payment\n\nBy card.\n")
    words = ("articles", "--log", url, "--shop", str(tmp_path))
    assert run(*words, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "passages": [
            {"source": "delivery#1", "told": 1, "chats": 1, "missed": 0},
            {"source": "jobs#1", "told": 0, "chats": 0, "missed": 1},
            {"source": "payment#1", "told": 0, "chats": 0, "missed": 0},
        ],
        "unanswered": 1,
    }
    assert run(*words) == 0
    text = capsys.readouterr().out
    assert "1 searches without an answer." in text
    assert "bread" not in text
    assert run(*words, "--questions") == 0
    assert "do you sell bread" in capsys.readouterr().out
