"""The numbers of a scenario as the engines take them: one flat tuple."""

from __future__ import annotations

import math
from typing import NamedTuple

from stepin.floor.scenario.scenario import FloorScenario


class Coefficients(NamedTuple):
    """Every coefficient of the equations; names and units are those of the scenario's parts."""

    effort_base: float
    effort_frustration: float
    effort_ai_turn: float
    effort_waiting: float
    learning: float
    learning_chats: float
    turn_min: float
    stages: float
    effort_share: float
    switch_min: float
    reading_min: float
    avoidance_min: float
    success: float
    success_effort: float
    success_difficulty: float
    give_up: float
    hand_back: float
    seeking: float
    seeking_effort: float
    proposing: float
    proposing_effort: float
    initiative: float
    initiative_effort: float
    empathy: float
    irritability_sd: float
    frustration: float
    wait_free_min: float
    wait_min: float
    relief: float
    leave: float
    leave_frustration: float
    patience_min: float
    think_min: float
    think_ai_min: float
    step_min: float
    can: float
    can_difficulty: float
    ai_success: float
    ai_difficulty: float
    wrong: float
    wrong_frustration: float
    failure: float
    failure_again: float
    approval: float
    approval_min: float
    technical_sensitivity: float
    technical_false: float
    emotional_sd: float
    delay_min: float
    look: float
    look_waiting: float
    look_difficulty: float
    look_threshold: float
    look_min: float
    rating: float
    rating_resolved: float
    rating_frustration: float
    rating_end: float
    care: float
    care_scale: float
    rating_sd: float
    invited: float
    answered: float
    answered_star: float
    back_resolved: float
    back_unresolved: float
    back_frustration: float
    carried: float
    back_difficulty: float
    back_mean_days: float
    back_most_days: float


def coefficients(of: FloorScenario) -> Coefficients:
    """Return the coefficients of a scenario."""
    e, w, c, a, d, r, b = (
        of.effort, of.work, of.customers, of.ai, of.detectors, of.rating, of.returns,
    )  # fmt: skip
    return Coefficients(
        e.base, e.per_frustration, e.per_ai_turn, e.per_waiting, e.learning, e.learning_chats,
        w.turn_min, float(w.stages), w.effort_share, w.switch_min, w.reading_min, w.avoidance_min,
        w.success, w.success_per_effort, w.success_per_difficulty, w.give_up, w.hand_back,
        w.seeking, w.seeking_per_effort, w.proposing, w.proposing_per_effort, w.initiative,
        w.initiative_per_effort, w.empathy, c.irritability_sd, c.frustration, c.wait_free_min,
        c.per_wait_min, c.relief, c.leave, c.leave_per_frustration, c.patience_min, c.think_min,
        c.think_ai_min, a.step_min, a.can, a.can_per_difficulty, a.success,
        a.success_per_difficulty, a.wrong, a.wrong_frustration, a.failure, a.failure_again,
        a.approval, a.approval_min, d.technical_sensitivity, d.technical_false, d.emotional_sd,
        d.delay_min, d.look, d.look_per_waiting, d.look_per_difficulty, d.look_threshold,
        d.look_min, r.base, r.resolved, r.per_frustration, r.end_share, r.care, r.care_scale,
        r.noise_sd, r.invited, r.answered, r.answered_per_star, b.resolved, b.unresolved,
        b.per_frustration, b.carried, b.difficulty, b.mean_days, b.most_days,
    )  # fmt: skip


def emotional_cut(threshold: float, score: float | None) -> float:
    """Return the measured frustration above which the policy's emotional alert fires.

    The detector's score is ``1 / (1 + exp(threshold - measured))``. Without a threshold of the
    policy's own its alert fires at a score of one half.
    """
    if score is None:
        return threshold
    if score <= 0 or score >= 1:
        return -math.inf if score <= 0 else math.inf
    return threshold + math.log(score / (1 - score))
