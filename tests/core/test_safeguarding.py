"""A message that tells of danger: flagged in its own append, and nothing of the AI's after it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from stepin.core.action import Resolved
from stepin.core.assignment import Draw
from stepin.core.chat import Chat, fold
from stepin.core.command import (
    AcknowledgeAlert,
    Actor,
    AnyCommand,
    CloseChat,
    DeclineEscalation,
    HandBack,
    OpenChat,
    PostMessage,
    Rate,
    Reply,
    TakeOver,
    Transfer,
    Whisper,
)
from stepin.core.danger import Danger, Helpline, Safety
from stepin.core.decide import Decision, decide
from stepin.core.decide.actions import propose
from stepin.core.decide.decision import with_work
from stepin.core.decide.escalating import Reachable
from stepin.core.decide.opening import Opening, assign, open_chat
from stepin.core.decide.queueing import finish_for, give, release
from stepin.core.decide.timing import idle, ladder
from stepin.core.events.chat import EligibilityAssessed, MessagePosted
from stepin.core.events.supervision import (
    AlertShown,
    DecisionDrawn,
    EscalationDeclined,
    FlagRaised,
    SuggestionShown,
)
from stepin.core.fence import Fence, Head, check, moves_basis
from stepin.core.notice import caution
from stepin.core.policy import AiPolicy, AlertPolicy, LadderPolicy, Policy
from stepin.core.record import NewEvent, Recorded
from stepin.core.work import DropWork, PutWork
from stepin.errors import StepinError
from stepin.language.languages import letters_tell

KINDS = ("self_harm", "child", "injury", "product_danger", "threat", "fraud", "legal")
CUSTOMER = Actor(kind="customer", id="k")
ANN, LEA = Actor(kind="worker", id="ann"), Actor(kind="worker", id="lea", role="lead")


def find(text: str) -> Danger | None:
    """Find danger in texts that are a kind of it."""
    return Danger(kind=f"safety.{text}") if text in KINDS else None


SAFETY = Safety(find=find, version="s1")
POLICIES = [
    Policy(
        ai=AiPolicy(enabled=enabled, supervision=supervision, after_request=after),
        alerts=AlertPolicy(causes=causes, per_hour=0, suggestions=False, brief=False),
        ladder=LadderPolicy(owner_s=1.0, pool_s=1.0, lead_s=1.0),
    )
    for enabled in (True, False)
    for supervision in ("owned", "pooled")
    for after in ("bridge", "go_on", "queue")
    for causes in ((), ("technical",), ("policy", "requested"))
]  # fmt: skip
REACHABLES = [
    Reachable(),
    Reachable(owner="ann", pool=("bob",), leads=("lea",)),
    Reachable(leads=("lea",)),
]


class Desk:
    """One chat as the log would hold it, with the work that lives beside it."""

    def __init__(self, policy: Policy, reachable: Reachable, first: str = "hi") -> None:
        self.policy, self.reachable = policy, reachable
        self.chat = Chat(chat_id="c")
        self.events: list[Recorded] = []
        self.work: set[str] = set()
        self.due: dict[str, int] = {}
        assessed = EligibilityAssessed(
            eligible=True, score=1, threshold=0.5, reason="", classifier_version="r"
        )
        opening = Opening(assessment=assessed, policy=policy, customer_asserted=True)
        opened = OpenChat(text=first)
        self.append(open_chat(opened, CUSTOMER, opening, reachable, SAFETY, chat_id="c", now_us=0))

    @property
    def now_us(self) -> int:
        return self.chat.seq * 1_000_000

    @property
    def seen(self) -> Reachable:
        holder = self.chat.holder.id if self.chat.holder.kind == "worker" else None
        return msgspec.structs.replace(self.reachable, holder=holder, owner=self.chat.owner)

    def append(self, decision: Decision) -> list[Recorded]:
        decision = with_work(self.chat, decision)
        for change in decision.work:
            if isinstance(change, PutWork):
                self.work.add(change.work_id)
                self.due[change.work_id] = change.due_us
            elif isinstance(change, DropWork):
                self.work.discard(change.work_id)
        return [self.record(new) for new in decision.events]

    def record(self, new: NewEvent) -> Recorded:
        seq = self.chat.seq + 1
        recorded = Recorded(
            position=seq,
            stream="chat/c",
            seq=seq,
            at_us=seq * 1_000_000,
            epoch=self.chat.epoch if new.epoch is None else new.epoch,
            basis_seq=seq if moves_basis(new.event) else self.chat.basis_seq,
            event=new.event,
            actor=new.actor,
        )
        self.events.append(recorded)
        self.chat = fold("c", self.events)
        return recorded

    def ask(self, command: AnyCommand, actor: Actor) -> list[Recorded] | None:
        try:
            decision = decide(
                self.chat, command, actor, self.policy, self.seen, SAFETY, now_us=self.now_us
            )
        except StepinError:
            return None
        return self.append(decision)

    def say(self, text: str) -> list[Recorded]:
        done = self.ask(PostMessage(chat_id="c", text=text), CUSTOMER)
        assert done is not None
        return done

    def assigned(self, owner: str = "ann") -> None:
        draw = Draw(drawn=owner, candidates=(owner,), probabilities=(1.0,), rule="", key="")
        self.append(assign(self.chat, draw, self.policy, covariates={}))

    def accepts(self, fence: Fence) -> bool:
        head = Head(seq=self.chat.seq, epoch=self.chat.epoch, basis_seq=self.chat.basis_seq)
        return check(fence, head, 1 if fence.work_id in self.work else None) is None

    def proposed(self) -> str:
        """Let the AI propose a change that nobody has to approve; return its effect's work."""
        resolved = Resolved(
            tool="t",
            tool_version="1",
            risk="reversible",
            arguments={},
            intent="k",
        )
        action_id = f"a{self.chat.seq}"
        decision = propose(
            self.chat, resolved, "ai:b", self.policy, action_id=action_id, role=None,
            now_us=self.now_us,
        )  # fmt: skip
        self.append(decision)
        return f"effect:{action_id}"


