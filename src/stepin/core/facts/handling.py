"""What was done inside a chat: turns, flags, takeovers, decisions and actions."""

from __future__ import annotations

from typing import Final

from stepin.core.facts.chats import PATHS
from stepin.core.facts.column import (
    DAY,
    MOMENT,
    REAL,
    TEXT,
    TRUTH,
    WHOLE,
    After,
    Assigned,
    AtOpening,
    Before,
    Table,
)

CAUSES: Final = tuple(p for p in PATHS if p not in ("human_initiated", "none"))
AUTHORS: Final = ("customer", "ai", "worker", "system")
ESCALATION_ENDS: Final = ("taken", "declined", "expired", "withdrawn")
APPROVALS: Final = ("approved", "edited", "denied", "expired")
ACTION_ENDS: Final = ("succeeded", "failed", "unknown", "reconciled")


class Turns(Table):
    """One row per message, with every score that it drew."""

    name = "turns"
    meaning = "One message of a chat with its scores; the text isn't here."
    key = ("chat_id", "seq")

    chat_id = Before(TEXT, "The chat.")
    day = Before(DAY, "The UTC date of the chat's opening.")
    seq = After(WHOLE, "The place of the message in its chat's stream.")
    at = After(MOMENT, "When it was accepted.")
    author = After(TEXT, "Who wrote it.", values=AUTHORS)
    author_id = After(TEXT, "The customer, the worker or the AI's version.")
    round = After(WHOLE, "The customer turn it belongs to, from 1.")
    epoch = After(WHOLE, "The epoch under which it was accepted.")
    chars = After(WHOLE, "Its length.", "chars")
    latency_s = After(
        REAL, "A reply's time since the customer's message; none for customers.", "s", True
    )
    sentiment = After(REAL, "The customer's mood, -1 to 1; none if unscored.", "", True)
    technical_score = After(
        REAL, "The technical detector's score; none if unscored.", "probability", True
    )
    emotional_score = After(
        REAL, "The emotional detector's score; none if unscored.", "probability", True
    )
    risk_score = After(REAL, "The risk of a bad rating; none if unscored.", "probability", True)


class Flags(Table):
    """One row per flag, real or in shadow."""

    name = "flags"
    meaning = "One flag by a detector, real or in shadow, and what became of it."
    key = ("flag_id",)

    flag_id = Before(TEXT, "The flag.")
    chat_id = Before(TEXT, "The chat.")
    day = Before(DAY, "The UTC date of the chat's opening.")
    cause = After(TEXT, "What the flag is about.", values=CAUSES)
    kind = After(TEXT, "What kind of a cause it is; none where the cause says it all.", "", True)
    detector = After(TEXT, "The detector that raised it.")
    detector_version = After(TEXT, "Its version.")
    shadow = After(TRUTH, "Whether nobody was to be alerted.")
    at = After(MOMENT, "When it was raised.")
    round = After(WHOLE, "The round it was raised in.")
    score = After(REAL, "The score that raised it; none for a rule.", "probability", True)
    threshold = After(REAL, "The threshold in force; none for a rule.", "probability", True)
    randomized_p = After(
        REAL, "The probability with which the alert was drawn; none if not drawn.", "", True
    )
    alert_at = After(MOMENT, "When a worker saw it; none if nobody did.", "", True)
    acknowledged_at = After(MOMENT, "When a worker said so; none if nobody did.", "", True)
    ended_at = After(MOMENT, "When the escalation ended; none for a shadow.", "", True)
    ended_as = After(TEXT, "How it ended; none for a shadow.", "", True, ESCALATION_ENDS)


class Takeovers(Table):
    """One row per takeover of a chat from the AI."""

    name = "takeovers"
    meaning = "One takeover of a chat from the AI by a worker."
    key = ("chat_id", "ordinal")

    chat_id = Before(TEXT, "The chat.")
    day = Before(DAY, "The UTC date of the chat's opening.")
    ordinal = After(WHOLE, "The how-manieth takeover of the chat, from 1.")
    worker_id = After(TEXT, "The worker who took over.")
    cause = After(TEXT, "What led to it; `human_initiated` without a flag.", values=PATHS[:-1])
    flag_id = After(TEXT, "The flag it answers; none without one.", "", True)
    epoch = After(WHOLE, "The epoch it began.")
    at = After(MOMENT, "When it happened.")
    round = After(WHOLE, "The round it happened in.")
    sentiment = After(REAL, "The customer's mood just before, -1 to 1; none if unscored.", "", True)
    first_human_message_at = After(
        MOMENT, "The worker's first message after it; none without one.", "", True
    )
    hand_back_at = After(MOMENT, "When the AI got it back; none if it didn't.", "", True)
    rounds_after = After(WHOLE, "Rounds until hand-back or close.", "rounds")
    human_rounds_after = After(WHOLE, "Those answered by a person.", "rounds")


class Decisions(Table):
    """One row per decision point, fired or not; opening means the moment of the draw here."""

    name = "decisions"
    meaning = "One decision point, fired or not, with its options and probabilities."
    key = ("decision_id",)

    decision_id = Before(TEXT, "The decision.")
    chat_id = Before(TEXT, "The chat.")
    first_owner_id = Before(TEXT, "The chat's first owner.")
    day = Before(DAY, "The UTC date of the chat's opening.")
    point = Before(TEXT, "The decision point's name, such as alert or look_now.")
    at = AtOpening(MOMENT, "When it was drawn.")
    round = AtOpening(WHOLE, "The round it was drawn in.")
    available = AtOpening(TRUTH, "Whether anything could be offered.")
    options = AtOpening(TEXT, "The options as a JSON list.")
    probabilities = AtOpening(TEXT, "Their probabilities as a JSON list, in the same order.")
    score = AtOpening(REAL, "The score at the draw; none without one.", "probability", True)
    threshold = AtOpening(REAL, "The threshold in force; none without one.", "probability", True)
    draw_key = AtOpening(TEXT, "The key of the draw; the same key draws the same.")
    drawn = Assigned(TEXT, "The option drawn.")
    probability = Assigned(REAL, "The probability of the option drawn.", "probability")
    fired = Assigned(TRUTH, "Whether it was available and the drawn option acts: `none` doesn't.")


class Actions(Table):
    """One row per action proposed in a chat."""

    name = "actions"
    meaning = "One action proposed in a chat, its approval and its outcome."
    key = ("action_id",)

    action_id = Before(TEXT, "The action.")
    chat_id = Before(TEXT, "The chat.")
    day = Before(DAY, "The UTC date of the chat's opening.")
    tool = After(TEXT, "The tool.")
    tool_version = After(TEXT, "Its version.")
    proposed_by = After(TEXT, "Who proposed it.", values=("ai", "worker"))
    proposed_at = After(MOMENT, "When it was proposed.")
    decision = After(TEXT, "What was decided; none if it needed no approval.", "", True, APPROVALS)
    decided_by = After(TEXT, "The worker who decided; none without one.", "", True)
    decided_at = After(MOMENT, "When it was decided; none if it wasn't.", "", True)
    started_at = After(MOMENT, "When the call began; none if it didn't.", "", True)
    ended_at = After(MOMENT, "When the outcome was known; none if it isn't.", "", True)
    ended_as = After(TEXT, "The outcome; none before one.", "", True, ACTION_ENDS)
