"""Which policy is in force for a chat: by its owner's arm, under the kill switches."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

import msgspec
import structlog

from stepin.core.chat import Chat, ChatOrigin, Ownership
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
from stepin.desk.state.active_trial import ActiveTrial
from stepin.errors import StepinError
from stepin.trial.policies import policy_name

_log = structlog.get_logger("stepin.desk")
NO_AI = (
    "No AI: connect a shop (the setting shop names its folder). Until then all chats go to people."
)


class Policies:
    """The default policy, those of a trial's arms, and what has been switched off: a fold.

    A chat keeps the policy of its opening: its trial's, by its arm and the day. A trial that ends
    moves new chats alone; a kill switch moves all.

    Parameters
    ----------
    default : in force where no arm names another.
    named : further policies by name, as the arms of a trial name them.
    """

    def __init__(self, default: Policy, named: Mapping[str, Policy] | None = None) -> None:
        self.default = default
        self._named = {default.name: default, **(named or {})}
        self._trials: dict[str, ActiveTrial] = {}
        self._running: ActiveTrial | None = None
        self._fallen: tuple[int, ActiveTrial] | None = None
        self._stopped: set[str] = set()
        self.brains: frozenset[str] | None = None
        """The brains that this desk has, None if nobody said; the AI is off without the one that
        a policy asks for, and such chats go to people."""
        self._lost: set[str] = set()

    @property
    def brainless(self) -> bool:
        """Whether this desk has no brain at all."""
        return self.brains is not None and not self.brains

    @property
    def trial_id(self) -> str | None:
        """The trial that runs now."""
        return None if self._running is None else self._running.trial_id

    @property
    def stopped(self) -> frozenset[str]:
        """The kill switches that are thrown."""
        return frozenset(self._stopped)

    @property
    def assignment(self) -> AssignmentPolicy:
        """How owners are drawn: as a running trial of workers says, else the default's way."""
        plan = None if self._running is None else self._running.plan
        if plan is None or plan.unit != "worker":
            return self.default.assignment
        return AssignmentPolicy(rule=plan.routing.owner, cap=plan.routing.cap)

    @property
    def cap(self) -> int | None:
        """How many chats a worker may own in all, None where the accounts' capacities count."""
        assignment = self.assignment
        return assignment.cap if assignment.rule == "uniform" else None

    @property
    def supervises(self) -> bool:
        """Whether the AI may hold any new chat, by default or in an arm of the running trial."""
        run = self._running
        if self.brainless:
            return False
        if run is None or run.plan is None:
            return self._able(self.default)
        files = [self._file(run, arm.policy) for arm in run.plan.arms]
        return any(self._able(policy) for policy in (self.default, *files))

    def may_supervise(self, worker_id: str, *, now_us: int) -> bool:
        """Return whether the AI may hold a chat of this worker's that is opened now."""
        plan = None if self._running is None else self._running.plan
        if plan is not None and plan.unit != "worker":
            return self.supervises and "ai" not in self._stopped
        new = Chat(
            chat_id="",
            origin=ChatOrigin(opened_us=now_us, trial_id=self.trial_id),
            ownership=Ownership(first_owner=worker_id),
        )
        return self.of(new).ai.enabled

    def see(self, recorded: Recorded) -> None:
        """Apply an event of the desk or of a trial; other events change nothing."""
        match recorded.event:
            case PolicyChanged(name=name, text=text) if text:
                self._change(name, text)
            case SwitchThrown(switch=switch, stopped=stopped):
                (self._stopped.add if stopped else self._stopped.discard)(switch)
                if switch == "ai" and not stopped:
                    self._fallen = None
            case TrialRegistered(trial_id=trial, plan=plan):
                self._trials[trial] = ActiveTrial.of(trial, plan)
            case WorkerAssigned(trial_id=trial, unit_id=unit, arm=arm) if trial in self._trials:
                self._trials[trial].assigned[unit] = arm
            case TrialLocked(trial_id=trial) if trial in self._trials:
                self._running, self._fallen = self._trials[trial], None
            case TrialStopped(trial_id=trial, reason=reason) if trial in self._trials:
                if reason == "harm":
                    self._fallen = (recorded.at_us, self._trials[trial])
                if self.trial_id == trial:
                    self._running = None
            case _:
                pass

    def arm_of(self, worker_id: str | None) -> str | None:
        """Return a worker's arm in the running trial of workers, None outside of one."""
        if self._running is None or worker_id is None:
            return None
        return self._running.assigned.get(worker_id)

    def mates(self, worker_id: str | None) -> frozenset[str] | None:
        """Return the workers of the same arm; None if the worker is in no trial."""
        arm = self.arm_of(worker_id)
        if arm is None or self._running is None:
            return None
        return frozenset(w for w, a in self._running.assigned.items() if a == arm)

    def of(self, chat: Chat, *, owner: str | None = None) -> Policy:
        """Return the policy of a chat: that of its arm on the day on which it was opened.

        A chat that was opened outside of a trial has the default policy; after a stop for harm it
        has that of the stopped trial's control arm, until another trial is locked or somebody
        puts the switch `ai` back.

        Parameters
        ----------
        owner : who is about to own a chat that has had no owner yet.
        """
        worker = chat.first_owner or owner or chat.owner
        trial = None if chat.trial_id is None else self._trials.get(chat.trial_id)
        arm = None if trial is None else trial.arm(chat, worker)
        policy = self.default
        if self._fallen is not None and chat.opened_us >= self._fallen[0]:
            policy = self._file(self._fallen[1], self._fallen[1].control_file)
        elif trial is not None and arm is not None:
            policy = self._file(trial, trial.file(chat, arm, worker))
        if (
            not self._able(policy)
            or "ai" in self._stopped
            or (arm is not None and f"arm:{arm}" in self._stopped)
        ):
            off: AiPolicy = msgspec.structs.replace(policy.ai, enabled=False)
            policy = msgspec.structs.replace(policy, ai=off)
        return policy

    def _able(self, policy: Policy) -> bool:
        """Return whether the AI is on under a policy and its brain is at hand."""
        if not policy.ai.enabled or self.brainless:
            return False
        known = self.brains is None or policy.ai.brain in self.brains
        if not known and policy.ai.brain not in self._lost:
            self._lost.add(policy.ai.brain)
            _log.error("brain_missing", brain=policy.ai.brain, policy=policy.name)
        return known

    def _change(self, name: str, text: str) -> None:
        try:
            policy = load_policy(text, source=name)
        except StepinError as error:
            _log.error("policy_unreadable", policy=name, code=error.code)
            return
        self._named[name] = policy
        if name == self.default.name:
            self.default = policy

    def _file(self, trial: ActiveTrial, name: str) -> Policy:
        """Return the policy that an arm names: as registered, by its name, or by its file's.

        An arm whose policy isn't known here has the AI off: an arm must never silently run under
        another arm's policy.
        """
        names = (policy_name(trial.trial_id, name), name, PurePosixPath(name).stem)
        policy = next((self._named[n] for n in names if n in self._named), None)
        if policy is not None:
            return policy
        _log.error("policy_of_arm_missing", policy=name, trial=trial.trial_id)
        off: AiPolicy = msgspec.structs.replace(self.default.ai, enabled=False)
        return msgspec.structs.replace(self.default, name=f"missing:{name}", ai=off)

    def missing(self) -> tuple[str, ...]:
        """Return the policies that arms of the running trial name and that aren't known here."""
        run = self._running
        if run is None or run.plan is None:
            return ()
        names = [arm.policy for arm in run.plan.arms]
        return tuple(n for n in names if self._file(run, n).name == f"missing:{n}")

    def tool_stopped(self, tool: str) -> bool:
        """Return whether a tool was switched off."""
        return f"tool:{tool}" in self._stopped
