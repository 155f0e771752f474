"""One chat from the customer's first word to its close, on a running desk."""

from __future__ import annotations

from stepin.core.command import HandBack, PostMessage, Reply, TakeOver
from stepin.core.events.chat import MessagePosted
from tests.desk.conftest import ANN, DORA, Room


async def test_the_ai_answers_a_worker_takes_over_and_hands_back(room: Room) -> None:
    await room.sign_on("ann")
    chat_id = await room.open("Hello, where is my parcel?")
    chat = await room.until(chat_id, lambda c: c.ai_messages == 1)
    assert chat.owner == "ann"
    assert chat.ai_holds
    await room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="Order A-1001"))
    await room.desk.submit(ANN, Reply(chat_id=chat_id, text="This is Ann, one moment."))
    chat = await room.desk.chat(chat_id)
    assert (chat.holder.id, chat.ai_messages, chat.path) == ("ann", 1, "human_initiated")
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="Thank you"))
    await room.desk.submit(ANN, HandBack(chat_id=chat_id, note="Please look A-1001 up."))
    chat = await room.until(chat_id, lambda c: c.ai_messages == 2)
    said = [e.event.text for e in await room.events(chat_id) if isinstance(e.event, MessagePosted)]
    assert said[-1] == "Order A-1001 is shipped."
