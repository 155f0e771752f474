"""A set of detectors as the desk asks it, and the panel that answers in a thread of its own."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import msgspec
import structlog

from stepin.core.opinion import Opinion
from stepin.desk.state.fault_site import place_of
from stepin.judge.detectors.opinions import named_scores, opinions
from stepin.judge.detectors.panel import Panel, PanelState
from stepin.judge.transcript import Spoken

_log = structlog.get_logger("stepin.desk")

KEPT_CHATS = 4_000
HANGS_S = 10.0


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What a watch says after one turn.

    Attributes
    ----------
    scores : what is logged, by cause and detector, 0 to 1.
    opinions : one for each cause that the watch speaks for.
    """

    scores: dict[str, float]
    opinions: tuple[Opinion, ...] = ()


class AskedTurn(msgspec.Struct, frozen=True):
    """A chat up to the turn that is to be looked at."""

    chat_id: str
    turns: tuple[Spoken, ...]


class Watch(Protocol):
    """A set of detectors. It is pure in a chat's turns; it knows no arm and never acts."""

    @property
    def version(self) -> str:
        """The name and version that the log records."""
        ...

    async def look(self, asked: Sequence[AskedTurn]) -> Sequence[Judged | None]:
        """Return what each turn says, in the same order. Called in every arm alike.

        None stands for a turn that can't be judged: it stays without a score.
        """
        ...

    def forget(self, chat_id: str) -> None:
        """Drop what is kept of a chat: it is closed, or a text was redacted."""
        ...


class PanelWatch:
    """The panel of detectors, folding each chat on from where it was left.

    The arithmetic runs in a thread of its own, so that messages don't wait. A detector that fails
    at a turn, or doesn't come back within `hangs_s`, leaves that turn without a score, and the
    others go on.

    Parameters
    ----------
    keep : of how many chats the state is kept in memory; others are folded anew.
    """

    def __init__(self, panel: Panel, *, keep: int = KEPT_CHATS, hangs_s: float = HANGS_S) -> None:
        self.panel, self._keep, self._hangs_s = panel, keep, hangs_s
        self.version = panel.version
        self._begin()

    def _begin(self) -> None:
        self._states: OrderedDict[str, PanelState] = OrderedDict()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stepin-judge")

    async def look(self, asked: Sequence[AskedTurn]) -> Sequence[Judged | None]:
        """Score the last turn of each chat."""
        told: list[Judged | None] = []
        while len(told) < len(asked):
            told += await self._look(asked[len(told) :])
        return told

    async def _look(self, asked: Sequence[AskedTurn]) -> list[Judged | None]:
        """Return what came within the time; the first that didn't come is given up."""
        told: list[Judged | None] = []
        states, loop = self._states, asyncio.get_running_loop()
        asking = loop.run_in_executor(self._thread, self._fold_all, states, asked, told)
        while True:
            before = len(told)
            done, _ = await asyncio.wait({asking}, timeout=self._hangs_s)
            if done:
                await asking
                return told
            if len(told) == before:
                break
        # The thread can't be stopped: it is left behind with the states that it may still change.
        self._thread.shutdown(wait=False)
        self._begin()
        _log.error("score_dropped", chat=asked[before].chat_id, why="hangs")
        return [*told[:before], None]

    def _fold_all(
        self,
        states: OrderedDict[str, PanelState],
        asked: Sequence[AskedTurn],
        told: list[Judged | None],
    ) -> None:
        for one in asked:
            if states is not self._states:
                return
            try:
                told.append(self._fold(states, one))
            except Exception as error:  # noqa: BLE001 - one turn must not end the others
                states.pop(one.chat_id, None)
                _log.error("score_dropped", chat=one.chat_id, **place_of(error))
                told.append(None)

    def _fold(self, states: OrderedDict[str, PanelState], asked: AskedTurn) -> Judged:
        state = states.pop(asked.chat_id, None)
        if state is None or state.n_turns > len(asked.turns):
            state = self.panel.start()
        for spoken in asked.turns[state.n_turns :]:
            state = self.panel.update(state, spoken.turn)
        states[asked.chat_id] = state
        if len(states) > self._keep:
            states.popitem(last=False)
        scores = self.panel.score(state)
        if left_out := self.panel.left_out(scores):
            _log.error("detector_left_out", chat=asked.chat_id, detectors=left_out)
        return Judged(scores=named_scores(scores), opinions=opinions(scores))

    def forget(self, chat_id: str) -> None:
        """Drop the state of a chat."""
        self._thread.submit(self._states.pop, chat_id, None)
