"""The harm rule's totals: what counts, for whom, from when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from tests.trial.plans import plan

from stepin.core.events import Event
from stepin.core.events.chat import (
    ChatClosed,
    ChatOpened,
    EligibilityAssessed,
    OwnerSet,
    RatingGiven,
)
from stepin.core.record import Recorded
from stepin.trial.tally import Tally

DAY_US = 86_400_000_000
START_US = int(dt.datetime(2026, 3, 1, tzinfo=dt.UTC).timestamp()) * 1_000_000
UNITS = ("w1", "w2")


def chat(
    name: str,
    owner: str,
    day: float,
    *,
    rating: int,
    reason: str = "resolved",
    eligible: bool = True,
) -> Iterator[Recorded]:
    events: tuple[Event, ...] = (
        ChatOpened(customer_id=f"k-{name}", asserted=True),
        EligibilityAssessed(
            eligible=eligible, score=1, threshold=0.5, reason="", classifier_version=""
        ),
        OwnerSet(owner=owner),
        OwnerSet(owner="w9"),
        ChatClosed(reason=reason),  # type: ignore[arg-type]
        RatingGiven(rating=rating),
    )
    for seq, event in enumerate(events, start=1):
        yield Recorded(
            position=seq,
            stream=f"chat/{name}",
            seq=seq,
            at_us=START_US + int(day * DAY_US) + seq,
            epoch=0,
            basis_seq=0,
            event=event,
        )


def test_low_ratings_and_abandonment_count_for_the_first_owner_by_look() -> None:
    tally = Tally(plan("\n[harm]\nfirst_after_days = 1\n"), UNITS)
    tally.add(chat("a", "w1", 0.2, rating=1))
    tally.add(chat("b", "w1", 0.4, rating=3, reason="abandoned"))
    tally.add(chat("c", "w2", 2.5, rating=2))
    events, counts = tally.totals(3)
    assert events[:, 0].tolist() == [[1, 1], [1, 1], [1, 1]]
    assert counts[:, 0].tolist() == [[2, 2], [2, 2], [2, 2]]
    assert events[:, 1].tolist() == [[0, 0], [0, 0], [1, 0]]


def test_other_chats_do_not_count() -> None:
    tally = Tally(plan("\n[harm]\nfirst_after_days = 1\n"), UNITS)
    tally.add(chat("before", "w1", -1, rating=1))
    tally.add(chat("ineligible", "w1", 1, rating=1, eligible=False))
    tally.add(chat("stranger", "w7", 1, rating=1))
    tally.add(chat("after", "w1", 40, rating=1))
    assert not tally.totals(20)[1].any()


def test_looks_are_due_when_their_day_is_over() -> None:
    tally = Tally(plan("\n[harm]\nfirst_after_days = 2\n"), UNITS)
    assert [tally.due(START_US + int(d * DAY_US)) for d in (1.9, 2, 3.5, 99)] == [0, 1, 2, 19]


def test_customers_are_the_unit_where_the_plan_says_so() -> None:
    tally = Tally(plan(**{"seed = 7": 'seed = 7\nunit = "customer"'}), ("k-a", "k-b"))
    tally.add(chat("b", "w1", 0.2, rating=1))
    assert tally.totals(1)[0][0].tolist() == [[0, 0], [1, 0]]
