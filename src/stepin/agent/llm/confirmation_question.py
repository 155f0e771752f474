"""The question about a call, written by code: from the procedure's own words, else from the plan.

A model neither words the question nor decides what the answer means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stepin.agent.brain import Planned
from stepin.agent.shop.expression import Expression
from stepin.agent.shop.handbook import Handbook
from stepin.agent.shop.procedure import Procedure, Step
from stepin.agent.shop.template import fill
from stepin.errors import Invalid
from stepin.language.languages import in_language
from stepin.language.sentences import sentences

MOST_SHOWN, MOST_CHARS = 8, 120
Results = Iterable[tuple[str, Mapping[str, Any], Mapping[str, Any]]]


def question_of(
    book: Handbook,
    started: Iterable[str],
    tool: str,
    arguments: Mapping[str, Any],
    plan: Planned,
    results: Results,
    language: str,
) -> str:
    """Return the question whether a call may be made.

    Parameters
    ----------
    started : the procedures that the model has started.
    arguments, plan : the call as the model made it, and as code has resolved it.
    results : (tool, arguments, result) of the chat's calls, oldest first.
    """
    known = list(results)
    named = [book.procedures[name] for name in started if name in book.procedures]
    for procedure in named:
        for at, step in enumerate(procedure.steps):
            if step.call != tool:
                continue
            scope = _scope(procedure, step, arguments, known)
            for before in reversed(procedure.steps[:at]):
                if before.confirm and (text := _filled(before, scope, book, language)):
                    return text
                if before.confirm:
                    continue
    owner = next((one for one in named if tool in one.tools), None)
    return _general(book, owner, tool, plan, language)


def _scope(
    procedure: Procedure, step: Step, arguments: Mapping[str, Any], results: Results
) -> dict[str, Any]:
    """Return what the procedure's expressions may read, as far as the calls have told it."""
    scope: dict[str, Any] = {}
    for name, expression in step.with_.items():
        if expression.isidentifier() and name in arguments:
            scope[expression] = arguments[name]
    picked: dict[str, Any] = {}
    for name, fact in procedure.facts.items():
        if name not in scope or not fact.call:
            continue
        for tool, _, result in results:
            if tool == fact.call and isinstance(result.get(fact.of), list):
                for record in result[fact.of]:
                    if str(record.get(fact.key)) == str(scope[name]):
                        picked[name] = record
    scope["picked"] = picked
    for one in procedure.steps:
        if not one.as_ or one.call == step.call:
            continue
        for tool, given, result in results:
            if tool == one.call and _fits(one, given, scope):
                scope[one.as_] = result
    return scope


def _fits(step: Step, given: Mapping[str, Any], scope: Mapping[str, Any]) -> bool:
    """Return whether a call was about the same records as the question is."""
    return all(
        str(given.get(name)) == str(scope[expression])
        for name, expression in step.with_.items()
        if expression in scope and name in given
    )


def _filled(step: Step, scope: Mapping[str, Any], book: Handbook, language: str) -> str:
    try:
        if step.when and not Expression(step.when).holds(scope):
            return ""
        return fill(step.confirm, scope, book.speech, language)
    except Invalid:
        return ""


def _general(
    book: Handbook, owner: Procedure | None, tool: str, plan: Planned, language: str
) -> str:
    """Return a question that names the act, the record and the amount."""
    said = sentences().confirmation
    spoken = tool.replace("_", " ")
    what = spoken
    if owner is not None:
        title = in_language(owner.title, language)
        what = in_language(said.about, language).format(title=title, tool=spoken)
    shown = {**plan.records, **plan.arguments}
    parts = [
        f"{name.replace('_', ' ')} {_short(value)}"
        for name, value in list(shown.items())[:MOST_SHOWN]
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""
    ]
    if plan.amount:
        money = in_language(book.speech.money, language).format(plan.amount)
        parts.append(in_language(said.money, language).format(money))
    comma = in_language(said.comma, language)
    inside = in_language(said.details, language)
    details = inside.format(parts=comma.join(parts)) if parts else ""
    return in_language(said.general, language).format(what=what, details=details)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= MOST_CHARS else f"{text[:MOST_CHARS]}…"
