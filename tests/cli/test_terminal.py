"""Two terminals hold a chat, with real processes: a customer, a worker, a server."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_root import SRC, stepin

ENV = {k: v for k, v in os.environ.items() if not k.startswith("STEPIN_")} | {
    "PYTHONPATH": SRC,
    "PYTHONUNBUFFERED": "1",
}


class Terminal:
    """A process whose lines are read as they come."""

    def __init__(self, folder: Path, *args: str, **env: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stepin", *args],
            cwd=folder,
            env={**ENV, **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self._new = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._new:
                self.lines.append(line.rstrip("\n"))
                self._new.notify_all()

    def see(self, text: str, timeout_s: float = 40.0) -> str:
        """Return the first line with a text, as soon as it is there."""

        def found() -> str | None:
            return next((line for line in self.lines if text in line), None)

        with self._new:
            assert self._new.wait_for(lambda: found() is not None, timeout_s), (
                f"{text!r} not in {self.lines}"
            )
            line = found()
            assert line is not None
            return line

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self) -> int:
        with contextlib.suppress(BrokenPipeError):
            assert self.process.stdin is not None
            self.process.stdin.close()
        code = self.process.wait(30)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        return code


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Terminal]:
    shop = str(Path(SRC).parent / "examples" / "shop")
    server = Terminal(tmp_path, "serve", "--demo", "--still", "--port", "0", STEPIN_SHOP=shop)
    yield server
    if server.process.poll() is None:
        server.process.terminate()
    server.end()


def test_two_terminals_hold_a_chat_with_takeover_and_hand_back(
    demo: Terminal, tmp_path: Path
) -> None:
    url = demo.see("The desk is at").split()[-1]
    password = demo.see("the password").split()[-1]
    worker = Terminal(
        tmp_path, "worker", "watch", "--url", url, "--worker", "demo", STEPIN_PASSWORD=password
    )
    worker.see("floor is empty")
    customer = Terminal(tmp_path, "chat", "--url", url)
    customer.see("Say what it is about")
    customer.type("Hello, I need help")
    customer.see("AI assistant: ")
    chat_id = worker.see("held by").split()[1]
    worker.type(f"/open {chat_id}")
    worker.see("Hello, I need help")
    worker.type("/take")
    customer.see("Demo answers")
    worker.type("This is a person.")
    customer.see("Demo: This is a person.")
    customer.type("Great, thank you!")
    worker.see("Great, thank you!")
    worker.type("/back Greeted the customer.")
    worker.see("(hand_back): Greeted the customer.")
    worker.type("/reply One more thing.")
    customer.see("One more thing.")
    worker.type("/close solved")
    customer.see("the chat is over")
    customer.type("/rate 5 very kind")
    assert customer.end() == 0
    worker.type("/done")
    worker.see("is closed")
    worker.type("/quit")
    assert worker.end() == 0
    customer_saw = "\n".join(customer.lines)
    assert "Greeted the customer" not in customer_saw, "the hand-back's note is not for customers"
    demo.process.terminate()
    assert demo.process.wait(30) in (0, -15)
    assert demo.process.stderr is not None
    told = demo.process.stderr.read()
    assert "signed_in" in told
    assert "thank you" not in told, "no message text in logs"
    assert "Traceback" not in told


def test_a_desk_that_isn_t_there_is_one_line_and_a_hint(tmp_path: Path) -> None:
    done = stepin("chat", "--url", "http://127.0.0.1:9")
    assert done.returncode == 1
    assert "There is no desk" in done.stderr
    assert "stepin serve" in done.stderr


def test_init_worker_key_and_doctor(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    made = stepin("init", str(folder), "--json")
    assert made.returncode == 0, made.stderr
    again = stepin("init", str(folder))
    assert "nothing: all files were there" in again.stdout
    config = {
        "STEPIN_CONFIG": str(folder / "stepin.toml"),
        "STEPIN_LOG": f"sqlite:///{folder}/stepin.sqlite",
    }
    env = {
        **config,
        "STEPIN_POLICY": str(folder / "policy.toml"),
        "STEPIN_REPLIES": str(folder / "replies.toml"),
    }
    added = stepin("worker", "add", "ann", "--role", "lead", **env)
    assert "Password: " in added.stdout
    twice = stepin("worker", "add", "ann", **env)
    assert (twice.returncode, "already" in twice.stderr) == (1, True)
    assert "ann" in stepin("worker", "list", **env).stdout
    assert '"password"' not in stepin("worker", "list", "--json", **env).stdout
    assert stepin("worker", "disable", "ann", **env).returncode == 0
    key = stepin("key", "add", "helpdesk", "chats:open", **env)
    assert key.stdout.startswith("stepin_")
    assert stepin("key", "add", "helpdesk", "all", **env).returncode == 1
    healthy = stepin("doctor", **env)
    assert healthy.returncode == 0, healthy.stdout
    assert "No AI: connect a shop" in healthy.stdout
    (folder / "policy.toml").write_text("[ai]\nenabld = true\n")
    ill = stepin("doctor", **env)
    assert ill.returncode == 1
    assert "enabld" in ill.stdout
