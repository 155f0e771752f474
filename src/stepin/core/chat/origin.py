"""Where a chat comes from: its customer, and what was known before anyone acted."""

from __future__ import annotations

import msgspec

from stepin.core.events import Event
from stepin.core.events.base import Scalar
from stepin.core.events.chat import ChatOpened, EligibilityAssessed
from stepin.core.record import Recorded


class ChatOrigin(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The customer of a chat, and what was known of it at its opening."""

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
    opened_us: int = 0


ORIGIN_EVENTS: tuple[type[Event], ...] = (ChatOpened, EligibilityAssessed)


def fold_origin(now: ChatOrigin, event: Event, recorded: Recorded) -> ChatOrigin:
    """Return the origin after one more event."""
    match event:
        case ChatOpened():
            return msgspec.structs.replace(
                now,
                customer_id=event.customer_id,
                customer_asserted=event.asserted,
                customer_name=event.customer_name,
                covariates=event.covariates,
                channel=event.channel,
                language=event.language,
                issue_class=event.issue_class,
                previous_chat_id=event.previous_chat_id,
                policy_version=event.policy_version,
                trial_id=event.trial_id,
                opened_us=recorded.at_us,
            )
        case EligibilityAssessed():
            return msgspec.structs.replace(
                now,
                eligible=event.eligible,
                eligibility_score=event.score,
                issue_class=now.issue_class if event.issue_class is None else event.issue_class,
            )
        case _:
            return now
