"""One question to a model over OpenAI's protocol."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from stepin.agent.llm.answer import AnsweringLlm
from stepin.agent.llm.connect import connect
from stepin.cli.judge.fit import show_agreement
from stepin.errors import Unavailable
from stepin.judge.effort import DIMENSIONS
from tests.agent.llm.endpoint import Endpoint, Reply, running

NONE = dict.fromkeys(DIMENSIONS, 0)


@asynccontextmanager
async def model(reply: Reply) -> AsyncIterator[tuple[AnsweringLlm, Endpoint]]:
    async with running([reply]) as endpoint:
        llm = AnsweringLlm(connect("test", url=endpoint.url), name="openai:test")
        yield llm, endpoint
        await llm.close()


async def test_it_answers_under_the_instruction_in_one_request() -> None:
    async with model(Reply("a b c")) as (llm, endpoint):
        assert await llm.answer("be short", "what now?") == "a b c"
    (asked,) = endpoint.asked
    assert [m["content"] for m in asked["messages"]] == ["be short", "what now?"]
    assert not asked.get("tools")


@pytest.mark.parametrize("bad", [Reply(status=500), Reply(status=401), Reply("")])
async def test_trouble_is_one_error(bad: Reply) -> None:
    async with model(bad) as (llm, _):
        with pytest.raises(Unavailable) as raised:
            await llm.answer("be short", "what now?")
    assert raised.value.code == "llm_silent"


async def test_a_model_codes_effort_under_the_command_of_the_light_coder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def codes(body: dict[str, Any]) -> Reply:
        text = json.loads(body["messages"][-1]["content"])["worker"]
        return Reply(json.dumps({**NONE, "information_seeking": int("?" in text)}))

    said = {"Which order?": 1, "ok": 0, "I see. Did it hum?": 1, "How kind of you?": 0}
    file = tmp_path / "coded.jsonl"
    lines = [{"text": t, "ann": {**NONE, "information_seeking": n}} for t, n in said.items()]
    file.write_text("\n".join(json.dumps(line) for line in lines))
    async with running(codes) as endpoint:
        monkeypatch.setenv("STEPIN_LLM_URL", endpoint.url)
        shows = partial(show_agreement, file, "openai:test", 0.6, as_json=True)
        code = await asyncio.to_thread(shows)
    found = json.loads(capsys.readouterr().out)
    seeking = [one for one in found if one["dimension"] == "information_seeking"]
    assert {(one["one"], one["other"], one["accuracy_share"]) for one in seeking} == {
        ("openai:test", "ann", 0.75),
        ("openai:test", "openai:test again", 1.0),
    }
    assert code == 1
    assert len(endpoint.asked) == 2 * len(said)
