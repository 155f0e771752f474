"""The states of a trial: every order of events that is allowed, and those that are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.trial.plans import plan, pool

from stepin.core.events import Event
from stepin.core.events.floor import TrialLocked, TrialStopped, Unblinded, WorkerAssigned
from stepin.errors import Conflict, Missing
from stepin.trial.assignment import assign, assignment_hash
from stepin.trial.design import design
from stepin.trial.state import Trial, after, fold, lock, record, register, stream

PLAN = plan()
ROWS = assign(design(PLAN, pool(6)))
REGISTERED = register(PLAN, "hash")
ASSIGNED = record(PLAN, ROWS)
LOCKED = TrialLocked(trial_id="pilot", assignment_hash=assignment_hash(ROWS))
LATE = WorkerAssigned(trial_id="pilot", unit_id="z1", arm="ai", block="late", late=True)
STOPPED = TrialStopped(trial_id="pilot", reason="end")
LOOKED = Unblinded(trial_id="pilot", why="the plan has ended")


def told(*events: Event) -> Trial:
    return fold([(e, "worker:lead", i) for i, e in enumerate(events)], name="pilot")


def test_a_whole_trial() -> None:
    trial = told(REGISTERED, *ASSIGNED, LOCKED, LATE, STOPPED, LOOKED)
    assert (trial.phase, trial.stopped, len(trial.rows)) == ("stopped", "end", 7)
    assert trial.plan == PLAN
    assert trial.looks[0].who == "worker:lead"
    assert trial.assignment_hash == assignment_hash(ROWS)
    assert stream(trial.plan.name) == "trial/pilot"


def test_the_lock_is_of_what_was_assigned() -> None:
    trial = told(REGISTERED, *ASSIGNED)
    assert lock(trial) == LOCKED
    assert told(REGISTERED, *ASSIGNED, lock(trial)).running
    moved = [*ASSIGNED[:-1]]
    with pytest.raises(Conflict) as caught:
        told(REGISTERED, *moved, LOCKED)
    assert caught.value.code == "trial_lock"


@pytest.mark.parametrize(
    "events",
    [
        (ASSIGNED[0],),
        (REGISTERED, REGISTERED),
        (REGISTERED, LOCKED),
        (REGISTERED, LATE),
        (REGISTERED, *ASSIGNED, LOCKED, LOCKED),
        (REGISTERED, *ASSIGNED, LOCKED, WorkerAssigned(trial_id="pilot", unit_id="z", arm="ai")),
        (REGISTERED, *ASSIGNED, STOPPED, LATE),
        (REGISTERED, STOPPED, STOPPED),
    ],
)
def test_what_comes_out_of_turn_is_refused(events: tuple[Event, ...]) -> None:
    with pytest.raises(Conflict) as caught:
        told(*events)
    assert caught.value.code == "trial_phase"


def test_an_arm_is_drawn_once() -> None:
    for again in (ASSIGNED[0], WorkerAssigned(trial_id="pilot", unit_id="z1", arm="no such")):
        with pytest.raises(Conflict) as caught:
            told(REGISTERED, *ASSIGNED, again)
        assert caught.value.code == "trial_arm"


def test_an_empty_stream_is_no_trial() -> None:
    with pytest.raises(Missing):
        told()


EVENTS = [REGISTERED, *ASSIGNED[:2], LOCKED, LATE, STOPPED, LOOKED]


def one_by_one(events: list[Event]) -> Trial | str | None:
    """Return the trial after every event, or the name of the first refusal."""
    trial: Trial | None = None
    for i, event in enumerate(events):
        try:
            trial = after(trial, event, actor="worker:lead", at_us=i)
        except Conflict as error:
            return error.code
    return trial


@given(st.lists(st.sampled_from(EVENTS), max_size=9))
def test_folding_at_once_and_one_by_one_agree(events: list[Event]) -> None:
    expected = one_by_one(events)
    if expected is None:
        return
    if isinstance(expected, str):
        with pytest.raises(Conflict) as caught:
            told(*events)
        assert caught.value.code == expected
    else:
        assert told(*events) == expected
