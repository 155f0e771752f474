"""The workers of a trial and their time: workers, shifts, worker days and focus."""

from __future__ import annotations

from stepin.core.facts.column import (
    DAY,
    MOMENT,
    REAL,
    TEXT,
    WHOLE,
    After,
    Assigned,
    Before,
    Table,
)


class Workers(Table):
    """One row per worker; the only table that knows arms."""

    name = "workers"
    meaning = "One worker with the arm of the trial; covariates are those before it began."
    key = ("worker_id",)

    worker_id = Before(TEXT, "The worker.")
    block = Before(TEXT, "The block of the randomization.")
    joined_at = Before(MOMENT, "When the worker joined the trial.")
    team = Before(TEXT, "The team; none if unknown.", "", True)
    tenure_days = Before(REAL, "How long the worker had worked when the trial began.", "days")
    pre_chats = Before(WHOLE, "Chats in the pre-period.", "chats")
    pre_duration_s = Before(REAL, "Mean duration in the pre-period; none without chats.", "s", True)
    pre_rating = Before(REAL, "Mean rating in the pre-period; none without one.", "1-5", True)
    pre_retrial_7d = Before(
        REAL, "7-day retrial share in the pre-period; none without chats.", "share", True
    )
    arm = Assigned(TEXT, "The arm; none for a worker outside the trial.", "", True)
    treated_from = Assigned(
        MOMENT,
        "When the arm's policy began for the worker; none outside the trial, or if a ramp never "
        "reached the worker.",
        "",
        True,
    )
    left_at = After(MOMENT, "When the worker left; none if still there.", "", True)


class Shifts(Table):
    """One row per stretch of being signed on."""

    name = "shifts"
    meaning = "One stretch in which a worker was signed on."
    key = ("worker_id", "on_at")

    worker_id = Before(TEXT, "The worker.")
    day = Before(DAY, "The UTC date on which it began.")
    on_at = After(MOMENT, "When the worker signed on.")
    off_at = After(MOMENT, "When the worker signed off; none if still on.", "", True)


class WorkerDays(Table):
    """One row per worker and UTC day with any presence."""

    name = "worker_days"
    meaning = "One worker on one UTC day with any presence."
    key = ("worker_id", "day")

    worker_id = Before(TEXT, "The worker.")
    day = Before(DAY, "The UTC date.")
    chats = After(WHOLE, "Chats opened with the worker as first owner.", "chats")
    eligible_chats = After(WHOLE, "Those that were eligible.", "chats")
    takeovers = After(WHOLE, "Takeovers by the worker.")
    on_s = After(REAL, "Time signed on.", "s")
    focus_s = After(REAL, "Time in focus on a chat; none if not recorded or forgotten.", "s", True)
    switch_aways = After(WHOLE, "Times a chat that awaited an answer was left.", "", True)
    mean_concurrency = After(REAL, "Time-weighted open chats in human hands.", "chats")
    mean_supervised_concurrency = After(REAL, "Time-weighted open chats that the AI held.", "chats")


class Focus(Table):
    """One row per interval in which a worker looked at one chat."""

    name = "focus"
    meaning = "One interval in which a worker's console showed one chat."
    key = ("worker_id", "from_at")

    worker_id = Before(TEXT, "The worker.")
    day = Before(DAY, "The UTC date on which it began.")
    chat_id = After(TEXT, "The chat.")
    from_at = After(MOMENT, "When it began.")
    focus_s = After(REAL, "Its length by the browser's monotonic clock.", "s")
    attention_s = After(REAL, "Its length after splitting what overlaps.", "s")
