"""One outcome on one sample: its effect by every estimator and error, and what hangs on it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import numpy as np

from stepin.errors import Refused, StepinError
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.faults import said, told
from stepin.evidence.base.arrays import Floats
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.labels import SAMPLES, Measure
from stepin.evidence.base.scale import level as level_of
from stepin.evidence.base.term import Chosen
from stepin.evidence.estimators.effects import (
    ESTIMATORS,
    Arms,
    Estimator,
    EventStudy,
    Itt,
    Model,
    Waves,
    event_study,
    itt,
    over_waves,
)
from stepin.evidence.estimators.least_squares import leave_one_out
from stepin.evidence.estimators.moments import Cube, OutcomeTerm
from stepin.evidence.estimators.resampling import Permuted, Signs, aligned, permute, signs, wild

T = TypeVar("T")
ROLES = {"all": "net", "eligible": "direct", "ineligible": "spillover"}
STRATA: dict[Chosen, int | None] = {"all": None, "eligible": 1, "ineligible": 0}
FEW_UNITS = 50
FLAT = 0.2
"""With more of its values below one unit, an outcome isn't compared in logarithms."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome on one sample.

    Attributes
    ----------
    finding : the effect by the plan's primary estimator.
    twins : by the other estimators, those that these data carry.
    ways : of a primary outcome, the same effect by name of another error or adjustment.
    control_mean : the control arm's mean in the treatment period, in the outcome's own unit.
    mean : of a primary outcome in logarithms, the change of the mean itself.
    """

    measure: Measure
    chats: Chosen
    finding: Finding
    twins: tuple[Finding, ...]
    ways: tuple[Finding, ...]
    control_mean: float
    mean: Finding | None = None


def primary_on(m: Measure, chats: Chosen) -> bool:
    """Return whether this is a primary outcome on the chats that the plan names."""
    return m.primary and chats == m.chats


def key(m: Measure, chats: str) -> str:
    """Return the name under which the extras of a result are kept."""
    return f"{m.term}/{chats}"


def _finding(m: Measure, chats: Chosen, analysis: str, **fields: Any) -> Finding:
    return Finding(
        analysis=analysis,
        outcome=m.name,
        label=m.label,
        sample=SAMPLES[chats],
        term=ROLES[chats],
        design="randomized",
        scale=m.scale,
        better=m.better,
        minimal=m.minimal,
        basis="cube",
        **fields,
    )


def _ways(m: Measure, chats: Chosen, effect: Itt, cuped: Itt | None) -> tuple[Finding, ...]:
    """Return the effect with its other errors, and less what the past predicts (CUPED).

    An error by another way of clustering that its clusters can't carry is left out.
    """
    found = [_finding(m, chats, f"error_{k}", estimate=e) for k, e in effect.by_kind.items()]
    if cuped is not None:
        found.append(_finding(m, chats, "itt_cuped", estimate=cuped.estimate))
    return tuple(found)


class _Inference(msgspec.Struct, frozen=True, kw_only=True):
    permuted: Permuted
    bootstrap_p: float


def _infer(
    context: Context, model: Model, waves: Waves | None, assignments: np.ndarray, name: str
) -> _Inference:
    """Return the replayed and the bootstrapped test of one effect.

    In a ramp the replayed statistic is that of two-way fixed effects: under no effect on anybody
    every statistic is a right one. The bootstrap is that of the average over waves.
    """
    focus = model.focus()
    own = model.arms.own(focus.nuisance.absorbed.panel)
    permuted = permute(focus, own, aligned(focus, context.sample.units.ids, assignments))
    seed = int(context.rng(f"signs {name}").integers(2**62))
    kind: Signs = "webb" if own.size < FEW_UNITS else "rademacher"
    repetitions = context.plan.analysis.bootstrap
    if waves is None:
        turned = wild(focus, own, signs(own.size, repetitions, seed, kind)).test()
    else:
        turned = waves.bootstrap(repetitions, seed, kind)
    return _Inference(permuted=permuted, bootstrap_p=turned.p)


class Fitter:
    """Fits outcomes of one cube by the plan's estimator, or by waves where units start apart."""

    def __init__(self, context: Context, cube: Cube, arms: Arms) -> None:
        self.context, self.cube, self.arms = context, cube, arms
        self.controls = tuple(t.name for t in cube.spec.controls)
        self.ramp = np.unique(arms.start).size > 1
        self.main: Estimator = context.plan.analysis.estimator
        self.events: dict[str, EventStudy] = {}
        self.replays: dict[str, Permuted] = {}
        self.left: dict[str, Floats] = {}
        self.failures: list[tuple[str, str]] = []
        self.refused: list[tuple[str, str, str]] = []

    def waves(self, estimator: Estimator, term: str, stratum: int | None) -> Waves:
        """Return the effect averaged over waves."""
        return over_waves(
            self.cube,
            self.arms,
            term,
            estimator=estimator,
            stratum=stratum,
            controls=self.controls,
        )

    def model(self, estimator: Estimator, term: str, stratum: int | None) -> Model:
        """Return the model of one estimator."""
        return ESTIMATORS[estimator](
            self.cube, self.arms, term, stratum=stratum, controls=self.controls
        )

    def by(self, estimator: Estimator, term: str, stratum: int | None) -> Itt | None:
        """Return the effect by one estimator, None where the data don't carry it."""
        with contextlib.suppress(Refused):
            if self.ramp:
                return self.waves(estimator, term, stratum).effect
            return itt(self.model(estimator, term, stratum))
        return None

    def result(self, m: Measure, chats: Chosen, assignments: np.ndarray) -> Result:
        """Return one outcome on one sample, with its extras if it is primary.

        Raises
        ------
        Refused
            The data don't carry it, or the outcome's logarithm would be one of a constant.
        """
        stratum = STRATA[chats]
        if stratum is not None and not self.context.strata_known:
            raise Refused("The facts don't say which chats the AI may handle.", code="no_strata")
        _flat(self.context, m, chats)
        main = self.model("did" if self.ramp else self.main, m.term, stratum)
        waves = self.waves(self.main, m.term, stratum) if self.ramp else None
        effect = itt(main) if waves is None else waves.effect
        others: tuple[Estimator, ...] = ("did" if self.main == "ancova" else "ancova", "lin")
        twins: list[Finding] = []
        for kind in others:
            if (other := self.by(kind, m.term, stratum)) is not None:
                twins.append(_finding(m, chats, f"itt_{kind}", estimate=other.estimate))
        found: _Inference | None = None
        ways: tuple[Finding, ...] = ()
        if primary_on(m, chats) and effect.estimate.refused is None:
            found = self.tried(
                f"{m.title}, replayed", lambda: self.infer(m, chats, main, waves, assignments)
            )
            ways = _ways(m, chats, effect, self.by("cuped", m.term, stratum))
            self.extras(m, chats, main, waves)
        return Result(
            measure=m,
            chats=chats,
            finding=_finding(
                m,
                chats,
                f"itt_{self.main}",
                estimate=effect.estimate,
                randomization_p=None if found is None else found.permuted.p,
                bootstrap_p=None if found is None else found.bootstrap_p,
            ),
            twins=tuple(twins),
            ways=ways,
            control_mean=_control_mean(self.cube, main, m.of),
            mean=self.tried(f"{m.title}, the mean", lambda: self.mean(m, chats)),
        )

    def infer(
        self, m: Measure, chats: Chosen, main: Model, waves: Waves | None, assignments: np.ndarray
    ) -> _Inference:
        """Return the replayed and the bootstrapped test, and keep the former."""
        name = key(m, chats)
        found = _infer(self.context, main, waves, assignments, name)
        self.replays[name] = found.permuted
        return found

    def extras(self, m: Measure, chats: Chosen, main: Model, waves: Waves | None) -> None:
        """Keep the event study and the effect without each unit."""
        name = key(m, chats)
        seed = int(self.context.rng(f"sup-t {name}").integers(2**62))

        def study() -> EventStudy | None:
            with contextlib.suppress(Refused):
                return event_study(self.cube, self.arms, m.term, stratum=STRATA[chats], seed=seed)
            return None

        if (event := self.tried(f"{m.title}, by day", study)) is not None:
            self.events[name] = event
        without = _without_each if waves is None else lambda _: waves.leave_one_out()
        values = self.tried(f"{m.title}, units left out", lambda: without(main))
        if values is not None:
            self.left[name] = values

    def mean(self, m: Measure, chats: Chosen) -> Finding | None:
        """Return the change of the mean beside that of a primary outcome in logarithms.

        A typical value and the sum over all chats can move apart, even in direction. The effect on
        the level is set over the control arm's mean, which is taken as given.
        """
        if not (m.log and primary_on(m, chats)):
            return None
        stratum, level = STRATA[chats], m.level
        found = self.by(self.main, level.name, stratum)
        if found is None:
            return None
        model = self.model("did" if self.ramp else self.main, level.name, stratum)
        base = _control_mean(self.cube, model, level)
        e = found.estimate
        ends = [None if v is None else v / base for v in (e.value, e.low, e.high)]
        if base <= 0 or any(v is not None and v <= -1 for v in ends):
            return None
        value, low, high = (None if v is None else float(np.log1p(v)) for v in ends)
        changed = msgspec.structs.replace(
            e,
            value=value,
            low=low,
            high=high,
            se=None if e.se is None or value is None else e.se / base / float(np.exp(value)),
        )
        return _finding(m, chats, "itt_mean", estimate=changed)

    def tried(self, what: str, work: Callable[[], T | None]) -> T | None:
        """Return what `work` does; if it breaks, note that and go on without it."""
        try:
            return work()
        except StepinError as error:
            self.refused.append((what, "all of it", said(error)))
        except Exception as error:  # noqa: BLE001 - one number must not end the report
            self.failures.append((what, told(error)))
        return None


def _flat(context: Context, m: Measure, chats: Chosen) -> None:
    share = context.known[m.term].flattened(chats)
    if m.log and share > FLAT:
        raise Refused(
            f"{level_of(share, 'share')} of the values lie below one unit, which the logarithm "
            "takes for one: nothing that happens there would be seen.",
            code="flattened",
            hint='Compare the outcome as it is (scale = "level"), or record it in a smaller unit.',
        )


def _without_each(model: Model) -> Floats:
    """Return the effect of a model without each unit in turn."""
    f = model.fit()
    found: Floats = leave_one_out(f)[:, f.at("treated")]
    return found


def _control_mean(cube: Cube, model: Model, of: OutcomeTerm) -> float:
    p = model.panel
    late = model.arms.late(p) * ~model.arms.own(p)[:, None, None]
    centred = float((p.sums[..., 0] * late).sum() / (p.n * late).sum())
    mean = centred + cube.spec.origins.get(of.name, 0.0)
    return float(np.exp(mean)) if of.raised else mean
