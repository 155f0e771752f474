"""Collects what the reference engine tells, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stepin.floor.engine.people import SimulatedChat, SimulatedWorker
from stepin.floor.engine.trace import REAL_COLUMNS, WHOLE_COLUMNS, Trace


class Collected:
    """The trace of a run, if it is wanted, and the results of its chats."""

    def __init__(self, *, trace: bool) -> None:
        self._trace = trace
        self._rows: list[tuple[float, int, int, int, float]] = []

    def tell(self, at: float, code: int, chat: int, worker: int, x: float) -> None:
        """Add one moment to the trace."""
        self._rows.append((at, code, chat, worker, x))

    def trace(self) -> Trace | None:
        """Return the trace, None if it wasn't wanted."""
        if not self._trace:
            return None
        columns = list(zip(*self._rows, strict=True)) or [(), (), (), (), ()]
        return Trace(
            at_min=np.array(columns[0], dtype=np.float64),
            code=np.array(columns[1], dtype=np.int64),
            chat=np.array(columns[2], dtype=np.int64),
            worker=np.array(columns[3], dtype=np.int64),
            x=np.array(columns[4], dtype=np.float64),
        )

    @staticmethod
    def chats(
        chats: Sequence[SimulatedChat],
    ) -> dict[str, NDArray[Any]]:
        """Return the results, one array per column."""
        found: dict[str, NDArray[Any]] = {
            name: np.array([getattr(chat, name) for chat in chats], dtype=np.int64)
            for name in WHOLE_COLUMNS
        }
        for name in REAL_COLUMNS:
            found[name] = np.array([getattr(chat, name) for chat in chats], dtype=np.float64)
        return found

    @staticmethod
    def busy(workers: Sequence[SimulatedWorker]) -> NDArray[np.float64]:
        """Return the minutes of attention that each worker spent."""
        return np.array([worker.busy for worker in workers])
