"""What happens in a chat: episode, holder, owner, messages, AI turns, rating."""

from __future__ import annotations

from typing import Literal

from stepin.core.events.base import CloseReason, Event, Scalar
from stepin.core.holder import Holder
from stepin.core.private import PrivateText

Author = Literal["customer", "ai", "worker", "system"]
Visibility = Literal["public", "note"]
OwnerReason = Literal[
    "assigned", "transferred", "ladder", "signed_off", "returned", "taken_over", "released"
]
HolderReason = Literal[
    "assigned",
    "takeover",
    "reply",
    "hand_back",
    "transfer",
    "give_up",
    "kill_switch",
    "signed_off",
    "ladder",
    "requested",
    "closed",
    "queued",
]
DiscardReason = Literal["epoch", "attempt", "basis", "closed", "seq", "gate"]


class ChatOpened(Event, frozen=True, kw_only=True):
    """A customer started a chat. `covariates` are what was known of the customer then."""

    customer_id: str
    asserted: bool
    channel: str = "web"
    language: str = "en"
    issue_class: str | None = None
    previous_chat_id: str | None = None
    policy_version: str = ""
    trial_id: str | None = None
    customer_name: PrivateText | None = None
    covariates: dict[str, Scalar] = {}


class EligibilityAssessed(Event, frozen=True, kw_only=True):
    """The frozen classifier said, before anyone acted, whether the AI may have the chat."""

    eligible: bool
    score: float
    threshold: float
    reason: str
    classifier_version: str
    issue_class: str | None = None
    scores: dict[str, float] = {}


class OwnerSet(Event, frozen=True, kw_only=True):
    """One named worker is responsible from now on (or nobody is: the chat waits).

    `candidates` and `probabilities` are the draw's, in the same order; `covariates` are what was
    known of the new owner at that moment.
    """

    owner: str | None
    previous: str | None = None
    reason: OwnerReason = "assigned"
    group: str | None = None
    rule: str = ""
    candidates: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    draw_key: str = ""
    crossover: bool = False
    covariates: dict[str, Scalar] = {}


class HolderChanged(Event, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Another one speaks from now on; the envelope's epoch is the new one.

    `in_flight` names the actions whose outside call had already been sent: they can't be
    recalled. `note` is what a worker tells the AI at hand-back.
    """

    from_: Holder
    to: Holder
    reason: HolderReason
    note: PrivateText | None = None
    in_flight: tuple[str, ...] = ()


class MessagePosted(Event, frozen=True, kw_only=True):
    """A message stands in the chat. Notes are seen by workers only.

    `confirms` is the key of the call that an AI's question asks about: a hash of the tool and its
    resolved arguments, empty where the message asks about none.
    """

    author: Author
    text: PrivateText
    visibility: Visibility = "public"
    turn_id: str | None = None
    basis_seq: int | None = None
    stale: bool = False
    template: str | None = None
    sources: tuple[str, ...] = ()
    confirms: str = ""


class LabelsChanged(Event, frozen=True, kw_only=True):
    """Labels were put on the chat or taken off."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class WhisperSent(Event, frozen=True, kw_only=True):
    """A worker told the AI something that the customer never sees."""

    text: PrivateText


class TurnStarted(Event, frozen=True, kw_only=True):
    """The AI began to work on the customer's last message."""

    turn_id: str
    attempt: int
    basis_seq: int
    brain_version: str


class TurnFinished(Event, frozen=True, kw_only=True):
    """The AI has done what it could for now.

    Attributes
    ----------
    missed : for each search in the shop's articles that found no answer the passage that came
        nearest, as messages cite it; empty if none came near. What was asked is what the customer
        wrote up to the turn's basis.
    """

    turn_id: str
    attempt: int
    outcome: Literal["answered", "waiting", "gave_up", "closed", "nothing"]
    confidence: float | None = None
    tool_calls: int = 0
    tokens: int = 0
    duration_ms: int = 0
    missed: tuple[str, ...] = ()


class TurnFailed(Event, frozen=True, kw_only=True):
    """The AI's turn ended without an answer."""

    turn_id: str
    attempt: int
    reason: str
    detail: PrivateText | None = None


class DraftDiscarded(Event, frozen=True, kw_only=True):
    """The fence or the gate refused what the AI wanted to say; workers can read it.

    `gate` says why the gate did: an act or an amount that nothing bears out (`claim`, `amount`), a
    link that isn't the shop's, a call that was written down, and the like.
    """

    turn_id: str
    attempt: int
    reason: DiscardReason
    text: PrivateText
    basis_seq: int | None = None
    draft_epoch: int = 0
    gate: str = ""


class WrapUpStarted(Event, frozen=True, kw_only=True):
    """The customer has gone or is served; the worker finishes notes and labels.

    `reason` and `disposition` say how the chat ended. They hold for its close too, unless the
    worker gives another disposition at the end of the wrap-up.
    """

    worker_id: str
    reason: CloseReason = "resolved"
    disposition: str | None = None


class WrapUpEnded(Event, frozen=True, kw_only=True):
    """The worker has finished the wrap-up."""

    worker_id: str
    disposition: str | None = None


class ChatClosed(Event, frozen=True, kw_only=True):
    """The episode is over. The envelope has a new epoch: nothing from the AI is accepted."""

    reason: CloseReason
    disposition: str | None = None
    closed_by: Author = "system"


class RatingInvited(Event, frozen=True, kw_only=True):
    """The customer was asked for a rating."""


class RatingGiven(Event, frozen=True, kw_only=True):
    """The customer rated the chat, 1 (worst) to 5."""

    rating: int
    comment: PrivateText | None = None


class TextRedacted(Event, frozen=True, kw_only=True):
    """The private fields of an earlier event were destroyed; `fields` is empty for all.

    With `through_seq` those of all events of the stream from `seq` to there.
    """

    seq: int
    reason: str
    fields: tuple[str, ...] = ()
    through_seq: int | None = None


ChatEvent = (
    ChatOpened
    | EligibilityAssessed
    | OwnerSet
    | HolderChanged
    | MessagePosted
    | LabelsChanged
    | WhisperSent
    | TurnStarted
    | TurnFinished
    | TurnFailed
    | DraftDiscarded
    | WrapUpStarted
    | WrapUpEnded
    | ChatClosed
    | RatingInvited
    | RatingGiven
    | TextRedacted
)
