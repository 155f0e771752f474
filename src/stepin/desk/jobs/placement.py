"""What the dispatcher would do next on a floor: a pure function, so that it can be tested bare."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from stepin.core.assignment import Draw, Slot, draw_owner
from stepin.core.chat import Chat
from stepin.core.decide.decision import Decision
from stepin.core.decide.opening import assign
from stepin.core.decide.queueing import finish_for, give, release, replace_owner, tell_waiting
from stepin.core.events.base import Scalar
from stepin.desk.state.floor import Floor
from stepin.desk.state.policies import Policies

_WORSE = {"": 0, "waiting": 1, "nobody_here": 2, "outside_hours": 3}


class PlacementStep(msgspec.Struct, frozen=True):
    """One thing to do in one chat, decided on the chat as the floor knows it."""

    chat: Chat
    decision: Decision


def next_step(floor: Floor, policies: Policies, *, now_us: int) -> PlacementStep | None:
    """Return what has to be done next, None if nothing can be done now.

    Chats of workers who have gone come first, then chats whose AI was stopped, then the queue in
    its order. A chat that can't be placed is told so, once for each reason.
    """
    steps = (
        _stranded(floor, policies, now_us),
        _stopped(floor, policies, now_us),
        _queue(floor, policies, now_us),
    )
    return next((step for some in steps for step in some), None)


def _stranded(floor: Floor, policies: Policies, now_us: int) -> Iterator[PlacementStep]:
    for gone in [w for w in floor.owned if w in floor.gone]:
        for chat in [floor.chats[c] for c in sorted(floor.owned[gone])]:
            if chat.episode == "wrap_up":
                yield PlacementStep(chat, finish_for(chat))
            elif chat.held_by(gone):
                policy = policies.of(chat)
                yield PlacementStep(chat, release(chat, "signed_off", policy, now_us=now_us))
            elif chat.ai_holds:
                draw = _draw(floor, policies, chat, slot="supervised")
                if draw.drawn is not None:
                    yield PlacementStep(
                        chat, replace_owner(chat, draw, covariates=_covariates(floor, draw))
                    )


def _stopped(floor: Floor, policies: Policies, now_us: int) -> Iterator[PlacementStep]:
    if not policies.stopped and not policies.brainless:
        return
    for chat in list(floor.chats.values()):
        policy = policies.of(chat)
        if chat.ai_holds and not policy.ai.enabled:
            yield PlacementStep(chat, release(chat, "kill_switch", policy, now_us=now_us))


def _queue(floor: Floor, policies: Policies, now_us: int) -> Iterator[PlacementStep]:
    full: set[tuple[object, ...]] = set()
    for place, chat_id in enumerate(floor.queue(), start=1):
        chat = floor.chats[chat_id]
        first = chat.epoch == 0 and chat.group is None
        slot = _slot(chat, policies) if first else "held"
        arm = None if first else policies.arm_of(chat.first_owner)
        kind = (chat.group, arm, slot)
        draw = None if kind in full else _draw(floor, policies, chat, slot=slot)
        if draw is not None and draw.drawn is not None:
            policy = policies.of(chat, owner=draw.drawn)
            known = _covariates(floor, draw)
            if first:
                yield PlacementStep(chat, assign(chat, draw, policy, covariates=known))
            else:
                yield PlacementStep(chat, give(chat, draw, policy, covariates=known))
            return
        full.add(kind)
        if chat.danger:
            # They know that somebody is being asked to come: a number in a queue is no comfort.
            continue
        template = _template(floor, policies, chat, now_us)
        if _WORSE[template] > _WORSE.get(chat.notice, 0):
            yield PlacementStep(chat, tell_waiting(chat, template, place=place))
            return


def _draw(floor: Floor, policies: Policies, chat: Chat, *, slot: Slot) -> Draw:
    rule = policies.assignment
    key = f"assign:{chat.chat_id}:{chat.epoch}"
    among = policies.mates(chat.first_owner)
    owner = chat.owner
    if chat.episode == "queued" and owner is not None and chat.group is None:
        own = draw_owner(floor.signed_on, floor.loads, rule, key=key, among=(owner,), slot=slot)
        if own.drawn is not None:
            return own
    return draw_owner(
        floor.signed_on, floor.loads, rule, key=key, group=chat.group, among=among, slot=slot
    )


def _slot(chat: Chat, policies: Policies) -> Slot:
    with_ai = chat.eligible and not chat.danger and policies.supervises
    return "supervised" if with_ai else "held"


def _template(floor: Floor, policies: Policies, chat: Chat, now_us: int) -> str:
    if any(not p.away for p in floor.signed_on.values()):
        return "waiting"
    return "nobody_here" if policies.of(chat).opening.is_open(now_us) else "outside_hours"


def _covariates(floor: Floor, draw: Draw) -> dict[str, Scalar]:
    presence = floor.signed_on.get(draw.drawn or "")
    return {} if presence is None else presence.covariates
