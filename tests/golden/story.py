"""The golden log: a small day on the floor, told event by event, the same bytes every time.

Four workers in two arms and six chats: resolved by the AI; a technical rescue with a hand-back; a
refund approved by a person; an emotional takeover with a low rating; a chat that people handled
from start to end; a customer who left. Run as a module it writes `log.jsonl`.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from stepin.core.events import KINDS, Event
from stepin.core.events.action import (
    ActionApproved,
    ActionProposed,
    ActionStarted,
    ActionSucceeded,
)
from stepin.core.events.chat import (
    ChatClosed,
    ChatOpened,
    DraftDiscarded,
    EligibilityAssessed,
    HolderChanged,
    MessagePosted,
    OwnerSet,
    RatingGiven,
    RatingInvited,
    TurnFinished,
    TurnStarted,
    WhisperSent,
    WrapUpEnded,
    WrapUpStarted,
)
from stepin.core.events.floor import (
    FocusMoved,
    LogOpened,
    PolicyChanged,
    TrialLocked,
    TrialRegistered,
    WorkerAssigned,
    WorkerSignedOff,
    WorkerSignedOn,
)
from stepin.core.events.supervision import (
    AlertAcknowledged,
    AlertShown,
    ChatScored,
    DecisionDrawn,
    EscalationTaken,
    FlagRaised,
)
from stepin.core.holder import NOBODY, Holder, ai, worker
from stepin.core.record import NewEvent, Recorded, Versions
from stepin.log.protocol import Append, Appended
from stepin.log.sqlite import SqliteLog

FILE = Path(__file__).with_name("log.jsonl")
START_US = 1_790_000_000_000_000
ARMS = {"w1": "treated", "w2": "control", "w3": "treated", "w4": "control"}


class Teller:
    """Appends one event after another; `wait` moves the clock."""

    def __init__(self, log: SqliteLog, clock: list[int]) -> None:
        self.log, self._clock = log, clock

    def wait(self, seconds: float) -> None:
        self._clock[0] += int(seconds * 1e6)

    async def tell(
        self, stream: str, *events: Event, actor: str = "system", epoch: int | None = None
    ) -> int:
        new = tuple(
            NewEvent(event=e, actor=actor, epoch=epoch, versions=Versions(policy="default@golden"))
            for e in events
        )
        outcome = await self.log.append(Append(stream=stream, events=new))
        assert isinstance(outcome, Appended)
        return outcome.events[-1].seq


class ChatTeller:
    """Tells one chat."""

    def __init__(self, teller: Teller, chat_id: str, customer: str, owner: str) -> None:
        self.t, self.id, self.stream = teller, chat_id, f"chat/{chat_id}"
        self.customer, self.owner = customer, owner
        self.holder: Holder = NOBODY
        self.epoch = 0
        self.turns: Iterator[int] = itertools.count(1)
        self.seq = 0

    async def tell(self, *events: Event, actor: str = "system", epoch: int | None = None) -> None:
        self.seq = await self.t.tell(self.stream, *events, actor=actor, epoch=epoch)

    async def open(
        self, text: str, *, eligible: bool, issue: str, previous: str | None = None
    ) -> None:
        await self.tell(
            ChatOpened(
                customer_id=self.customer,
                asserted=True,
                issue_class=issue,
                previous_chat_id=previous,
                policy_version="default@golden",
                trial_id="t1",
                covariates={"prior_chats": 1 if previous else 0, "tenure_days": 400},
            ),
            MessagePosted(author="customer", text=text),
            actor=f"customer:{self.customer}",
        )
        await self.tell(
            EligibilityAssessed(
                eligible=eligible,
                score=0.9 if eligible else 0.1,
                threshold=0.5,
                reason="issue_class",
                classifier_version="rules-1",
                issue_class=issue,
                scores={"technical": 0.3, "emotional": 0.1, "requested": 0.05},
            )
        )
        self.t.wait(1)
        with_ai = eligible and ARMS[self.owner] == "treated"
        await self.tell(
            DecisionDrawn(
                point="assignment",
                options=tuple(ARMS),
                probabilities=(0.25,) * 4,
                drawn=self.owner,
                draw_key=f"assign:{self.id}",
            ),
            OwnerSet(
                owner=self.owner,
                rule="uniform",
                candidates=tuple(ARMS),
                probabilities=(0.25,) * 4,
                draw_key=f"assign:{self.id}",
                covariates={"tenure_days": 375},
            ),
        )
        await self.hold(ai("builtin-1") if with_ai else worker(self.owner), "assigned")

    async def hold(self, to: Holder, reason: str, note: str | None = None) -> None:
        self.epoch += 1
        event = HolderChanged(from_=self.holder, to=to, reason=reason, note=note)  # type: ignore[arg-type]
        actor = f"worker:{to.id}" if to.kind == "worker" and reason != "assigned" else "system"
        await self.tell(event, actor=actor, epoch=self.epoch)
        self.holder = to

    async def customer_says(self, text: str, after: float = 20) -> None:
        self.t.wait(after)
        message = MessagePosted(author="customer", text=text)
        await self.tell(message, actor=f"customer:{self.customer}")

    async def ai_says(self, text: str, after: float = 2) -> None:
        turn = f"turn:{self.id}:{next(self.turns)}"
        basis = self.seq
        started = TurnStarted(turn_id=turn, attempt=1, basis_seq=basis, brain_version="builtin-1")
        await self.tell(started)
        self.t.wait(after)
        await self.tell(
            MessagePosted(author="ai", text=text, turn_id=turn, basis_seq=basis),
            actor="ai:builtin-1",
        )
        await self.tell(TurnFinished(turn_id=turn, attempt=1, outcome="answered", confidence=0.8))

    async def worker_says(self, text: str, after: float = 15) -> None:
        self.t.wait(after)
        await self.tell(MessagePosted(author="worker", text=text), actor=f"worker:{self.holder.id}")

    async def score(self, *, shadow: bool, **scores: float) -> None:
        await self.tell(
            ChatScored(detector="mood-1", turn_seq=self.seq, scores=scores, shadow=shadow)
        )

    async def close(self, reason: str, rating: int | None, by: str = "ai") -> None:
        self.epoch += 1
        if self.holder.kind == "worker":
            await self.tell(WrapUpStarted(worker_id=self.holder.id, reason=reason))  # type: ignore[arg-type]
            self.t.wait(30)
            await self.tell(WrapUpEnded(worker_id=self.holder.id, disposition="done"))
        await self.tell(ChatClosed(reason=reason, closed_by=by), epoch=self.epoch)  # type: ignore[arg-type]
        await self.tell(RatingInvited())
        if rating is not None:
            self.t.wait(10)
            await self.tell(RatingGiven(rating=rating), actor=f"customer:{self.customer}")


async def tell_story(log: SqliteLog, clock: list[int]) -> None:
    """Append the whole story."""
    t = Teller(log, clock)
    await t.tell(
        "desk", PolicyChanged(name="default", policy_version="default@golden", text="", why="start")
    )
    await t.tell("trial/t1", TrialRegistered(trial_id="t1", plan='{"id":"t1"}', plan_hash="0" * 64))
    for unit, arm in ARMS.items():
        await t.tell("trial/t1", WorkerAssigned(trial_id="t1", unit_id=unit, arm=arm, block="b1"))
    await t.tell("trial/t1", TrialLocked(trial_id="t1", assignment_hash="1" * 64))
    for unit in ARMS:
        signed = WorkerSignedOn(worker_id=unit, capacity=3, supervised_capacity=8)
        await t.tell(f"worker/{unit}", signed, actor=f"worker:{unit}")
    await _resolved_by_the_ai(t)
    await _technical_rescue(t)
    await _approved_refund(t)
    await _emotional_takeover(t)
    await _by_hand(t)
    await _left(t)
    for unit in ARMS:
        t.wait(60)
        signed_off = WorkerSignedOff(worker_id=unit)
        await t.tell(f"worker/{unit}", signed_off, actor=f"worker:{unit}")


async def _resolved_by_the_ai(t: Teller) -> None:
    c = ChatTeller(t, "c1", "k1", "w1")
    await c.open("Where is my parcel A-1001?", eligible=True, issue="parcel")
    await c.ai_says("Parcel A-1001 is out for delivery today.")
    await c.customer_says("Great, thanks!")
    await c.ai_says("You're welcome.")
    await c.close("resolved", 5)


async def _technical_rescue(t: Teller) -> None:
    c = ChatTeller(t, "c2", "k2", "w3")
    await c.open("My coupon doesn't work", eligible=True, issue="coupon")
    await c.ai_says("Which coupon is it?")
    await c.customer_says("SPRING")
    await c.score(shadow=False, technical=0.8, emotional=0.2)
    await c.tell(
        FlagRaised(
            cause="technical", turn_seq=c.seq, raised_by="detector", score=0.8, threshold=0.5
        )
    )
    flag = c.seq
    await c.tell(AlertShown(flag_seq=flag, cause="technical", step="owner", to=("w3",)))
    t.wait(8)
    await c.tell(AlertAcknowledged(flag_seq=flag, worker_id="w3"), actor="worker:w3")
    await c.tell(WhisperSent(text="The coupon needs 50 EUR."), actor="worker:w3")
    t.wait(4)
    await c.hold(worker("w3"), "takeover")
    await c.tell(EscalationTaken(flag_seq=flag, worker_id="w3"), actor="worker:w3")
    await c.tell(
        DraftDiscarded(
            turn_id="turn:c2:2", attempt=1, reason="epoch", text="Let me see", draft_epoch=1
        )
    )
    await c.worker_says("The coupon needs a basket of 50 EUR; yours has 42.")
    await t.tell(
        "focus/w3",
        FocusMoved(worker_id="w3", chat_id="c2", duration_ms=27_000, active_ms=21_000),
        actor="worker:w3",
    )
    await c.customer_says("I see.")
    await c.hold(ai("builtin-1"), "hand_back", note="Explained the minimum.")
    await c.ai_says("Is there anything else?")
    await c.close("resolved", 4)


async def _approved_refund(t: Teller) -> None:
    c = ChatTeller(t, "c3", "k3", "w1")
    await c.open("I want my money back for A-1003", eligible=True, issue="refund")
    await c.tell(
        ActionProposed(
            action_id="a1",
            tool="refund_order",
            tool_version="1",
            risk="money",
            arguments={"order": "A-1003", "amount": 49.9},
            digest="d1",
            business_key="refund:A-1003:1",
            needs_approval=True,
            records={"order": "A-1003", "total": 49.9},
        ),
        actor="ai:builtin-1",
    )
    t.wait(25)
    await c.tell(ActionApproved(action_id="a1", digest="d1"), actor="worker:w1")
    await c.tell(ActionStarted(action_id="a1", effect_key="refund:A-1003:1"))
    t.wait(1)
    await c.tell(ActionSucceeded(action_id="a1", result={"refunded": 49.9}, duration_ms=800))
    await c.ai_says("49.90 EUR are on their way to you.")
    await c.close("resolved", None)


async def _emotional_takeover(t: Teller) -> None:
    c = ChatTeller(t, "c4", "k2", "w3")
    await c.open("The coupon again!!", eligible=True, issue="coupon", previous="c2")
    await c.ai_says("Which coupon is it?")
    await c.customer_says("I TOLD you already, this is ridiculous")
    await c.score(shadow=False, technical=0.4, emotional=0.9)
    await c.tell(
        FlagRaised(
            cause="emotional", turn_seq=c.seq, raised_by="detector", score=0.9, threshold=0.5
        )
    )
    flag = c.seq
    await c.tell(AlertShown(flag_seq=flag, cause="emotional", step="owner", to=("w3",)))
    t.wait(40)
    await c.hold(worker("w3"), "reply")
    await c.tell(EscalationTaken(flag_seq=flag, worker_id="w3"), actor="worker:w3")
    await c.worker_says("Sorry about that.", after=1)
    await c.customer_says("Whatever.")
    await c.close("resolved", 1, by="worker")


async def _by_hand(t: Teller) -> None:
    c = ChatTeller(t, "c5", "k4", "w2")
    await c.open("Can I get my A-1005 delivered elsewhere?", eligible=True, issue="address")
    await c.score(shadow=True, technical=0.1, emotional=0.1)
    await c.worker_says("Of course, where to?")
    await c.customer_says("12 Mill Lane")
    await c.worker_says("Done.")
    await t.tell(
        "focus/w2",
        FocusMoved(worker_id="w2", chat_id="c5", duration_ms=60_000, active_ms=44_000),
        actor="worker:w2",
    )
    await c.close("resolved", 5, by="worker")


async def _left(t: Teller) -> None:
    c = ChatTeller(t, "c6", "k5", "w4")
    await c.open("I was charged by somebody else", eligible=False, issue="fraud")
    await c.worker_says("Which charge is it?")
    t.wait(1_800)
    await c.close("abandoned", None, by="system")


def encode(events: list[Recorded]) -> bytes:
    """Return events as JSON lines: the envelope, the kind, and the event."""
    lines = []
    for e in events:
        raw = msgspec.to_builtins(e)
        raw["kind"] = e.kind
        lines.append(msgspec.json.encode(raw, order="deterministic"))
    return b"\n".join(lines) + b"\n"


async def tell_to(path: Path) -> list[Recorded]:
    """Tell the story into a new log file and return its events."""
    clock = [START_US]
    log = await SqliteLog.open(path, clock_us=lambda: clock[0])
    await tell_story(log, clock)
    first, *rest = await log.read_all(limit=100_000)
    await log.close()
    return [msgspec.structs.replace(first, event=LogOpened(log_id="golden")), *rest]


def load() -> list[Recorded]:
    """Return the golden log as the file holds it."""
    events = []
    for line in FILE.read_bytes().splitlines():
        raw = msgspec.json.decode(line)
        event = msgspec.convert(raw["event"], KINDS[raw["kind"]])
        raw["event"] = {}
        events.append(msgspec.structs.replace(msgspec.convert(raw, Recorded), event=event))
    return events


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        FILE.write_bytes(encode(asyncio.run(tell_to(Path(folder) / "log.sqlite"))))
