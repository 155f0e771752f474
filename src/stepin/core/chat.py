"""A chat: five independent axes, each a fold of the chat's events.

Episode, holder with its epoch, owner, escalation and actions never share a status field, so that
no combination is unthinkable. `fold` and `apply` are the only ways to a `Chat`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from stepin.core.action import Action, apply_action
from stepin.core.escalation import LATE_REPLY, SAFETY, Escalation, answered, apply_escalation
from stepin.core.events import ActionEvent, SupervisionEvent
from stepin.core.events.base import Cause, CloseReason, Path, Scalar
from stepin.core.events.chat import (
    ChatClosed,
    ChatOpened,
    DraftDiscarded,
    EligibilityAssessed,
    HolderChanged,
    LabelsChanged,
    MessagePosted,
    OwnerSet,
    RatingGiven,
    RatingInvited,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    WhisperSent,
    WrapUpEnded,
    WrapUpStarted,
)
from stepin.core.events.supervision import (
    ChatScored,
    DecisionDrawn,
    EscalationDeclined,
    EscalationTaken,
    FlagRaised,
    NudgeShown,
    SuggestionShown,
)
from stepin.core.holder import NOBODY, Holder
from stepin.core.opinion import Standing
from stepin.core.record import Recorded

WAIT_NOTICES = frozenset({"waiting", "nobody_here", "outside_hours"})
CAUTION = "caution_"
"""What the templates of the careful sentences to people in danger begin with."""
SHORT_CHARS = 40
Episode = Literal["new", "queued", "active", "wrap_up", "closed"]


class Chat(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Where a chat stands after its last event.

    Attributes
    ----------
    seq, epoch, basis_seq, at_us : of the last event (see `Recorded`).
    owner, first_owner : who is, and who first was, responsible.
    group : the group that a waiting chat was transferred to.
    turn_id : the AI's turn that is asked for or running; None if there is none.
    waiting_since_us : since when the customer has been waiting for a public reply.
    customer_seq : of the customer's last message, 0 before the first.
    stale_drafts : drafts refused for a stale basis since the AI last spoke.
    gave_up : whether the AI waits for a person; it takes no turn until somebody lets it go on.
    notice : the template of the last honest word about the wait, empty when nobody waits.
    reminded_us : when a silent customer was last asked whether they are still there.
    last_customer_us, last_public_us : when the customer, and when anyone, last wrote.
    raised : the causes that were flagged, not in shadow, since the holder last changed.
    asked_us : since when the customer has been waiting for a person whom they asked for, also
        while nobody holds the chat; None if they haven't asked, or somebody has come.
    cautions : the templates of the careful sentences (see `caution`) that this holding of the chat
        has had, said or suggested.
    danger : the kind of the last flag about somebody's safety that no person has answered yet.
    standings : how each cause has stood since its last flag.
    taken_us : when the holder took the chat over.
    short_replies : how many of the holder's last replies were short and asked nothing.
    look_us : when the owner was last asked by chance to have a look, while the AI holds.
    nudges, nudged_us : how often, and when last, a nudge to the holder was drawn.
    path : the first cause that was raised, or human_initiated, or none.
    """

    chat_id: str
    seq: int = 0
    epoch: int = 0
    basis_seq: int = 0
    at_us: int = 0
    episode: Episode = "new"
    holder: Holder = NOBODY
    owner: str | None = None
    first_owner: str | None = None
    group: str | None = None
    escalation: Escalation | None = None
    actions: dict[str, Action] = {}
    customer_id: str = ""
    customer_asserted: bool = False
    customer_name: str | None = None
    covariates: dict[str, Scalar] = {}
    channel: str = "web"
    language: str = "en"
    issue_class: str | None = None
    previous_chat_id: str | None = None
    policy_version: str = ""
    trial_id: str | None = None
    eligible: bool | None = None
    eligibility_score: float | None = None
    labels: frozenset[str] = frozenset()
    turn_id: str | None = None
    opened_us: int = 0
    queued_us: int = 0
    waiting_since_us: int | None = None
    last_customer_us: int = 0
    last_public_us: int = 0
    last_public_author: str = ""
    customer_messages: int = 0
    customer_seq: int = 0
    ai_messages: int = 0
    worker_messages: int = 0
    stale_drafts: int = 0
    handed_back_seq: int = 0
    gave_up: bool = False
    notice: str = ""
    reminded_us: int | None = None
    raised: frozenset[Cause] = frozenset()
    asked_us: int | None = None
    cautions: frozenset[str] = frozenset()
    danger: str = ""
    standings: dict[Cause, Standing] = {}
    taken_us: int = 0
    short_replies: int = 0
    look_us: int = 0
    nudges: int = 0
    nudged_us: int = 0
    path: Path = "none"
    disposition: str | None = None
    close_reason: CloseReason | None = None
    closed_us: int | None = None
    rating_invited: bool = False
    rating: int | None = None

    @property
    def open(self) -> bool:
        """Whether the customer can still write: queued or active."""
        return self.episode in ("queued", "active")

    @property
    def ai_holds(self) -> bool:
        """Whether the AI speaks."""
        return self.holder.kind == "ai"

    @property
    def needs_person(self) -> bool:
        """Whether only a person can go on: asked for, called by the AI, or for safety's sake."""
        return self.gave_up or self.asked_us is not None or self.danger != ""

    @property
    def ai_answers(self) -> bool:
        """Whether the AI may take a turn: it speaks, and waits for no person."""
        return self.ai_holds and not self.gave_up and not self.danger

    def written_since(self, action: Action) -> int:
        """Return the customer's last message after an action was proposed, 0 if there is none."""
        return self.customer_seq if self.customer_seq > action.seq else 0

    def held_by(self, worker_id: str) -> bool:
        """Whether this worker speaks."""
        return self.holder.kind == "worker" and self.holder.id == worker_id


