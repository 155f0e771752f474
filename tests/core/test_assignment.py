"""Who may be given one more chat: the account's capacity, or in a trial the one cap of all arms."""

from __future__ import annotations

from stepin.core.assignment import Load, draw_owner, has_room, hidden_by_cap
from stepin.core.policy import AssignmentPolicy
from stepin.core.presence import Presence

BY_ACCOUNT = AssignmentPolicy()
IN_A_TRIAL = AssignmentPolicy(rule="uniform", cap=5)


def here(worker_id: str, *, capacity: int = 4, supervised_capacity: int = 12) -> Presence:
    return Presence(
        worker_id=worker_id,
        role="worker",
        groups=(),
        capacity=capacity,
        supervised_capacity=supervised_capacity,
    )


def test_outside_of_a_trial_the_accounts_capacity_counts() -> None:
    many = here("ann", supervised_capacity=400)
    assert has_room(many, Load(supervised=12), BY_ACCOUNT, "supervised")
    assert has_room(many, Load(supervised=399), BY_ACCOUNT, "supervised")
    assert not has_room(many, Load(supervised=400), BY_ACCOUNT, "supervised")
    assert has_room(many, Load(supervised=400), BY_ACCOUNT, "held")


def test_in_a_trial_the_one_cap_counts_whoever_holds_the_chats() -> None:
    many = here("ann", supervised_capacity=400)
    assert has_room(many, Load(held=2, supervised=2), IN_A_TRIAL, "supervised")
    assert not has_room(many, Load(held=2, supervised=3), IN_A_TRIAL, "held")


def test_the_least_loaded_is_who_has_the_smallest_share_of_the_own_capacity_in_use() -> None:
    floor = {"ann": here("ann", capacity=20), "bob": here("bob", capacity=4)}
    loads = {"ann": Load(held=4), "bob": Load(held=3)}
    draw = draw_owner(floor, loads, BY_ACCOUNT, key="k")
    assert draw.candidates == ("ann",)


def test_an_account_that_says_more_than_the_cap_gives_is_named() -> None:
    capacities = {"ann": (4, 400), "bob": (4, 5)}
    assert hidden_by_cap(IN_A_TRIAL, capacities) == ["ann"]
    assert hidden_by_cap(BY_ACCOUNT, capacities) == []
