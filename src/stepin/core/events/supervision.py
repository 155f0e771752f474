"""What the machine thinks of a chat, whom it tells, and what people do about it."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from stepin.core.events.base import Cause, Event, FlagRaiser, LadderStep
from stepin.core.private import PrivateText


class ChatScored(Event, frozen=True, kw_only=True):
    """A detector scored the chat after event `turn_seq`, in either arm.

    `author` said that turn. Only what a customer says is a decision point: scores after the AI's
    and a worker's turns are kept to be studied, and alert nobody.
    """

    detector: str
    turn_seq: int
    scores: dict[str, float]
    shadow: bool = False
    author: Literal["customer", "ai", "worker"] = "customer"


class FlagRaised(Event, frozen=True, kw_only=True):
    """There is a reason for a person to look. A shadow flag alerts nobody.

    `advanced` says that chance raised it before it was due.

    Attributes
    ----------
    kind : what kind of a cause it is, e.g. `safety.self_harm`; empty where the cause says it all.
    """

    cause: Cause
    turn_seq: int
    raised_by: FlagRaiser
    shadow: bool = False
    score: float | None = None
    threshold: float | None = None
    detector: str | None = None
    reason: str = ""
    advanced: bool = False
    kind: str = ""


class AlertShown(Event, frozen=True, kw_only=True):
    """The flag reached these workers, at this step of the ladder.

    Attributes
    ----------
    kind : what kind of a cause it is, e.g. `safety.self_harm`; empty where the cause says it all.
    again : how often the ladder had begun anew before, since nobody came.
    """

    flag_seq: int
    cause: Cause
    step: LadderStep
    to: tuple[str, ...]
    expires_at_us: int | None = None
    kind: str = ""
    again: int = 0


class AlertAcknowledged(Event, frozen=True, kw_only=True):
    """A worker has seen the alert (the envelope's actor)."""

    flag_seq: int
    worker_id: str


class EscalationTaken(Event, frozen=True, kw_only=True):
    """A worker took the chat over because of the flag."""

    flag_seq: int
    worker_id: str


class EscalationDeclined(Event, frozen=True, kw_only=True):
    """A worker looked and left it to the AI."""

    flag_seq: int
    worker_id: str
    reason: PrivateText | None = None


class EscalationExpired(Event, frozen=True, kw_only=True):
    """Nobody came at this step; `next_step` is the ladder's next, if there is one.

    Attributes
    ----------
    again : how often the ladder begins anew after this, 0 where it goes on or ends.
    kind : what kind of a cause it is, where the ladder begins anew.
    """

    flag_seq: int
    step: LadderStep
    next_step: LadderStep | None = None
    again: int = 0
    kind: str = ""


class EscalationWithdrawn(Event, frozen=True, kw_only=True):
    """The reason is gone: the chat was closed, or the detector took its flag back."""

    flag_seq: int
    reason: str


NOTHING: Final = "none"
"""The option of a decision point that leaves everything as it is; every other one acts."""

ASSIGNING: Final = ("assignment", "reassignment")
"""The decision points that draw a worker: their options are ids of workers, and each acts."""


class DecisionDrawn(Event, frozen=True, kw_only=True):
    """A decision point was reached; written whether or not anything fired.

    `options` and `probabilities` are in the same order and `drawn` is one of the options. The
    draw is keyed, so that a retry draws the same.
    """

    point: str
    options: tuple[str, ...]
    probabilities: tuple[float, ...]
    drawn: str
    draw_key: str
    available: bool = True
    score: float | None = None
    threshold: float | None = None
    turn_seq: int | None = None


class BriefLine(msgspec.Struct, frozen=True):
    """One line of a brief and the events that it rests on."""

    text: str
    cites: tuple[int, ...]


class BriefShown(Event, frozen=True, kw_only=True):
    """A worker was shown the brief. `text` holds its lines, one per line."""

    worker_id: str
    text: PrivateText
    cites: tuple[tuple[int, ...], ...] = ()


class SuggestionShown(Event, frozen=True, kw_only=True):
    """A reply was suggested to a worker."""

    suggestion_id: str
    worker_id: str
    kind: Literal["seek", "propose", "empathy", "close"]
    text: PrivateText
    source: str = ""


class SuggestionUsed(Event, frozen=True, kw_only=True):
    """The worker used the suggestion, maybe after editing it."""

    suggestion_id: str
    worker_id: str
    edited: bool = False


class NudgeShown(Event, frozen=True, kw_only=True):
    """A quiet reminder was shown to the worker who holds the chat."""

    worker_id: str
    kind: str


SupervisionEvent = (
    ChatScored
    | FlagRaised
    | AlertShown
    | AlertAcknowledged
    | EscalationTaken
    | EscalationDeclined
    | EscalationExpired
    | EscalationWithdrawn
    | DecisionDrawn
    | BriefShown
    | SuggestionShown
    | SuggestionUsed
    | NudgeShown
)
