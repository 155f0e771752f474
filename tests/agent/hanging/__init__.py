"""A folder of tools that hang in every way there is; see `test_apart.py`."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from stepin.agent.tools.definition import define
from stepin.agent.tools.tool import Caller, CallPlan, OutcomeUnknown, Reconciled, Tool, ToolFailed


class Told(msgspec.Struct):
    """What a tool returns."""

    text: str
    pid: int
    thread: bool


def told(text: str) -> Told:
    """Return a text with where it was made."""
    main = threading.current_thread() is threading.main_thread()
    return Told(text=text, pid=os.getpid(), thread=not main)


async def echo(caller: Caller, *, text: str) -> Told:
    """Say a text."""
    return told(f"{caller.customer_id}: {text}")


def blocking(caller: Caller, *, text: str) -> Told:
    """Say a text from a plain function."""
    return told(text)


async def spins(caller: Caller) -> Told:
    """Compute for ever on the event loop."""
    while True:
        pass


def sleeps(caller: Caller) -> Told:
    """Wait for ever in a plain function."""
    threading.Event().wait()
    return told("never")


async def slow(caller: Caller) -> Told:
    """Wait for ever as it should be done."""
    await asyncio.Event().wait()
    return told("never")


async def dies(caller: Caller) -> Told:
    """End the process."""
    os._exit(9)


async def refuses(caller: Caller) -> Told:
    """Say no."""
    raise ToolFailed("no_such_order", "There is no such order.")


async def loses(caller: Caller) -> Told:
    """Lose the answer."""
    raise OutcomeUnknown("the answer was lost")


async def breaks(caller: Caller) -> Told:
    """Raise something with a customer's words in it."""
    raise ValueError("what a customer has written")


async def plan_spins(caller: Caller) -> CallPlan:
    """Compute for ever."""
    while True:
        pass


async def was_done(caller: Caller) -> tuple[Reconciled, dict[str, object]]:
    """Say that it was done."""
    return "succeeded", {"key": caller.key}


def open_tools(data: Path, now: Callable[[], datetime]) -> list[Tool]:
    """Return the tools."""
    reads = [
        define(function, timeout_s=0.5)
        for function in (echo, blocking, slow, dies, refuses, loses, breaks)
    ]
    return [
        *reads,
        define(spins, risk="money", timeout_s=0.5, reconcile=was_done),
        define(sleeps, risk="money", timeout_s=0.5, reconcile=was_done),
    ]
