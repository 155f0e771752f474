"""Carries one task out, step by step, until the customer or a colleague has to answer.

What the customer is told comes from the procedure and from results of tools; where something
that a reply needs is missing, the task ends with a person rather than with a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from stepin.agent.brain import Called, Hands, TurnContext
from stepin.agent.builtin import consent, extract
from stepin.agent.builtin.memory import Task, Waiting
from stepin.agent.builtin.record_picker import Picked, Record, pick
from stepin.agent.gate.confirmation import NOT_CONFIRMED, confirmation_of
from stepin.agent.shop.expression import Expression
from stepin.agent.shop.handbook import Handbook
from stepin.agent.shop.procedure import Ending, Fact, Procedure, Step
from stepin.agent.shop.template import fill, has_brace
from stepin.core.events.base import Cause
from stepin.errors import Invalid
from stepin.language.languages import in_language
from stepin.language.sentences import Text, assistant

SHOWN_AT_MOST = 6


class GivenUp(msgspec.Struct, frozen=True, kw_only=True):
    """The task can't be finished without a person."""

    cause: Cause
    text: str
    reason: str


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """The task is over; `start` names the procedure that takes it on."""

    disposition: str = ""
    start: str = ""


class Stopped(msgspec.Struct, frozen=True, kw_only=True):
    """The task waits for an answer."""

    waiting: Waiting


Outcome = GivenUp | Ended | Stopped


def _is_sayable(denial: str) -> bool:
    """Return whether a worker's reason can stand in a procedure's sentence."""
    return bool(denial.strip()) and not has_brace(denial)


