"""The flat form: every event has one, nothing private is in it, its numbers are the event's."""

from __future__ import annotations

import msgspec

from stepin.core.events.chat import ChatOpened, MessagePosted, OwnerSet, TurnFailed, WhisperSent
from stepin.core.events.supervision import ChatScored, DecisionDrawn
from stepin.core.exported import COLUMNS, Cell, row
from stepin.core.record import Recorded
from tests.golden.story import load

TYPES = {"text": str, "whole": int, "real": float, "truth": bool}


def flat(event: object) -> dict[str, Cell]:
    return row(
        Recorded(
            position=1, stream="chat/c1", seq=1, at_us=5, epoch=0, basis_seq=0,
            event=event,  # type: ignore[arg-type]
        )
    )  # fmt: skip


def test_every_golden_event_has_a_row_of_the_right_kinds() -> None:
    for recorded in load():
        cells = row(recorded)
        assert list(cells) == list(COLUMNS)
        for name, value in cells.items():
            assert value is None or isinstance(value, TYPES[COLUMNS[name]]), name


def test_no_private_text_leaves() -> None:
    secret = "my card is 1234"
    for event in (
        MessagePosted(author="customer", text=secret),
        WhisperSent(text=secret),
        ChatOpened(customer_id="k", asserted=True, customer_name=secret),
        TurnFailed(turn_id="t", attempt=1, reason="error", detail=secret),
    ):
        assert secret not in str(flat(event))
    assert flat(MessagePosted(author="customer", text=secret))["chars"] == len(secret)


def test_the_probability_is_that_of_what_was_drawn() -> None:
    drawn = DecisionDrawn(
        point="alert", options=("now", "later"), probabilities=(0.2, 0.8), drawn="later",
        draw_key="k",
    )  # fmt: skip
    assert flat(drawn)["probability"] == 0.8
    owner = OwnerSet(owner="w2", candidates=("w1", "w2"), probabilities=(0.75, 0.25))
    assert flat(owner)["probability"] == 0.25
    assert flat(OwnerSet(owner="w3"))["probability"] is None


def test_known_scores_have_columns_and_the_rest_stay_in_data() -> None:
    cells = flat(ChatScored(detector="d@2", turn_seq=4, scores={"emotional": 0.5, "other": 0.1}))
    assert (cells["emotional"], cells["detector"], cells["turn_seq"]) == (0.5, "d@2", 4)
    assert msgspec.json.decode(str(cells["data"]))["scores"]["other"] == 0.1
