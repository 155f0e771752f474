"""Any history of commands and AI writes keeps a chat's laws, checked against a small model."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from stepin.core.assignment import Draw
from stepin.core.chat import Chat, apply
from stepin.core.command import (
    Actor,
    AnyCommand,
    CloseChat,
    EndWrapUp,
    HandBack,
    OpenChat,
    PostMessage,
    Rate,
    Reply,
    TakeOver,
    Transfer,
    Whisper,
)
from stepin.core.danger import Danger, Safety
from stepin.core.decide import Decision, decide
from stepin.core.decide.decision import with_work
from stepin.core.decide.escalating import Reachable
from stepin.core.decide.opening import Opening, assign, open_chat
from stepin.core.decide.queueing import finish_for
from stepin.core.decide.timing import wrap_up
from stepin.core.events.base import CloseReason
from stepin.core.events.chat import ChatClosed, EligibilityAssessed, MessagePosted
from stepin.core.fence import Fence, Head, check, moves_basis
from stepin.core.policy import Policy
from stepin.core.record import NewEvent, Recorded
from stepin.core.work import PutWork
from stepin.errors import StepinError

POLICY = Policy()
DANGER = "I want to die"
SAFETY = Safety(
    find=lambda text: Danger(kind="safety.self_harm") if text == DANGER else None, version="s"
)
WORKERS = [Actor(kind="worker", id=w, role=r) for w, r in (("a", "worker"), ("b", "lead"))]  # type: ignore[arg-type]
CUSTOMER = Actor(kind="customer", id="k")
REASONS: st.SearchStrategy[CloseReason] = st.sampled_from(["resolved", "abandoned", "timed_out"])
DISPOSITIONS = st.sampled_from([None, "solved", "no answer"])


class Talking(RuleBasedStateMachine):
    """One chat; the model is who speaks, as three lines of code would say it."""

    policy = POLICY
    reachable = Reachable()
    first = "hi"

    def __init__(self) -> None:
        super().__init__()
        self.chat = Chat(chat_id="c")
        self.events: list[Recorded] = []
        self.turns: set[str] = set()
        self.speaks = "nobody"
        self.ended: tuple[CloseReason, str | None] = ("resolved", None)
        self.fences: list[Fence] = []
        assessed = EligibilityAssessed(
            eligible=True, score=1, threshold=0.5, reason="", classifier_version="r"
        )
        opening = Opening(assessment=assessed, policy=self.policy, customer_asserted=True)
        first = OpenChat(text=self.first)
        opened = open_chat(first, CUSTOMER, opening, self.reachable, SAFETY, chat_id="c", now_us=0)
        self.append(opened)

    def append(self, decision: Decision) -> None:
        decision = with_work(self.chat, decision)
        for new in decision.events:
            self.record(new)
        for put in decision.work:
            if isinstance(put, PutWork) and put.kind == "turn":
                assert put.work_id not in self.turns, "a turn's id is never used twice"
                self.turns.add(put.work_id)

    def record(self, new: NewEvent) -> None:
        seq = self.chat.seq + 1
        epoch = self.chat.epoch if new.epoch is None else new.epoch
        assert epoch >= self.chat.epoch
        basis = seq if moves_basis(new.event) else self.chat.basis_seq
        recorded = Recorded(
            position=seq,
            stream="chat/c",
            seq=seq,
            at_us=seq,
            epoch=epoch,
            basis_seq=basis,
            event=new.event,
            actor=new.actor,
        )
        self.events.append(recorded)
        self.chat = apply(self.chat, recorded)

    def ask(self, command: AnyCommand, actor: Actor) -> bool:
        try:
            decision = decide(
                self.chat,
                command,
                actor,
                self.policy,
                self.reachable,
                SAFETY,
                now_us=self.chat.seq,
            )
        except StepinError:
            return False
        self.append(decision)
        return True

    @precondition(lambda self: self.chat.episode == "queued" and self.chat.group is None)
    @rule(owner=st.sampled_from(["a", "b"]))
    def is_assigned(self, owner: str) -> None:
        if self.chat.epoch:
            return
        draw = Draw(drawn=owner, candidates=(owner,), probabilities=(1.0,), rule="", key="")
        with_ai = self.policy.ai.enabled and not self.chat.danger
        self.append(assign(self.chat, draw, self.policy, covariates={}))
        self.speaks = "ai" if with_ai else owner

    @rule(worker=st.sampled_from(WORKERS), reply=st.booleans())
    def takes_over(self, worker: Actor, reply: bool) -> None:
        command = Reply(chat_id="c", text="x") if reply else TakeOver(chat_id="c")
        held = self.speaks
        may = self.chat.open and (
            held in ("ai", "nobody") or worker.role == "lead" or (reply and held == worker.id)
        )
        if not reply and held == worker.id:
            may = False
        assert self.ask(command, worker) == may
        if may:
            self.speaks = worker.id

    @rule(worker=st.sampled_from(WORKERS))
    def hands_back(self, worker: Actor) -> None:
        may = self.chat.open and self.speaks == worker.id and self.policy.ai.enabled
        assert self.ask(HandBack(chat_id="c", note="n"), worker) == may
        if may:
            self.speaks = "ai"

    @rule(worker=st.sampled_from(WORKERS), to=st.sampled_from(["a", "b", None]))
    def transfers(self, worker: Actor, to: str | None) -> None:
        command = Transfer(chat_id="c", to_worker=to, to_group=None if to else "g")
        if self.ask(command, worker):
            self.speaks = to or "nobody"

    @rule(worker=st.sampled_from(WORKERS))
    def whispers(self, worker: Actor) -> None:
        may = self.chat.open and self.speaks == "ai" and not self.chat.danger
        assert self.ask(Whisper(chat_id="c", text="w"), worker) == may

    @rule()
    def customer_writes(self) -> None:
        assert self.ask(PostMessage(chat_id="c", text="m"), CUSTOMER) == self.chat.open

    @rule(actor=st.sampled_from([*WORKERS, CUSTOMER]), reason=REASONS, said=DISPOSITIONS)
    def closes(self, actor: Actor, reason: CloseReason, said: str | None) -> None:
        if self.ask(CloseChat(chat_id="c", reason=reason, disposition=said), actor):
            self.ended = reason, said
            if self.chat.episode == "closed":
                self.speaks = "nobody"

    @rule(worker=st.sampled_from(WORKERS), said=DISPOSITIONS)
    def ends_wrap_up(self, worker: Actor, said: str | None) -> None:
        if self.ask(EndWrapUp(chat_id="c", disposition=said), worker):
            self.speaks = "nobody"
            self.ended = self.ended[0], said or self.ended[1]

    @precondition(lambda self: self.chat.episode == "wrap_up")
    @rule(signed_off=st.booleans())
    def the_wrap_up_ends_by_itself(self, signed_off: bool) -> None:
        decision = finish_for(self.chat) if signed_off else wrap_up(self.chat)
        assert decision is not None
        self.append(decision)
        self.speaks = "nobody"

    @rule(rating=st.integers(0, 6))
    def rates(self, rating: int) -> None:
        may = self.chat.rating_invited and self.chat.rating is None and 1 <= rating <= 5
        assert self.ask(Rate(chat_id="c", rating=rating), CUSTOMER) == may

    @rule()
    def ai_begins(self) -> None:
        self.fences.append(Fence(epoch=self.chat.epoch, basis_seq=self.chat.basis_seq))

    @precondition(lambda self: self.fences)
    @rule(data=st.data())
    def ai_writes(self, data: st.DataObject) -> None:
        fence = data.draw(st.sampled_from(self.fences))
        begun_by_ai = any(e.epoch == fence.epoch and e.kind == "HolderChanged" for e in self.events)
        head = Head(seq=self.chat.seq, epoch=self.chat.epoch, basis_seq=self.chat.basis_seq)
        if check(fence, head, None) is None and self.speaks == "ai" and begun_by_ai:
            message = MessagePosted(author="ai", text="y", basis_seq=fence.basis_seq)
            self.record(NewEvent(event=message, actor="ai:x"))
        elif check(fence, head, None) is None:
            assert fence.epoch == self.chat.epoch

    @invariant()
    def the_model_and_the_fold_agree_on_who_speaks(self) -> None:
        holder = self.chat.holder
        spoken = {"nobody": "nobody", "ai": "ai"}.get(holder.kind, holder.id)
        assert spoken == self.speaks

    @invariant()
    def no_fence_from_before_a_change_of_holder_passes(self) -> None:
        head = Head(seq=self.chat.seq, epoch=self.chat.epoch, basis_seq=self.chat.basis_seq)
        for fence in self.fences:
            if fence.epoch < self.chat.epoch:
                assert check(fence, head, None) == "epoch"

    @invariant()
    def the_ai_has_a_turn_whenever_the_customer_waits_for_it(self) -> None:
        if self.chat.ai_answers and self.chat.open:
            waits = self.chat.waiting_since_us is not None
            assert not waits or self.chat.turn_id in self.turns

    @invariant()
    def how_a_chat_ended_is_what_was_said_at_its_close(self) -> None:
        for closed in (e.event for e in self.events if isinstance(e.event, ChatClosed)):
            assert (closed.reason, closed.disposition) == self.ended
        if self.chat.episode in ("wrap_up", "closed"):
            assert (self.chat.close_reason, self.chat.stage.disposition) == self.ended

    @invariant()
    def nothing_of_the_ai_outlives_its_hold(self) -> None:
        if not self.chat.ai_holds:
            assert self.chat.turn_id is None


TestTalking = Talking.TestCase
TestTalking.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_the_same_event_twice_changes_nothing() -> None:
    machine = Talking()
    chat = machine.chat
    for event in machine.events:
        chat = apply(chat, event)
    assert chat == machine.chat
    command = HandBack(chat_id="c", note="n")
    with pytest.raises(StepinError):
        decide(chat, command, WORKERS[0], POLICY, Reachable(), SAFETY, now_us=0)
