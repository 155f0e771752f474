"""The parts of a scenario about people: workers and customers."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]


class ScenarioPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a scenario file."""


class EffortPart(ScenarioPart, frozen=True, kw_only=True):
    """How much care a worker puts into a turn: a logistic function, computed anew every turn.

    Attributes
    ----------
    base : [logits] effort of an average worker with nothing else on hand.
    trait_sd : [logits] how far workers differ.
    per_frustration : [logits] lost per unit of the customer's frustration: learned helplessness.
    per_ai_turn : [logits] lost per turn of the AI before the takeover.
    per_waiting : [logits] lost per other message that waits for the worker.
    learning : [logits] gained by watching the AI, once many chats were watched.
    learning_chats : [chats] watched until 63 % of that is gained.
    """

    base: float = 1.8
    trait_sd: NotNegative = 0.3
    per_frustration: NotNegative = 0.2
    per_ai_turn: NotNegative = 0.0
    per_waiting: NotNegative = 0.74
    learning: NotNegative = 0.37
    learning_chats: Positive = 15.0


class WorkPart(ScenarioPart, frozen=True, kw_only=True):
    """What a worker's turn costs in time, and what it achieves.

    Attributes
    ----------
    turn_min : [min] mean time of a turn at average effort.
    stages : one exponential stage, or two, which vary less.
    effort_share : [share] how much of the time depends on effort.
    speed_sd : [logs] how far workers differ in speed.
    switch_min : [min] added when the worker's last turn was in another chat.
    reading_min : [min] added once, to read what the AI and the customer wrote.
    avoidance_min : [min] mean delay before a message is picked up, at no effort at all.
    success : [probability] that a turn of no effort resolves an average chat.
    success_per_effort : [probability] added at full effort.
    success_per_difficulty : [logs] lost per standard deviation of difficulty.
    give_up : [probability] that a turn of no effort ends the chat unresolved.
    hand_back : [probability] that a chat taken over goes back to the AI after an unresolved turn.
    seeking, seeking_per_effort : [probability] that a turn asks for something.
    proposing, proposing_per_effort : [probability] that a turn proposes a solution.
    initiative, initiative_per_effort : [probability] that a turn takes the initiative.
    empathy : [probability] that a turn shows empathy: scripted, it knows no effort.
    """

    turn_min: Positive = 1.19
    stages: Literal[1, 2] = 2
    effort_share: Probability = 0.59
    speed_sd: NotNegative = 0.0
    switch_min: NotNegative = 0.58
    reading_min: NotNegative = 0.42
    avoidance_min: NotNegative = 1.34
    success: Probability = 0.04
    success_per_effort: Probability = 0.206
    success_per_difficulty: NotNegative = 0.3
    give_up: Probability = 0.024
    hand_back: Probability = 0.0
    seeking: Probability = 0.1
    seeking_per_effort: Probability = 0.3
    proposing: Probability = 0.1
    proposing_per_effort: Probability = 0.35
    initiative: Probability = 0.05
    initiative_per_effort: Probability = 0.25
    empathy: Probability = 0.2


class CustomerPart(ScenarioPart, frozen=True, kw_only=True):
    """How customers feel, wait and leave.

    Attributes
    ----------
    irritability_sd : [logs] how far customers differ in irritability, whose median is 1.
    frustration : [units] mean frustration at opening.
    wait_free_min : [min] a wait that costs nothing.
    per_wait_min : [units] frustration per minute beyond it.
    relief : [share] of the frustration that a turn of full effort takes away.
    leave : [logits] of leaving after an unresolved turn.
    leave_per_frustration : [logits] added per unit of frustration.
    patience_min : [min] mean time until a waiting customer leaves; 0 is for ever.
    think_min : [min] mean time until a customer answers a worker.
    think_ai_min : [min] mean time until a customer answers the AI.
    """

    irritability_sd: NotNegative = 0.4
    frustration: NotNegative = 0.23
    wait_free_min: NotNegative = 1.0
    per_wait_min: NotNegative = 0.093
    relief: Probability = 0.1
    leave: float = -4.2
    leave_per_frustration: NotNegative = 0.8
    patience_min: NotNegative = 23.0
    think_min: Positive = 0.8
    think_ai_min: Positive = 1.23


class RatingPart(ScenarioPart, frozen=True, kw_only=True):
    """What customers say at the end, and who says it.

    Attributes
    ----------
    base : [stars] with nothing else.
    resolved : [stars] more if resolved, and less if not.
    per_frustration : [stars] lost per unit of frustration.
    end_share : [share] of that which is frustration at the end; the rest is its worst moment.
    care : [stars] gained by perceived human care, once there was much of it.
    care_scale : [efforts] total human effort until 63 % of that is gained.
    noise_sd : [stars] between customers.
    worker_sd : [stars] between workers.
    worker_day_sd : [stars] between days of a worker.
    invited : [probability] that a customer is asked.
    answered : [probability] that one who is asked and would give 3 answers.
    answered_per_star : [logs] gained per star away from 3.
    """

    base: float = 2.83
    resolved: NotNegative = 0.17
    per_frustration: NotNegative = 0.17
    end_share: Probability = 0.7
    care: NotNegative = 1.21
    care_scale: Positive = 2.0
    noise_sd: NotNegative = 1.2
    worker_sd: NotNegative = 0.0
    worker_day_sd: NotNegative = 0.0
    invited: Probability = 1.0
    answered: Probability = 0.122
    answered_per_star: NotNegative = 0.25


class ReturnPart(ScenarioPart, frozen=True, kw_only=True):
    """Who comes back with the same issue, and when.

    Attributes
    ----------
    resolved : [probability] of coming back after a resolved chat.
    unresolved : [probability] after an unresolved one, at no frustration.
    per_frustration : [logs] lost per unit of frustration: angry customers leave for good.
    carried : [share] of the frustration that they bring along.
    difficulty : [standard deviations] by which the issue has become more difficult.
    mean_days : [days] mean time until they come back, before it is cut off.
    most_days : [days] the longest.
    """

    resolved: Probability = 0.289
    unresolved: Probability = 0.77
    per_frustration: NotNegative = 0.065
    carried: Probability = 0.3
    difficulty: float = 0.2
    mean_days: Positive = 1.5
    most_days: Annotated[float, msgspec.Meta(gt=0, le=7)] = 6.0
