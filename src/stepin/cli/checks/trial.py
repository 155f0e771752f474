"""The trial that runs: whether this desk would serve it as it began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepin.cli.checks.check import At, Check

if TYPE_CHECKING:
    from stepin.desk.state.policies import Policies
    from stepin.log.protocol import Log


async def look_at_trial(at: At) -> list[Check]:
    """Look whether a running trial has its arms' policies with their brains, and its classifier."""
    from stepin.cli.brains import must_open, of_trials
    from stepin.cli.checks.log import read_only
    from stepin.errors import StepinError

    try:
        async with read_only(at) as log:
            policies = await _policies(at, log)
            trial_id = policies.trial_id
            brains = await of_trials(log)
            began = await log.record_get("eligibility", trial_id or "")
    except StepinError:
        return []  # the log's own check says so
    must_open(at.settings, brains)
    if trial_id is None:
        return []
    lost = policies.missing()
    if lost:
        return [
            Check(
                name="trial",
                fine=False,
                detail=f"{trial_id}: no policy {', '.join(lost)}; its chats would have no AI",
                hint=f"Register the trial with its policy files, or stop it: "
                f"stepin trial stop {trial_id}",
            )
        ]
    version = _classifier(at)
    same = began is None or began.decode() == version
    return [
        Check(
            name="trial",
            fine=same,
            detail=f"{trial_id}, classifier {version}"
            + ("" if same or began is None else f"; it began with {began.decode()}"),
            hint=f"Serve with what the trial began with, or break it: stepin trial stop {trial_id}",
        )
    ]


async def _policies(at: At, log: Log) -> Policies:
    from stepin.app import policy_of
    from stepin.desk.state.policies import Policies

    found = Policies(policy_of(at.settings))
    events = await log.read("desk")
    for stream in await log.streams(ref="trials"):
        events += await log.read(stream)
    for event in sorted(events, key=lambda e: e.position):
        found.see(event)
    return found


def _classifier(at: At) -> str:
    from stepin.app import eligibility_of
    from stepin.desk.commands.eligibility import RulesEligibility

    chosen = eligibility_of(at.settings, at.parts().eligibility) or RulesEligibility()
    return chosen.version
