"""A trial of workers on a served desk: some have the AI, some have not."""

from __future__ import annotations

from collections.abc import Mapping

from stepin.core.events.floor import PolicyChanged, TrialLocked, TrialRegistered, WorkerAssigned
from stepin.core.record import NewEvent
from stepin.log.protocol import Append
from stepin.trial.reading import canonical
from tests.desk.running_trials import plan_of
from tests.web.served import Served

TRIAL = "trial-17"


async def on_trial(served: Served, arms: Mapping[str, str]) -> None:
    """Put the AI on trial: the treated arm has it, the control arm has not."""
    policies = {"with-ai": "", "without-ai": "[ai]\nenabled = false\n"}
    plan = plan_of({"treated": "with-ai", "control": "without-ai"}, control="control")
    named = [
        PolicyChanged(name=n, policy_version="1", text=f'name = "{n}"\n{t}')
        for n, t in policies.items()
    ]
    of_trial = [
        TrialRegistered(trial_id=TRIAL, plan=canonical(plan), plan_hash="h"),
        *(WorkerAssigned(trial_id=TRIAL, unit_id=w, arm=a) for w, a in arms.items()),
        TrialLocked(trial_id=TRIAL, assignment_hash="h"),
    ]
    site = served.app.site
    for stream, events in (("desk", named), (f"trial/{TRIAL}", of_trial)):
        await site.log.append(
            Append(stream=stream, events=tuple(NewEvent(event=e) for e in events))
        )
    await site.desk.services.follower.reach(await site.log.position())