class Worker:
    """Carries out the tasks of one turn; collects in `said` what the customer will be told."""

    def __init__(
        self, handbook: Handbook, context: TurnContext, hands: Hands, *, language: str
    ) -> None:
        self._book, self._context, self._hands = handbook, context, hands
        self.language = language
        self.said: list[str] = []
        self.records: dict[str, list[dict[str, Any]]] = {}
        self.confirms = ""
        self.more: list[dict[str, Any]] = []
        self.today = datetime.fromtimestamp(context.now_us / 1e6, UTC).date()

    def say(self, phrase: Text, /, **values: str) -> None:
        """Add one of the brain's own sentences."""
        self.said.append(in_language(phrase, self.language).format(**values))

    async def go_on(self, task: Task, *, carried: Mapping[str, Any]) -> Outcome:
        """Take the steps that can be taken now.

        Parameters
        ----------
        carried : facts of the task before; used where the customer names no others.
        """
        procedure = self._book.procedures[task.procedure]
        try:
            while task.at < len(procedure.steps):
                step = procedure.steps[task.at]
                if step.when and not Expression(step.when).holds(self._scope(task)):
                    task.at += 1
                    continue
                outcome = await self._take(procedure, step, task, carried)
                if outcome is not None:
                    return outcome
        except Invalid as error:
            return self._trouble(f"{task.procedure}: {error.message}")
        return Ended()

    async def settle(self, task: Task, called: Called) -> Outcome | None:
        """Take in what became of the call that the task stands at; None to go on."""
        step = self._book.procedures[task.procedure].steps[task.at]
        return self._called(step, task, called)

    def answer(self, text: str) -> consent.Answer:
        """Return what a text answers to the question that was put last."""
        asked = confirmation_of(self._context.lines)
        return consent.answer_of(text, asked.question if asked is not None else "")

    def fact_of(self, task: Task, name: str) -> Fact:
        """Return the definition of a fact of a task."""
        return self._book.procedures[task.procedure].facts[name]

    def _scope(self, task: Task, **more: Any) -> dict[str, Any]:
        return {**task.results, **task.facts, "picked": task.picked, **more}

    def _tell(self, text: Text, task: Task, **more: Any) -> None:
        if text:
            said = fill(text, self._scope(task, **more), self._book.speech, self.language)
            self.said.append(said)

    async def _take(
        self, procedure: Procedure, step: Step, task: Task, carried: Mapping[str, Any]
    ) -> Outcome | None:
        match step.kind:
            case "need":
                outcome = await self._need(procedure, step, task, carried)
                if outcome is not None:
                    return outcome
            case "call":
                arguments = self._values(step.with_, task)
                if (missing := self._missing(step.call)) is not None:
                    return missing
                return self._called(step, task, await self._call(step.call, arguments))
            case "confirm":
                self._tell(step.confirm, task)
                self.confirms = await self._key(procedure, task)
                return Stopped(waiting=Waiting(kind="confirm"))
            case "give_up":
                said = fill(step.say, self._scope(task), self._book.speech, self.language)
                return GivenUp(
                    cause=step.give_up or "policy", text=said, reason=f"procedure:{task.procedure}"
                )
            case "start" | "done":
                self._tell(step.say, task)
                return Ended(disposition=step.done, start=step.start)
            case _:
                self._tell(step.say, task)
        task.at += 1
        return None

    async def _key(self, procedure: Procedure, task: Task) -> str:
        """Return the key of the effect that a confirm step asks about: the next one after it."""
        for step in procedure.steps[task.at + 1 :]:
            if step.when and not Expression(step.when).holds(self._scope(task)):
                continue
            if self._changes(step) and step.call in self._context.tools:
                plan = await self._hands.plan(step.call, self._values(step.with_, task))
                return plan.confirms
            if step.kind in ("need", "call", "confirm", "give_up", "start", "done"):
                break
        return ""

    def _back_to_the_question(self, procedure: Procedure, task: Task) -> bool:
        """Go back to the question before the effect that the task stands at, if there is one."""
        asked = [at for at in range(task.at) if procedure.steps[at].kind == "confirm"]
        task.at = asked[-1] if asked else task.at
        return bool(asked)

    async def _call(self, tool: str, arguments: Mapping[str, Any]) -> Called:
        """Call a tool; what would be said so far is shown meanwhile, and kept if a person comes."""
        if self.said:
            await self._hands.draft("\n".join(self.said))
        return await self._hands.call(tool, arguments)

    def _values(self, given: Mapping[str, str], task: Task) -> dict[str, Any]:
        return {name: Expression(text).value(self._scope(task)) for name, text in given.items()}

    async def _need(
        self, procedure: Procedure, step: Step, task: Task, carried: Mapping[str, Any]
    ) -> Outcome | None:
        name, fact = step.need, procedure.facts[step.need]
        if name in task.facts and (fact.kind != "pick" or name in task.picked):
            return None
        if fact.kind == "pick":
            return await self._need_pick(name, fact, step, task, carried)
        if fact.infer and (value := value_of(fact, task.heard, asked=False)) is not None:
            task.facts[name] = value
            return None
        if fact.default is not None:
            task.facts[name] = Expression(fact.default).value(self._scope(task))
            return None
        return self.ask(name, fact, task)

    async def _need_pick(
        self, name: str, fact: Fact, step: Step, task: Task, carried: Mapping[str, Any]
    ) -> Outcome | None:
        if (missing := self._missing(fact.call)) is not None:
            return missing
        listed = await self._call(fact.call, self._values(fact.with_, task))
        if listed.state != "succeeded":
            return self._refused(listed)
        records: list[Record] = listed.result[fact.of]
        self.records[name] = [dict(record) for record in records]
        if not records:
            self._tell(fact.none, task)
            return Ended(disposition="refused")
        wanted = task.facts.pop(name, None)
        for record in records:
            if wanted is not None and str(record[fact.key]) == str(wanted):
                _set(task, name, fact, record)
                return None
        refused = task.refused.get(name, ())
        left = [record for record in records if record[fact.key] not in refused]
        found = self._found(name, fact, task, left)
        if wanted is not None and fact.pattern:
            found = Picked(absent=str(wanted), among=tuple(records))
        if found.record is not None:
            self.more += [{**task.facts, name: record[fact.key]} for record in found.more]
            _set(task, name, fact, found.record)
            return None
        if found.absent:
            self._tell(fact.missing, task, value=found.absent)
            task.heard = ""
            if task.asked.get(name, 0) >= fact.tries:
                self.say(assistant().elsewhere)
                return Ended(disposition="not_found")
        meant = self._meant(step, task, left, found, carried)
        if meant is not None:
            _set(task, name, fact, meant)
            return None
        among = self._fitting(step, task, [*left] if found.absent else [*found.among])
        likely = self._likely(step, task, among)
        among.sort(key=lambda record: record not in likely)
        return self.ask(name, fact, task, among)

    def _found(self, name: str, fact: Fact, task: Task, left: list[Record]) -> Picked:
        """Return which records the words so far mean."""
        if not fact.infer:
            return Picked(among=tuple(left))
        facts = self._book.procedures[task.procedure].facts
        # Words by which a later choice is made don't say which record it is about.
        later = [one for other, one in facts.items() if other != name and other not in task.facts]
        but = frozenset(word for one in later if one.kind == "pick" for word in one.words)
        return pick(fact, left, task.heard, today=self.today, but=but & set(fact.words))

    def _meant(
        self,
        step: Step,
        task: Task,
        left: list[Record],
        found: Picked,
        carried: Mapping[str, Any],
    ) -> Record | None:
        """Return the record to go on with where the words name none; None to ask."""
        name = step.need
        fact = self.fact_of(task, name)
        if not found.absent and name in carried:
            fit = [one for one in found.among if one[fact.key] == carried[name]]
            likely = self._likely(step, task, list(found.among))
            if fit and (not likely or fit[0] in likely):
                return fit[0]
        if len(left) == 1 and not found.absent:
            return left[0]
        among = [*left] if found.absent else [*found.among]
        likely = self._likely(step, task, among)
        guess = self._guess(step, task, likely, found)
        if guess is not None and name not in task.untold:
            self._name_others(fact, guess, among)
        return guess

    def _name_others(self, fact: Fact, guess: Record, among: list[Record]) -> None:
        """Say which record is taken, and which others it might be."""
        others = [str(one[fact.key]) for one in among if one is not guess][:SHOWN_AT_MOST]
        if others:
            comma = in_language(assistant().comma, self.language)
            self.say(assistant().taken, one=str(guess[fact.key]), others=comma.join(others))

    def _fitting(self, step: Step, task: Task, among: list[Record]) -> list[Record]:
        """Return the records that the procedure can do something about; all if it can't for any."""
        if not step.only:
            return among
        only = Expression(step.only)
        return [one for one in among if only.holds(self._scope(task, it=one))] or among

    def _likely(self, step: Step, task: Task, among: list[Record]) -> list[Record]:
        if not step.prefer:
            return among
        preferred = Expression(step.prefer)
        return [one for one in among if preferred.holds(self._scope(task, it=one))]

    def _guess(self, step: Step, task: Task, likely: list[Record], found: Picked) -> Record | None:
        """Return the record to go on with where the customer names none, None to ask.

        Only where the procedure allows it, and the customer is asked before each effect. Where
        they were asked nothing yet, only one record may be likely.
        """
        if not step.guess or found.absent or not likely or not task.clear:
            return None
        procedure = self._book.procedures[task.procedure]
        if not self._asks_first(procedure, task.at):
            return None
        if step.need not in task.untold:
            unasked = not task.asked.get(step.need) and not task.refused.get(step.need)
            return likely[0] if unasked and len(likely) == 1 else None
        often = task.asked.get(step.need, 0) >= self.fact_of(task, step.need).tries
        return likely[0] if often or len(likely) == 1 else None

    def _changes(self, step: Step) -> bool:
        tool = self._context.tools.get(step.call)
        return bool(step.call) and (tool is None or tool.risk != "read")

    def _asks_first(self, procedure: Procedure, at: int) -> bool:
        """Return whether the customer is asked before each effect from a step on."""
        asked = False
        for step in procedure.steps[at:]:
            asked = asked or step.kind == "confirm"
            if self._changes(step):
                if not asked:
                    return False
                asked = False
        return True

    def ask(
        self, name: str, fact: Fact, task: Task, among: list[Any] | None = None
    ) -> Outcome | None:
        """Ask for a fact, or give up if it was asked often enough."""
        task.asked[name] = task.asked.get(name, 0) + 1
        if task.asked[name] > fact.tries:
            if fact.unfit and name not in task.untold:
                self._tell(fact.unfit, task)
                return Ended(disposition="refused")
            procedure = self._book.procedures[task.procedure]
            open_choice = fact.kind == "choice" and name in task.untold and task.clear
            if open_choice and self._asks_first(procedure, task.at):
                task.facts[name] = next(iter(fact.options))
                return None
            return GivenUp(
                cause="technical",
                text=in_language(assistant().lost, self.language),
                reason=f"{task.procedure}: no {name} after {fact.tries} questions",
            )
        shown = [dict(record) for record in (among or [])[:SHOWN_AT_MOST]]
        if task.asked[name] > 1:
            if not fact.again:
                self.say(assistant().unsure)
            self._tell(fact.again or fact.ask, task)
        else:
            self._tell(fact.ask, task)
        for record in shown:
            label = fill(fact.label, self._scope(task, it=record), self._book.speech, self.language)
            self.said.append(f"- {label}")
        return Stopped(waiting=Waiting(kind="fact", fact=name, shown=shown))

    def _called(self, step: Step, task: Task, called: Called) -> Outcome | None:
        match called.state:
            case "succeeded":
                if step.as_:
                    task.results[step.as_] = called.result
                tool = self._context.tools.get(step.call)
                task.acted = task.acted or (tool is not None and tool.risk != "read")
                task.at += 1
                return None
            case "failed" if called.error == NOT_CONFIRMED:
                if self._back_to_the_question(self._book.procedures[task.procedure], task):
                    return None
                return self._trouble(f"{task.procedure} asks nobody before {step.call}")
            case "failed":
                ending = step.failed.get(called.error) or step.failed.get("other")
                if ending is not None:
                    return self._ending(ending, task)
                return self._refused(called)
            case "denied" if "denied" in step.failed and _is_sayable(called.denial):
                return self._ending(step.failed["denied"], task, denial=called.denial)
            case "denied" | "expired":
                return self._give_up(
                    "policy", assistant().denied, f"{step.call} was {called.state}"
                )
            case "unknown" | "executing":
                return self._give_up(
                    "technical", assistant().unknown_outcome, f"{step.call}: unknown"
                )
            case _:
                self.say(assistant().waiting)
                return Stopped(waiting=Waiting(kind="action", action_id=called.action_id))

    def _ending(self, ending: Ending, task: Task, **more: Any) -> Outcome | None:
        if ending.give_up is not None:
            said = fill(ending.say, self._scope(task, **more), self._book.speech, self.language)
            return GivenUp(cause=ending.give_up, text=said, reason=f"procedure:{task.procedure}")
        self._tell(ending.say, task, **more)
        if ending.ask:
            name = ending.ask
            task.facts.pop(name, None)
            task.picked.pop(name, None)
            task.heard = ""
            task.at = next(
                place
                for place, step in enumerate(self._book.procedures[task.procedure].steps)
                if step.need == name
            )
            fact = self.fact_of(task, name)
            if fact.kind == "pick":
                return Stopped(waiting=Waiting(kind="fact", fact=name))
            return self.ask(name, fact, task)
        return Ended(disposition=ending.done)

    def _missing(self, tool: str) -> Outcome | None:
        if tool in self._context.tools:
            return None
        if not self._context.chat.customer_asserted:
            return self._give_up("technical", assistant().not_signed_in, "not signed in")
        return self._trouble(f"the tool {tool} is not there")

    def _refused(self, called: Called) -> Outcome:
        match called.error:
            case "already_done":
                self.say(assistant().already)
                return Ended(disposition="told")
            case "not_signed_in" | "not_asserted":
                return self._give_up("technical", assistant().not_signed_in, "not signed in")
            case "over_limit" | "too_often":
                return self._give_up("policy", assistant().beyond, called.error)
            case _:
                return self._trouble(f"{called.error}: {called.message}")

    def _trouble(self, reason: str) -> Outcome:
        return self._give_up("technical", assistant().trouble, reason)

    def _give_up(self, cause: Literal["technical", "policy"], text: Text, reason: str) -> GivenUp:
        return GivenUp(cause=cause, text=in_language(text, self.language), reason=reason[:200])


