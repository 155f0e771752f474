"""A graver cause takes a living escalation's place, and no open request is ever dropped unseen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepin.core.chat import Chat, Need, Ownership, Stage, apply
from stepin.core.command import (
    AcknowledgeAlert,
    Actor,
    DeclineEscalation,
    HandBack,
    PostMessage,
    Reply,
    TakeOver,
    Whisper,
)
from stepin.core.danger import Safety
from stepin.core.decide import decide
from stepin.core.decide.alerting import Room, alert
from stepin.core.decide.decision import Decision, with_work
from stepin.core.decide.escalating import STEPS, Reachable, due_us, know_request, raise_flag
from stepin.core.decide.timing import ladder
from stepin.core.escalation import LATE_REPLY, gravity
from stepin.core.events import Event
from stepin.core.events.base import Cause
from stepin.core.events.chat import ChatOpened, HolderChanged, MessagePosted
from stepin.core.events.supervision import AlertShown, EscalationWithdrawn, FlagRaised
from stepin.core.holder import NOBODY, ai, worker
from stepin.core.opinion import Opinion
from stepin.core.policy import AiPolicy, AlertPolicy, Policy
from stepin.core.record import NewEvent, Recorded
from stepin.core.work import DropWork, PutWork
from stepin.errors import StepinError

HERE = Reachable(owner="ann", pool=("bob",), leads=("lea",))
ANN = Actor(kind="worker", id="ann", role="worker")
BOB = Actor(kind="worker", id="bob", role="worker")
CUSTOMER = Actor(kind="customer", id="k")
CAUSES: tuple[Cause, ...] = ("technical", "emotional", "requested", "policy", "risk")
CHEAP = AlertPolicy(cool_down_s=0.0, hysteresis=0.0, technical=0.5, emotional=0.5, risk=0.5)


def opinion(cause: Cause) -> Opinion:
    return Opinion(cause=cause, score=1.0, threshold=0.5, detector="d@1")


SAFETY = Safety(find=lambda text: None, version="none")


@dataclass
class Floor:
    """One chat that the AI holds, its timers, and a clock that only the tests move."""

    policy: Policy = field(default_factory=lambda: Policy(alerts=CHEAP))
    here: Reachable = HERE
    now_us: int = 1_000_000
    chat: Chat = field(default_factory=lambda: Chat(chat_id="c"))
    events: list[Event] = field(default_factory=list)
    due: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tell(ChatOpened(customer_id="k", asserted=True))
        assessed = msgspec.structs.replace(self.chat.origin, eligible=True)
        owned = Ownership(owner="ann")
        self.chat = msgspec.structs.replace(self.chat, origin=assessed, ownership=owned)
        self.say("hello")
        self.tell(HolderChanged(from_=NOBODY, to=ai("builtin"), reason="assigned"), epoch=1)

    def tell(self, event: Event, *, epoch: int | None = None, actor: str = "system") -> None:
        recorded = Recorded(
            position=1, stream="chat/c", seq=self.chat.seq + 1, at_us=self.now_us,
            epoch=self.chat.epoch if epoch is None else epoch, basis_seq=self.chat.basis_seq,
            event=event, actor=actor,
        )  # fmt: skip
        self.chat = apply(self.chat, recorded)
        self.events.append(event)

    def append(self, decision: Decision) -> None:
        decision = with_work(self.chat, decision)
        for new in decision.events:
            self.tell(new.event, epoch=new.epoch, actor=new.actor)
        for work in decision.work:
            if isinstance(work, PutWork) and work.kind == "timer":
                self.due[work.work_id] = work.due_us
            elif isinstance(work, DropWork):
                self.due.pop(work.work_id, None)

    def say(self, text: str) -> None:
        self.tell(MessagePosted(author="customer", text=text))

    def turn(self, *causes: Cause) -> None:
        """Let the customer say something that speaks for these causes."""
        self.say("words")
        said = [opinion(cause) for cause in causes]
        self.append(
            alert(self.chat, said, self.policy, self.here, Room(), turn_seq=self.chat.seq,
                  key=f"k{self.chat.seq}", now_us=self.now_us)
        )  # fmt: skip

    def flag(self, cause: Cause, kind: str = "") -> None:
        flag = FlagRaised(cause=cause, turn_seq=self.chat.seq, raised_by="desk", kind=kind)
        self.append(
            raise_flag(self.chat, flag, self.policy, self.here, actor="system", now_us=self.now_us)
        )

    def ask(self, command: Any, actor: Actor) -> bool:
        try:
            decision = decide(
                self.chat, command, actor, self.policy, self.here, SAFETY, now_us=self.now_us
            )
        except StepinError:
            return False
        self.append(decision)
        return True

    def wait(self, seconds: float) -> None:
        """Let time pass, and the ladder's timer go off as often as it is due."""
        until = self.now_us + int(seconds * 1e6)
        while "ladder:c" in self.due and self.due["ladder:c"] <= until:
            self.now_us = max(self.now_us, self.due.pop("ladder:c"))
            due = ladder(self.chat, self.policy, self.here, now_us=self.now_us)
            if isinstance(due, Decision):
                self.append(due)
            elif due is not None:
                self.due["ladder:c"] = due
        self.now_us = until

    @property
    def ladder_ends_us(self) -> int:
        """When the ladder comes to its end if nobody does anything."""
        now = self.chat.escalation
        assert now is not None
        rest = STEPS[STEPS.index(now.step or "owner") + 1 :]
        waits = {"owner": 45.0, "pool": 60.0, "lead": 120.0}
        return due_us(now, self.policy) + int(sum(waits[step] for step in rest) * 1e6)

    def shown(self) -> list[tuple[str, str]]:
        return [(e.cause, e.step) for e in self.events if isinstance(e, AlertShown)]

    def templates(self) -> list[str | None]:
        return [e.template for e in self.events if isinstance(e, MessagePosted)]


