"""`stepin agent try` in a real terminal: a whole chat, each step shown, with and without an LLM."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import IO

import pexpect
import pytest

from tests.agent.conftest import SHOP
from tests.agent.llm.endpoint import Reply, call, running
from tests.cli.test_terminal import ENV

START_S = 90


def terminal(told: IO[str], **env: str) -> pexpect.spawn[str]:
    """Begin the command in a terminal; `told` keeps all that is on the screen."""
    return pexpect.spawn(
        sys.executable,
        ["-m", "stepin", "agent", "try", str(SHOP), "--money-limit", "10"],
        env={**ENV, "TERM": "dumb", **env},
        encoding="utf-8",
        timeout=START_S,
        logfile=told,
        dimensions=(50, 200),
    )


@pytest.fixture
def screen(tmp_path: Path) -> Path:
    return tmp_path / "screen.txt"


def test_a_refund_above_the_limit_from_hello_to_done(screen: Path) -> None:
    with screen.open("w", encoding="utf-8") as told:
        chat = terminal(told)
        chat.expect("you: ")
        chat.sendline("I'd like my money back for something I bought")
        chat.expect("AI: Hello, I'm the AI assistant")
        chat.expect("you: ")
        for _ in range(6):
            chat.sendline("the first one")
            if chat.expect(["Shall I refund", "you: "]) == 0:
                break
        chat.expect("you: ")
        chat.sendline("yes please")
        chat.expect("colleague has to approve")
        chat.expect("you: ")
        chat.sendline("/approve")
        chat.expect("reference R-")
        chat.expect("you: ")
        chat.sendline("no, that's all, thanks")
        chat.expect(pexpect.EOF)
        chat.close()
    assert chat.exitstatus == 0
    seen = screen.read_text("utf-8")
    for step in ("calls list_orders", "refund_item", "(resolved"):
        assert step in seen
    assert "Traceback" not in seen


async def test_one_variable_switches_to_a_model(screen: Path) -> None:
    script = [call("list_orders"), Reply("You have orders with us. Anything else?")]

    def hold_the_chat(url: str) -> None:
        with screen.open("w", encoding="utf-8") as told:
            chat = terminal(told, STEPIN_BRAIN="openai:test", STEPIN_LLM_URL=url)
            chat.expect("you: ")
            chat.sendline("what did I buy?")
            chat.expect("AI: You have orders with us")
            chat.expect("you: ")
            chat.sendline("")
            chat.expect(pexpect.EOF)
            chat.close()
            assert chat.exitstatus == 0

    async with running(script) as endpoint:
        await asyncio.to_thread(hold_the_chat, endpoint.url)
        assert len(endpoint.asked) >= 2, "the model was asked, and told what the tool said"
    assert "STEPIN_BRAIN" not in os.environ