def _set(task: Task, name: str, fact: Fact, record: Mapping[str, Any]) -> None:
    task.facts[name] = record[fact.key]
    task.picked[name] = dict(record)


def value_of(fact: Fact, text: str, *, asked: bool) -> Any:
    """Return what a text says of a fact that is no pick; None if it doesn't."""
    match fact.kind:
        case "code":
            return extract.code(text, fact.pattern, fact.format)
        case "address":
            return extract.address(text, asked=asked)
        case "email":
            return extract.email(text)
        case "phone":
            return extract.phone(text)
        case "amount":
            return extract.amount(text)
        case "choice":
            return extract.choice(text, fact.options.items())
        case "text":
            said = extract.after_lead(text)[:300] if asked else ""
            return said or None
        case _:
            return None


def change_fact(handbook: Handbook, task: Task, name: str, value: Any) -> None:
    """Put another value for a fact; what depended on the old one is forgotten, steps begin anew."""
    task.facts[name] = value
    task.picked.pop(name, None)
    for other, fact in handbook.procedures[task.procedure].facts.items():
        if any((name,) in Expression(text).paths for text in fact.with_.values()):
            task.facts.pop(other, None)
            task.picked.pop(other, None)
    task.at, task.results = 0, {}


def forget_fact(handbook: Handbook, task: Task, name: str, *, heard: str) -> None:
    """Look for another value of a fact, in what was said or by asking, never for this one."""
    task.refused = {**task.refused, name: [*task.refused.get(name, ()), task.facts[name]]}
    change_fact(handbook, task, name, None)
    del task.facts[name]
    task.heard = heard