def test_one_order_of_gravity_for_all_who_ask() -> None:
    ranked = sorted(CAUSES, key=gravity)
    assert ranked == ["requested", "policy", "technical", "emotional", "risk"]
    assert gravity("policy", "safety.injury") < gravity("requested")
    assert gravity("policy", LATE_REPLY) > gravity("risk")


@pytest.mark.parametrize("lesser", ["risk", "emotional", "technical", "policy"])
@pytest.mark.parametrize("seen", [False, True])
def test_a_request_takes_the_place_of_a_lesser_alert_seen_or_not(lesser: Cause, seen: bool) -> None:
    floor = Floor()
    floor.turn(lesser)
    if seen:
        assert floor.ask(AcknowledgeAlert(chat_id="c"), ANN)
    first = floor.chat.escalation
    assert first is not None
    floor.turn("requested")
    now = floor.chat.escalation
    assert now is not None
    assert (now.cause, now.state, now.to) == ("requested", "alerted", ("ann",))
    assert floor.shown() == [(lesser, "owner"), ("requested", "owner")]
    over = [e for e in floor.events if isinstance(e, EscalationWithdrawn)]
    assert [(e.flag_seq, e.reason) for e in over] == [(first.flag_seq, "outranked")]
    assert floor.templates().count("person_asked") == 1
    assert floor.chat.path == lesser


def test_a_request_behind_another_alert_reaches_the_queue_when_nobody_comes() -> None:
    floor = Floor()
    floor.turn("risk")
    floor.turn("emotional")
    floor.turn("requested")
    floor.wait(45 + 60 + 120 + 1)
    assert floor.chat.holder == NOBODY
    assert floor.chat.episode == "queued"
    assert floor.chat.asked_us is not None
    assert floor.templates()[-1] == "still_looking"


def test_a_request_beside_a_graver_alert_is_told_and_kept() -> None:
    floor = Floor()
    floor.flag("policy", "safety.injury")
    floor.turn("requested")
    assert [cause for cause, _ in floor.shown()] == ["policy"]
    assert floor.templates().count("person_asked") == 1
    assert floor.chat.asked_us is not None
    floor.wait(45 + 60 + 120 + 1)
    assert floor.chat.holder == NOBODY


def test_all_that_was_said_outright_in_one_message_is_flagged() -> None:
    floor = Floor()
    floor.turn("policy", "requested", "risk")
    flags = [e.cause for e in floor.events if isinstance(e, FlagRaised)]
    assert flags == ["requested", "policy"]
    assert floor.shown() == [("requested", "owner")]


def test_an_acknowledged_alert_yields_to_no_learned_cause() -> None:
    floor = Floor()
    floor.turn("risk")
    assert floor.ask(AcknowledgeAlert(chat_id="c"), ANN)
    floor.turn("emotional")
    assert floor.shown() == [("risk", "owner")]


