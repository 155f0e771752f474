"""What a turn's label is."""

from __future__ import annotations

from stepin.judge.chat import LabelledChat, Turn
from stepin.judge.fitting import tasks
from stepin.judge.fitting.corpus import lay_out


def chat(chat_id: str, *said: tuple[str, int]) -> LabelledChat:
    turns = tuple(
        Turn(role=role, text="x", sentiment=mood)  # type: ignore[arg-type]
        for role, mood in said
    )
    return LabelledChat(chat_id=chat_id, turns=turns)


CALM = chat("calm", ("customer", 1), ("ai", 1), ("customer", 2))
SINKS = chat("sinks", ("customer", 1), ("ai", 1), ("customer", 1), ("customer", 0), ("ai", 1))


def test_the_hazard_looks_two_customer_turns_ahead_until_the_mood_has_sunk() -> None:
    label = tasks.target("hazard", lay_out([SINKS, CALM])).label
    assert label[:5].tolist() == [1, 1, 1, -1, -1]


def test_a_turn_that_nothing_follows_is_calm() -> None:
    label = tasks.target("hazard", lay_out([SINKS, CALM])).label
    assert label[5:].tolist() == [0, 0, 0]


def test_anger_is_looked_for_in_what_customers_say() -> None:
    label = tasks.target("emotional", lay_out([SINKS, CALM])).label
    assert label.tolist() == [0, -1, 0, 1, -1, 0, -1, 0]
