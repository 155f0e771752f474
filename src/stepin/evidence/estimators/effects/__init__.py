"""Effects on the moment cube: intention to treat, by stratum, by day, and its health checks."""

from __future__ import annotations

from stepin.evidence.estimators.effects.arms import Arms
from stepin.evidence.estimators.effects.event import EventStudy, event_study
from stepin.evidence.estimators.effects.itt import (
    ESTIMATORS,
    Estimator,
    Itt,
    Model,
    ancova,
    cuped,
    did,
    estimate,
    itt,
    lin,
)
from stepin.evidence.estimators.effects.ratio import ChatRatio, chat_ratio
from stepin.evidence.estimators.effects.split import Joint, Split, joint, split
from stepin.evidence.estimators.effects.waves import Waves, over_waves, uncompared, waves_of

__all__ = [
    "ESTIMATORS",
    "Arms",
    "ChatRatio",
    "Estimator",
    "EventStudy",
    "Itt",
    "Joint",
    "Model",
    "Split",
    "Waves",
    "ancova",
    "chat_ratio",
    "cuped",
    "did",
    "estimate",
    "event_study",
    "itt",
    "joint",
    "lin",
    "over_waves",
    "split",
    "uncompared",
    "waves_of",
]
