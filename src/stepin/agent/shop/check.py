"""Finds what is wrong with a handbook before a customer does.

Every problem names the file and line. What can be known without a customer is checked: names,
arguments, fields of results, texts in every language that the shop speaks, and that nothing is
changed without a question before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stepin.agent.shop.expression import Expression
from stepin.agent.shop.handbook import Handbook
from stepin.agent.shop.language_check import languages_of
from stepin.agent.shop.problem import HandbookProblem
from stepin.agent.shop.procedure import Fact, Procedure, Step
from stepin.agent.shop.procedures import line_of
from stepin.agent.shop.template import gaps
from stepin.agent.tools.tool import Tool
from stepin.errors import StepinError
from stepin.language.sentences import Text

FEWEST_EXAMPLES = 8
Schema = Mapping[str, Any]
ANY: Schema = {}
_DENIAL: Schema = {"type": "string"}


def check(handbook: Handbook, tools: Mapping[str, Tool], folder: Path) -> list[HandbookProblem]:
    """Return every problem of a handbook with these tools; an empty list is good."""
    found = []
    for procedure in handbook.procedures.values():
        path = folder / "procedures" / f"{procedure.name}.toml"
        text = path.read_text("utf-8")
        for place, message in _Check(handbook, tools, procedure).problems():
            found.append(
                HandbookProblem(
                    file=path.name, line=line_of(text, place), message=f"{place}: {message}"
                )
            )
    return found


class _Check:
    def __init__(self, handbook: Handbook, tools: Mapping[str, Tool], procedure: Procedure) -> None:
        self.book, self.tools, self.procedure = handbook, tools, procedure
        self.languages = languages_of(handbook)

    def problems(self) -> Iterator[tuple[str, str]]:
        one = self.procedure
        for language in self.languages:
            n = len(one.examples.get(language, ()))
            if n < FEWEST_EXAMPLES:
                yield "examples", f"{n} examples in {language}, at least {FEWEST_EXAMPLES} needed"
        yield from self._text("title", one.title, {})
        for place, limit in enumerate(one.limits):
            if limit.tool not in one.tools:
                yield f"limits[{place}].tool", f"{limit.tool} is called by no step"
        scope: dict[str, Schema] = {"picked": {"properties": {}}}
        confirmed = False
        for place, step in enumerate(one.steps):
            at = f"steps[{place}]"
            yield from self._expression(f"{at}.when", step.when, scope)
            confirmed = confirmed or step.kind == "confirm"
            yield from self._step(at, step, scope, confirmed)
            scope = self._after(step, scope)
        last = one.steps[-1]
        if last.when or last.kind not in ("done", "give_up", "start"):
            yield f"steps[{len(one.steps) - 1}]", "the last step has to end the procedure"

    def _step(
        self, at: str, step: Step, scope: dict[str, Schema], confirmed: bool
    ) -> Iterator[tuple[str, str]]:
        if step.need:
            yield from self._fact(at, step.need, self.procedure.facts[step.need], step, scope)
        if step.call:
            yield from self._call(f"{at}.call", step.call, step.with_, scope)
            tool = self.tools.get(step.call)
            if tool is not None and tool.needs_yes and not confirmed:
                yield (
                    f"{at}.call",
                    f"{step.call} changes something and nothing was confirmed before",
                )
            for code, ending in step.failed.items():
                told = {**scope, "denial": _DENIAL} if code == "denied" else scope
                yield from self._text(f"{at}.failed.{code}", ending.say, told)
                if ending.ask and ending.ask not in self.procedure.facts:
                    yield f"{at}.failed.{code}", f"there is no fact {ending.ask}"
                if not (ending.ask or ending.give_up or ending.done):
                    yield f"{at}.failed.{code}", "one of ask, give_up and done is needed"
        if step.start and step.start not in self.book.procedures:
            yield f"{at}.start", f"there is no procedure {step.start}"
        if step.give_up and not step.say:
            yield f"{at}.give_up", "say what the customer is told"
        for name, text in (("say", step.say), ("confirm", step.confirm)):
            if text:
                yield from self._text(f"{at}.{name}", text, scope)

    def _fact(
        self, at: str, name: str, fact: Fact, step: Step, scope: dict[str, Schema]
    ) -> Iterator[tuple[str, str]]:
        yield from self._text(f"facts.{name}.ask", fact.ask, scope)
        if fact.again:
            yield from self._text(f"facts.{name}.again", fact.again, scope)
        if fact.default is not None:
            yield from self._expression(f"facts.{name}.default", fact.default, scope)
        if fact.kind == "choice" and not fact.options:
            yield f"facts.{name}", "a choice needs options"
        if fact.kind == "code" and not fact.pattern:
            yield f"facts.{name}", "a code needs a pattern"
        if fact.kind != "pick":
            return
        yield from self._call(f"facts.{name}.call", fact.call, fact.with_, scope)
        record = self._record(fact)
        if record is None:
            yield f"facts.{name}.of", f"{fact.call} returns no list {fact.of!r}"
            return
        for hint in fact.hints:
            yield from self._expression(f"facts.{name}.hints", hint.when, {"it": record})
        for field in (fact.key, *fact.words, *((fact.day,) if fact.day else ())):
            if field not in record.get("properties", {}):
                yield f"facts.{name}", f"a record of {fact.of} has no field {field!r}"
        inside = {**scope, "it": record}
        yield from self._text(f"facts.{name}.label", fact.label, inside)
        yield from self._text(f"facts.{name}.none", fact.none, scope)
        if fact.pattern:
            yield from self._text(f"facts.{name}.missing", fact.missing, {**scope, "value": ANY})
        yield from self._expression(f"{at}.prefer", step.prefer, inside)
        yield from self._expression(f"{at}.only", step.only, inside)

    def _record(self, fact: Fact) -> Schema | None:
        tool = self.tools.get(fact.call)
        listed = {} if tool is None else tool.returns.get("properties", {}).get(fact.of, {})
        items: Schema | None = listed.get("items")
        return items

    def _call(
        self, at: str, name: str, given: Mapping[str, str], scope: dict[str, Schema]
    ) -> Iterator[tuple[str, str]]:
        tool = self.tools.get(name)
        if tool is None:
            yield at, f"there is no tool {name!r}"
            return
        known = tool.parameters.get("properties", {})
        for argument in given.keys() - known.keys():
            yield at, f"{name} takes no {argument!r}"
        for argument in set(tool.parameters.get("required", ())) - given.keys():
            yield at, f"{name} needs {argument!r}"
        for text in given.values():
            yield from self._expression(at, text, scope)

    def _after(self, step: Step, scope: dict[str, Schema]) -> dict[str, Schema]:
        after = dict(scope)
        if step.need:
            fact = self.procedure.facts[step.need]
            after[step.need] = ANY
            if fact.kind == "pick":
                picked = dict(after["picked"]["properties"])
                after["picked"] = {"properties": picked | {step.need: self._record(fact) or ANY}}
        if step.as_ and step.call in self.tools:
            after[step.as_] = self.tools[step.call].returns or ANY
        return after

    def _text(self, at: str, text: Text, scope: dict[str, Schema]) -> Iterator[tuple[str, str]]:
        for language in self.languages:
            if not text.get(language):
                yield at, f"the text in {language} is missing"
        for template in text.values():
            try:
                parts = gaps(template)
            except StepinError as error:
                yield at, error.message
                continue
            for expression, _ in parts:
                yield from _paths(at, expression, scope)

    def _expression(
        self, at: str, text: str, scope: dict[str, Schema]
    ) -> Iterator[tuple[str, str]]:
        if not text:
            return
        try:
            expression = Expression(text)
        except StepinError as error:
            yield at, error.message
            return
        yield from _paths(at, expression, scope)


def _paths(
    at: str, expression: Expression, scope: Mapping[str, Schema]
) -> Iterator[tuple[str, str]]:
    for path in expression.paths:
        schema: Schema = {"properties": scope}
        for depth, name in enumerate(path):
            fields = schema.get("properties")
            if fields is None:
                break
            if name not in fields:
                yield at, f"`{'.'.join(path[: depth + 1])}` is known to no step before"
                break
            schema = fields[name]