class Guarded(RuleBasedStateMachine):
    """The desk and an AI that tries to write at every moment, before and after."""

    @initialize(
        policy=st.sampled_from(POLICIES),
        reachable=st.sampled_from(REACHABLES),
        first=st.sampled_from(["hi", "self_harm", "legal"]),
    )
    def opens(self, policy: Policy, reachable: Reachable, first: str) -> None:
        self.desk = Desk(policy, reachable, first)
        self.fences: list[Fence] = []
        self.answered = first not in KINDS
        if not self.answered:
            self.flagged(self.desk.events, first)

    def flagged(self, events: list[Recorded], kind: str) -> None:
        said = next(e for e in events if isinstance(e.event, MessagePosted))
        flag = next(e.event for e in events if isinstance(e.event, FlagRaised))
        drawn = next(e.event for e in events if isinstance(e.event, DecisionDrawn))
        assert (flag.cause, flag.kind, flag.shadow) == ("policy", f"safety.{kind}", False)
        assert flag.turn_seq == drawn.turn_seq == said.seq
        assert drawn.point == "safety"
        assert drawn.drawn == flag.kind
        assert not any(
            isinstance(e.event, MessagePosted) and e.event.author == "ai" for e in events
        )
        assert self.desk.chat.turn_id is None
        escalation = self.desk.chat.escalation
        assert escalation is not None
        assert escalation.live
        assert escalation.kind.startswith("safety.")

    @precondition(lambda self: self.desk.chat.epoch == 0)
    @rule()
    def is_assigned(self) -> None:
        danger = self.desk.chat.danger
        self.desk.assigned()
        assert not (danger and self.desk.chat.ai_holds)

    @precondition(lambda self: self.desk.chat.episode == "queued" and self.desk.chat.epoch > 0)
    @rule()
    def is_given(self) -> None:
        draw = Draw(drawn="bob", candidates=("bob",), probabilities=(1.0,), rule="", key="")
        self.desk.append(give(self.desk.chat, draw, self.desk.policy, covariates={}))

    @precondition(lambda self: self.desk.chat.holder.kind == "worker" and self.desk.chat.open)
    @rule()
    def the_holder_goes(self) -> None:
        chat = self.desk.chat
        self.desk.append(release(chat, "signed_off", self.desk.policy, now_us=self.desk.now_us))

    @rule(actor=st.sampled_from([ANN, LEA, CUSTOMER]))
    def somebody_closes(self, actor: Actor) -> None:
        closed = self.desk.ask(CloseChat(chat_id="c"), actor)
        assert self.answered or closed is None or actor is CUSTOMER

    @precondition(lambda self: self.desk.chat.episode == "wrap_up")
    @rule()
    def the_wrap_up_ends(self) -> None:
        self.desk.append(finish_for(self.desk.chat))

    @rule(comment=st.sampled_from(["thanks", *KINDS]))
    def rates(self, comment: str) -> None:
        rated = self.desk.ask(Rate(chat_id="c", rating=1, comment=comment), CUSTOMER)
        if rated is not None and comment in KINDS:
            assert self.desk.chat.left_in_danger
            self.answered = False

    @precondition(lambda self: self.desk.chat.open)
    @rule(kind=st.sampled_from(KINDS))
    def tells_of_danger(self, kind: str) -> None:
        before = self.desk.chat
        events = self.desk.say(kind)
        self.flagged(events, kind)
        posted = [e.event for e in events if isinstance(e.event, MessagePosted)]
        notices = [e for e in posted if e.author == "system"]
        suggested = [e for e in events if isinstance(e.event, SuggestionShown)]
        assert len(notices) + len(suggested) <= 1
        assert not (before.holder.kind == "worker" and notices)
        assert not (before.holder.kind != "worker" and suggested)
        self.answered = False

    @precondition(lambda self: self.desk.chat.open)
    @rule()
    def writes(self) -> None:
        self.desk.say("where is my parcel?")

    @precondition(lambda self: self.desk.chat.ai_holds and self.desk.chat.turn_id)
    @rule()
    def ai_begins(self) -> None:
        chat = self.desk.chat
        for basis in (chat.basis_seq, None):
            fence = Fence(epoch=chat.epoch, work_id=chat.turn_id, attempt=1, basis_seq=basis)
            assert self.desk.accepts(fence)
            self.fences.append(fence)

    @precondition(lambda self: self.desk.chat.ai_answers)
    @rule()
    def ai_proposes(self) -> None:
        chat = self.desk.chat
        work_id = self.desk.proposed()
        self.fences.append(Fence(epoch=chat.epoch, work_id=work_id, attempt=1))

    @rule(worker=st.sampled_from([ANN, LEA]), how=st.sampled_from(["take", "reply", "to"]))
    def person_acts(self, worker: Actor, how: str) -> None:
        """Act; only words answer, whoever has taken the chat."""
        command: AnyCommand = {
            "take": TakeOver(chat_id="c"),
            "reply": Reply(chat_id="c", text="I am here"),
            "to": Transfer(chat_id="c", to_worker="bob"),
        }[how]
        if self.desk.ask(command, worker) is not None and how == "reply":
            self.answered = True

    @rule(worker=st.sampled_from([ANN, LEA]), reason=st.sampled_from(["", " ", "a joke"]))
    def person_declines(self, worker: Actor, reason: str) -> None:
        command = DeclineEscalation(chat_id="c", reason=reason)
        if self.desk.ask(command, worker) is not None:
            assert self.answered or reason == "a joke"
            if not self.answered:
                assert self.desk.chat.turn_id is None
            self.answered = True

    @rule(worker=st.sampled_from([ANN, LEA]))
    def person_hands_back(self, worker: Actor) -> None:
        handed = self.desk.ask(HandBack(chat_id="c", note="n"), worker)
        assert self.answered or handed is None

    @rule()
    def person_looks_or_whispers(self) -> None:
        seen = self.desk.ask(AcknowledgeAlert(chat_id="c"), ANN)
        if seen is not None and not self.desk.chat.open:
            self.answered = True
        whispered = self.desk.ask(Whisper(chat_id="c", text="w"), ANN)
        assert self.answered or whispered is None

    @rule()
    def nobody_comes(self) -> None:
        now_us = self.desk.now_us + 10_000_000
        due = ladder(self.desk.chat, self.desk.policy, self.desk.seen, now_us=now_us)
        assert self.answered or isinstance(due, Decision), "no ladder ends before an answer"
        if isinstance(due, Decision):
            self.desk.append(due)

    @rule()
    def the_customer_is_silent(self) -> None:
        now_us = self.desk.now_us + 1_000_000_000_000
        due = idle(self.desk.chat, self.desk.policy, now_us=now_us)
        if isinstance(due, Decision):
            assert self.answered, "nobody in danger is let go"
            self.desk.append(due)

    @invariant()
    def who_is_in_danger_has_an_alert_or_a_person_who_owes_them_a_word(self) -> None:
        chat = self.desk.chat
        assert self.answered == (chat.danger == "")
        if self.answered:
            return
        alert = chat.escalation
        assert alert is not None
        assert alert.owed
        assert alert.live or (chat.open and chat.holder.kind == "worker")
        assert "ladder:c" in self.desk.work
        assert not chat.over

    @invariant()
    def the_ai_writes_nothing_until_a_person_has_acted(self) -> None:
        if not self.answered:
            assert self.desk.chat.turn_id is None
            assert not any(self.desk.accepts(fence) for fence in self.fences)


