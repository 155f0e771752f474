"""What a chat knows of a procedure's facts, read from the log alone.

Whoever helps a person in a chat must not ask for what the customer has written, what a tool has
returned, or what the AI has already put into a call; and what is known fills the procedure's texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from stepin.agent.brain import Line
from stepin.agent.builtin.record_picker import pick
from stepin.agent.builtin.tasks import value_of
from stepin.agent.shop.procedure import Fact, Procedure
from stepin.core.action import Action

MOST_LINES = 20
"""Only the customer's last words are read: this runs while a worker waits for the brief."""
Record = Mapping[str, Any]


class KnownFacts(msgspec.Struct, kw_only=True):
    """What is known.

    Attributes
    ----------
    facts : the procedure's facts by name; `picked` are the records behind them.
    results : what the procedure's calls have returned, by the name that its texts use.
    """

    facts: dict[str, Any] = {}
    picked: dict[str, Record] = {}
    results: dict[str, Any] = {}

    @property
    def scope(self) -> dict[str, Any]:
        """The names that a text of the procedure may use."""
        return {**self.results, **self.facts, "picked": self.picked}


def known_of(procedure: Procedure, actions: Iterable[Action], lines: Sequence[Line]) -> KnownFacts:
    """Return what is known of a procedure's facts, the last word on each."""
    known, listed = KnownFacts(), dict[str, tuple[Record, ...]]()
    said = [line for line in lines if line.speaker == "customer"][-MOST_LINES:]
    told: list[Action | Line] = [*actions, *said]
    for one in sorted(told, key=lambda each: each.seq):
        if isinstance(one, Line):
            _hear(procedure, one.text, listed, known)
        else:
            _see(procedure, one, listed, known)
    for name, fact in procedure.facts.items():
        records = listed.get(name, ())
        if name not in known.facts and len(records) == 1:
            known.facts[name] = records[0].get(fact.key)
        chosen = [record for record in records if record.get(fact.key) == known.facts.get(name)]
        if chosen:
            known.picked[name] = chosen[0]
    return known


def _see(
    procedure: Procedure, action: Action, listed: dict[str, tuple[Record, ...]], known: KnownFacts
) -> None:
    """Take in a call: what it was given and, where it has succeeded, what it returned."""
    given = [
        *((step.call, step.with_) for step in procedure.steps),
        *((fact.call, fact.with_) for fact in procedure.facts.values()),
    ]
    for tool, arguments in given:
        if tool == action.tool:
            for argument, expression in arguments.items():
                value = action.arguments.get(argument)
                if expression in procedure.facts and value is not None:
                    known.facts[expression] = value
    if action.state != "succeeded":
        return
    for step in procedure.steps:
        if step.call == action.tool and step.as_:
            known.results[step.as_] = action.result
    for name, fact in procedure.facts.items():
        if fact.call == action.tool:
            listed[name] = _records(fact, action.result.get(fact.of))


def _records(fact: Fact, found: Any) -> tuple[Record, ...]:
    """Return the records that a tool has listed; a redacted or foreign result holds none."""
    if not isinstance(found, list | tuple):
        return ()
    return tuple(one for one in found if isinstance(one, Mapping) and fact.key in one)


def _hear(
    procedure: Procedure, text: str, listed: Mapping[str, tuple[Record, ...]], known: KnownFacts
) -> None:
    """Take in what the customer has written."""
    for name, fact in procedure.facts.items():
        if fact.kind != "pick":
            value = value_of(fact, text, asked=False)
        else:
            meant = pick(fact, listed.get(name, ()), text)
            value = meant.absent if meant.record is None else meant.record[fact.key]
        if value not in (None, ""):
            known.facts[name] = value
