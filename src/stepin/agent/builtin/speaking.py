"""How a turn of the built-in brain ends: with one message, or with a person."""

from __future__ import annotations

from stepin.agent.brain import Hands, TurnContext
from stepin.agent.builtin.intents import Ear
from stepin.agent.builtin.memory import Memory, Waiting
from stepin.agent.builtin.tasks import GivenUp, Worker
from stepin.agent.shop.handbook import Handbook
from stepin.core.events.base import Cause
from stepin.language.languages import in_language
from stepin.language.sentences import Text, assistant

REPEATED_AT_MOST = 2


class SpeakingTurn:
    """A turn's memory, its worker, and the one message or the hand-over that ends it."""

    def __init__(
        self,
        book: Handbook,
        ear: Ear,
        context: TurnContext,
        hands: Hands,
        kept: Memory,
    ) -> None:
        self.book, self.ear, self.context, self.hands = book, ear, context, hands
        self.kept = kept
        self.chained = 0
        self._pending: GivenUp | None = None
        self.sources: list[str] = []
        language = kept.language or context.chat.language[:2]
        self.worker = Worker(book, context, hands, language=language)

    async def _give_up(self, cause: Cause, text: Text, *, reason: str) -> None:
        await self._hand_over(cause, in_language(text, self.worker.language), reason)

    async def _hand_over(self, cause: Cause, text: str, reason: str) -> None:
        said = [*self._greeting(), *self.worker.said, text]
        self.worker.said.clear()
        self.kept.task, self.kept.waiting = None, Waiting()
        self.kept.queue, self.kept.rounds = [], []
        await self.hands.give_up(cause, "\n".join(said), reason=reason)

    def _greeting(self) -> list[str]:
        spoke = self.kept.greeted or any(line.speaker == "ai" for line in self.context.lines)
        if spoke or not self.context.policy.ai.disclosed:
            return []
        self.kept.greeted = True
        shop = in_language(self.book.speech.name, self.worker.language)
        return [in_language(assistant().disclosed, self.worker.language).format(shop=shop)]

    async def _goes_in_circles(self) -> bool:
        """Hand over rather than say the same for the third time in a row."""
        text = "\n".join(self.worker.said)
        if not text or self.kept.waiting.kind == "action":
            return False
        self.kept.repeated = self.kept.repeated + 1 if text == self.kept.said else 0
        self.kept.said = text
        if self.kept.repeated < REPEATED_AT_MOST:
            return False
        self.worker.said.clear()
        await self._give_up("technical", assistant().lost, reason="going in circles")
        return True

    async def _speak(self) -> None:
        if await self._goes_in_circles():
            return
        if self.worker.said:
            said = [*self._greeting(), *self.worker.said]
            asks = self.kept.waiting.kind == "confirm"
            await self.hands.say(
                "\n".join(said),
                sources=tuple(self.sources),
                confirms=self.worker.confirms if asks else "",
            )
