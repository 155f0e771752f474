"""What a language model proposes, at a running desk: shown, logged, sent by the worker alone."""

from __future__ import annotations

from stepin.agent.suggestions.from_model import AskedAdvice
from stepin.agent.suggestions.suggestions import GeneralAdvice
from stepin.core.command import PostMessage, Reply, TakeOver
from stepin.core.events.chat import MessagePosted
from stepin.core.events.supervision import SuggestionShown, SuggestionUsed
from tests.desk.conftest import ANN, DORA, Room


class Proposes:
    """A model with one answer."""

    name = "openai:test"

    def __init__(self) -> None:
        self.asked = 0

    async def close(self) -> None:
        pass

    async def answer(self, instruction: str, text: str) -> str:
        self.asked += 1
        return '{"seek": "Does the blender hum?", "propose": "I can send a new one."}'


async def test_what_the_model_proposes_is_shown_and_logged_and_only_the_worker_sends_it(
    bare_room: Room,
) -> None:
    llm = Proposes()
    await bare_room.add(advice=AskedAdvice(GeneralAdvice(), llm))
    await bare_room.sign_on("ann")
    chat_id = await bare_room.open("Please refund order A-1001, the blender is broken")
    await bare_room.until(chat_id, lambda c: c.ai_messages == 1)
    await bare_room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="a person please"))
    await bare_room.until(chat_id, lambda c: c.escalation is not None and c.ai_messages == 2)
    shown = await bare_room.desk.briefing.show(chat_id, ANN, language="en")
    again = await bare_room.desk.briefing.show(chat_id, ANN, language="en")
    assert shown == again
    assert llm.asked == 1
    assert [(s.kind, s.source) for s in shown.suggestions[:2]] == [
        ("seek", "llm:openai:test"),
        ("propose", "llm:openai:test"),
    ]
    assert "Does the blender hum?" in shown.lines[3].text
    events = [e.event for e in await bare_room.events(chat_id)]
    logged = [e.text for e in events if isinstance(e, SuggestionShown)]
    assert logged == [s.text for s in shown.suggestions]
    said = [e.text for e in events if isinstance(e, MessagePosted)]
    assert not any(text in one for text in logged for one in said)
    one = shown.suggestions[1]
    await bare_room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    await bare_room.desk.submit(
        ANN, Reply(chat_id=chat_id, text=one.text, suggestion_id=one.suggestion_id)
    )
    used = [e.event for e in await bare_room.events(chat_id) if isinstance(e.event, SuggestionUsed)]
    assert [(u.suggestion_id, u.worker_id) for u in used] == [(one.suggestion_id, "ann")]
