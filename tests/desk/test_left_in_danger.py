"""A running desk never loses somebody in danger: sign-offs, ends, ratings, quiet nights."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stepin.agent.brain import Hands, TurnContext
from stepin.core.chat import Chat
from stepin.core.command import (
    AcknowledgeAlert,
    CloseChat,
    DeclineEscalation,
    PostMessage,
    Rate,
    Reply,
    TakeOver,
    Transfer,
)
from stepin.core.events.chat import MessagePosted
from stepin.core.events.supervision import AlertShown, EscalationExpired, FlagRaised
from stepin.core.policy import AiPolicy, LadderPolicy, Policy
from stepin.desk.alerts.webhook import text_of
from stepin.desk.feeds.board import on_floor, visible
from stepin.desk.feeds.masking import Viewer
from stepin.errors import Conflict
from tests.desk.brains import Scripted
from tests.desk.conftest import ANN, BOB, DORA, LEA, Room

DESPAIR = "I want to kill myself"


async def greets(context: TurnContext, hands: Hands) -> None:
    await hands.say("Is it about your parcel?")


async def told(room: Room) -> str:
    """Open a chat that the AI holds, and let its customer tell of danger."""
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.ai_messages == 1 and c.turn_id is None)
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text=DESPAIR))
    return chat_id


def asked(worker: str) -> Callable[[Chat], bool]:
    def is_so(chat: Chat) -> bool:
        alert = chat.escalation
        return alert is not None and alert.live and worker in alert.to

    return is_so


async def shown(room: Room, chat_id: str) -> list[AlertShown]:
    return [e.event for e in await room.events(chat_id) if isinstance(e.event, AlertShown)]


@pytest.mark.parametrize("how", ["signs off", "transfers"])
async def test_a_takeover_without_a_word_is_no_end_of_it(bare_room: Room, how: str) -> None:
    room = bare_room
    await room.add(brains={"builtin": Scripted(greets)})
    await room.sign_on("ann")
    chat_id = await told(room)
    await room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    await room.sign_on("bob")
    if how == "signs off":
        await room.desk.sign_off("ann")
    else:
        await room.desk.submit(ANN, Transfer(chat_id=chat_id, to_worker="bob"))
    await room.until(chat_id, lambda c: c.held_by("bob"))
    await room.until(chat_id, asked("bob"))
    events = await room.events(chat_id)
    assert len([e for e in events if isinstance(e.event, FlagRaised)]) == 1
    assert (await room.desk.chat(chat_id)).path == "policy"
    await room.desk.submit(BOB, Reply(chat_id=chat_id, text="I am here. Are you safe?"))
    chat = await room.desk.chat(chat_id)
    assert chat.danger == ""
    assert chat.escalation is not None
    assert chat.escalation.taken_by == "bob"


async def test_nobody_off_duty_takes_a_chat_and_nothing_changes(bare_room: Room) -> None:
    room = bare_room
    first = await room.add(brains={"builtin": Scripted(greets)})
    second = await room.add(brains={"builtin": Scripted(greets)})
    await room.sign_on("ann", "bob")
    chat_id = await told(room)
    await first.sign_off("bob")
    before = await room.events(chat_id)
    for command in (TakeOver(chat_id=chat_id), Reply(chat_id=chat_id, text="Are you safe?")):
        for actor in (BOB, LEA):
            with pytest.raises(Conflict) as caught:
                await first.submit(actor, command)
            assert caught.value.code == "off_duty"
    with pytest.raises(Conflict) as caught:
        await first.submit(ANN, Transfer(chat_id=chat_id, to_worker="lea"))
    assert caught.value.code == "off_duty"
    after = await room.events(chat_id)
    since = {e.kind for e in after[len(before) :]}
    assert not since & {"HolderChanged", "EscalationTaken", "MessagePosted"}
    await room.sign_on("lea", role="lead")
    await second.submit(LEA, TakeOver(chat_id=chat_id))
    assert (await room.desk.chat(chat_id)).held_by("lea")


async def test_a_customer_who_leaves_in_danger_stays_on_the_floors(bare_room: Room) -> None:
    room = bare_room
    await room.add(brains={"builtin": Scripted(greets)})
    await room.sign_on("ann")
    chat_id = await told(room)
    with pytest.raises(Conflict) as caught:
        await room.desk.submit(ANN, CloseChat(chat_id=chat_id))
    assert caught.value.code == "in_danger"
    await room.desk.submit(DORA, CloseChat(chat_id=chat_id))
    chat = await room.until(chat_id, asked("ann"))
    assert (chat.episode, chat.left_in_danger) == ("closed", True)
    assert on_floor(chat)
    assert visible(chat, Viewer(worker_id="ann", role="worker"))
    await room.restart(brains={"builtin": Scripted(greets)})
    assert chat_id in room.desk.floor().chats
    await room.desk.submit(ANN, AcknowledgeAlert(chat_id=chat_id))
    chat = await room.until(chat_id, lambda c: c.over)
    assert not on_floor(chat)
    assert (await room.kinds(chat_id))[-2:] == ["AlertAcknowledged", "EscalationWithdrawn"]
    assert chat_id not in room.desk.floor().chats


async def test_a_rating_that_tells_of_danger_brings_a_closed_chat_back(bare_room: Room) -> None:
    room = bare_room
    await room.add(brains={"builtin": Scripted(greets)})
    await room.sign_on("ann")
    chat_id = await room.open("Hello")
    await room.until(chat_id, lambda c: c.ai_messages == 1)
    await room.desk.submit(DORA, CloseChat(chat_id=chat_id))
    rated = Rate(chat_id=chat_id, rating=1, comment=DESPAIR)
    receipt = await room.desk.submit(DORA, rated)
    chat = await room.until(chat_id, asked("ann"))
    assert chat.left_in_danger
    assert chat_id in room.desk.floor().chats
    flags = [e.event for e in receipt.events if isinstance(e.event, FlagRaised)]
    assert [(f.kind, f.reason) for f in flags] == [("safety.self_harm", "said in a rating")]
    said = [e.event for e in receipt.events if isinstance(e.event, MessagePosted)]
    assert [one.template for one in said] == ["caution_over"]


async def test_the_ladder_goes_on_all_night(timed_room: Room) -> None:
    room = timed_room
    ladder = LadderPolicy(owner_s=45.0, pool_s=60.0, lead_s=120.0, again_s=60.0)
    await room.add(policy=Policy(ai=AiPolicy(enabled=False), ladder=ladder))
    chat_id = await room.open(DESPAIR)
    for least in (1, 2, 3, 4):
        await room.until(
            chat_id,
            lambda c, n=least: c.escalation is not None and c.escalation.again >= n,  # type: ignore[misc]
        )
        room.clock.wait(61)
    expired = [e for e in await room.events(chat_id) if isinstance(e.event, EscalationExpired)]
    assert [text_of(one) for one in expired[:2]] == [
        f"Reminder {n}: nobody has answered yet. A matter of safety (self harm) in chat "
        f"{chat_id}: a person is needed there now."
        for n in (1, 2)
    ]
    await room.sign_on("ann")
    chat = await room.until(chat_id, asked("ann"))
    assert chat.held_by("ann")
    assert (await shown(room, chat_id))[-1].again >= 4
    await room.desk.submit(ANN, Reply(chat_id=chat_id, text="I am here."))
    room.clock.wait(600)
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="thank you"))
    assert (await room.desk.chat(chat_id)).danger == ""


class Reads:
    """A brain's turn that keeps what it was told the customer has asked."""

    def __init__(self) -> None:
        self.read: list[str] = []

    async def __call__(self, context: TurnContext, hands: Hands) -> None:
        settled = max((n for n, one in enumerate(context.lines) if one.settles), default=-1)
        asked = context.lines[settled + 1 :]
        self.read.append(" ".join(one.text for one in asked if one.speaker == "customer"))
        await hands.say("Noted.")


