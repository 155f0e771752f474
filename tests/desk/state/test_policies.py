"""Which policy a chat has in a trial: the arm's, from its day on, to the plan's last day."""

from __future__ import annotations

import datetime as dt

from stepin.core.chat import Chat, ChatOrigin, Ownership
from stepin.core.events import Event
from stepin.core.events.floor import TrialLocked, TrialRegistered, WorkerAssigned
from stepin.core.policy import AiPolicy, AssignmentPolicy, Policy
from stepin.core.record import Recorded
from stepin.desk.state.policies import Policies
from stepin.trial.plan import Plan, RampStep
from stepin.trial.policies import policies_of
from stepin.trial.ramp import starts_on
from stepin.trial.reading import canonical
from tests.desk.running_trials import DAY, EPOCH, plan_of

NOON = 10 * DAY + DAY // 2
ARMS = {"ai": "ai.toml", "people": "people.toml"}


def told(policies: Policies, plan: Plan, arms: dict[str, str], *more: Event) -> None:
    events: list[Event] = [
        TrialRegistered(trial_id="t", plan=canonical(plan), plan_hash="h"),
        *more,
        *(WorkerAssigned(trial_id="t", unit_id=unit, arm=arm) for unit, arm in arms.items()),
        TrialLocked(trial_id="t", assignment_hash="h"),
    ]
    for n, event in enumerate(events, start=1):
        policies.see(
            Recorded(
                position=n, stream="trial/t", seq=n, at_us=n, epoch=0, basis_seq=0, event=event
            )
        )


def in_force(policies: Policies, worker_id: str, opened_us: int) -> Policy:
    return policies.of(
        Chat(
            chat_id="x",
            origin=ChatOrigin(opened_us=opened_us, trial_id="t"),
            ownership=Ownership(first_owner=worker_id),
        )
    )


def both(*, cap: int = 5) -> dict[str, Policy]:
    rule = AssignmentPolicy(rule="uniform", cap=cap)
    return {
        "ai": Policy(name="ai", assignment=rule),
        "people": Policy(name="people", assignment=rule, ai=AiPolicy(enabled=False)),
    }


def test_an_arm_whose_policy_is_not_known_has_the_ai_off() -> None:
    policies = Policies(Policy(), {"with": Policy(name="with")})
    plan = plan_of({"a": "arms/with.toml", "b": "lost.toml"}, control="b")
    told(policies, plan, {"ann": "a", "bob": "b"})
    assert in_force(policies, "ann", NOON).name == "with"
    assert not in_force(policies, "bob", NOON).ai.enabled
    assert in_force(policies, "zoe", NOON).ai.enabled


def test_the_arms_policy_holds_from_the_first_day_to_the_last() -> None:
    policies = Policies(Policy(), both())
    plan = plan_of(ARMS, control="people", until=EPOCH + dt.timedelta(days=3))
    told(policies, plan, {"ann": "ai", "bob": "people"})
    names = [in_force(policies, "ann", day * DAY).name for day in range(6)]
    assert names == ["people", "ai", "ai", "ai", "people", "people"]
    assert in_force(policies, "ann", 4 * DAY - 1).name == "ai"
    assert {in_force(policies, "bob", day * DAY).name for day in range(6)} == {"people"}


def test_the_ramp_lets_workers_begin_on_their_own_day() -> None:
    steps = (
        RampStep(from_=EPOCH + dt.timedelta(days=1), share=0.3),
        RampStep(from_=EPOCH + dt.timedelta(days=4), share=1.0),
    )
    policies = Policies(Policy(), both())
    plan = plan_of(ARMS, control="people", ramp=steps)
    workers = [f"w{n}" for n in range(20)]
    told(policies, plan, dict.fromkeys(workers, "ai"))
    begins = {w: starts_on(plan, w) for w in workers}
    assert len(set(begins.values())) == 2
    for worker, begin in begins.items():
        assert begin is not None
        first = (begin - EPOCH).days
        assert in_force(policies, worker, first * DAY - 1).name == "people"
        assert in_force(policies, worker, first * DAY).name == "ai"


def test_registered_policies_reach_every_desk_and_the_plan_routes() -> None:
    policies = Policies(Policy())
    plan = plan_of(ARMS, control="people", cap=7)
    rule = '\n[assignment]\nrule = "uniform"\ncap = 7\n'
    texts = {
        "ai.toml": f'name = "ai"\n{rule}'.encode(),
        "people.toml": f'name = "people"\n[ai]\nenabled = false\n{rule}'.encode(),
    }
    assert policies.assignment.rule == "least_loaded"
    told(policies, plan, {"ann": "ai", "bob": "people"}, *policies_of(plan, texts))
    assert in_force(policies, "ann", NOON).ai.enabled
    assert in_force(policies, "bob", NOON).name == "people"
    assert policies.assignment == AssignmentPolicy(rule="uniform", cap=7)


def test_a_policy_whose_brain_isn_t_here_has_the_ai_off() -> None:
    """Its chats go to people; none of them waits for a turn that can only fail."""
    policies = Policies(Policy(ai=AiPolicy(brain="openai:fake")))
    assert in_force(policies, "ann", NOON).ai.enabled
    policies.brains = frozenset({"builtin"})
    assert not in_force(policies, "ann", NOON).ai.enabled
    assert not policies.supervises
    assert not policies.brainless
    policies.brains = frozenset({"builtin", "openai:fake"})
    assert in_force(policies, "ann", NOON).ai.enabled
    assert policies.supervises
