"""A thread that watches the event loop: whatever holds it up is named while it does so.

Nothing on the loop can say that the loop is stuck. Foreign code that computes for seconds, waits
without `await`, or never ends holds up every chat of the process; the log then says where, and in
which turn.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Collection
from pathlib import Path

import structlog

_log = structlog.get_logger("stepin.desk")

LAG_S = 2.0
HANGING = 70
"""The exit code of a process that ended itself: the internal software error of sysexits.h."""
_FRAMES_AT_MOST = 40
_REARMED_EVERY, _GRACE_S = 4, 5.0


class Watchdog:
    """Watches the loop that `start` is called on.

    What it tells holds places in code and names of turns, never what a customer has written: no
    message of an exception and no local value.

    A thread of Python waits while one call of C keeps the interpreter to itself (a match of a
    backtracking pattern does). Then nothing is told, and the process is ended by a timer of
    `faulthandler`, which needs no interpreter and writes the stacks to standard error.

    Parameters
    ----------
    running : the ids of the turns that run now.
    lag_s : how long the loop may be held up before that is told, once for each time.
    look_s : how often to look.
    note_lag : is given every lag of the loop that the beat finds, in seconds.
    end : ends the process; it doesn't return.
    """

    def __init__(
        self,
        running: Callable[[], Collection[str]],
        *,
        lag_s: float = LAG_S,
        look_s: float = 0.25,
        note_lag: Callable[[float], None] = lambda _: None,
        end: Callable[[int], None] = os._exit,
    ) -> None:
        self._running, self._note_lag, self._end = running, note_lag, end
        self._lag_s, self._look_s, self._hang_s = lag_s, look_s, 0.0
        self._beats = 0
        self._stopped = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._task: asyncio.Task[None] | None = None
        self._thread: threading.Thread | None = None

    def may_end(self, hang_s: float) -> None:
        """End the process when its loop is held up for so long; 0 is never.

        Its supervisor starts another one, and the work is claimed there or by one that runs.
        """
        self._hang_s = hang_s

    def start(self) -> None:
        """Begin to watch."""
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._task = asyncio.create_task(self._beat(), name="stepin-beat")
        self._thread = threading.Thread(target=self._watch, name="stepin-watchdog", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Stop watching."""
        self._stopped.set()
        if self._hang_s:
            faulthandler.cancel_dump_traceback_later()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    async def _beat(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(self._look_s)
            self._beats += 1
            if self._hang_s and self._beats % _REARMED_EVERY == 1:
                faulthandler.dump_traceback_later(self._hang_s + _GRACE_S, exit=True)
            self._note_lag(max(0.0, time.monotonic() - before - self._look_s))

    def _watch(self) -> None:
        """Look again and again; a process that was itself stopped for a while counts one look."""
        beats, stuck_s, told = -1, 0.0, False
        while not self._stopped.wait(self._look_s):
            if self._beats != beats:
                if told:
                    _log.warning("loop_free", blocked_s=round(stuck_s, 2))
                beats, stuck_s, told = self._beats, 0.0, False
                continue
            stuck_s += self._look_s
            if stuck_s >= self._lag_s and not told:
                told = True
                _log.error("loop_blocked", blocked_s=round(stuck_s, 2), **self._where())
            if 0 < self._hang_s <= stuck_s:
                _log.critical("loop_hangs", blocked_s=round(stuck_s, 2), **self._where())
                self._end(HANGING)
                return

    def _where(self) -> dict[str, object]:
        frame = sys._current_frames().get(self._loop_thread)
        task = None if self._loop is None else asyncio.current_task(self._loop)
        name = "" if task is None else task.get_name()
        running = sorted(self._running())
        steps = [] if frame is None else traceback.extract_stack(frame)[-_FRAMES_AT_MOST:]
        return {
            "turn": name if name in running else "",
            "task": name,
            "running": running,
            "frames": [f"{Path(s.filename).name}:{s.lineno} {s.name}" for s in steps],
        }