TestGuarded = Guarded.TestCase
TestGuarded.settings = settings(max_examples=150, stateful_step_count=20, deadline=None)


def held_by_the_ai(first: str = "hi") -> Desk:
    desk = Desk(POLICIES[0], REACHABLES[1], first)
    desk.assigned()
    assert desk.chat.ai_holds == (first not in KINDS)
    return desk


def kinds(events: list[Recorded]) -> list[str]:
    return [e.kind for e in events]


def test_the_ai_is_cut_off_with_one_careful_sentence() -> None:
    desk = held_by_the_ai()
    turn = desk.chat.turn_id
    assert turn in desk.work
    effect = desk.proposed()
    events = desk.say("self_harm")
    assert turn not in desk.work
    assert effect not in desk.work
    assert kinds(events) == [
        "MessagePosted", "DecisionDrawn", "FlagRaised", "AlertShown", "ActionExpired",
        "MessagePosted",
    ]  # fmt: skip
    shown = events[3].event
    assert isinstance(shown, AlertShown)
    assert (shown.kind, shown.to) == ("safety.self_harm", ("ann",))
    said = events[-1].event
    assert isinstance(said, MessagePosted)
    assert (said.author, said.template) == ("system", "caution_self_harm")
    again = desk.say("self_harm")
    assert "MessagePosted" not in kinds(again)[1:]
    other = desk.say("fraud")
    assert [e.event.template for e in other if isinstance(e.event, MessagePosted)] == [
        None, "caution_fraud",
    ]  # fmt: skip


