"""Finds what a handbook holds in vain: examples nobody reaches, arguments of another type."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stepin.agent.shop.expression import Expression
from stepin.agent.shop.handbook import Handbook
from stepin.agent.shop.language_check import languages_of
from stepin.agent.shop.problem import HandbookProblem
from stepin.agent.shop.procedure import Fact, Procedure
from stepin.agent.shop.procedures import SHARED, line_of
from stepin.agent.tools.tool import Tool
from stepin.errors import StepinError

Schema = Mapping[str, Any]

_EDGE_BESIDE_HAN = re.compile(r"\\b[\[(?:]{0,4}[\u3400-\u9fff]|[\u3400-\u9fff][\])]{0,2}\\b")
_TYPES: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


def usage_problems(
    book: Handbook, tools: Mapping[str, Tool], folder: Path
) -> list[HandbookProblem]:
    """Return what can never be reached, or would be refused only after the customer's yes."""
    found = []
    for procedure in book.procedures.values():
        path = folder / "procedures" / f"{procedure.name}.toml"
        text = path.read_text("utf-8")
        for place, message in _problems(book, tools, procedure):
            shared = place.startswith("facts.") and f"[{place.rsplit('.', 1)[0]}" not in text
            file = SHARED if shared and place.endswith(".pattern") else path.name
            line = 1 if file == SHARED else line_of(text, place)
            found.append(HandbookProblem(file=file, line=line, message=f"{place}: {message}"))
    for passage in book.passages:
        if passage.language not in languages_of(book):
            found.append(
                HandbookProblem(
                    file=passage.source,
                    line=1,
                    message=f"nobody is answered in {passage.language}: {_never(passage.language)}",
                )
            )
    return list(dict.fromkeys(found))


def unused_tools(book: Handbook, tools: Mapping[str, Tool]) -> list[str]:
    """Return the tools that no procedure names: the AI never calls them, workers may."""
    used = {name for one in book.procedures.values() for name in one.tools}
    return sorted(tools.keys() - used)


def _never(language: str) -> str:
    return f"domain.toml has no name in {language}"


def _problems(
    book: Handbook, tools: Mapping[str, Tool], procedure: Procedure
) -> Iterator[tuple[str, str]]:
    spoken = languages_of(book)
    for part in ("examples", "cues"):
        for language in getattr(procedure, part).keys() - set(spoken):
            yield part, f"those in {language} are never reached: {_never(language)}"
    others = {
        text.strip().lower(): one.name
        for one in book.procedures.values()
        if one.name != procedure.name
        for texts in one.examples.values()
        for text in texts
    }
    for texts in procedure.examples.values():
        for text in texts:
            if (other := others.get(text.strip().lower())) is not None:
                yield "examples", f"“{text}” leads to {other} too, so to neither for certain"
    for name, fact in procedure.facts.items():
        if _EDGE_BESIDE_HAN.search(fact.pattern):
            yield (
                f"facts.{name}.pattern",
                r"`\b` beside a Chinese character finds no edge there; leave it out",
            )
    for place, step in enumerate(procedure.steps):
        if step.call in tools:
            yield from _types(f"steps[{place}].call", tools, procedure, step.call, step.with_)
    for name, fact in procedure.facts.items():
        if fact.call in tools:
            yield from _types(f"facts.{name}.call", tools, procedure, fact.call, fact.with_)


def _types(
    at: str,
    tools: Mapping[str, Tool],
    procedure: Procedure,
    call: str,
    given: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    """Yield the arguments whose type is known and isn't the one that the tool takes."""
    takes = tools[call].parameters.get("properties", {})
    for argument, text in given.items():
        wanted = takes.get(argument, {}).get("type")
        is_ = _type_of(text, tools, procedure)
        if not wanted or not is_ or wanted == is_ or (is_ == "integer" and wanted == "number"):
            continue
        yield at, f"{call} takes {argument} as {wanted}, and `{text}` is {is_}"


def _type_of(text: str, tools: Mapping[str, Tool], procedure: Procedure) -> str:
    """Return the type of an expression where that is certain, else nothing."""
    try:
        paths = Expression(text).paths
    except StepinError:
        return ""
    if not paths:
        try:
            return _TYPES.get(type(ast.literal_eval(text.strip())), "")
        except (ValueError, SyntaxError):
            return ""
    if len(paths) != 1 or text.strip() != ".".join(paths[0]):
        return ""
    first, *rest = paths[0]
    fact = procedure.facts.get(first)
    if fact is not None and not rest:
        return _fact_type(fact, tools)
    results = [step.call for step in procedure.steps if step.as_ == first and step.call in tools]
    schema: Any = tools[results[0]].returns if len(results) == 1 else {}
    for name in rest:
        schema = schema.get("properties", {}).get(name, {})
    found = schema.get("type", "")
    return found if rest and isinstance(found, str) else ""


def _fact_type(fact: Fact, tools: Mapping[str, Tool]) -> str:
    if fact.kind != "pick":
        return "string" if fact.default is None or fact.default.strip()[:1] in "'\"" else ""
    returns = tools[fact.call].returns if fact.call in tools else {}
    items = returns.get("properties", {}).get(fact.of, {}).get("items", {})
    found = items.get("properties", {}).get(fact.key, {}).get("type", "")
    return found if isinstance(found, str) else ""
