"""From scores to a person: which cause fires, when chance may add help, and what it may cost.

Two rules hold whatever a policy says. A request for a person and a broken policy rule always get
through: no budget, cool-down or draw stands before them. And chance only adds or advances help:
what is raised by chance starts no cool-down, uses none of the budget, and a flag that is due while
a raised-by-chance escalation still waits starts the ladder anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from stepin.core.assignment import uniform_from
from stepin.core.chat import Chat
from stepin.core.decide.decision import Decision, after
from stepin.core.decide.escalating import Reachable, raise_flag
from stepin.core.escalation import gravity
from stepin.core.events.supervision import NOTHING, DecisionDrawn, FlagRaised, NudgeShown
from stepin.core.opinion import LEARNED, Opinion
from stepin.core.policy import AlertPolicy, Policy
from stepin.core.record import NewEvent, Versions

LOOK_NOW = "look_now"


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner may still be asked in this hour.

    Attributes
    ----------
    budget, chance : the keys that a budgeted alert, and help by chance, would claim; None if the
        hour's are used up, empty if there is no limit.
    rivals : how far the owner's other chats of the last hour went past their thresholds.
    """

    budget: str | None = ""
    chance: str | None = ""
    rivals: tuple[float, ...] = ()


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A cause at this turn: whether it is due, and the chance that it is raised.

    `kept` says why a cause over its threshold isn't raised: hysteresis, cool_down or budget.
    """

    opinion: Opinion
    threshold: float
    due: bool
    probability: float
    kept: Literal["", "hysteresis", "cool_down", "budget"] = ""

    @property
    def margin(self) -> float:
        """How far over the threshold, as a share of the way to 1; below 0 under it."""
        return margin(self.opinion.score, self.threshold)


def margin(score: float, threshold: float) -> float:
    """Return how far a score is over a threshold, as a share of the way from there to 1."""
    return (score - threshold) / max(1.0 - threshold, 1e-6)


def threshold_of(opinion: Opinion, policy: AlertPolicy) -> float:
    """Return the policy's threshold for the cause, the detector's own if it sets none."""
    if opinion.cause not in LEARNED:
        return opinion.threshold
    named: float | None = getattr(policy, opinion.cause)
    return opinion.threshold if named is None else named


def weigh(
    chat: Chat, opinions: Sequence[Opinion], policy: AlertPolicy, room: Room, *, now_us: int
) -> list[Candidate]:
    """Return every opinion as a candidate, what is due first, then by gravity and margin."""
    found = [_candidate(chat, one, policy, room, now_us) for one in opinions]
    return sorted(found, key=lambda c: (not c.due, *_place(c)))


def _place(candidate: Candidate) -> tuple[int, float]:
    opinion = candidate.opinion
    return gravity(opinion.cause, opinion.kind), -candidate.margin


def _candidate(
    chat: Chat, opinion: Opinion, policy: AlertPolicy, room: Room, now_us: int
) -> Candidate:
    threshold = threshold_of(opinion, policy)
    due = opinion.score >= threshold
    if opinion.cause not in LEARNED:
        return Candidate(
            opinion=opinion, threshold=threshold, due=due, probability=float(due)
        )  # fmt: skip
    kept: Literal["", "hysteresis", "cool_down", "budget"] = ""
    standing = chat.need.standings.get(opinion.cause)
    if due and standing is not None:
        if now_us - standing.fired_us < policy.cool_down_s * 1e6:
            kept = "cool_down"
        elif min(standing.lowest, opinion.score) > threshold - policy.hysteresis:
            kept = "hysteresis"
    if due and not kept and not _in_budget(margin(opinion.score, threshold), policy, room):
        kept = "budget"
    if due and not kept:
        return Candidate(opinion=opinion, threshold=threshold, due=True, probability=1.0)
    chance = 0.0 if room.chance is None or kept else by_chance(opinion.score, threshold, policy)
    return Candidate(
        opinion=opinion, threshold=threshold, due=False, probability=chance, kept=kept
    )  # fmt: skip


def _in_budget(over: float, policy: AlertPolicy, room: Room) -> bool:
    """Return whether the chat is among the worst of the hour and the hour has room."""
    if policy.per_hour is None:
        return True
    worse = sum(rival > over for rival in room.rivals)
    return room.budget is not None and worse < policy.per_hour


def by_chance(score: float, threshold: float, policy: AlertPolicy) -> float:
    """Return the chance that a cause under its threshold is raised all the same.

    The threshold is drawn uniformly from `jitter` below it; a score of at least half of it is
    advanced with the chance `advance`.
    """
    jittered = 0.0
    if policy.jitter > 0.0:
        jittered = min(1.0, max(0.0, (score - (threshold - policy.jitter)) / policy.jitter))
    advanced = policy.advance if score >= threshold / 2 else 0.0
    return max(jittered, advanced)


def probabilities(candidates: Sequence[Candidate]) -> tuple[float, ...]:
    """Return the chance that each candidate is the one raised, and last that none is."""
    left, found = 1.0, []
    for candidate in candidates:
        found.append(left * candidate.probability)
        left -= found[-1]
    return (*found, max(0.0, left))


def alert(
    chat: Chat,
    opinions: Sequence[Opinion],
    policy: Policy,
    reachable: Reachable,
    room: Room,
    *,
    turn_seq: int,
    key: str,
    now_us: int,
) -> Decision:
    """Decide whom the scores of a turn bring: the draw, and the flag with its alert.

    Chance has its say only where the AI holds the chat and no escalation lives. Elsewhere flags
    are raised in shadow, where their cause is due.
    """
    alerts = policy.alerts
    if not chat.open:
        return Decision(events=())
    live = chat.escalation is not None and chat.escalation.live
    if not chat.ai_holds or live:
        room = msgspec.structs.replace(room, chance=None)
    opinions = [one for one in opinions if alerts.names(one.cause) or not chat.ai_holds]
    candidates = weigh(chat, opinions, alerts, room, now_us=now_us)
    chances = probabilities(candidates)
    pick = _pick(chances, key)
    picked = candidates[pick] if pick < len(candidates) else None
    head = picked or (max(candidates, key=lambda c: c.margin) if candidates else None)
    drawn = DecisionDrawn(
        point="alert",
        options=(*(c.opinion.cause for c in candidates), NOTHING),
        probabilities=chances,
        drawn=NOTHING if picked is None else picked.opinion.cause,
        draw_key=key,
        available=chat.ai_holds and not live and (head is None or not head.kept),
        score=None if head is None else head.opinion.score,
        threshold=None if head is None else head.threshold,
        turn_seq=turn_seq,
    )
    versions = Versions(policy=policy.version)
    events: list[NewEvent] = [NewEvent(event=drawn, versions=versions)]
    if picked is None:
        over = _over_budget(candidates, turn_seq)
        events += [NewEvent(event=over, versions=versions)] if over is not None else []
        if chat.ai_holds and not live:
            return _look_now(chat, policy, room, events, turn_seq=turn_seq, key=key)
        return Decision(events=tuple(events))
    due = [picked, *(c for c in candidates if c is not picked and _always(c))]
    flagged = Decision(events=tuple(events))
    for one in due:
        flagged = _raise(chat, one, policy, reachable, flagged, turn_seq=turn_seq, now_us=now_us)
    return msgspec.structs.replace(flagged, claims=_claims(chat, picked, room, live))


def _always(candidate: Candidate) -> bool:
    """Return whether a cause is flagged beside the one that was drawn, being said outright."""
    return candidate.due and candidate.opinion.cause not in LEARNED


def _pick(chances: Sequence[float], key: str) -> int:
    draw, reached = uniform_from(key), 0.0
    for place, chance in enumerate(chances):
        reached += chance
        if draw < reached:
            return place
    return len(chances) - 1


def _flag(candidate: Candidate, turn_seq: int, **more: object) -> FlagRaised:
    opinion = candidate.opinion
    return FlagRaised(
        cause=opinion.cause,
        turn_seq=turn_seq,
        raised_by=opinion.raised_by,
        score=opinion.score,
        threshold=candidate.threshold,
        detector=opinion.detector,
        kind=opinion.kind,
        **{"reason": opinion.reason, **more},  # type: ignore[arg-type]
    )


def _over_budget(candidates: Sequence[Candidate], turn_seq: int) -> FlagRaised | None:
    """Return a shadow flag for a chat that was due and for which the hour had no room."""
    due = next((c for c in candidates if c.kept == "budget"), None)
    return None if due is None else _flag(due, turn_seq, shadow=True, reason="over_budget")


def _raise(
    chat: Chat,
    picked: Candidate,
    policy: Policy,
    reachable: Reachable,
    before: Decision,
    *,
    turn_seq: int,
    now_us: int,
) -> Decision:
    flag = _flag(picked, turn_seq, advanced=not picked.due)
    shifted = after(chat, before.events, now_us=now_us)
    flagged = raise_flag(shifted, flag, policy, reachable, actor="system", now_us=now_us)
    return Decision(
        events=before.events + flagged.events, work=flagged.work or before.work
    )  # fmt: skip


def _claims(chat: Chat, picked: Candidate, room: Room, live: bool) -> tuple[str, ...]:
    if not chat.ai_holds or picked.opinion.cause not in LEARNED:
        return ()
    if not picked.due:
        return (room.chance,) if room.chance else ()
    graver = chat.escalation is not None and chat.escalation.yields_to(_flag(picked, 0))
    return (room.budget,) if room.budget and (graver or not live) else ()


def _look_now(
    chat: Chat,
    policy: Policy,
    room: Room,
    before: Sequence[NewEvent],
    *,
    turn_seq: int,
    key: str,
) -> Decision:
    """Draw whether the owner is asked to have a look at a chat that nothing speaks against."""
    share = policy.alerts.look_now
    if share <= 0.0 or chat.owner is None:
        return Decision(events=tuple(before))
    available = room.chance is not None
    chance = share if available else 0.0
    look = uniform_from(f"{key}:{LOOK_NOW}") < chance
    drawn = DecisionDrawn(
        point=LOOK_NOW,
        options=(LOOK_NOW, NOTHING),
        probabilities=(chance, 1.0 - chance),
        drawn=LOOK_NOW if look else NOTHING,
        draw_key=f"{key}:{LOOK_NOW}",
        available=available,
        turn_seq=turn_seq,
    )
    versions = Versions(policy=policy.version)
    events = (*before, NewEvent(event=drawn, versions=versions))
    if not look:
        return Decision(events=events)
    shown = NewEvent(event=NudgeShown(worker_id=chat.owner, kind=LOOK_NOW))
    return Decision(
        events=(*events, shown), claims=(room.chance,) if room.chance else ()
    )  # fmt: skip