def test_a_worker_who_holds_is_alerted_and_nothing_is_posted() -> None:
    desk = held_by_the_ai()
    desk.ask(TakeOver(chat_id="c"), ANN)
    events = desk.say("injury")
    assert kinds(events) == [
        "MessagePosted", "DecisionDrawn", "FlagRaised", "AlertShown", "SuggestionShown",
    ]  # fmt: skip
    suggested = events[-1].event
    assert isinstance(suggested, SuggestionShown)
    assert suggested.worker_id == "ann"
    assert "{" not in suggested.text
    desk.ask(Reply(chat_id="c", text="I am here"), ANN)
    assert desk.chat.danger == ""
    assert "SuggestionShown" not in kinds(desk.say("injury"))


def test_an_opening_message_is_looked_at_and_the_ai_never_gets_the_chat() -> None:
    desk = held_by_the_ai("child")
    assert kinds(desk.events)[:7] == [
        "ChatOpened", "MessagePosted", "EligibilityAssessed", "DecisionDrawn", "FlagRaised",
        "AlertShown", "MessagePosted",
    ]  # fmt: skip
    assert desk.chat.held_by("ann")
    assert not any(work.startswith("turn:") for work in desk.work)


def test_a_declined_alert_lets_the_ai_go_on_and_the_next_message_alerts_again() -> None:
    desk = held_by_the_ai()
    desk.say("legal")
    desk.ask(DeclineEscalation(chat_id="c", reason="a lawyer's joke"), ANN)
    assert isinstance(desk.events[-1].event, EscalationDeclined)
    assert desk.chat.turn_id is None, "what told of danger is no question to the AI"
    assert desk.chat.waiting_since_us is None
    events = desk.say("legal")
    assert kinds(events) == [
        "MessagePosted", "DecisionDrawn", "FlagRaised", "AlertShown", "MessagePosted",
    ]  # fmt: skip
    shown = events[3].event
    assert isinstance(shown, AlertShown)
    assert shown.expires_at_us == events[0].at_us, "a whole step, of a second"
    assert desk.chat.turn_id is None
    desk.ask(DeclineEscalation(chat_id="c", reason="again"), ANN)
    desk.say("where is my parcel?")
    assert desk.chat.turn_id in desk.work


