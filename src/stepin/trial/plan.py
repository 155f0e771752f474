"""What is fixed before a trial starts. A plan is data: nothing here draws, reads or decides.

Every part is frozen, and an unknown key in a file is an error.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from stepin.errors import Missing

Unit = Literal["worker", "customer", "chat"]
Sample = Literal["all", "eligible", "ineligible"]
Retrial = Literal["10m", "24h", "3d", "7d"]


class Arm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An arm is a policy: two arms differ in nothing but the file that they name.

    Attributes
    ----------
    policy : the policy file, relative to the plan.
    share : the probability that a unit is drawn into this arm; shares add up to 1.
    """

    name: str
    policy: str
    share: float


class Dates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """UTC dates, each inclusive. The pre-period ends on the day before `treatment_from`."""

    pre_from: dt.date
    treatment_from: dt.date
    treatment_until: dt.date


class RampStep(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}
):
    """From this date on, this share of the units has its arm's policy in force.

    The desk begins by it. The report goes by `workers.treated_from` of the facts, and never makes
    a day up.
    """

    from_: dt.date
    share: float


class BlockBy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One covariate to block on: its values, or its quantile bins if `quantiles` is given."""

    covariate: str
    quantiles: int | None = None


class Rerandomize(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Draw again until the arms look alike (Morgan & Rubin 2012).

    Attributes
    ----------
    rule : `mahalanobis` accepts the best `acceptance` share of draws by the chi-square quantile
        of the distance between the arms; `threshold` accepts a draw in which no standardized
        difference exceeds `largest_difference`.
    """

    covariates: tuple[str, ...]
    rule: Literal["mahalanobis", "threshold"] = "mahalanobis"
    acceptance: float = 0.1
    largest_difference: float = 0.1


class Randomization(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How units are drawn.

    Attributes
    ----------
    blocks : units are drawn with fixed counts inside each cell of these covariates.
    least_block : cells with fewer units are pooled into one block.
    late_joiners : what becomes of a worker who joins after the lock: drawn alone by the shares,
        put into the control arm, or kept out of the trial.
    """

    blocks: tuple[BlockBy, ...] = ()
    least_block: int = 2
    rerandomize: Rerandomize | None = None
    late_joiners: Literal["randomize", "control", "exclude"] = "randomize"


class Routing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a chat gets its owner.

    `uniform` draws among the signed-on workers under a cap that doesn't depend on the arm.
    `least_loaded` hides the spillover on other chats and needs a written `reason`.
    """

    owner: Literal["uniform", "least_loaded"] = "uniform"
    cap: int = 5
    reason: str = ""


class Outcome(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One outcome with the smallest effect worth knowing.

    Attributes
    ----------
    name : a column of the facts known after treatment.
    role : primary outcomes share the family-wise error rate; secondary ones form their own family.
    chats : the chats that it is compared on.
    scale : `log` compares logarithms, so that `minimal_effect` reads as a relative change.
    better : the direction that is good for customers.
    """

    name: str
    role: Literal["primary", "secondary"] = "secondary"
    chats: Sample = "all"
    scale: Literal["level", "log"] = "level"
    better: Literal["lower", "higher"] = "lower"
    minimal_effect: float | None = None


class Windows(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long after a close something still counts.

    Attributes
    ----------
    retrial : the window that must be over for returns to be known, by which the report's check of
        the data goes. The outcomes name their own: `retrial_24h`, `retrial_7d`.
    """

    retrial: Retrial = "7d"


class Looks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Planned looks at effects before the end, in days since `treatment_from`; none by default."""

    days: tuple[int, ...] = ()
    spending: Literal["pocock", "obrien_fleming"] = "obrien_fleming"


class Harm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the AI is stopped automatically. One-sided; the only results are go and stop.

    Attributes
    ----------
    outcomes : watched together under one error rate.
    low_rating_at_most : a rating of this or less is low.
    alpha : the chance of stopping an AI that harms nobody.
    first_after_days, every_days : the days of the looks, since `treatment_from`.
    least_count : with fewer ratings (or chats) over both arms the look is skipped.
    repetitions : replayed assignments behind the boundary.
    """

    outcomes: tuple[Literal["low_rating", "abandoned"], ...] = ("low_rating", "abandoned")
    chats: Sample = "eligible"
    low_rating_at_most: int = 2
    alpha: float = 0.025
    spending: Literal["pocock", "obrien_fleming"] = "pocock"
    first_after_days: int = 2
    every_days: int = 1
    least_count: int = 100
    repetitions: int = 4000


class Analysis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the evidence is computed.

    Attributes
    ----------
    alpha : the level of every test: of intervals, verdicts, simulated trials and planned looks.
    controls : columns of the facts that are fixed before treatment.
    splits : columns by which heterogeneity is reported, fixed in advance.
    """

    estimator: Literal["ancova", "did"] = "ancova"
    alpha: float = 0.05
    repetitions: int = 10_000
    bootstrap: int = 9_999
    controls: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole trial as it is registered.

    Attributes
    ----------
    name : also the trial's id in the log.
    seed : of every draw of the trial.
    control : the name of the arm that the others are compared with.
    """

    name: str
    seed: int
    control: str
    arms: tuple[Arm, ...]
    dates: Dates
    outcomes: tuple[Outcome, ...]
    unit: Unit = "worker"
    question: str = ""
    ramp: tuple[RampStep, ...] = ()
    randomization: Randomization = Randomization()
    routing: Routing = Routing()
    windows: Windows = Windows()
    looks: Looks = Looks()
    harm: Harm = Harm()
    analysis: Analysis = Analysis()

    def arm(self, name: str) -> Arm:
        """Return the arm of that name.

        Raises
        ------
        Missing
            ``unknown_arm``: the plan has none of that name.
        """
        for arm in self.arms:
            if arm.name == name:
                return arm
        raise Missing(
            f"The trial {self.name} has no arm {name!r}.",
            code="unknown_arm",
            hint=f"Its arms are {', '.join(a.name for a in self.arms)}.",
            arm=name,
        )

    @property
    def primary(self) -> tuple[Outcome, ...]:
        """The primary outcomes, in order."""
        return tuple(o for o in self.outcomes if o.role == "primary")

    @property
    def days(self) -> int:
        """The number of days of treatment."""
        return (self.dates.treatment_until - self.dates.treatment_from).days + 1
