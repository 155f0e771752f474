"""Who showed up in a trial, against counts by hand, and that no outcome is read."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from scipy.stats import hypergeom

from stepin.core.events.chat import ChatClosed, RatingGiven, RatingInvited
from stepin.core.holder import NOBODY, ai, worker
from stepin.evidence.analysis.trial_status.seen import ArmSeen, seen
from stepin.evidence.data.facts.events import write_events
from tests.evidence.analysis.trial_status.floor import PLAN, START_US, Told, chat, log, rows, trial

AI = ai("builtin-1")
ARMS = {"w1": "people", "w2": "ai", "w3": "people", "w4": "ai", "w5": "ai"}


def told(folder: Path, *chats: list[Told]) -> list[Path]:
    write_events(log(*chats), folder)
    return sorted(folder.glob("*.parquet"))


def by_arm(found: tuple[ArmSeen, ...]) -> dict[str, ArmSeen]:
    return {arm.arm: arm for arm in found}


def test_a_chat_counts_for_the_arm_of_its_first_owner_since_treatment_began(
    tmp_path: Path,
) -> None:
    files = told(
        tmp_path,
        chat("before", START_US - 1, ["w2"], holders=[AI]),
        chat("first", START_US, ["w2", "w1"], holders=[AI, worker("w1")]),
        chat("by hand", START_US + 9, ["w4"], eligible=[False]),
        chat("back", START_US + 99, ["w1"], holders=[worker("w1"), NOBODY, worker("w1")]),
        chat("stranger", START_US + 999, ["nobody's"]),
    )
    found = by_arm(seen(files, trial(rows(ARMS))))
    counts = {name: (a.chats, a.eligible, a.by_ai) for name, a in found.items()}
    assert counts == {"people": (1, 1, 0), "ai": (2, 1, 1)}
    assert {name: (a.assigned, a.seen) for name, a in found.items()} == {
        "people": (2, 1),
        "ai": (3, 2),
    }


def test_the_first_assessment_counts_and_only_eligible_chats_of_the_ai(tmp_path: Path) -> None:
    files = told(
        tmp_path,
        chat("later", START_US, ["w2"], eligible=[False, True], holders=[AI]),
        chat("earlier", START_US, ["w2"], eligible=[True, False], holders=[worker("w2"), AI]),
        chat("never", START_US, ["w2"], eligible=[], holders=[AI]),
    )
    found = by_arm(seen(files, trial(rows(ARMS))))["ai"]
    assert (found.chats, found.eligible, found.by_ai) == (3, 1, 1)


def test_the_ratio_is_tested_among_those_drawn_before_the_lock(tmp_path: Path) -> None:
    arms = {f"w{i}": "people" if i < 6 else "ai" for i in range(12)} | {"late": "ai"}
    present = [f"w{i}" for i in (*range(6), 6)] + ["late"]
    files = told(tmp_path, *(chat(f"c{w}", START_US, [w]) for w in present))
    found = by_arm(seen(files, trial(rows(arms, late=["late"]))))
    assert (found["ai"].assigned, found["ai"].late, found["ai"].seen) == (6, 1, 1)
    assert found["people"].seen == 6
    # Of twelve with six treated, seven were seen; one of them is treated.
    assert found["ai"].expected == pytest.approx(3.5)
    assert found["ai"].method == "exact"
    assert found["ai"].p == pytest.approx(2 * hypergeom.cdf(1, 12, 6, 7))
    assert found["ai"].chats == 2


def test_nothing_that_treatment_could_have_moved_is_read(tmp_path: Path) -> None:
    plain = [
        chat(f"c{w}", START_US + i, [w], holders=[AI] if w == "w2" else [])
        for i, w in enumerate(ARMS)
    ]
    outcomes = (ChatClosed, RatingInvited, RatingGiven)
    without = [[t for t in c if not isinstance(t[2], outcomes)] for c in plain]
    others = [
        chat(f"c{w}", START_US + i, [w], holders=[AI] if w == "w2" else [], minutes=90, rating=1)
        for i, w in enumerate(ARMS)
    ]
    first, *rest = (
        seen(told(tmp_path / str(i), *chats), trial(rows(ARMS)))
        for i, chats in enumerate((plain, without, others))
    )
    assert sum(a.chats for a in first) == 5
    assert rest == [first, first]


def test_before_anybody_was_seen_nothing_is_tested(tmp_path: Path) -> None:
    early = told(tmp_path, chat("early", START_US - 1, ["w1"]))
    for files in ([], early):
        for arm in seen(files, trial(rows(ARMS))):
            assert (arm.seen, arm.expected, arm.p, arm.method, arm.chats) == (
                0,
                None,
                None,
                None,
                0,
            )
            assert arm.assigned > 0


def test_units_that_are_drawn_alone_are_not_counted(tmp_path: Path) -> None:
    files = told(tmp_path, chat("c1", START_US, ["w1"]))
    alone = msgspec.structs.replace(PLAN, unit="customer")
    found = seen(files, trial([], of=alone))
    assert [(a.arm, a.assigned, a.chats) for a in found] == [("people", 0, 0), ("ai", 0, 0)]
