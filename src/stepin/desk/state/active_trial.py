"""A trial as the desk follows it: the arm of a chat, and the policy that the arm has on its day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import msgspec
import structlog

from stepin.core.chat import Chat
from stepin.trial.arm import arm_of
from stepin.trial.plan import Plan
from stepin.trial.ramp import policy_on
from stepin.trial.reading import from_canonical

_log = structlog.get_logger("stepin.desk")


@dataclass(slots=True)
class ActiveTrial:
    """A registered trial with its arms, and the policy files that were registered with it.

    Attributes
    ----------
    plan : None if its text can't be read as a plan.
    assigned : the arm of every worker, in a trial of workers.
    """

    trial_id: str
    plan: Plan | None
    assigned: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, trial_id: str, text: str) -> ActiveTrial:
        """Return the trial of a registered plan's text."""
        try:
            return cls(trial_id, from_canonical(text))
        except msgspec.MsgspecError:
            _log.error("plan_unreadable", trial=trial_id)
            return cls(trial_id, None)

    def arm(self, chat: Chat, worker_id: str | None) -> str | None:
        """Return the arm of a chat by the plan's unit; None outside of the trial.

        Parameters
        ----------
        worker_id : the worker who counts as its first owner.
        """
        if self.plan is None or self.plan.unit == "worker":
            return self.assigned.get(worker_id or "")
        return arm_of(self.plan, chat.customer_id if self.plan.unit == "customer" else chat.chat_id)

    def file(self, chat: Chat, arm: str, worker_id: str | None) -> str:
        """Return the policy file in force for a chat: that of the day on which it was opened.

        It is the control arm's before treatment, before the unit's step of the ramp, and after
        the last day.
        """
        if self.plan is None:
            return ""
        units = {"worker": worker_id, "customer": chat.customer_id, "chat": chat.chat_id}
        unit, day = units[self.plan.unit], day_of(chat.opened_us)
        return policy_on(self.plan, arm, unit or "", day)

    @property
    def control_file(self) -> str:
        """The policy file of the control arm."""
        return "" if self.plan is None else self.plan.arm(self.plan.control).policy


def day_of(at_us: int) -> dt.date:
    """Return the UTC date of a moment."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=at_us // 86_400_000_000)
