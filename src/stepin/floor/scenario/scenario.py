"""A scenario: everything that a run depends on besides its seed."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import msgspec

from stepin.core.policy import AiPolicy, AssignmentPolicy, LadderPolicy, Policy
from stepin.floor.scenario.machine import AiPart, DetectorPart
from stepin.floor.scenario.people import (
    CustomerPart,
    EffortPart,
    NotNegative,
    Positive,
    Probability,
    RatingPart,
    ReturnPart,
    ScenarioPart,
    WorkPart,
)

Count = Annotated[int, msgspec.Meta(ge=0)]


class SizePart(ScenarioPart, frozen=True, kw_only=True):
    """How many people, and for how long.

    Attributes
    ----------
    workers : [workers] who own chats.
    treated : [workers] of them in the arm `treated`; the others are in `control`.
    specialists : [workers] who own no chats and answer alerts where supervision is pooled.
    burn_in_days : [days] simulated before, and left out of what is written.
    before_days : [days] in which everybody follows the policy of `control`.
    after_days : [days] in which each arm follows its own.
    first_day : the first day after the burn-in (UTC).
    """

    workers: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 20
    treated: Count = 10
    specialists: Count = 0
    burn_in_days: Count = 0
    before_days: Count = 0
    after_days: Annotated[int, msgspec.Meta(ge=1)] = 7
    first_day: dt.date = dt.date(2024, 8, 1)

    @property
    def days(self) -> int:
        """Days in all, the burn-in included."""
        return self.burn_in_days + self.before_days + self.after_days


class ShiftPart(ScenarioPart, frozen=True, kw_only=True):
    """One shift of the day; workers are spread evenly over all shifts.

    Attributes
    ----------
    starts_h : [hours after midnight] when it begins.
    hours : [hours] how long it lasts; whoever has open chats then finishes them.
    break_min : [min] of a break in its middle, in which no message is picked up.
    """

    starts_h: Annotated[float, msgspec.Meta(ge=0, lt=24)] = 9.0
    hours: Annotated[float, msgspec.Meta(gt=0, le=24)] = 6.0
    break_min: NotNegative = 0.0


class ArrivalPart(ScenarioPart, frozen=True, kw_only=True):
    """How many chats come, when.

    Attributes
    ----------
    per_worker_day : [chats] first contacts per worker and day; returning customers come on top.
    day_sd : [share] how far days differ (a Gamma factor of mean 1).
    by_hour : [weights] 24 of them, from midnight; empty spreads chats evenly over the shifts.
    always_open : [chats] each worker always has this many open chats and gets a new one as soon
        as one closes; 0 lets chats arrive by themselves.
    """

    per_worker_day: NotNegative = 19.4
    day_sd: NotNegative = 0.0
    by_hour: tuple[NotNegative, ...] = ()
    always_open: Count = 0


class IssuePart(ScenarioPart, frozen=True, kw_only=True):
    """One class of issues.

    Attributes
    ----------
    name : as the facts name it.
    share : [weight] of all first contacts.
    eligible : whether the AI may have it.
    difficulty : [standard deviations] above the average.
    """

    name: str
    share: Positive
    eligible: bool = False
    difficulty: float = 0.0


class StaffPart(ScenarioPart, frozen=True, kw_only=True):
    """When workers are there.

    Attributes
    ----------
    shifts : the shifts of a day.
    present : [probability] that a worker comes on a day.
    preempt : whether a takeover interrupts the turn that its worker is at.
    """

    shifts: Annotated[tuple[ShiftPart, ...], msgspec.Meta(min_length=1)] = (ShiftPart(),)
    present: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    preempt: bool = False


class ArmsPart(ScenarioPart, frozen=True, kw_only=True):
    """The policies of both arms: those of the desk, read by the same code."""

    control: Policy = Policy(name="people", ai=AiPolicy(enabled=False))
    treated: Policy = Policy(
        name="ai",
        assignment=AssignmentPolicy(rule="uniform", cap=12),
        ladder=LadderPolicy(owner_s=86_400.0),
    )


class FloorScenario(ScenarioPart, frozen=True, kw_only=True):
    """One scenario file.

    Attributes
    ----------
    name : its name.
    about : what it is for, in one sentence.
    engine : which engine runs it: `reference`, `fast`, or `auto`, the fast one if it is installed.
    """

    name: str
    about: str = ""
    engine: Literal["auto", "reference", "fast"] = "auto"
    size: SizePart = SizePart()
    staff: StaffPart = StaffPart()
    arrivals: ArrivalPart = ArrivalPart()
    issues: Annotated[tuple[IssuePart, ...], msgspec.Meta(min_length=1)] = (
        IssuePart(name="standard", share=0.058, eligible=True),
        IssuePart(name="other", share=0.942),
    )
    effort: EffortPart = EffortPart()
    work: WorkPart = WorkPart()
    customers: CustomerPart = CustomerPart()
    ai: AiPart = AiPart()
    detectors: DetectorPart = DetectorPart()
    rating: RatingPart = RatingPart()
    returns: ReturnPart = ReturnPart()
    arms: ArmsPart = ArmsPart()

    @property
    def eligible_share(self) -> Probability:
        """The share of first contacts that the AI may have."""
        total = sum(issue.share for issue in self.issues)
        return sum(issue.share for issue in self.issues if issue.eligible) / total
