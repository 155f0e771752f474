"""The parts of a scenario about the AI and what watches over it."""

from __future__ import annotations

from stepin.floor.scenario.people import NotNegative, Positive, Probability, ScenarioPart


class AiPart(ScenarioPart, frozen=True, kw_only=True):
    """What the AI can do.

    Attributes
    ----------
    step_min : [min] mean time of a turn.
    can : [logits] of being able to solve an issue of average difficulty.
    can_per_difficulty : [logits] lost per standard deviation of difficulty.
    success : [probability] that a turn solves an issue that it can solve.
    success_per_difficulty : [logs] lost per standard deviation of difficulty above the average.
    wrong : [probability] that a turn ends the chat with a confident wrong answer.
    wrong_frustration : [units] of frustration that such an answer causes.
    failure : [units] of frustration that a turn without success causes.
    failure_again : [units] added per earlier one.
    approval : [probability] that a solution waits for the owner's approval.
    approval_min : [min] of attention that an approval costs.
    """

    step_min: Positive = 0.08
    can: float = 0.82
    can_per_difficulty: NotNegative = 3.9
    success: Probability = 0.118
    success_per_difficulty: NotNegative = 0.3
    wrong: Probability = 0.003
    wrong_frustration: NotNegative = 0.2
    failure: NotNegative = 0.032
    failure_again: NotNegative = 0.156
    approval: Probability = 0.0
    approval_min: NotNegative = 0.5


class DetectorPart(ScenarioPart, frozen=True, kw_only=True):
    """What raises flags, and what owners see by themselves.

    Attributes
    ----------
    technical_sensitivity : [probability] that a failed turn is flagged if the AI can't solve it.
    technical_false : [probability] that it is flagged although the AI can.
    emotional_threshold : [units] of measured frustration above which a chat is flagged.
    emotional_sd : [units] error of that measurement, also of the owner's own.
    delay_min : [min] from a flag to the alert.
    look : [probability] that the owner looks at a chat after a failed turn.
    look_per_waiting : [logs] lost per message that waits for the owner.
    look_per_difficulty : [logs] gained per standard deviation of difficulty.
    look_threshold : [units] of perceived frustration above which the owner steps in.
    look_min : [min] of attention that a look costs.
    """

    technical_sensitivity: Probability = 0.53
    technical_false: Probability = 0.008
    emotional_threshold: float = 4.0
    emotional_sd: NotNegative = 0.4
    delay_min: NotNegative = 0.3
    look: Probability = 0.2
    look_per_waiting: NotNegative = 0.9
    look_per_difficulty: float = 0.55
    look_threshold: float = 1.03
    look_min: NotNegative = 0.0
