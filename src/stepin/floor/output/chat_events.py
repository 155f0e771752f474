"""Events of chats: each moment of a chat as the desk would have told it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from stepin.core.events import Event
from stepin.core.events.base import Cause, CloseReason, LadderStep
from stepin.core.events.chat import (
    ChatClosed,
    ChatOpened,
    EligibilityAssessed,
    HolderChanged,
    HolderReason,
    MessagePosted,
    OwnerSet,
    RatingGiven,
    RatingInvited,
)
from stepin.core.events.supervision import (
    AlertAcknowledged,
    AlertShown,
    EscalationExpired,
    EscalationTaken,
    EscalationWithdrawn,
    FlagRaised,
)
from stepin.core.holder import NOBODY, Holder, ai, worker
from stepin.core.record import SYSTEM, Versions
from stepin.floor.engine.reference_work import CHARS_MEAN
from stepin.floor.engine.trace import (
    AI_SAID,
    ALERT,
    CLOSED,
    CUSTOMER,
    EXPIRED,
    FLAG,
    HAND_BACK,
    HELD,
    OPENED,
    OWNED,
    TAKEN,
    TAKEOVER,
    WITHDRAWN,
    WORKER_SAID,
    Run,
)
from stepin.floor.output.facts import BRAIN, CLASSIFIER, DETECTORS, chat_ids
from stepin.floor.output.opening import CHANNELS, opening
from stepin.floor.randomness.philox import block
from stepin.floor.randomness.purposes import GENERATION, HUMAN_MORE
from stepin.floor.trial import trial_plan

Told = tuple[Event, str, int | None, int | None]
"""An event, its actor, the epoch that it begins, and the seq of what caused it."""

_CAUSES: Final[tuple[Cause, ...]] = ("technical", "technical", "emotional")
_STEPS: Final[tuple[LadderStep, ...]] = ("owner", "pool", "lead")
_REASONS: Final[tuple[CloseReason, ...]] = ("resolved", "abandoned", "timed_out")
_BY_AI: Final = f"ai:{BRAIN}"
_REPLY_CHARS: Final = 80


class ChatEvents:
    """Tells the events of a run's chats, one moment after the other."""

    def __init__(self, run: Run) -> None:
        self._run = run
        c = run.chats
        everybody = np.arange(run.size)
        self._names: list[str] = chat_ids(c["base"], c["generation"]).to_pylist()
        self._workers = run.inputs.names
        self._seen = opening(run, everybody)
        arms = run.inputs.scenario.arms
        versions = (arms.control.version, arms.treated.version)
        treated = (c["arm"] == 1) & (c["owned"] >= run.inputs.treated_from_min)
        self._versions = [Versions(policy=v) for v in versions]
        self._policy: list[int] = treated.astype(int).tolist()
        self._trial = trial_plan(run.inputs.scenario, 0).name
        self._rule = arms.control.assignment.rule
        self._epoch: dict[int, int] = {}
        self._holder: dict[int, Holder] = {}
        self._owner: dict[int, str] = {}
        self._flag: dict[int, tuple[int, Cause]] = {}
        self._said: dict[int, int] = {}
        self._turns: dict[int, int] = {}
        self._tell = {
            OPENED: self._opened, OWNED: self._owned, HELD: self._held,
            CUSTOMER: self._customer, AI_SAID: self._ai_said, WORKER_SAID: self._worker_said,
            FLAG: self._flagged, ALERT: self._alerted, TAKEN: self._taken,
            EXPIRED: self._expired, WITHDRAWN: self._withdrawn, CLOSED: self._closed,
        }  # fmt: skip

    def name(self, chat: int) -> str:
        """Return a chat's id."""
        return self._names[chat]

    def versions(self, chat: int) -> Versions:
        """Return the policy in force for a chat."""
        return self._versions[self._policy[chat]]

    def told(
        self, code: int, chat: int, worker_number: int, x: float, next_code: int
    ) -> Iterator[Told]:
        """Yield the events of a moment; of some there are none."""
        tell = self._tell.get(code)
        if tell is not None:
            yield from tell(chat, worker_number, x, next_code)

    def placed(self, chat: int, event: Event, seq: int) -> None:
        """Remember where an event stands that later ones name."""
        if isinstance(event, FlagRaised):
            self._flag[chat] = (seq, event.cause)
        elif isinstance(event, MessagePosted):
            self._said[chat] = seq

    def _opened(self, chat: int, _w: int, _x: float, _n: int) -> Iterator[Told]:
        c, seen = self._run.chats, self._seen
        of = self._run.inputs.scenario
        generation, base = int(c["generation"][chat]), int(c["base"][chat])
        issue = of.issues[int(c["issue"][chat])]
        actor = f"customer:k{base}"
        yield (
            ChatOpened(
                customer_id=f"k{base}",
                asserted=True,
                channel=CHANNELS[int(seen.channel[chat])],
                issue_class=issue.name,
                previous_chat_id=f"c{base}.{generation - 1}" if generation else None,
                policy_version=self.versions(chat).policy,
                trial_id=self._trial,
                covariates={"tenure_days": float(seen.customer_tenure_days[chat])},
            ),
            actor, None, None,
        )  # fmt: skip
        scores = {"sentiment": float(seen.sentiment[chat])}
        if issue.eligible:
            names = ("technical", "emotional", "requested", "unaided")
            scores |= dict(zip(names, seen.paths[chat].tolist(), strict=True))
        yield (
            EligibilityAssessed(
                eligible=issue.eligible, score=float(seen.score[chat]), threshold=0.5,
                reason="issue class", classifier_version=CLASSIFIER, issue_class=issue.name,
                scores=scores,
            ),
            SYSTEM, None, None,
        )  # fmt: skip
        text = "x" * int(seen.chars[chat])
        yield MessagePosted(author="customer", text=text), actor, None, None

    def _owned(self, chat: int, who: int, x: float, _n: int) -> Iterator[Told]:
        name = self._workers[who]
        self._owner[chat] = name
        tenure = float(self._run.inputs.tenure_days[who])
        yield (
            OwnerSet(
                owner=name, rule=self._rule, candidates=(name,), probabilities=(x,),
                draw_key=self._names[chat], covariates={"tenure_days": tenure},
            ),
            SYSTEM, None, None,
        )  # fmt: skip

    def _held(self, chat: int, who: int, x: float, _n: int) -> Iterator[Told]:
        to = ai(BRAIN) if who < 0 else worker(self._workers[who])
        before = self._holder.get(chat, NOBODY)
        reasons: dict[int, HolderReason] = {TAKEOVER: "takeover", HAND_BACK: "hand_back"}
        reason = reasons.get(int(x), "assigned")
        self._holder[chat] = to
        self._epoch[chat] = self._epoch.get(chat, 0) + 1
        by = before if reason == "hand_back" else to
        actor = SYSTEM if reason == "assigned" else f"worker:{by.id}"
        change = HolderChanged(from_=before, to=to, reason=reason)
        yield change, actor, self._epoch[chat], None
        if who >= 0 and self._owner.get(chat) != to.id:
            taken = OwnerSet(owner=to.id, previous=self._owner.get(chat), reason="taken_over")
            self._owner[chat] = to.id
            yield taken, actor, None, None

    def _customer(self, chat: int, _w: int, _x: float, _n: int) -> Iterator[Told]:
        actor = f"customer:k{int(self._run.chats['base'][chat])}"
        yield MessagePosted(author="customer", text="x" * _REPLY_CHARS), actor, None, None

    def _ai_said(self, chat: int, _w: int, _x: float, _n: int) -> Iterator[Told]:
        said = MessagePosted(author="ai", text="x" * _REPLY_CHARS, basis_seq=self._said.get(chat))
        yield said, _BY_AI, None, None

    def _worker_said(self, chat: int, who: int, x: float, _n: int) -> Iterator[Told]:
        c, given = self._run.chats, self._run.inputs
        turn = self._turns.get(chat, 0)
        self._turns[chat] = turn + 1
        place = int(c["generation"][chat]) * GENERATION + turn
        u = block(given.seed, given.replication, int(c["base"][chat]), place, HUMAN_MORE)[3]
        chars = 10 + int(-CHARS_MEAN * np.log(u))
        for _ in range(int(x)):
            said = MessagePosted(author="worker", text="x" * chars)
            yield said, f"worker:{self._workers[who]}", None, None

    def _flagged(self, chat: int, _w: int, x: float, _n: int) -> Iterator[Told]:
        yield (
            FlagRaised(
                cause=_CAUSES[int(x)], turn_seq=self._said.get(chat, 0), raised_by="detector",
                detector=f"{DETECTORS[int(x)]}@1",
            ),
            SYSTEM, None, self._said.get(chat),
        )  # fmt: skip

    def _alerted(self, chat: int, who: int, x: float, _n: int) -> Iterator[Told]:
        seq, cause = self._flag[chat]
        yield (
            AlertShown(flag_seq=seq, cause=cause, step=_STEPS[int(x)], to=(self._workers[who],)),
            SYSTEM, None, seq,
        )  # fmt: skip

    def _taken(self, chat: int, who: int, x: float, _n: int) -> Iterator[Told]:
        if x < 0:
            return
        seq, _ = self._flag[chat]
        name = self._workers[who]
        actor = f"worker:{name}"
        yield AlertAcknowledged(flag_seq=seq, worker_id=name), actor, None, seq
        yield EscalationTaken(flag_seq=seq, worker_id=name), actor, None, seq

    def _expired(self, chat: int, _w: int, x: float, next_code: int) -> Iterator[Told]:
        seq, _ = self._flag[chat]
        step = _STEPS[int(x)]
        following = _STEPS[int(x) + 1] if next_code == ALERT else None
        yield (EscalationExpired(flag_seq=seq, step=step, next_step=following), SYSTEM, None, seq)

    def _withdrawn(self, chat: int, _w: int, _x: float, _n: int) -> Iterator[Told]:
        seq, _ = self._flag[chat]
        yield EscalationWithdrawn(flag_seq=seq, reason="closed"), SYSTEM, None, seq

    def _closed(self, chat: int, _w: int, x: float, _n: int) -> Iterator[Told]:
        c = self._run.chats
        epoch = self._epoch.get(chat, 0) + 1
        yield ChatClosed(reason=_REASONS[int(x)]), SYSTEM, epoch, None
        if c["invited"][chat]:
            yield RatingInvited(), SYSTEM, None, None
            if c["answered"][chat]:
                actor = f"customer:k{int(c['base'][chat])}"
                yield RatingGiven(rating=int(c["stars"][chat])), actor, None, None
        for kept in (self._holder, self._owner, self._epoch, self._flag, self._said, self._turns):
            _forget(kept, chat)


def _forget(kept: dict[int, Any], chat: int) -> None:
    kept.pop(chat, None)
