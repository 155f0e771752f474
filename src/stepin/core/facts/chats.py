"""The table of chats: one row per closed chat, the unit of nearly every analysis."""

from __future__ import annotations

from typing import Final

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

PATHS: Final = (
    "technical",
    "emotional",
    "requested",
    "policy",
    "risk",
    "human_initiated",
    "none",
)
CLOSE_REASONS: Final = ("resolved", "abandoned", "timed_out", "transferred")


class Chats(Table):
    """One row per closed chat. The arm isn't here: join ``first_owner_id`` to ``workers``."""

    name = "chats"
    meaning = "One closed chat; its arm is that of its first owner in `workers`."
    key = ("chat_id",)

    chat_id = Before(TEXT, "The chat.")
    customer_id = Before(TEXT, "The customer.")
    first_owner_id = Before(TEXT, "The worker drawn as owner at opening; analyses go by this one.")
    opened_at = Before(MOMENT, "When the customer's first message arrived.")
    day = Before(DAY, "The UTC date of opening.")
    hour = Before(WHOLE, "The UTC hour of opening, 0 to 23.", "h")
    channel = Before(TEXT, "Where the customer wrote, such as web or app.")
    language = Before(TEXT, "The language of the opening message, as a BCP 47 tag.")
    issue_class = Before(TEXT, "The class of the issue, read from the opening message.")
    eligible = Before(TRUTH, "Whether the AI may handle it, assessed before anyone acts.")
    eligibility_score = Before(REAL, "The score behind `eligible`.", "probability")
    eligibility_version = Before(TEXT, "The version of the classifier behind `eligible`.")
    opening_chars = Before(WHOLE, "The length of the opening message.", "chars")
    opening_sentiment = Before(
        REAL, "The mood of the opening message, -1 (angry) to 1; none if unscored.", "", True
    )
    p_technical = Before(
        REAL, "Predicted at opening: technical path; none if unscored.", "probability", True
    )
    p_emotional = Before(
        REAL, "Predicted at opening: emotional path; none if unscored.", "probability", True
    )
    p_requested = Before(
        REAL, "Predicted at opening: asks for a person; none if unscored.", "probability", True
    )
    p_unaided = Before(
        REAL, "Predicted at opening: no escalation; none if unscored.", "probability", True
    )
    customer_tenure_days = Before(REAL, "How long the customer was known at opening.", "days")
    customer_value = Before(
        REAL, "What the customer bought in the year before; none if unknown.", "currency", True
    )
    worker_tenure_days = Before(REAL, "How long the first owner had worked at opening.", "days")

    customer_prior_chats = AtOpening(WHOLE, "Earlier chats of the customer.", "chats")
    customer_prior_retrials = AtOpening(WHOLE, "Earlier 7-day retrials of the customer.", "chats")
    customer_prior_rating = AtOpening(
        REAL, "Mean earlier rating by the customer; none without one.", "1-5", True
    )
    worker_prior_chats = AtOpening(WHOLE, "Earlier chats of the first owner.", "chats")
    worker_prior_rating = AtOpening(
        REAL, "Mean earlier rating of the first owner; none without one.", "1-5", True
    )
    worker_prior_duration_s = AtOpening(
        REAL, "Mean earlier duration of the first owner's chats; none without one.", "s", True
    )
    concurrency = AtOpening(WHOLE, "Open chats of the first owner at opening.", "chats")
    supervised_concurrency = AtOpening(
        WHOLE, "Open chats of the first owner that the AI held at opening.", "chats"
    )
    queue_length = AtOpening(WHOLE, "Chats waiting for a person at opening.", "chats")
    owner_probability = AtOpening(
        REAL, "The probability with which the first owner was drawn; none if not drawn.", "", True
    )
    previous_chat_id = AtOpening(
        TEXT, "The customer's earlier chat about the same issue; none without one.", "", True
    )

    policy_version = Assigned(TEXT, "The policy in force; it may name the arm.")
    brain_version = Assigned(TEXT, "The AI's version; none where the AI never held it.", "", True)

    worker_id = After(TEXT, "The worker responsible at the close.")
    closed_at = After(MOMENT, "When the chat closed.")
    close_reason = After(TEXT, "How the chat ended.", values=CLOSE_REASONS)
    queue_wait_s = After(REAL, "From opening to the first holder.", "s")
    first_response_s = After(
        REAL, "From opening to the first answer; none if never answered.", "s", True
    )
    duration_s = After(REAL, "From opening to close, as the customer lived it.", "s")
    attention_s = After(
        REAL,
        "Focus time of workers, split under concurrency; none if not recorded or forgotten.",
        "s",
        True,
    )
    wrap_up_s = After(REAL, "From close of talk to the end of wrap-up.", "s", True)
    away_s = After(
        REAL, "Time the worker was elsewhere while the customer awaited an answer.", "s", True
    )
    switch_aways = After(WHOLE, "Times a worker left it while it awaited an answer.", "", True)
    rounds = After(WHOLE, "Customer turns with a reply.", "rounds")
    human_rounds = After(WHOLE, "Rounds answered by a person.", "rounds")
    customer_messages = After(WHOLE, "Messages by the customer.", "messages")
    ai_messages = After(WHOLE, "Messages by the AI.", "messages")
    worker_messages = After(WHOLE, "Public messages by workers.", "messages")
    worker_chars = After(WHOLE, "Length of the workers' public messages.", "chars")
    worker_latency_s = After(
        REAL, "Mean time a customer waited for a worker's reply; none without one.", "s", True
    )
    path = After(TEXT, "The first escalation raised.", values=PATHS)
    delivered_path = After(TEXT, "The first escalation shown to a person.", values=PATHS)
    flag_at = After(MOMENT, "The first flag; none without one.", "", True)
    alert_at = After(MOMENT, "The first alert shown; none without one.", "", True)
    acknowledged_at = After(MOMENT, "The first alert acknowledged; none without one.", "", True)
    takeover_at = After(MOMENT, "The first takeover; none without one.", "", True)
    first_human_message_at = After(
        MOMENT, "The first worker message after it; none without one.", "", True
    )
    hand_back_at = After(MOMENT, "The first hand-back; none without one.", "", True)
    takeover_round = After(WHOLE, "The round of the first takeover; none without one.", "", True)
    closing_sentiment = After(
        REAL, "The mood of the customer's last message, -1 to 1; none if unscored.", "", True
    )
    rating_invited = After(TRUTH, "Whether the customer was asked for a rating.")
    rating = After(WHOLE, "The customer's rating; none if not given.", "1-5", True)
    retrial_10m = After(
        TRUTH, "Same customer, same issue within 10 minutes; none until matured.", "", True
    )
    retrial_24h = After(
        TRUTH, "Same customer, same issue within 24 hours; none until matured.", "", True
    )
    retrial_3d = After(
        TRUTH, "Same customer, same issue within 3 days; none until matured.", "", True
    )
    retrial_7d = After(
        TRUTH, "Same customer, same issue within 7 days; none until matured.", "", True
    )
    crossed_arm = After(
        TRUTH, "Whether a worker of another arm held it; none outside a trial.", "", True
    )
    suggestions_used = After(WHOLE, "AI suggestions that a worker sent.", "", True)
    information_seeking = After(
        REAL, "Share of worker messages that ask; none if uncoded.", "share", True
    )
    solution_provision = After(
        REAL, "Share of worker messages that propose; none if uncoded.", "share", True
    )
    empathy = After(
        REAL, "Share of worker messages that show empathy; none if uncoded.", "share", True
    )
    proactivity = After(
        REAL, "Share of worker messages that take initiative; none if uncoded.", "share", True
    )
