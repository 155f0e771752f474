"""The card of a detector: what it was fitted on, when, and how it did on what it hadn't seen."""

from __future__ import annotations

import msgspec


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """Data, date and out-of-fold figures of a detector.

    Figures are measured on chats left out of the fit that scored them. ``base_share`` is the
    share of turns (of chats, for tasks of chats) in the headline class; ``date`` is the day of
    the fit as given by the caller, None if not given.
    """

    task: str
    data: str
    n_chats: int
    n_turns: int
    n_labelled: int
    base_share: float
    seed: int
    date: str | None = None
    features_from: str | None = None
    auc: float | None = None
    average_precision: float | None = None
    f1: float | None = None
    macro_f1: float | None = None
    calibration_error_share: float | None = None