def stream_of(chat_id: str) -> str:
    """Return the name of a chat's stream."""
    return f"chat/{chat_id}"


def chat_id_of(stream: str) -> str | None:
    """Return the chat whose stream this is, None for other streams."""
    return stream[5:] if stream.startswith("chat/") else None


def turn_id_of(chat_id: str, seq: int) -> str:
    """Return the id of the turn that the event `seq` of a chat asks for; never used twice."""
    return f"turn:{chat_id}:{seq}"


def fold(chat_id: str, events: Iterable[Recorded]) -> Chat:
    """Return the chat after all of its events, oldest first."""
    chat = Chat(chat_id=chat_id)
    for event in events:
        chat = apply(chat, event)
    return chat


def apply(chat: Chat, recorded: Recorded) -> Chat:
    """Return the chat after one more event; an event that it has already seen changes nothing."""
    if recorded.seq <= chat.seq:
        return chat
    event = recorded.event
    changes: dict[str, object] = {
        "seq": recorded.seq,
        "epoch": recorded.epoch,
        "basis_seq": recorded.basis_seq,
        "at_us": recorded.at_us,
    }
    if isinstance(event, MessagePosted):
        return msgspec.structs.replace(chat, **changes, **_message(chat, event, recorded))
    match event:
        case ChatOpened():
            changes |= {
                "episode": "queued",
                "customer_id": event.customer_id,
                "customer_asserted": event.asserted,
                "customer_name": event.customer_name,
                "covariates": event.covariates,
                "channel": event.channel,
                "language": event.language,
                "issue_class": event.issue_class,
                "previous_chat_id": event.previous_chat_id,
                "policy_version": event.policy_version,
                "trial_id": event.trial_id,
                "opened_us": recorded.at_us,
                "queued_us": recorded.at_us,
                "last_customer_us": recorded.at_us,
            }
        case EligibilityAssessed():
            changes["eligible"] = event.eligible
            changes["eligibility_score"] = event.score
            if event.issue_class is not None:
                changes["issue_class"] = event.issue_class
        case OwnerSet():
            changes["owner"] = event.owner
            changes["group"] = event.group
            if chat.first_owner is None:
                changes["first_owner"] = event.owner
        case HolderChanged():
            changes |= _holder(chat, event, recorded)
        case WhisperSent():
            changes["gave_up"] = False
            if chat.ai_holds and chat.turn_id is None and not chat.danger:
                changes["turn_id"] = turn_id_of(chat.chat_id, recorded.seq)
        case EscalationDeclined():
            changes |= {"gave_up": False, "asked_us": None, "danger": ""}
            changes["raised"] = chat.raised - {"requested"}
            if chat.needs_person and chat.ai_holds and chat.turn_id is None:
                changes["turn_id"] = turn_id_of(chat.chat_id, recorded.seq)
        case EscalationTaken():
            changes["danger"] = ""
        case TurnStarted():
            changes["turn_id"] = event.turn_id
        case TurnFinished() | TurnFailed():
            if event.turn_id == chat.turn_id:
                changes["turn_id"] = None
            failed = isinstance(event, TurnFailed) or event.outcome == "gave_up"
            if failed and chat.ai_holds:
                changes["gave_up"] = True
        case DraftDiscarded():
            if event.reason == "basis":
                changes["stale_drafts"] = chat.stale_drafts + 1
        case LabelsChanged():
            changes["labels"] = (chat.labels | set(event.added)) - set(event.removed)
        case WrapUpStarted():
            changes |= {
                "episode": "wrap_up",
                "waiting_since_us": None,
                "close_reason": event.reason,
                "disposition": event.disposition or chat.disposition,
            }
        case WrapUpEnded():
            changes["disposition"] = event.disposition or chat.disposition
        case ChatClosed():
            changes |= {
                "episode": "closed",
                "holder": NOBODY,
                "turn_id": None,
                "waiting_since_us": None,
                "close_reason": event.reason,
                "disposition": event.disposition or chat.disposition,
                "closed_us": recorded.at_us,
            }
        case RatingInvited():
            changes["rating_invited"] = True
        case RatingGiven():
            changes["rating"] = event.rating
        case _:
            pass
    if isinstance(event, ActionEvent):
        changes["actions"] = actions = apply_action(chat.actions, event, recorded)
        if chat.ai_answers and chat.open and chat.turn_id is None:
            action = actions.get(event.action_id)
            if action is not None and action.awaited and action.settled:
                changes["turn_id"] = turn_id_of(chat.chat_id, recorded.seq)
    elif isinstance(event, SupervisionEvent):
        changes["escalation"] = apply_escalation(chat.escalation, event, recorded)
        changes["standings"] = _standings(chat, event, recorded)
        if isinstance(event, NudgeShown) and event.kind == "look_now":
            changes["look_us"] = recorded.at_us
        if isinstance(event, DecisionDrawn) and event.point == "nudge":
            changes |= {"nudges": chat.nudges + 1, "nudged_us": recorded.at_us}
        if isinstance(event, FlagRaised):
            changes |= _flagged(chat, event, recorded)
        if isinstance(event, SuggestionShown) and event.source.startswith(CAUTION):
            changes["cautions"] = chat.cautions | {event.source}
    return msgspec.structs.replace(chat, **changes)