def test_a_graver_cause_goes_on_where_the_ladder_stands() -> None:
    floor = Floor()
    floor.turn("risk")
    floor.wait(46)
    assert floor.shown()[-1] == ("risk", "pool")
    floor.turn("requested")
    assert floor.shown()[-1] == ("requested", "pool")


def test_safety_never_lengthens_the_wait_of_a_request() -> None:
    floor = Floor()
    floor.turn("requested")
    floor.wait(40)
    before = floor.ladder_ends_us
    floor.flag("policy", "safety.injury")
    assert floor.shown()[-1] == ("policy", "owner")
    assert floor.ladder_ends_us <= before


def test_seeing_an_alert_again_gives_no_more_time() -> None:
    floor = Floor()
    floor.turn("requested")
    assert floor.ask(AcknowledgeAlert(chat_id="c"), ANN)
    before = floor.ladder_ends_us
    floor.wait(30)
    floor.ask(AcknowledgeAlert(chat_id="c"), ANN)
    assert floor.ladder_ends_us == before


@pytest.mark.parametrize("holder", [worker("ann"), NOBODY])
def test_safety_alerts_whoever_holds_the_chat(holder: Any) -> None:
    floor = Floor()
    floor.tell(HolderChanged(from_=floor.chat.holder, to=holder, reason="transfer"), epoch=2)
    held = holder.kind == "worker"
    floor.here = Reachable(
        holder="ann" if held else None, owner="ann", pool=("bob",), leads=("lea",)
    )
    floor.flag("policy", "safety.self_harm")
    flag = next(e for e in floor.events if isinstance(e, FlagRaised))
    assert not flag.shadow
    assert (floor.chat.path, floor.chat.danger) == ("none", "safety.self_harm")
    shown = next(e for e in floor.events if isinstance(e, AlertShown))
    assert (shown.to, shown.kind) == (("ann",), "safety.self_harm")
    floor.wait(45 + 60 + 1)
    assert [step for _, step in floor.shown()] == ["owner", "pool", "lead"]
    assert floor.chat.holder == holder


def test_another_danger_to_life_is_another_alert_and_the_same_is_none() -> None:
    floor = Floor()
    floor.flag("policy", "safety.injury")
    floor.flag("policy", "safety.injury")
    floor.flag("policy", "safety.child")
    floor.flag("policy", "safety.legal")
    kinds = [event.kind for event in floor.events if isinstance(event, AlertShown)]
    assert kinds == ["safety.injury", "safety.child"]
    assert floor.chat.escalation is not None
    assert floor.chat.escalation.kind == "safety.child"


def test_the_holders_reply_is_an_answer_to_the_alert() -> None:
    floor = Floor()
    floor.tell(HolderChanged(from_=floor.chat.holder, to=worker("ann"), reason="takeover"), epoch=2)
    floor.here = Reachable(holder="ann", owner="ann", pool=("bob",))
    floor.flag("policy", "safety.self_harm")
    assert floor.ask(Reply(chat_id="c", text="I am here."), ANN)
    assert floor.chat.escalation is not None
    assert (floor.chat.escalation.state, floor.chat.danger) == ("taken", "")
    floor.wait(500)
    assert [step for _, step in floor.shown()] == ["owner"]


def test_a_policy_cannot_leave_requests_and_rules_out() -> None:
    floor = Floor(policy=Policy(alerts=AlertPolicy(causes=("technical",))))
    floor.turn("risk", "requested")
    assert floor.shown() == [("requested", "owner")]


def test_at_once_to_the_queue_where_the_policy_says_so() -> None:
    floor = Floor(policy=Policy(alerts=CHEAP, ai=AiPolicy(after_request="queue")))
    floor.turn("requested")
    floor.wait(0)
    assert floor.chat.holder == NOBODY
    assert floor.templates()[-1] == "person_queued"
    assert "person_asked" not in floor.templates()
    assert floor.shown() == [("requested", "owner")]
    floor.wait(46)
    assert floor.shown()[-1] == ("requested", "pool")