def test_a_life_goes_before_the_law() -> None:
    desk = held_by_the_ai()
    desk.say("legal")
    desk.ask(AcknowledgeAlert(chat_id="c"), ANN)
    events = desk.say("self_harm")
    assert "EscalationWithdrawn" in kinds(events)
    assert desk.chat.escalation is not None
    assert desk.chat.escalation.kind == "safety.self_harm"
    assert "EscalationWithdrawn" not in kinds(desk.say("fraud"))


LINE = Helpline(
    country="Utopia",
    name="The Listeners",
    number="012 345",
    source="their site",
    checked="2026-11-30",
    languages=("en",),
)


@pytest.mark.parametrize("language", ["en", "zh", "fr"])
def test_a_number_is_named_only_where_the_shop_has_one(language: str) -> None:
    without = caution("safety.self_harm", language, ())
    assert not any(letter.isdigit() for letter in without.text)
    assert "012 345" in caution("safety.self_harm", language, (LINE,)).text
    assert "012 345" not in caution("safety.injury", language, (LINE,)).text


@given(kind=st.sampled_from(KINDS), language=st.text(max_size=5))
def test_no_sentence_holds_a_placeholder(kind: str, language: str) -> None:
    text = caution(f"safety.{kind}", language, (LINE,)).text
    assert "{" not in text
    assert "}" not in text


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("I want to die", "zh", "en"),
        ("我想死", "en", "zh"),
        ("我真的想 kill myself", "en", "zh"),
        ("???", "zh-TW", "zh-TW"),
        ("je veux mourir", "fr", "fr"),
    ],
)
def test_the_sentence_is_in_the_language_of_the_message(
    text: str, language: str, told: str
) -> None:
    assert letters_tell(text, language) == told


def test_no_message_and_no_whisper_sets_the_ai_going_again() -> None:
    desk = held_by_the_ai()
    desk.say("self_harm")
    desk.say("hello?")
    assert desk.chat.turn_id is None
    assert desk.ask(Whisper(chat_id="c", text="ask for the order"), ANN) is None
    assert not any(work.startswith("turn:") for work in desk.work)


def test_nobody_in_danger_is_let_go_after_a_long_wait() -> None:
    desk = Desk(POLICIES[0], REACHABLES[0], "self_harm")
    later_us = desk.now_us + 10_000_000_000_000
    due = idle(desk.chat, desk.policy, now_us=later_us)
    assert isinstance(due, int)
    assert due > later_us
    calm = Desk(POLICIES[0], REACHABLES[0])
    assert isinstance(idle(calm.chat, calm.policy, now_us=later_us), Decision)
