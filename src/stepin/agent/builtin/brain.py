"""The built-in brain: understands, asks, acts by procedures, and gives up honestly.

Deterministic: the same context and memory lead to the same acts, so that a turn that was cut off
can be taken again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepin.agent.brain import Called, Hands, TurnContext
from stepin.agent.builtin import consent, memory, topics
from stepin.agent.builtin.answers import OPEN_KINDS, Answered, plain_answer, take_answer
from stepin.agent.builtin.intents import FAIRLY, LIKELY, POSSIBLE, SURE, Clause, Ear, Heard, asks
from stepin.agent.builtin.memory import Task, Waiting
from stepin.agent.builtin.record_picker import pick
from stepin.agent.builtin.small_talk import small_talk
from stepin.agent.builtin.speaking import SpeakingTurn
from stepin.agent.builtin.tasks import Ended, GivenUp, Outcome, Stopped
from stepin.agent.builtin.temper import loses_temper
from stepin.agent.builtin.withdrawing import TakenBack, still_waiting, take_back
from stepin.agent.shop.handbook import Handbook
from stepin.agent.shop.intent_training import ARTICLE
from stepin.agent.shop.template import plain
from stepin.core.events.base import Cause
from stepin.judge.models.intent import IntentModel
from stepin.language.languages import in_language
from stepin.language.reading import read_part
from stepin.language.sentences import assistant
from stepin.language.strangers import stranger

CHAINED_AT_MOST = 4
LOST_AT_MOST = 2
DECLINED_AT_MOST = 2
OFFERED, OFFERED_AT_MOST = 0.1, 4
DECIDED = frozenset({"succeeded", "failed", "denied", "expired", "unknown"})


class BuiltinBrain:
    """A `Brain` on a handbook and a model of its intents.

    Parameters
    ----------
    handbook : procedures, articles and words of the shop.
    intents : the model that `intents_of` returns for the handbook.
    """

    def __init__(self, handbook: Handbook, intents: IntentModel) -> None:
        self._book, self._intents = handbook, intents
        self._ear = Ear(handbook, intents)

    @property
    def version(self) -> str:
        """``builtin-`` with the versions of the handbook and of the intents."""
        return f"builtin-{self._book.version}-{self._intents.version[:6]}"

    async def turn(self, context: TurnContext, hands: Hands) -> None:
        """Take one turn: read what is new, do what can be done, say one message."""
        kept = memory.load(context.memory)
        await _Turn(self._book, self._ear, context, hands, kept).take()
        kept.read_seq = context.basis_seq
        await hands.remember(memory.dump(kept))


class _Turn(SpeakingTurn):
    async def take(self) -> None:
        said = self._news()
        waiting = self.kept.waiting
        if waiting.kind == "action":
            await self._decided(waiting, said)
        elif said:
            await self._heard(await self._hear(said), said)
        await self._speak()

    def _news(self) -> str:
        """Return what the customer has written since the last turn; a boundary forgets the task."""
        lines = [line for line in self.context.lines if line.seq > self.kept.read_seq]
        for place in range(len(lines) - 1, -1, -1):
            if lines[place].speaker == "boundary":
                self.kept.task, self.kept.waiting = None, Waiting()
                unanswered = [line for line in self.context.lines if line.seq <= lines[place].seq]
                before = []
                for line in reversed(unanswered):
                    if line.speaker in ("worker", "ai") or line.settles:
                        break
                    before.append(line)
                lines = [*reversed(before), *lines[place + 1 :]]
                break
        hints = [line.text for line in lines if line.speaker == "whisper"]
        if hints and self.kept.task is not None:
            self.kept.task.heard = read_part(" ".join((self.kept.task.heard, *hints)).strip())
        return read_part("\n".join(line.text for line in lines if line.speaker == "customer"))

    async def _hear(self, said: str) -> Heard:
        wary = "policy" not in self.context.chat.raised
        heard = await self.ear.listen(said, language=self.worker.language, wary=wary)
        self.worker.language = self.kept.language = heard.language
        return heard

    async def _heard(self, heard: Heard, said: str) -> None:
        await self.hands.measure(confidence=round(heard.confidence, 4))
        task, waiting = self.kept.task, self.kept.waiting
        answering = waiting.kind in ("fact", "confirm", "more")
        named = (
            topics.named(self.book, self.kept.waiting.topics, heard)
            if waiting.topics and not heard.cued
            else ""
        )
        for request in () if named else heard.requests:
            if self.book.procedures[request.intent].eligible:
                continue
            if request.confidence == 1.0 or not (answering and plain_answer(request.text)):
                await self._start(request.intent, heard.text, carried={})
                return
        if await self._is_a_stranger(heard):
            return
        if heard.person:
            unfit = "" if named else topics.unfit(self.book, heard)
            if unfit:
                await self._start(unfit, heard.text, carried={})
            else:
                await self._give_up("requested", assistant().person, reason="asked for a person")
            return
        if await self._loses_temper(heard):
            return
        if task is not None and waiting.kind in ("fact", "confirm"):
            answered = await take_answer(self.book, self.worker, task, waiting, heard)
            await self._answered(answered, task, heard)
            return
        await self._open(heard)

    async def _is_a_stranger(self, heard: Heard) -> bool:
        """Hand over, in the customer's language, if no file covers it."""
        task, waiting = self.kept.task, self.kept.waiting
        asked = task is not None and waiting.kind == "fact" and waiting.fact
        if task and asked and self.worker.fact_of(task, waiting.fact).kind in OPEN_KINDS:
            return False
        spoken = stranger(heard.text)
        if spoken is None:
            return False
        cause: Cause = "requested" if heard.person else "policy"
        reason = "asked for a person" if heard.person else f"no files for {spoken.name or 'it'}"
        self.worker.said.clear()
        await self._hand_over(cause, spoken.sentence, reason)
        return True

    async def _loses_temper(self, heard: Heard) -> bool:
        """Hand over if the customer is angry again, or is nothing but angry."""
        if not loses_temper(self.book, self.kept, heard):
            return False
        if unfit := topics.unfit(self.book, heard):
            await self._start(unfit, heard.text, carried={})
        else:
            await self._give_up("emotional", assistant().upset, reason="the customer is upset")
        return True

    async def _answered(self, answered: Answered, task: Task, heard: Heard) -> None:
        for request in answered.later:
            if all(name != request.intent for name, _ in self.kept.queue):
                self.kept.queue.append((request.intent, request.text))
        self.kept.rounds += answered.more
        match answered.what:
            case "go_on":
                self.kept.lost = 0
                await self._work(task, carried=self.kept.facts)
            case "switch":
                carried, self.kept.rounds = {**self.kept.facts, **task.facts}, []
                first, *rest = heard.requests
                self.kept.queue += [(clause.intent, clause.text) for clause in rest]
                await self._start(first.intent, topics.words_for(first, heard), carried=carried)
            case "declined":
                times = self.kept.declined.get(task.procedure, 0) + 1
                self.kept.declined = {**self.kept.declined, task.procedure: times}
                self.worker.say(assistant().declined)
                if times > DECLINED_AT_MOST:
                    reason = f"{task.procedure}: declined {times} times"
                    await self._give_up("technical", assistant().lost, reason=reason)
                    return
                await self._finish(task, "declined")
            case "dropped":
                self.worker.say(assistant().dropped)
                await self._finish(task, "dropped")
            case "given_up":
                cause: Cause = "emotional" if consent.angry(heard.text) else "technical"
                await self._give_up(cause, assistant().lost, reason=answered.reason)
            case _:
                await self._aside(heard, task)

    async def _aside(self, heard: Heard, task: Task) -> None:
        """Answer something beside the question, and put the question again."""
        if consent.angry(heard.text):
            self.worker.say(assistant().sorry)
        elif (answer := small_talk(heard.text)) is not None:
            self.worker.said.append(in_language(answer, self.worker.language))
        elif heard.top == "robot" and heard.confidence >= LIKELY:
            self.worker.say(assistant().robot)
        elif heard.top == ARTICLE and heard.confidence >= SURE:
            await self._article(heard)
        waiting = self.kept.waiting
        if waiting.kind == "confirm":
            waiting.times += 1
            if waiting.times > LOST_AT_MOST + 1:
                await self._give_up("technical", assistant().lost, reason="no clear yes or no")
                return
            self.worker.say(assistant().again)
        fact = waiting.fact
        if fact and self.worker.fact_of(task, fact).kind != "pick":
            asked = self.worker.ask(fact, self.worker.fact_of(task, fact), task)
            if asked is None:
                await self._work(task, carried={})
            else:
                await self._after(asked, task)
            return
        await self._work(task, carried={})

    async def _open(self, heard: Heard) -> None:
        """Start what is asked for; else talk, answer from the articles, or ask what is meant."""
        if heard.denied and not heard.requests:
            self.worker.say(assistant().declined)
            self.worker.say(assistant().more)
            self.kept.waiting, self.kept.unclear = Waiting(kind="more"), ""
            return
        if self.kept.waiting.kind == "more" and await self._after_the_end(heard):
            return
        if not heard.requests and (answer := small_talk(heard.text)) is not None:
            self.worker.said.append(in_language(answer, self.worker.language))
            return
        if topics.refuses_offer(self.kept.waiting, heard):
            self.worker.say(assistant().more)
            self.kept.waiting, self.kept.unclear = Waiting(kind="more"), ""
            return
        if name := topics.named(self.book, self.kept.waiting.topics, heard):
            before, self.kept.unclear, self.kept.lost = self.kept.unclear, "", 0
            await self._start(name, f"{before} {heard.text}", carried=self.kept.facts)
            return
        if heard.requests:
            self.kept.lost = 0
            first, *rest = heard.requests
            self.kept.queue += [(clause.intent, clause.text) for clause in rest]
            clear = first.confidence >= FAIRLY
            words = f"{self.kept.unclear} {topics.words_for(first, heard)}".strip()
            self.kept.unclear = ""
            await self._start(first.intent, words, carried=self.kept.facts, clear=clear)
            return
        sure = heard.confidence >= LIKELY
        if heard.top == "robot" and sure:
            self.worker.say(assistant().robot)
        elif heard.top == "hello" and sure and not self.kept.unclear:
            self.worker.say(assistant().hello)
            self.kept.unclear = heard.text
        elif (heard.top == ARTICLE or not sure) and await self._article(heard):
            self._offer(heard)
            self.kept.lost = 0
        elif heard.top == "person" and heard.confidence >= SURE:
            await self._give_up(
                "technical", assistant().lost, reason="didn't understand the request"
            )
        elif self.kept.unclear and (again := await self._together(heard)) is not None:
            await self._start(again.intent, again.text, carried=self.kept.facts)
        else:
            await self._unclear(heard)

    def _offer(self, heard: Heard) -> None:
        """Ask whether the procedure that may be meant is wanted, else whether there's more."""
        likely = topics.likely(self.book, heard, least=OFFERED)[:1]
        if likely and self.kept.last != likely[0].name:
            title = plain(likely[0].title, self.worker.language, likely[0].name)
            self.worker.say(assistant().shall_i, title=title)
            self.kept.waiting = Waiting(topics=[likely[0].name])
            self.kept.unclear = heard.text
        else:
            self.worker.say(assistant().more)
            self.kept.waiting = Waiting(kind="more")

    async def _together(self, heard: Heard) -> Clause | None:
        """Return what this and the unclear text before ask for in one, if that is clear."""
        both = await self._hear(f"{self.kept.unclear}\n{heard.text}")
        for request in both.requests:
            if self.book.procedures[request.intent].eligible:
                return Clause(both.text, request.intent, request.confidence)
        return None

    async def _after_the_end(self, heard: Heard) -> bool:
        """Return whether the customer said goodbye, or corrected what was just done."""
        text = heard.text
        if heard.corrects and await self._correction(heard):
            return True
        sure = any(request.confidence >= SURE for request in heard.requests)
        thanks = heard.top == "thanks" and heard.confidence >= LIKELY
        enough = consent.answer_of(text) == "no" and len(text) <= 40 and not asks(text)
        if consent.needs_nothing(text) or ((thanks or enough) and not sure):
            said = [*self.worker.said, in_language(assistant().bye, self.worker.language)]
            self.worker.said.clear()
            await self.hands.resolve("\n".join(said), disposition=self.kept.disposition or "told")
            self.kept.waiting = Waiting()
            return True
        if not heard.requests and await self._correction(heard):
            return True
        if not heard.requests and consent.answer_of(text) == "yes" and len(text) <= 20:
            self.worker.say(assistant().hello)
            self.kept.waiting = Waiting()
            return True
        return False

    async def _correction(self, heard: Heard) -> bool:
        """Take the last procedure up again if another record of the same kind is named."""
        last = self.book.procedures.get(self.kept.last)
        for name, fact in {} if last is None else last.facts.items():
            if not fact.pattern:
                continue
            records = self.kept.offered.get(name, ())
            found = pick(fact, records, heard.text, today=self.worker.today)
            named = found.absent or found.record is not None
            again = found.record is not None and found.record[fact.key] == self.kept.facts.get(name)
            if (named and not again) or consent.means_another(heard.text):
                others = {k: v for k, v in self.kept.facts.items() if k != name}
                await self._start(self.kept.last, heard.text, carried=others)
                return True
        return False

    async def _unclear(self, heard: Heard) -> None:
        """Offer what may be meant, then everything there is; then hand over."""
        self.kept.lost += 1
        angry = consent.angry(heard.text)
        kind, confidence = heard.ranked[0]
        unfit = kind in self.book.procedures and not self.book.procedures[kind].eligible
        if unfit and confidence >= (LIKELY if self.kept.lost == 1 else POSSIBLE):
            await self._start(kind, heard.text, carried={})
            return
        every = [one for one in self.book.procedures.values() if one.eligible]
        offered_all = len(self.kept.waiting.topics) == len(every)
        if offered_all or self.kept.lost > LOST_AT_MOST:
            cause: Cause = "emotional" if angry else "technical"
            await self._give_up(cause, assistant().lost, reason="didn't understand the request")
            return
        if angry:
            self.worker.say(assistant().sorry)
        likely = topics.likely(self.book, heard, least=POSSIBLE)[:OFFERED_AT_MOST]
        if self.kept.lost > 1 or not any(one.tools for one in likely):
            likely = every
        self.worker.said.append(topics.question(likely, every, self.worker.language))
        first = self.kept.task is None and not self.kept.unclear
        self.kept.unclear = heard.text if first else self.kept.unclear
        self.kept.waiting = Waiting(topics=[one.name for one in likely])

    async def _article(self, heard: Heard) -> bool:
        hits = await self.book.ranking.search_best(heard.text, self.worker.language, limit=1)
        if not hits or not hits[0].answers:
            nearest = hits[0].passage.source if hits else ""
            await self.hands.measure(missed=(nearest,))
            return False
        passage = hits[0].passage
        self.sources.append(passage.source)
        self.worker.say(assistant().source, title=passage.title, text=passage.text)
        return True

    async def _start(
        self, name: str, text: str, *, carried: Mapping[str, Any], clear: bool = True
    ) -> None:
        self.kept.queue = [entry for entry in self.kept.queue if entry[0] != name]
        if consent.means_another(text):
            carried = {}
        await self._work(Task(procedure=name, heard=text, clear=clear), carried=carried)

    async def _work(self, task: Task, *, carried: Mapping[str, Any]) -> None:
        self.kept.task = task
        outcome = await self.worker.go_on(task, carried=carried)
        self.kept.rounds += self.worker.more
        self.worker.more = []
        await self._after(outcome, task)

    async def _after(self, outcome: Outcome, task: Task) -> None:
        if isinstance(outcome, Ended):
            if outcome.start:
                self.kept.facts = {**self.kept.facts, **task.facts}
                await self._start(outcome.start, "", carried=self.kept.facts)
            else:
                await self._finish(task, outcome.disposition)
            return
        self._take_outcome(outcome, task)
        await self._maybe_give_up()

    def _take_outcome(self, outcome: Outcome, task: Task) -> None:
        self.kept.task = task
        self._pending = outcome if isinstance(outcome, GivenUp) else None
        if isinstance(outcome, Stopped):
            times = self.kept.waiting.times if outcome.waiting.kind == "confirm" else 1
            same = self.kept.waiting.kind == outcome.waiting.kind
            self.kept.waiting = outcome.waiting
            self.kept.waiting.times = times if same else 1

    async def _maybe_give_up(self) -> None:
        if self._pending is not None:
            pending, self._pending = self._pending, None
            await self._hand_over(pending.cause, pending.text, pending.reason)

    async def _finish(self, task: Task, disposition: str) -> None:
        self.kept.facts = {**self.kept.facts, **task.facts}
        self.kept.last, self.kept.disposition = task.procedure, disposition
        self.kept.offered = {**self.kept.offered, **self.worker.records}
        self.kept.task = None
        self.kept.waiting = Waiting(kind="more")
        self.kept.rounds = [] if disposition in ("declined", "dropped") else self.kept.rounds
        self.chained += 1
        if self.kept.rounds and self.chained < CHAINED_AT_MOST:
            facts = self.kept.rounds.pop(0)
            again = Task(procedure=task.procedure, facts=facts, heard="")
            await self._work(again, carried={})
        elif self.kept.queue and self.chained < CHAINED_AT_MOST:
            name, text = self.kept.queue.pop(0)
            title = plain(self.book.procedures[name].title, self.worker.language, name)
            self.worker.say(assistant().next, title=title)
            await self._start(name, text, carried=self.kept.facts)
        else:
            self.worker.say(assistant().more)

    async def _decided(self, waiting: Waiting, said: str) -> None:
        """Go on where a colleague has decided; tell the customer that it still takes time."""
        action = self.context.chat.actions.get(waiting.action_id)
        task = self.kept.task
        if action is None or task is None:
            self.kept.task, self.kept.waiting = None, Waiting()
            if said:
                await self._heard(await self._hear(said), said)
            return
        heard = await self._hear(said) if said else None
        procedure = self.book.procedures[task.procedure]
        taken = await take_back(self.hands, procedure, waiting, action, said)
        if taken is not None and taken.in_time:
            await self._taken_back(taken, task, person=heard is not None and heard.person)
            return
        if action.state not in DECIDED:
            if heard is not None and heard.person:
                await self._give_up("requested", assistant().person, reason="asked for a person")
                # Whoever lets the AI go on: it still waits, and its outcome is still to be told.
                self.kept.task, self.kept.waiting = task, waiting
            elif heard is not None:
                for text in still_waiting(heard, late=taken is not None):
                    self.worker.say(text)
            return
        if taken is not None and action.state == "succeeded":
            self.worker.say(assistant().too_late)
        outcome = await self.worker.settle(task, Called.of(action))
        if outcome is None:
            await self._work(task, carried=self.kept.facts)
        else:
            await self._after(outcome, task)
        if heard is not None and self.kept.waiting.kind == "more" and heard.requests:
            await self._open(heard)

    async def _taken_back(self, taken: TakenBack, task: Task, *, person: bool) -> None:
        """Say that it was stopped, and go on with what else was asked for."""
        self.worker.say(assistant().withdrawn)
        if person:
            await self._give_up("requested", assistant().person, reason="asked for a person")
            return
        if taken.rest:
            more = await self._hear(taken.rest)
            self.kept.queue += [(clause.intent, clause.text) for clause in more.requests]
            if not more.requests and asks(taken.rest):
                await self._article(more)
        await self._finish(task, "dropped")