def _flagged(chat: Chat, event: FlagRaised, recorded: Recorded) -> dict[str, object]:
    """Return what a flag changes; the path is that of a chat in which the AI could be helped."""
    changes: dict[str, object] = {}
    heard = chat.holder.kind == "nobody" or (chat.ai_holds and not event.shadow)
    if event.cause == "requested" and heard and chat.asked_us is None:
        changes["asked_us"] = recorded.at_us
    if event.shadow or event.kind == LATE_REPLY:
        return changes
    changes["raised"] = chat.raised | {event.cause}
    if event.kind.startswith(SAFETY):
        changes |= {"danger": event.kind, "turn_id": None}
    if chat.path == "none" and (chat.ai_holds or not event.kind):
        changes["path"] = event.cause
    return changes


def _standings(chat: Chat, event: SupervisionEvent, recorded: Recorded) -> dict[Cause, Standing]:
    if isinstance(event, FlagRaised) and not event.advanced and event.reason != "over_budget":
        return {**chat.standings, event.cause: Standing(fired_us=recorded.at_us)}
    if isinstance(event, ChatScored) and event.author == "customer" and chat.standings:
        return {
            cause: msgspec.structs.replace(
                one, lowest=min(one.lowest, event.scores.get(cause, one.lowest))
            )
            for cause, one in chat.standings.items()
        }
    return chat.standings


