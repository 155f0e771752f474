"""Nobody approves an action without having seen what the customer has written since."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from stepin.core.action import Action, Resolved
from stepin.core.chat import fold
from stepin.core.command import Actor, PostMessage, Whisper
from stepin.core.decide import actions
from stepin.core.events.chat import MessagePosted
from stepin.core.policy import Policy
from stepin.core.record import Versions
from stepin.errors import Conflict, StepinError
from tests.core.test_chat_machine import CUSTOMER, POLICY, WORKERS, Talking

REFUND = Resolved(
    tool="refund",
    tool_version="1",
    risk="money",
    arguments={"order": "A-1"},
    amount=249.0,
    intent="refund:A-1",
)
LEADS = [Actor(kind="worker", id="l", role="lead"), Actor(kind="worker", id="o", role="admin")]


class Approving(Talking):
    """A chat in which the AI proposes and withdraws, and people approve by what they have seen."""

    def __init__(self) -> None:
        super().__init__()
        self.proposed = 0

    @property
    def waiting(self) -> list[Action]:
        return [a for a in self.chat.actions.values() if a.state == "proposed"]

    def written(self) -> list[int]:
        return [
            e.seq
            for e in self.events
            if isinstance(e.event, MessagePosted) and e.event.author == "customer"
        ]

    @precondition(lambda self: self.chat.open and self.chat.ai_holds)
    @rule()
    def ai_proposes(self) -> None:
        self.proposed += 1
        self.append(
            actions.propose(
                self.chat,
                REFUND,
                "ai:x",
                Policy(),
                action_id=f"a{self.proposed}",
                role=None,
                now_us=self.chat.seq,
                basis_seq=self.chat.basis_seq,
            )
        )

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), edits=st.booleans())
    def somebody_approves(self, data: st.DataObject, edits: bool) -> None:
        action = data.draw(st.sampled_from(self.waiting))
        actor = data.draw(st.sampled_from([*WORKERS, *LEADS]))
        seen = data.draw(st.sampled_from([0, *self.written()]))
        unread = [seq for seq in self.written() if seq > max(action.seq, seen)]
        given = (self.chat, action.action_id, action.digest)
        try:
            if edits:
                decision = actions.edit(
                    *given, REFUND, actor, POLICY, now_us=self.chat.seq, seen_seq=seen
                )
            else:
                decision = actions.approve(*given, actor, now_us=self.chat.seq, seen_seq=seen)
        except StepinError as error:
            refused = error.code == "customer_wrote_since"
            told = error.fields.get("seq")
        else:
            refused, told = False, None
            assert unread == []
            self.append(decision)
        assert not refused or told == unread[-1]

    @precondition(lambda self: self.chat.actions)
    @rule(data=st.data())
    def ai_withdraws(self, data: st.DataObject) -> None:
        action = data.draw(st.sampled_from([*self.chat.actions.values()]))
        decision = actions.withdraw(self.chat, action.action_id, "ai:x", Versions())
        assert (decision is not None) == (action.state == "proposed")
        if decision is not None:
            self.append(decision)
            assert self.chat.actions[action.action_id].withdrawn

    def teardown(self) -> None:
        again = fold("c", self.events)
        assert again == self.chat
        assert again.talk.customer_seq == max(self.written(), default=0)


TestApproving = Approving.TestCase
TestApproving.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def proposal() -> tuple[Approving, Action]:
    chat = Approving()
    chat.is_assigned(owner="a")
    chat.ai_proposes()
    (action,) = chat.waiting
    return chat, action


@pytest.mark.parametrize("actor", LEADS, ids=lambda one: one.role)
def test_a_lead_has_to_have_seen_it_too(actor: Actor) -> None:
    chat, action = proposal()
    assert chat.ask(PostMessage(chat_id="c", text="算了，不要退了"), CUSTOMER)
    with pytest.raises(Conflict) as caught:
        actions.approve(chat.chat, "a1", action.digest, actor, now_us=9, seen_seq=action.seq)
    assert caught.value.code == "customer_wrote_since"
    assert caught.value.fields == {"seq": chat.chat.talk.customer_seq}
    seen = chat.chat.talk.customer_seq
    assert actions.approve(chat.chat, "a1", action.digest, actor, now_us=9, seen_seq=seen).events


def test_what_was_written_before_the_proposal_and_a_whisper_after_it_need_no_look() -> None:
    chat, action = proposal()
    assert chat.ask(Whisper(chat_id="c", text="looks fine"), WORKERS[0])
    assert chat.chat.basis_seq > action.seq
    assert chat.chat.written_since(action) == 0
    assert actions.approve(chat.chat, "a1", action.digest, LEADS[0], now_us=9, seen_seq=0).events


def test_a_denial_asks_for_nothing() -> None:
    chat, _ = proposal()
    assert chat.ask(PostMessage(chat_id="c", text="stop"), CUSTOMER)
    assert actions.deny(chat.chat, "a1", "", WORKERS[0], now_us=9).events


def test_the_ai_withdraws_no_proposal_of_a_worker() -> None:
    chat, _ = proposal()
    (action,) = chat.waiting
    assert actions.withdraw(chat.chat, "other", "ai:x", Versions()) is None
    assert not action.withdrawn
    assert action.awaited
