"""A procedure: what a shop does about one kind of request, as data that both brains follow.

The built-in brain carries the steps out one after the other; the LLM brain gets the same
procedure as instructions, and only the tools that it names. Texts are by language (`en`, `zh`);
English is always there and stands in for a language that is missing.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from stepin.core.danger import DangerKind
from stepin.core.events.base import Cause
from stepin.language.sentences import Text

FactKind = Literal["pick", "code", "address", "email", "phone", "amount", "date", "choice", "text"]
Approver = Literal["worker", "lead"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a procedure file."""


class Hint(_Part, frozen=True, kw_only=True):
    """How customers speak of records of which something holds ("the one that hasn't left yet").

    Attributes
    ----------
    when : an expression on ``it``, a record.
    words : what customers write, by language.
    """

    when: str
    words: dict[str, tuple[str, ...]]

    def stands_in(self, text: str) -> bool:
        """Return whether a text speaks so."""
        lowered = text.lower()
        return any(word.lower() in lowered for said in self.words.values() for word in said)


class Fact(_Part, frozen=True, kw_only=True, rename={"with_": "with"}):
    """Something that the procedure has to know from the customer, and how to ask for it.

    Attributes
    ----------
    kind : how it is found in what the customer writes.
    ask : the question; for a pick the choices are listed under it.
    again : the question in other words, for the second time; without it an apology comes first.
    call, with_ : for a pick, the tool that lists the records, and its arguments.
    of : for a pick, the field of the tool's result that holds the records.
    key : for a pick, the field of a record that becomes the fact.
    label : for a pick, how one record is shown.
    words : for a pick, the fields whose words customers use for it.
    hints : for a pick, how customers describe a record without naming it.
    day : for a pick, the field with the ISO date by which customers speak of a record.
    pattern, format : for a pick or a code, how an explicit value is written, and its normal
        form (``ST-{0}`` with the first group).
    missing : what is said when an explicit value is among no records; ``{value}`` is it.
    unfit : what is said when the customer wants none of what was offered; ends the procedure.
    none : what is said when there is nothing to pick from; ends the procedure.
    options : for a choice, each value with the words that mean it.
    default : the expression that holds when the customer doesn't say; the fact is then not asked.
    infer : whether it may be taken from what was said before it was asked.
    tries : how often it is asked before the AI gives up.
    """

    kind: FactKind
    ask: Text
    again: Text = {}
    call: str = ""
    with_: dict[str, str] = {}
    of: str = ""
    key: str = ""
    label: Text = {}
    words: tuple[str, ...] = ()
    hints: tuple[Hint, ...] = ()
    day: str = ""
    pattern: str = ""
    format: str = "{0}"
    missing: Text = {}
    unfit: Text = {}
    none: Text = {}
    options: dict[str, tuple[str, ...]] = {}
    default: str | None = None
    infer: bool = True
    tries: int = 2


class Ending(_Part, frozen=True, kw_only=True):
    """What follows when a tool says no: a reply, and then one of ask, give up or done."""

    say: Text
    ask: str = ""
    give_up: Cause | None = None
    done: str = ""


class Step(_Part, frozen=True, kw_only=True, rename={"as_": "as", "with_": "with"}):
    """One step; one of need, call, say, confirm, give_up, start and done, and perhaps a `when`.

    Expressions read facts by name, results of calls by their `as`, the record behind a picked
    fact as ``picked.NAME``, and ``customer``.

    Attributes
    ----------
    when : the step is taken only if this holds.
    need : the fact that must be known from here on.
    prefer : for a pick, an expression on ``it``, a record: such records are offered first.
    only : for a pick, an expression on ``it``: no other records are offered, unless none fits. One
        that the customer names is taken all the same, and the steps tell why it can't be done.
    guess : for a pick, whether the likeliest record is taken where the customer names none or can't
        tell; for procedures that above all tell something.
    call, with_, as_ : a tool, its arguments as expressions, and the name of its result.
    failed : what follows each error code of the tool; ``other`` for the rest. ``denied`` is what
        follows where a person didn't approve the call and said why: ``{denial}`` is their reason.
    say : what the customer is told, with ``{expression|filter}`` in it.
    confirm : a question that must be answered yes before the next step; a no ends the procedure
        with nothing done.
    give_up : hand the chat to a person, for this cause, with this step's `say`.
    start : go on with another procedure; facts of the same name are kept.
    done : the procedure has ended with this disposition.
    """

    when: str = ""
    need: str = ""
    prefer: str = ""
    only: str = ""
    guess: bool = False
    call: str = ""
    with_: dict[str, str] = {}
    as_: str = ""
    failed: dict[str, Ending] = {}
    say: Text = {}
    confirm: Text = {}
    give_up: Cause | None = None
    start: str = ""
    done: str = ""

    @property
    def kind(self) -> str:
        """Which kind of step this is; a give_up, start or done may carry a `say`."""
        for name in ("need", "call", "confirm", "give_up", "start", "done"):
            if getattr(self, name):
                return name
        return "say"


class Limit(_Part, frozen=True, kw_only=True):
    """How far the AI may go with one tool in one chat, whichever brain asks.

    Attributes
    ----------
    amount : the most money that one call may move; more is given up as policy.
    times : how many calls may be made in a chat.
    approve_above : the amount above which a person has to approve; the policy file may ask for
        more approvals, never fewer.
    approver : who may approve.
    """

    tool: str
    amount: float | None = None
    times: int | None = None
    approve_above: float | None = None
    approver: Approver = "worker"


class Procedure(_Part, frozen=True, kw_only=True):
    """One procedure file.

    Attributes
    ----------
    name : its file's name; the intent that leads here.
    title : what customers are told that it is about ("the refund").
    summary : one sentence for the LLM brain and for workers.
    eligible : False for a kind of request that the AI must hand to a person at once.
    examples : what customers write who want this, by language.
    cues : words that decide by themselves, for kinds of request that must never be missed.
    dangers : kinds of danger that lead here by themselves, as the desk's own rules find them.
    """

    name: str
    title: Text
    summary: str
    eligible: bool = True
    examples: dict[str, tuple[str, ...]]
    cues: dict[str, tuple[str, ...]] = {}
    dangers: tuple[DangerKind, ...] = ()
    facts: dict[str, Fact] = {}
    limits: tuple[Limit, ...] = ()
    steps: tuple[Step, ...]

    @property
    def tools(self) -> tuple[str, ...]:
        """The tools that the procedure names, each once, in order."""
        listed = [fact.call for fact in self.facts.values() if fact.call]
        return tuple(dict.fromkeys([*listed, *(step.call for step in self.steps if step.call)]))