def test_a_request_in_the_queue_is_known_once_and_alerts_nobody() -> None:
    waiting = Chat(chat_id="c", stage=Stage(episode="queued"), seq=3)
    posted = Decision(
        events=(NewEvent(event=MessagePosted(author="customer", text="a person please")),)
    )
    decision = know_request(waiting, posted)
    flag = decision.events[-1].event
    assert isinstance(flag, FlagRaised)
    assert (flag.cause, flag.shadow, flag.turn_seq) == ("requested", True, 4)
    known = msgspec.structs.replace(waiting, need=Need(asked_us=5))
    assert know_request(known, posted) is posted
    assert know_request(msgspec.structs.replace(waiting, epoch=1), posted) is posted


OPS = st.lists(
    st.one_of(
        st.tuples(st.just("turn"), st.lists(st.sampled_from(CAUSES), min_size=1, max_size=3)),
        st.tuples(st.just("safety"), st.just(None)),
        st.tuples(st.just("gives_up"), st.just(None)),
        st.tuples(st.just("seen"), st.just(None)),
        st.tuples(st.just("declined"), st.just(None)),
        st.tuples(st.just("whisper"), st.just(None)),
        st.tuples(st.just("taken"), st.just(None)),
        st.tuples(st.just("handed_back"), st.just(None)),
        st.tuples(st.just("wait"), st.sampled_from([1.0, 20.0, 44.0, 46.0, 100.0])),
        st.tuples(st.just("gone"), st.sampled_from(["owner", "pool", "leads", ""])),
    ),
    max_size=25,
)


@settings(max_examples=400, deadline=None)
@given(ops=OPS, after=st.sampled_from(["bridge", "go_on", "queue"]))
def test_for_all_flags_an_open_request_is_never_silently_dropped(
    ops: list[tuple[str, Any]], after: Any
) -> None:
    floor = Floor(policy=Policy(alerts=CHEAP, ai=AiPolicy(after_request=after)))
    told_of = 0
    for what, with_ in ops:
        if not floor.chat.open:
            break
        asked = floor.chat.asked_us
        flags = what in ("turn", "safety", "gives_up")
        waiting = floor.chat.ai_holds and floor.chat.needs_person
        if waiting and flags and floor.chat.escalation and floor.chat.escalation.live:
            before: int | None = floor.ladder_ends_us
        else:
            before = None
        match what:
            case "turn":
                floor.turn(*with_)
                told_of += floor.chat.ai_holds and "requested" in with_ and asked is None
            case "safety":
                floor.flag("policy", "safety.injury")
            case "gives_up" if floor.chat.ai_holds:
                floor.flag("technical")
            case "seen":
                floor.ask(AcknowledgeAlert(chat_id="c"), ANN)
            case "declined":
                floor.ask(DeclineEscalation(chat_id="c"), ANN)
            case "whisper":
                floor.ask(Whisper(chat_id="c", text="w"), ANN)
            case "taken":
                floor.ask(TakeOver(chat_id="c"), ANN)
            case "handed_back":
                floor.ask(HandBack(chat_id="c", note="n"), ANN)
            case "wait":
                floor.wait(with_)
            case "gone":
                names = ("owner", "pool", "leads")
                left = {n: getattr(HERE, n) for n in names if n != with_}
                floor.here = Reachable(**left)
            case _:
                pass
        chat = floor.chat
        if before is not None and chat.escalation is not None and chat.escalation.live:
            assert floor.ladder_ends_us <= max(before, floor.now_us + 1)
        if asked is not None and chat.asked_us is None:
            assert what in ("declined", "taken")
        if chat.ai_holds and chat.asked_us is not None:
            assert chat.escalation is not None
            assert chat.escalation.live
            assert "ladder:c" in floor.due
    if floor.chat.ai_holds and floor.chat.asked_us is not None:
        floor.wait(4 * (45 + 60 + 120))
        assert floor.chat.holder == NOBODY
    if told_of and after != "queue":
        assert "person_asked" in floor.templates()


def test_a_customer_who_asked_is_told_when_a_worker_leaves_them_to_the_ai() -> None:
    floor = Floor()
    floor.turn("requested")
    assert floor.ask(DeclineEscalation(chat_id="c"), ANN)
    assert floor.chat.asked_us is None
    assert floor.templates()[-1] == "person_declined"
    assert floor.ask(PostMessage(chat_id="c", text="a person!"), CUSTOMER)
    floor.turn("requested")
    assert floor.templates().count("person_asked") == 2
