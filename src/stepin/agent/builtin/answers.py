"""What an answer to a question means: the fact, a yes, a correction, or something else."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from stepin.agent.builtin import consent, extract
from stepin.agent.builtin.intents import FAIRLY, SURE, Clause, Heard
from stepin.agent.builtin.memory import Task, Waiting
from stepin.agent.builtin.record_picker import Record, pick
from stepin.agent.builtin.tasks import Worker, change_fact, forget_fact, value_of
from stepin.agent.shop.handbook import Handbook
from stepin.agent.shop.procedure import Fact
from stepin.language.reading import read_part

What = Literal["go_on", "switch", "declined", "dropped", "given_up", "aside"]
_CORRECTABLE = frozenset({"address", "email", "phone"})
OPEN_KINDS = frozenset({"text", "choice", "address"})
_HAN, _LATIN = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z']+")


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done, and which further requests come later.

    `more` are the facts of the same procedure's next rounds.
    """

    what: What
    later: tuple[Clause, ...] = ()
    more: tuple[dict[str, Any], ...] = ()
    reason: str = ""


async def take_answer(
    book: Handbook, worker: Worker, task: Task, waiting: Waiting, heard: Heard
) -> Answered:
    """Return what an answer means; facts that it holds are put into the task."""
    others = tuple(
        clause
        for clause in heard.requests
        if clause.intent != task.procedure
        and clause.confidence >= (FAIRLY if consent.adds(heard.text) else SURE)
        and not plain_answer(clause.text)
    )
    if waiting.kind == "confirm":
        return _confirmed(book, worker, task, heard, others)
    return _told(book, worker, task, waiting, heard, others)


def _told(
    book: Handbook,
    worker: Worker,
    task: Task,
    waiting: Waiting,
    heard: Heard,
    others: tuple[Clause, ...],
) -> Answered:
    name, text = waiting.fact, heard.text
    fact = worker.fact_of(task, name)
    changed = _corrections(book, task, heard, but=name)
    adds = consent.adds(text)
    if fact.kind == "pick" and (several := _several(fact, waiting, text, worker)):
        return _one_by_one(task, waiting, [record[fact.key] for record in several])
    value, absent = _value(fact, waiting, text, worker)
    if value is None and not absent and not changed and _cannot_tell(fact, text):
        return _untold(task, waiting)
    plain = value is None or consent.turns(text)
    if others and not adds and plain and not absent:
        return Answered(what="switch")
    unwanted = consent.stops(text) or (heard.denied and not heard.requests)
    if value is None and not absent and not changed and unwanted:
        return Answered(what="dropped")
    later = others if adds or (value is not None and fact.kind not in OPEN_KINDS) else ()
    if value is not None:
        task.facts[name] = value
        task.picked.pop(name, None)
        heard_so_far = read_part(f"{task.heard} {text}")
        task.heard = heard_so_far if fact.kind != "text" else task.heard
        return Answered(what="go_on", later=later)
    if fact.kind == "pick":
        task.heard = text
        if absent or changed:
            return Answered(what="go_on", later=later)
    elif changed:
        return Answered(what="go_on", later=later)
    return Answered(what="aside", later=later)


def plain_answer(text: str) -> bool:
    """Return whether a text is too short to be a request of its own, or only says yes or no."""
    chinese, words = len(_HAN.findall(text)), len(_LATIN.findall(text))
    short = chinese <= 3 and words <= 2
    return short or (chinese <= 8 and words <= 6 and consent.answer_of(text) == "yes")


def _cannot_tell(fact: Fact, text: str) -> bool:
    return consent.untold(text) or (bool(fact.pattern) and consent.leaves_open(text))


def _several(fact: Fact, waiting: Waiting, text: str, worker: Worker) -> list[Record]:
    """Return the records that an answer means, empty if it isn't more than one.

    "Both" means two: where more were shown it is left open which.
    """
    n = len(waiting.shown)
    if fact.pattern and n > 1:
        found = pick(fact, waiting.shown, text, shown=waiting.shown, today=worker.today)
        if found.record is not None and found.more:
            return [found.record, *found.more]
    if n < 2 or not consent.means_all(text) or (n != 2 and consent.means_both(text)):
        return []
    return [*waiting.shown]


def _one_by_one(task: Task, waiting: Waiting, values: list[Any]) -> Answered:
    """Take the first of several; the others come later, each with its own question."""
    first, *rest = values
    task.facts[waiting.fact] = first
    task.picked.pop(waiting.fact, None)
    more = tuple({**task.facts, waiting.fact: value} for value in rest)
    return Answered(what="go_on", more=more)


def _untold(task: Task, waiting: Waiting) -> Answered:
    """Note that the customer can't tell; another question of the same may still help."""
    task.untold = [*task.untold, waiting.fact]
    task.heard = ""
    return Answered(what="go_on")


def _value(fact: Fact, waiting: Waiting, text: str, worker: Worker) -> tuple[Any, bool]:
    """Return the fact's value in an answer, and whether it names something that isn't there."""
    if fact.kind != "pick":
        return value_of(fact, text, asked=True), False
    found = pick(fact, waiting.shown, text, shown=waiting.shown, today=worker.today)
    if found.record is not None:
        return found.record[fact.key], False
    if len(waiting.shown) == 1 and consent.answer_of(text) == "yes":
        return waiting.shown[0][fact.key], False
    if waiting.shown and not fact.pattern and consent.leaves_open(text):
        return waiting.shown[0][fact.key], False
    return None, bool(found.absent)


def _confirmed(
    book: Handbook, worker: Worker, task: Task, heard: Heard, others: tuple[Clause, ...]
) -> Answered:
    text, answer = heard.text, worker.answer(heard.text)
    if answer == "yes" and (not others or consent.adds(text)) and not consent.untold(text):
        if _corrections(book, task, heard, but=""):
            return Answered(what="go_on", later=others)
        task.at += 1
        return Answered(what="go_on", later=others)
    if _corrections(book, task, heard, but=""):
        return Answered(what="go_on", later=others if consent.adds(text) else ())
    if others:
        return Answered(what="switch")
    if consent.means_another(text):
        for name in ("item", "order"):
            if name in task.picked:
                forget_fact(book, task, name, heard=text)
                return Answered(what="go_on")
    if answer == "no" or consent.stops(text):
        return Answered(what="declined")
    return Answered(what="aside")


def _corrections(book: Handbook, task: Task, heard: Heard, *, but: str) -> bool:
    """Put new values of known facts into the task; return whether there were any."""
    text, changed = heard.text, False
    for name, fact in book.procedures[task.procedure].facts.items():
        if name == but or name not in task.facts:
            continue
        value: Any = None
        if fact.pattern:
            found = extract.codes(text, fact.pattern, fact.format)
            value = found[-1] if found else None
        elif fact.kind in _CORRECTABLE or (fact.kind == "choice" and consent.turns(text)):
            value = value_of(fact, text, asked=False)
        if value is not None and str(value) != str(task.facts[name]):
            if task.acted:
                continue
            change_fact(book, task, name, value)
            changed = True
    return changed