async def test_what_a_person_has_declined_is_no_question_to_the_ai(bare_room: Room) -> None:
    room = bare_room
    reads = Reads()
    await room.add(brains={"builtin": Scripted(reads)})
    await room.sign_on("ann")
    chat_id = await told(room)
    decline = DeclineEscalation(chat_id=chat_id, reason="a line of a song")
    await room.desk.submit(ANN, decline)
    assert (await room.desk.chat(chat_id)).turn_id is None
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="where is my parcel?"))
    await room.until(chat_id, lambda c: c.ai_messages == 2)
    assert reads.read == ["Hello", "where is my parcel?"]


async def test_the_brief_beside_danger_is_the_careful_sentence(bare_room: Room) -> None:
    room = bare_room
    await room.add(brains={"builtin": Scripted(greets)})
    await room.sign_on("ann")
    chat_id = await told(room)
    brief = await room.desk.briefing.show(chat_id, ANN, language="en")
    assert [one.source for one in brief.suggestions] == ["caution_self_harm"]
    assert "you matter more than anything" in brief.suggestions[0].text
    assert "Ask next" not in brief.lines[2].text
    assert "still possible" not in brief.lines[2].text
    await room.desk.submit(ANN, Reply(chat_id=chat_id, text="I am here."))
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="It was only a song."))
    brief = await room.desk.briefing.show(chat_id, ANN, language="en")
    assert "caution_self_harm" not in [one.source for one in brief.suggestions]
