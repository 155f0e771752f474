"""What a customer says of a chat that is over."""

from __future__ import annotations

from stepin.core.chat import Chat
from stepin.core.command import Actor, Rate
from stepin.core.danger import Safety
from stepin.core.decide.decision import Decision, by, must_be
from stepin.core.decide.escalating import Reachable
from stepin.core.decide.safeguarding import safeguard
from stepin.core.events.chat import RatingGiven
from stepin.core.policy import Policy
from stepin.errors import Conflict, Refused


def rate(
    chat: Chat,
    command: Rate,
    actor: Actor,
    policy: Policy,
    reachable: Reachable,
    safety: Safety,
    *,
    now_us: int,
) -> Decision:
    """Decide a rating: by the customer, once, after an invitation.

    The rules about somebody's safety look at its comment as at every message (see `safeguard`).
    """
    must_be(actor, "customer")
    if not 1 <= command.rating <= 5:
        raise Refused(
            f"A rating is 1 to 5, not {command.rating}.",
            hint="Send a whole number from 1 (worst) to 5 (best).",
            code="rating_range",
            rating=command.rating,
        )
    if not chat.rating_invited:
        raise Conflict("This chat isn't over yet.", hint="Rate it at its end.", code="not_invited")
    if chat.rating is not None:
        raise Conflict("This chat was rated already.", code="already_rated", rating=chat.rating)
    events = by(actor, RatingGiven(rating=command.rating, comment=command.comment))
    guarded = safeguard(
        chat,
        events,
        command.comment or "",
        policy,
        reachable,
        safety,
        turn_seq=chat.seq + 1,
        now_us=now_us,
        where="said in a rating",
    )
    return Decision(events=events + guarded.events, work=guarded.work)