def _message(chat: Chat, event: MessagePosted, recorded: Recorded) -> dict[str, object]:
    if event.visibility == "note":
        return {}
    changes: dict[str, object] = {
        "last_public_us": recorded.at_us,
        "last_public_author": event.author,
    }
    if event.author == "customer":
        changes["last_customer_us"] = recorded.at_us
        changes["customer_messages"] = chat.customer_messages + 1
        changes["customer_seq"] = recorded.seq
        if chat.waiting_since_us is None:
            changes["waiting_since_us"] = recorded.at_us
        if chat.ai_answers and chat.turn_id is None:
            changes["turn_id"] = turn_id_of(chat.chat_id, recorded.seq)
    elif event.author == "ai":
        changes["ai_messages"] = chat.ai_messages + 1
        changes["stale_drafts"] = 0
        changes["waiting_since_us"] = None
    elif event.author == "system":
        changes |= _notice(chat, event, recorded)
    elif event.author == "worker":
        changes["worker_messages"] = chat.worker_messages + 1
        changes["short_replies"] = chat.short_replies + 1 if _is_short(event.text) else 0
        changes["waiting_since_us"] = None
        changes["escalation"] = answered(chat.escalation)
    return changes


def _is_short(text: str) -> bool:
    """Return whether a reply is short and asks nothing; an ideograph counts for three letters."""
    size = sum(1 if letter.isascii() else 3 for letter in text.strip())
    return size < SHORT_CHARS and "?" not in text and "？" not in text


def _notice(chat: Chat, event: MessagePosted, recorded: Recorded) -> dict[str, object]:
    if event.template is not None and event.template.startswith(CAUTION):
        return {"cautions": chat.cautions | {event.template}}
    if event.template in WAIT_NOTICES:
        return {"notice": event.template}
    if event.template == "still_there":
        return {"reminded_us": recorded.at_us}
    return {}


def _holder(chat: Chat, event: HolderChanged, recorded: Recorded) -> dict[str, object]:
    changes: dict[str, object] = {
        "holder": event.to,
        "turn_id": None,
        "gave_up": False,
        "stale_drafts": 0,
        "notice": "",
        "taken_us": recorded.at_us,
        "look_us": 0,
        "short_replies": 0,
        "nudges": 0,
        "nudged_us": 0,
        "raised": frozenset(),
        "cautions": frozenset(),
        "escalation": answered(chat.escalation),
    }
    if event.to.kind == "worker":
        changes |= {"asked_us": None, "danger": ""}
    if event.to.kind == "nobody":
        changes["episode"] = "queued"
        changes["queued_us"] = recorded.at_us
    else:
        changes["episode"] = "active"
    if event.to.kind == "ai":
        changes["handed_back_seq"] = recorded.seq if chat.worker_messages or event.note else 0
        if chat.waiting_since_us is not None:
            changes["turn_id"] = turn_id_of(chat.chat_id, recorded.seq)
    if (
        chat.ai_holds
        and event.to.kind == "worker"
        and event.reason in ("takeover", "reply")
        and chat.path == "none"
    ):
        changes["path"] = "human_initiated"
    return changes
