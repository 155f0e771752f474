"""What each path of escalation goes with, two ways, and what each adds to the whole."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.core.facts import PATHS, Chats
from stepin.errors import Refused, StepinError
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.arrays import Bools
from stepin.evidence.base.estimate import Design, Estimate
from stepin.evidence.base.finding import Finding, counted
from stepin.evidence.base.labels import PATH_NAMES, Measure
from stepin.evidence.estimators.row_level.matching import Pairs, match
from stepin.evidence.estimators.row_level.paths import (
    Contribution,
    MatchedPairs,
    contributions,
    matched_difference,
    predicted_difference,
    principal_difference,
)

FEWEST = 60
NEARLY_ALL = 0.9
ALIKE = 0.1
"""Standardized difference up to which matched sides count as alike (Austin 2009)."""
SCORES = {
    "technical": Chats.p_technical,
    "emotional": Chats.p_emotional,
    "requested": Chats.p_requested,
    "none": Chats.p_unaided,
}


class PathMix(msgspec.Struct, frozen=True, kw_only=True):
    """Which way the AI's chats went.

    Attributes
    ----------
    path : (n,) path of each eligible chat after the start.
    chats : how many the AI handled. shares : of them, by path.
    matches : the pairs of each path that has enough chats.
    """

    path: np.ndarray
    chats: int
    shares: dict[str, float]
    matches: dict[str, Pairs]

    @property
    def largest(self) -> str:
        """The path with most pairs."""
        return max(self.matches, key=lambda p: self.matches[p].focal.size)

    @property
    def alike(self) -> bool:
        """Whether no covariate of any path keeps a gap after matching."""
        gaps = (b.after for pairs in self.matches.values() for b in pairs.balance)
        return not any(abs(gap) > ALIKE for gap in gaps)


class PathOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome by path.

    Attributes
    ----------
    pairs : the matched comparison of each path. matched : the same as findings.
    principal : the comparison by principal score, where there is a score.
    predicted : the randomized effect by the path predicted at opening.
    parts : what each path adds to the whole; empty for a single path.
    """

    measure: Measure
    pairs: dict[str, MatchedPairs]
    matched: tuple[Finding, ...]
    principal: dict[str, Finding]
    predicted: tuple[Finding, ...]
    parts: tuple[Contribution, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every number of the outcome."""
        return (
            *self.matched,
            *self.principal.values(),
            *self.predicted,
            *(
                _finding(self.measure, c.path, c.contribution, "path_contribution")
                for c in self.parts
            ),
        )


def path_mix(context: Context) -> PathMix:
    """Return the mix of paths with the matched pairs.

    Raises
    ------
    Refused
        ``no_paths`` when the data hold too few chats with the AI.
    """
    late = context.late
    if not context.has(Chats.path):
        raise Refused("The chats have no path.", code="no_paths")
    path = np.asarray(late.text(Chats.path))
    matches = _matches(context, path, np.ones(len(late), dtype=np.bool_))
    if not matches:
        raise Refused("No path has enough chats to compare.", code="no_paths")
    return PathMix(
        path=path,
        chats=int(late.treated.sum()),
        shares={p: float((path[late.treated] == p).mean()) for p in PATHS},
        matches=matches,
    )


def _matches(context: Context, path: np.ndarray, known: Bools) -> dict[str, Pairs]:
    """Return the pairs of each path among the rows whose outcome is known."""
    late = context.late
    x, names = context.x
    found: dict[str, Pairs] = {}
    for name in PATHS:
        focal = late.treated & (path == name) & known
        if focal.sum() < FEWEST:
            continue
        rows = focal | (~late.treated & known)
        place = np.flatnonzero(rows)
        try:
            pairs = match(focal[rows], x[rows], names)
        except Refused:
            continue
        found[name] = msgspec.structs.replace(
            pairs, focal=place[pairs.focal], partner=place[pairs.partner]
        )
    return found


def path_outcomes(context: Context, mix: PathMix) -> tuple[PathOutcome, ...]:
    """Return every outcome that can be compared on some path."""
    found = (_outcome(context, m, mix) for m in context.measures)
    return tuple(o for o in found if o is not None)


def _outcome(context: Context, m: Measure, mix: PathMix) -> PathOutcome | None:
    late, (x, _) = context.late, context.x
    y = m.values(late.number(m.column))
    known = np.isfinite(y)
    # An outcome with many gaps, such as a rating, would lose most pairs of the common matching.
    matches = mix.matches if known.mean() > NEARLY_ALL else _matches(context, mix.path, known)
    pairs: dict[str, MatchedPairs] = {}
    for p, matched in matches.items():
        try:
            pairs[p] = matched_difference(y, matched, x, unit=late.unit, day=late.day)
        except StepinError:
            continue
    if not pairs:
        return None
    principal, predicted = _scored(context, m, mix.path)
    return PathOutcome(
        measure=m,
        pairs=pairs,
        matched=tuple(
            counted([_finding(m, p, r.estimate, "paths_matched") for p, r in pairs.items()])
        ),
        principal=principal,
        predicted=tuple(counted(predicted)),
        parts=_parts(mix, pairs),
    )


def _parts(mix: PathMix, pairs: dict[str, MatchedPairs]) -> tuple[Contribution, ...]:
    if len(pairs) < 2:
        return ()
    estimates = {p: r.estimate for p, r in pairs.items()}
    return contributions({p: mix.shares[p] for p in pairs}, estimates, mix.chats)


def _scored(
    context: Context, m: Measure, path: np.ndarray
) -> tuple[dict[str, Finding], list[Finding]]:
    """Return per path the principal-score difference, and the randomized predicted ones."""
    late = context.late
    y = m.values(late.number(m.column))
    x, _ = context.x
    principal: dict[str, Finding] = {}
    predicted: list[Finding] = []
    for name, column in SCORES.items():
        if not context.has(column):
            continue
        score = late.number(column)
        rows = np.isfinite(y) & np.isfinite(score)
        took = late.treated & (path == name)
        if (took & rows).sum() < FEWEST or score[rows].std() == 0:
            continue
        unit, day = late.unit[rows], late.day[rows]
        side = late.treated[rows]
        by_score = principal_difference(
            y[rows], side, took[rows], score[rows], unit=unit, day=day, controls=x[rows]
        )
        by_draw = predicted_difference(y[rows], side, score[rows], unit=unit, day=day)
        principal[name] = _finding(m, name, by_score, "paths_principal")
        predicted.append(_finding(m, name, by_draw, "paths_predicted", "randomized"))
    return principal, predicted


def _finding(
    m: Measure, path: str, e: Estimate, analysis: str, design: Design = "adjusted"
) -> Finding:
    return Finding(
        analysis=analysis,
        outcome=m.name,
        label=m.label,
        sample="AI chats" if design == "adjusted" else "eligible chats likely to go this way",
        term=PATH_NAMES[path],
        against="chats handled by people that looked alike at opening",
        design=design,
        scale=m.scale,
        estimate=e,
        better=m.better,
    )
