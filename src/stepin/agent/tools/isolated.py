"""A shop's tools in a process of their own: what hangs there is ended, and the desk goes on.

A time limit can't interrupt code that computes or waits without `await`; ending its process can.
The other process opens the same folder's tools (see `stepin.agent.tools.host`) and is asked over a
socket, a line of JSON each way. When a call is given up, the process has a moment to show that it
still answers; if it doesn't, it is killed and a new one is started for the next call. What was
under way there is then in the state of any lost answer: a read is tried again, the outcome of an
effect is unknown and is asked for.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
import structlog

from stepin.agent.tools.tool import Caller, CallPlan, OutcomeUnknown, Reconciled, Tool, ToolFailed

_log = structlog.get_logger("stepin.agent")

_LINE_BYTES = 1 << 26
Deed = Literal["plan", "call", "reconcile", "cancel"]


class HostRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A line to the other process."""

    id: int
    do: Deed
    tool: str = ""
    caller: Caller | None = None
    given: dict[str, Any] = {}


class HostResponse(msgspec.Struct, frozen=True, kw_only=True):
    """A line from it: one of the fields, or none where a call was let go.

    Attributes
    ----------
    failed : code and message of a `ToolFailed`.
    unknown : what an `OutcomeUnknown` says.
    raised : what another exception is, without its text.
    """

    id: int
    plan: CallPlan | None = None
    result: dict[str, Any] | None = None
    reconciled: Reconciled | None = None
    failed: tuple[str, str] | None = None
    unknown: str | None = None
    raised: str | None = None


class ToolsApart:
    """The process in which a folder's tools run.

    Parameters
    ----------
    folder, data : what `load_tools` takes.
    grace_s : how long it may be silent when a call has been given up, before it is ended.
    """

    def __init__(self, folder: Path, data: Path, *, grace_s: float = 1.0) -> None:
        self._folder, self._data, self._grace_s = folder, data, grace_s
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[HostResponse]] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._ours: socket.socket | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._looks: set[asyncio.Task[None]] = set()
        self._connecting = asyncio.Lock()
        self.ended = 0

    def apart(self, tool: Tool) -> Tool:
        """Return a tool of the folder whose plan, call and question run in the other process."""

        async def plan(caller: Caller, given: Mapping[str, Any]) -> CallPlan:
            answered = await self._ask("plan", tool.name, caller, given)
            assert answered.plan is not None
            return answered.plan

        async def call(caller: Caller, given: Mapping[str, Any]) -> dict[str, Any]:
            answered = await self._ask("call", tool.name, caller, given)
            return answered.result or {}

        async def reconcile(caller: Caller) -> tuple[Reconciled, dict[str, Any]]:
            answered = await self._ask("reconcile", tool.name, caller, {})
            return answered.reconciled or "unknown", answered.result or {}

        asks = None if tool.reconcile is None else reconcile
        return msgspec.structs.replace(tool, plan=plan, call=call, reconcile=asks)

    async def close(self) -> None:
        """End the process."""
        for look in list(self._looks):
            look.cancel()
        self._end()
        if self._reading is not None:
            await asyncio.gather(self._reading, return_exceptions=True)

    def begin(self) -> None:
        """Start the process, so that it is ready when the first tool is called."""
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "stepin.agent.tools.host", str(theirs.fileno())]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [*command, str(self._folder), str(self._data)],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self._ours = ours

    async def _connected(self) -> asyncio.StreamWriter:
        async with self._connecting:
            if self._writer is None:
                if self._process is None:
                    self.begin()
                assert self._ours is not None
                ours, self._ours = self._ours, None
                reader, self._writer = await asyncio.open_connection(sock=ours, limit=_LINE_BYTES)
                self._reading = asyncio.create_task(
                    self._read(reader, self._process), name="stepin-tools-apart"
                )
            return self._writer

    async def _read(
        self, reader: asyncio.StreamReader, process: subprocess.Popen[bytes] | None
    ) -> None:
        """Hand the answers out until the process has ended; then nobody waits any longer."""
        try:
            while line := await reader.readline():
                answered = msgspec.json.decode(line, type=HostResponse)
                waiting = self._waiting.pop(answered.id, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(answered)
        except (OSError, msgspec.MsgspecError, ValueError):
            pass
        if self._process is process:
            self._end()

    def _end(self) -> None:
        """Kill the process and give up what is under way there; the next call starts another."""
        process, self._process = self._process, None
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
        if self._ours is not None:
            self._ours.close()
            self._ours = None
        if process is not None:
            process.kill()
            process.wait()
            self.ended += 1
        waiting, self._waiting = self._waiting, {}
        for one in waiting.values():
            if not one.done():
                one.set_exception(ConnectionResetError("the tools' process has ended"))

    async def _ask(
        self, do: Deed, tool: str, caller: Caller, given: Mapping[str, Any]
    ) -> HostResponse:
        number = next(self._ids)
        try:
            answered = await self._sent(
                HostRequest(id=number, do=do, tool=tool, caller=caller, given=dict(given))
            )
        except asyncio.CancelledError:
            self._waiting.pop(number, None)
            look = asyncio.create_task(self._given_up(number, tool), name="stepin-tools-look")
            self._looks.add(look)
            look.add_done_callback(self._looks.discard)
            raise
        if answered.failed is not None:
            raise ToolFailed(*answered.failed)
        if answered.unknown is not None:
            raise OutcomeUnknown(answered.unknown)
        if answered.raised is not None:
            raise RuntimeError(answered.raised)
        return answered

    async def _sent(self, asked: HostRequest) -> HostResponse:
        writer = await self._connected()
        waiting: asyncio.Future[HostResponse] = asyncio.get_running_loop().create_future()
        self._waiting[asked.id] = waiting
        writer.write(msgspec.json.encode(asked) + b"\n")
        return await waiting

    async def _given_up(self, number: int, tool: str) -> None:
        """Tell the process to let go of a call; end it if it doesn't even answer that."""
        process = self._process
        try:
            async with asyncio.timeout(self._grace_s):
                await self._sent(HostRequest(id=next(self._ids), do="cancel", given={"id": number}))
        except TimeoutError:
            if self._process is process:
                _log.error("tool_hangs", tool=tool, silent_s=self._grace_s)
                self._end()
        except OSError:
            return
