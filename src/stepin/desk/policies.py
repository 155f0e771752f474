"""Which policy is in force for a chat: by its owner's arm and the day, under the kill switches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import PurePosixPath

import msgspec
import structlog

from stepin.core.chat import Chat
from stepin.core.events.floor import (
    PolicyChanged,
    SwitchThrown,
    TrialLocked,
    TrialRegistered,
    TrialStopped,
    WorkerAssigned,
)
from stepin.core.policy import AiPolicy, AssignmentPolicy, Policy, load_policy
from stepin.core.record import Recorded
from stepin.errors import StepinError
from stepin.trial.plan import Plan
from stepin.trial.policies import policy_name
from stepin.trial.ramp import policy_on
from stepin.trial.reading import from_canonical

_log = structlog.get_logger("stepin.desk")


class Policies:
    """The default policy, those of a trial's arms, and what has been switched off: a fold.

    Parameters
    ----------
    default : in force where no arm names another.
    named : further policies by name, as the arms of a trial name them.
    """

    def __init__(self, default: Policy, named: Mapping[str, Policy] | None = None) -> None:
        self.default = default
        self._named = {default.name: default, **(named or {})}
        self._trial: str | None = None
        self._plans: dict[str, Plan] = {}
        self._assigned: dict[str, dict[str, str]] = {}
        self._stopped: set[str] = set()

    @property
    def trial_id(self) -> str | None:
        """The trial that runs now."""
        return self._trial

    @property
    def stopped(self) -> frozenset[str]:
        """The kill switches that are thrown."""
        return frozenset(self._stopped)

    def see(self, recorded: Recorded) -> None:
        """Apply an event of the desk or of a trial; other events change nothing."""
        match recorded.event:
            case PolicyChanged(name=name, text=text) if text:
                self._change(name, text)
            case SwitchThrown(switch=switch, stopped=stopped):
                (self._stopped.add if stopped else self._stopped.discard)(switch)
            case TrialRegistered(trial_id=trial, plan=plan):
                self._register(trial, plan)
            case WorkerAssigned(trial_id=trial, unit_id=unit, arm=arm):
                self._assigned.setdefault(trial, {})[unit] = arm
            case TrialLocked(trial_id=trial):
                self._trial = trial
            case TrialStopped(trial_id=trial, reason=reason):
                if reason == "harm":
                    self._stopped.add("ai")
                if self._trial == trial:
                    self._trial = None
            case _:
                pass

    def arm_of(self, worker_id: str | None) -> str | None:
        """Return a worker's arm in the running trial, None outside of it."""
        if self._trial is None or worker_id is None:
            return None
        return self._assigned.get(self._trial, {}).get(worker_id)

    def mates(self, worker_id: str | None) -> frozenset[str] | None:
        """Return the workers of the same arm; None if the worker is in no trial."""
        arm = self.arm_of(worker_id)
        if arm is None or self._trial is None:
            return None
        return frozenset(w for w, a in self._assigned[self._trial].items() if a == arm)

    @property
    def assignment(self) -> AssignmentPolicy:
        """How owners are drawn: as a running trial of workers says, else the default's way."""
        plan = self._plan
        if plan is None or plan.unit != "worker":
            return self.default.assignment
        return AssignmentPolicy(rule=plan.routing.owner, cap=plan.routing.cap)

    def of(self, chat: Chat) -> Policy:
        """Return the policy of a chat: its owner's, or the first owner's while it waits."""
        return self.of_worker(chat.owner or chat.first_owner, chat.opened_us)

    def of_worker(self, worker_id: str | None, opened_us: int) -> Policy:
        """Return the policy in force for a worker's chats that were opened at a time.

        A chat keeps the policy of the UTC day on which it was opened: before the worker's step of
        the ramp, and after the trial's last day, it is the control arm's.
        """
        arm = self.arm_of(worker_id)
        policy = self.default
        if arm is not None and worker_id is not None:
            policy = self._of_arm(arm, worker_id, _day(opened_us))
        if "ai" in self._stopped or (arm is not None and f"arm:{arm}" in self._stopped):
            off: AiPolicy = msgspec.structs.replace(policy.ai, enabled=False)
            policy = msgspec.structs.replace(policy, ai=off)
        return policy

    @property
    def _plan(self) -> Plan | None:
        return None if self._trial is None else self._plans.get(self._trial)

    def _change(self, name: str, text: str) -> None:
        try:
            policy = load_policy(text, source=name)
        except StepinError as error:
            _log.error("policy_unreadable", policy=name, code=error.name)
            return
        self._named[name] = policy
        if name == self.default.name:
            self.default = policy

    def _register(self, trial: str, plan: str) -> None:
        try:
            self._plans[trial] = from_canonical(plan)
        except msgspec.MsgspecError:
            _log.error("plan_unreadable", trial=trial)

    def _of_arm(self, arm: str, worker_id: str, day: dt.date) -> Policy:
        """Return an arm's policy by the name in the plan: as registered, by name, or its file's.

        An arm whose policy isn't known here has the AI off: an arm must never silently run under
        another arm's policy.
        """
        plan = self._plan
        name = arm if plan is None else policy_on(plan, arm, worker_id, day)
        policy = None
        if plan is not None:
            known = (policy_name(plan.name, name), name, PurePosixPath(name).stem)
            policy = next((self._named[n] for n in known if n in self._named), None)
        if policy is not None:
            return policy
        _log.error("policy_of_arm_missing", policy=name)
        off: AiPolicy = msgspec.structs.replace(self.default.ai, enabled=False)
        return msgspec.structs.replace(self.default, name=f"missing:{name}", ai=off)

    def tool_stopped(self, tool: str) -> bool:
        """Return whether a tool was switched off."""
        return f"tool:{tool}" in self._stopped


def _day(at_us: int) -> dt.date:
    return dt.datetime.fromtimestamp(at_us / 1e6, dt.UTC).date()
