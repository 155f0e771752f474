"""The panel in its thread: a detector that fails or hangs costs one turn, not the others."""

from __future__ import annotations

import threading

from stepin.desk.alerts.detection import AskedTurn, PanelWatch
from stepin.judge.chat import Turn
from stepin.judge.detectors.panel import Panel, PanelState
from stepin.judge.transcript import Spoken


def asked(chat_id: str, *texts: str) -> AskedTurn:
    turns = (Spoken(n, Turn(role="customer", text=text)) for n, text in enumerate(texts, start=1))
    return AskedTurn(chat_id, tuple(turns))


class Touchy(Panel):
    """Raises at one text and hangs at another."""

    def __init__(self, never: threading.Event | None = None) -> None:
        super().__init__()
        self.never = never

    def update(self, state: PanelState, turn: Turn) -> PanelState:
        if turn.text == "raise":
            raise ValueError("a detector of a team")
        if turn.text == "hang" and self.never is not None:
            self.never.wait(30)
        return super().update(state, turn)


async def test_a_detector_that_fails_leaves_one_turn_without_a_score() -> None:
    watch = PanelWatch(Touchy())
    told = await watch.look([asked("a", "hello"), asked("b", "raise"), asked("c", "hi", "hello")])
    assert [one is None for one in told] == [False, True, False]


async def test_a_detector_that_hangs_is_left_behind_and_the_others_go_on() -> None:
    never = threading.Event()
    watch = PanelWatch(Touchy(never), hangs_s=0.5)
    try:
        told = await watch.look([asked("a", "hello"), asked("b", "hang"), asked("c", "hello")])
        assert [one is None for one in told] == [False, True, False]
        (again,) = await watch.look([asked("a", "hello", "again")])
        assert again is not None
    finally:
        never.set()


async def test_a_chat_is_folded_on_or_anew_to_the_same_scores() -> None:
    on, anew = PanelWatch(Panel()), PanelWatch(Panel())
    await on.look([asked("a", "hello"), asked("a", "hello", "where is it?")])
    texts = ("hello", "where is it?", "I want to talk to a person")
    assert await on.look([asked("a", *texts)]) == await anew.look([asked("a", *texts)])
    assert await on.look([asked("a", "hello")]) == await anew.look([asked("a", "hello")])
