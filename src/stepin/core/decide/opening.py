"""The start of a chat: opened, assessed, and given to an owner and a holder."""

from __future__ import annotations

import msgspec

from stepin.core.assignment import Draw
from stepin.core.chat import Chat
from stepin.core.command import Actor, OpenChat
from stepin.core.danger import Safety
from stepin.core.decide.decision import (
    Decision,
    by,
    idle_timer,
    must_have_text,
    reply_by_us,
)
from stepin.core.decide.escalating import Reachable
from stepin.core.decide.safeguarding import safeguard
from stepin.core.events import Event
from stepin.core.events.base import Scalar
from stepin.core.events.chat import (
    ChatOpened,
    EligibilityAssessed,
    HolderChanged,
    MessagePosted,
    OwnerSet,
)
from stepin.core.events.supervision import DecisionDrawn
from stepin.core.holder import ai, worker
from stepin.core.notice import notice
from stepin.core.policy import Policy
from stepin.core.record import NewEvent, Versions


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What was known when the chat was opened, before anyone acted."""

    assessment: EligibilityAssessed
    policy: Policy
    customer_asserted: bool
    customer_name: str | None = None
    previous_chat_id: str | None = None
    trial_id: str | None = None
    covariates: dict[str, Scalar] = {}


def open_chat(
    command: OpenChat,
    actor: Actor,
    opening: Opening,
    reachable: Reachable,
    safety: Safety,
    *,
    chat_id: str,
    now_us: int,
) -> Decision:
    """Decide the start of a chat: it waits, assessed, until an owner is drawn.

    Where its first message tells of danger people are alerted at once (see `safeguard`).
    """
    text = must_have_text(command.text, "message")
    opened = ChatOpened(
        customer_id=actor.id,
        asserted=opening.customer_asserted,
        channel=command.channel,
        language=command.language,
        issue_class=command.issue_class,
        previous_chat_id=opening.previous_chat_id,
        policy_version=opening.policy.version,
        trial_id=opening.trial_id,
        customer_name=opening.customer_name,
        covariates=opening.covariates,
    )
    versions = Versions(
        policy=opening.policy.version, detector=opening.assessment.classifier_version
    )
    events = (
        NewEvent(event=opened, actor=str(actor), versions=versions),
        NewEvent(event=MessagePosted(author="customer", text=text), actor=str(actor)),
        NewEvent(event=opening.assessment, versions=versions),
    )
    guarded = safeguard(
        Chat(chat_id=chat_id),
        events,
        text,
        opening.policy,
        reachable,
        safety,
        turn_seq=2,
        now_us=now_us,
    )
    idle = idle_timer(chat_id, now_us + int(opening.policy.times.reminder_s * 1e6))
    return Decision(events=events + guarded.events, work=(idle, *guarded.work))


def assign(chat: Chat, draw: Draw, policy: Policy, *, covariates: dict[str, Scalar]) -> Decision:
    """Decide the first owner and holder of a waiting chat from a draw that found somebody.

    What the customer has said till then is scored from here on, when it is known who would be
    alerted.

    The AI holds if the chat is eligible, the owner's policy switches the AI on, no person was
    asked for by a transfer, and nobody's safety is at stake; else the owner holds.
    """
    assert draw.drawn is not None
    may = policy.ai.enabled and chat.eligible is True and not chat.danger
    with_ai = may and chat.group is None and chat.epoch == 0
    holder = ai(policy.ai.brain) if with_ai else worker(draw.drawn)
    drawn = DecisionDrawn(
        point="assignment",
        options=draw.candidates,
        probabilities=draw.probabilities,
        drawn=draw.drawn,
        draw_key=draw.key,
    )
    owner = OwnerSet(
        owner=draw.drawn,
        previous=chat.owner,
        rule=draw.rule,
        candidates=draw.candidates,
        probabilities=draw.probabilities,
        draw_key=draw.key,
        covariates=covariates,
    )
    held = HolderChanged(from_=chat.holder, to=holder, reason="assigned")
    versions = Versions(policy=policy.version)
    events: list[Event] = [drawn, owner]
    new = [NewEvent(event=e, versions=versions) for e in events]
    new.append(NewEvent(event=held, epoch=chat.epoch + 1, versions=versions))
    if with_ai and policy.ai.disclosed and chat.ai_messages == 0:
        new.extend(by(Actor(kind="system"), notice("ai_disclosure", chat.language)))
    return Decision(events=tuple(new), reply_by_us=reply_by_us(policy, chat.at_us))
