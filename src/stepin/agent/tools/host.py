"""The other process of `ToolsApart`: opens a folder's tools and carries out what it is asked.

``python -m stepin.agent.tools.host FD FOLDER DATA``. It ends when the desk closes the socket, also
if its own loop hangs, and when a blocking function that was given up doesn't return.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from stepin.agent.shop.handbook import load_tools
from stepin.agent.tools.blocking import abandoned
from stepin.agent.tools.isolated import HostRequest, HostResponse
from stepin.agent.tools.tool import OutcomeUnknown, Tool, ToolFailed

GRACE_S = 1.0


async def answer(tools: dict[str, Tool], asked: HostRequest) -> HostResponse:
    """Carry out what is asked."""
    assert asked.caller is not None
    tool = tools[asked.tool]
    try:
        if asked.do == "plan":
            return HostResponse(id=asked.id, plan=await tool.plan(asked.caller, asked.given))
        if asked.do == "call":
            return HostResponse(id=asked.id, result=await tool.call(asked.caller, asked.given))
        assert tool.reconcile is not None
        outcome, result = await tool.reconcile(asked.caller)
        return HostResponse(id=asked.id, reconciled=outcome, result=result)
    except ToolFailed as error:
        return HostResponse(id=asked.id, failed=(error.code, error.message))
    except (OutcomeUnknown, OSError) as error:
        return HostResponse(id=asked.id, unknown=str(error))
    except Exception as error:  # noqa: BLE001 - a foreign tool may raise anything
        return HostResponse(id=asked.id, raised=type(error).__name__)


class Host:
    """Carries out what comes over a socket, as much at once as is asked."""

    def __init__(self, tools: dict[str, Tool], ours: socket.socket) -> None:
        self._tools, self._ours = tools, ours
        self._doing: dict[int, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Serve until the socket is closed; that ends the process."""
        loop = asyncio.get_running_loop()

        def heard(line: bytes) -> None:
            loop.call_soon_threadsafe(self._heard, msgspec.json.decode(line, type=HostRequest))

        threading.Thread(target=_listen, args=(self._ours, heard), daemon=True).start()
        while True:
            await asyncio.sleep(GRACE_S)
            if any(thread.is_alive() for thread in abandoned(GRACE_S)):
                os._exit(71)

    def _heard(self, asked: HostRequest) -> None:
        if asked.do == "cancel":
            doing = self._doing.get(int(asked.given.get("id", 0)))
            if doing is not None:
                doing.cancel()
            self._say(HostResponse(id=asked.id))
            return
        task = asyncio.create_task(self._do(asked))
        self._doing[asked.id] = task
        task.add_done_callback(lambda _: self._doing.pop(asked.id, None))

    async def _do(self, asked: HostRequest) -> None:
        self._say(await answer(self._tools, asked))

    def _say(self, answered: HostResponse) -> None:
        try:
            self._ours.sendall(msgspec.json.encode(answered) + b"\n")
        except OSError:
            os._exit(0)


def _listen(ours: socket.socket, heard: Callable[[bytes], None]) -> None:
    """Read lines in a thread, so that the end is noticed whatever the loop does."""
    try:
        with ours.makefile("rb") as lines:
            for line in lines:
                heard(line)
    finally:
        os._exit(0)


def main(fd: int, folder: Path, data: Path) -> None:
    """Open the tools and serve them."""
    tools = load_tools(folder, data, lambda: datetime.now(UTC))
    host = Host({tool.name: tool for tool in tools}, socket.socket(fileno=fd))
    asyncio.run(host.serve())


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
