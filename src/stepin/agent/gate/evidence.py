"""What bears out an answer's claims: the results of this chat's tools, and what people have told.

A sentence that claims an act passes if an action of that kind has succeeded in this chat, if a
record that a tool returned says so, or if a person has said it. An amount passes if a result, the
shop's own texts or a person named it, or if it is a sum, a difference or a multiple of amounts in
results. What a customer says bears nothing out; their amounts may be said back in a question, a
refusal or as theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, product
from typing import Any, Literal

import msgspec

from stepin.agent.brain import Line, Planned
from stepin.agent.gate.material import Material, spelt_sentence
from stepin.core.action import Action
from stepin.language.claims import (
    Claim,
    Kind,
    claims_in,
    kinds_named,
    kinds_of_state,
    kinds_of_tool,
    money_in,
    readings,
    sentences_in,
    words,
)

MOST_SUMMED = 40
_MOST_TIMES = 12
_PEOPLE = frozenset({"worker", "whisper", "boundary"})
_STATE_CHARS = 60
_NO_MONEY = words("en", "records", "no_money")
_NO_STATE = words("en", "records", "no_state")
_OWN = words("en", "theirs", "marks")
_OWN_HAN = tuple(words("zh", "theirs", "marks"))


class Proof(msgspec.Struct, frozen=True):
    """What one record, result or person's word bears out; `text` holds its ids and words."""

    kinds: frozenset[Kind]
    text: str


class Evidence(msgspec.Struct, frozen=True):
    """What is known in a chat.

    Attributes
    ----------
    proofs : what bears out that something was done.
    waiting : acts that were proposed or are being carried out.
    exact : amounts that stand in results and records, or that a person has named.
    derived : sums, differences and multiples of the results' amounts.
    theirs : amounts that only the customer has named.
    material : what the shop's texts hold.
    """

    proofs: tuple[Proof, ...] = ()
    waiting: frozenset[Kind] = frozenset()
    exact: frozenset[float] = frozenset()
    derived: frozenset[float] = frozenset()
    theirs: frozenset[float] = frozenset()
    material: Material = Material()


def evidence_of(
    actions: Iterable[Action],
    lines: Sequence[Line],
    material: Material,
    plans: Iterable[Planned] = (),
) -> Evidence:
    """Return what bears out the claims of a chat's answers; plans bear out amounts alone."""
    proofs, waiting = list[Proof](), set[Kind]()
    money, exact = list[tuple[str, float]](), set[float]()
    for action in actions:
        found = _proofs_of(action, material)
        proofs += found
        if action.state in ("proposed", "approved", "executing") and action.risk != "read":
            waiting |= _kinds_of(action, material)
        done = action.result if action.state == "succeeded" else {}
        money += [*_amounts(done), *_amounts(action.records), *_amounts(action.arguments)]
        if action.amount:
            money.append(("amount", action.amount))
    for plan in plans:
        money += [*_amounts(plan.records), *_amounts(plan.arguments), ("amount", plan.amount)]
    for line in lines:
        if line.speaker in _PEOPLE:
            proofs.append(Proof(kinds_named(line.text) | {"any"}, line.text.lower()))
            exact |= _named(line.text)
    values = {round(abs(value), 2) for _, value in money}
    said = "\n".join(line.text for line in lines if line.speaker == "customer")
    return Evidence(
        proofs=tuple(proofs),
        waiting=frozenset(waiting),
        exact=frozenset(values | exact),
        derived=_derived(money, material.factors),
        theirs=_named(said),
        material=material,
    )


def needs_evidence(text: str) -> bool:
    """Return whether a text claims an act or names an amount at all."""
    return bool(claims_in(text) or money_in(text))


def unborne(text: str, evidence: Evidence) -> Literal["", "claim", "amount"]:
    """Return what in a text nothing in the chat bears out: a claim, an amount, or nothing."""
    for claim in claims_in(text):
        if not _is_told(claim.sentence, evidence) and not _is_borne(claim, evidence):
            return "claim"
    for sentence in sentences_in(text):
        if _is_told(sentence, evidence):
            continue
        claims = claims_in(sentence)
        for money in money_in(sentence):
            known = evidence.exact | evidence.derived
            if not claims:
                known |= evidence.material.amounts
                known |= evidence.theirs if _is_theirs(sentence) else frozenset()
            fits = 0.0 in money.readings or known & money.readings
            if not fits and (claims or not _is_refused(sentence[: money.at])):
                return "amount"
    return ""


def _is_told(sentence: str, evidence: Evidence) -> bool:
    """Return whether a sentence stands so in the shop's articles."""
    return spelt_sentence(sentence) in evidence.material.told


def _is_borne(claim: Claim, evidence: Evidence) -> bool:
    if claim.going_on and claim.kinds & evidence.waiting:
        return True
    bearing = [proof for proof in evidence.proofs if claim.kinds & proof.kinds]
    for code in _codes(claim.sentence):
        bearing = [proof for proof in bearing if code in proof.text]
    return bool(bearing)


def _codes(sentence: str) -> Iterator[str]:
    """Yield the words of a sentence that name a record: letters with a number, e.g. ST-4711."""
    word: list[str] = []
    for char in f"{sentence.lower()} ":
        if char.isascii() and (char.isalnum() or char in "-_"):
            word.append(char)
            continue
        code = "".join(word).strip("-_")
        word = []
        digits = sum(one.isdigit() for one in code)
        if len(code) > 4 and digits > 2 and any(one.isalpha() for one in code):
            yield code


def _is_theirs(sentence: str) -> bool:
    """Return whether a sentence may say the customer's own amount back."""
    spoken = sentence.lower().replace("’", "'").split()
    if sentence.rstrip().endswith(("?", "？")) or any(one in sentence for one in _OWN_HAN):
        return True
    return any(word.strip(".,!:;") in _OWN or word.endswith("n't") for word in spoken)


def _is_refused(before: str) -> bool:
    """Return whether an amount is one that the sentence says can't be: "I can't give you £50"."""
    clause = before.lower().replace("’", "'")
    for mark in ",;:，；：":
        clause = clause.rpartition(mark)[2]
    spoken = words("en", "cant", "marks")
    han = words("zh", "cant", "marks")
    return any(one in spoken for one in clause.split()) or any(one in clause for one in han)


def _kinds_of(action: Action, material: Material) -> frozenset[Kind]:
    other: frozenset[Kind] = frozenset({"any", "issue"})
    return kinds_of_tool(action.tool) | material.acts.get(action.tool, frozenset()) | other


def _proofs_of(action: Action, material: Material) -> Iterator[Proof]:
    """Yield what an action bears out: its success, and the states that its records tell of."""
    parts = [action.records]
    if action.state == "succeeded":
        parts.append(action.result)
        if action.risk != "read":
            every = (action.arguments, action.records, action.result)
            yield Proof(_kinds_of(action, material), _words_of(every))
    for part in parts:
        for record, above in _records(part):
            if kinds := _states(record):
                settled: frozenset[Kind] = frozenset({"any"}) if kinds != {"send"} else frozenset()
                yield Proof(kinds | settled, f"{above} {_words_of((record, action.arguments))}")


def _records(value: Any) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield every mapping in a value without what is nested in it, with the words of those above.

    So an item of an order knows its order, and an order in a list knows no other.
    """
    left: list[tuple[Any, str]] = [(value, "")]
    while left:
        one, above = left.pop()
        if isinstance(one, Mapping):
            nested = {k: v for k, v in one.items() if isinstance(v, Mapping | list | tuple)}
            flat = {str(key): inner for key, inner in one.items() if key not in nested}
            words = f"{above} {_words_of(flat)}" if flat else above
            left += [(inner, words) for inner in nested.values()]
            if flat:
                yield flat, above
        elif isinstance(one, list | tuple):
            left += [(inner, above) for inner in one]


def _states(record: Mapping[str, Any]) -> frozenset[Kind]:
    found: set[Kind] = set()
    for key, value in record.items():
        if value:
            found |= _kinds_of_key(key)
        if isinstance(value, str):
            found |= _kinds_of_value(value)
    return frozenset(found)


@lru_cache(maxsize=1_024)
def _kinds_of_key(key: str) -> frozenset[Kind]:
    return frozenset() if set(key.lower().split("_")) & _NO_STATE else kinds_of_state(key)


@lru_cache(maxsize=4_096)
def _kinds_of_value(value: str) -> frozenset[Kind]:
    told = frozenset(kind for claim in claims_in(value) for kind in claim.kinds)
    return told | kinds_of_state(value) if len(value) <= _STATE_CHARS else told


def _words_of(value: Any) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode().lower()


def _amounts(value: Any) -> Iterator[tuple[str, float]]:
    """Yield the numbers that may be money, with the key under which they stand."""
    for record, _ in _records(value):
        for key, one in record.items():
            if isinstance(one, bool) or set(key.lower().split("_")) & _NO_MONEY:
                continue
            if isinstance(one, int | float):
                yield key, float(one)
            elif isinstance(one, str):
                for number in _named(one):
                    yield key, number
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, list | tuple):
                plain = [x for x in inner if isinstance(x, int | float) and not isinstance(x, bool)]
                yield from ((str(key), float(x)) for x in plain)


@lru_cache(maxsize=4_096)
def _named(text: str) -> frozenset[float]:
    """Return the amounts of a text; a text that is nothing but a number is one."""
    bare = text.strip()
    if len(bare) < 16 and bare[:1].isdigit() and (found := readings(bare)):
        return found
    return frozenset(value for one in money_in(text) for value in one.readings)


def _derived(money: Sequence[tuple[str, float]], factors: Iterable[float]) -> frozenset[float]:
    """Return sums, differences and multiples of amounts, and the sum of each column.

    The shop's procedures work with `factors` as well.
    """
    found: set[float] = set()
    columns: dict[str, list[float]] = {}
    for key, value in money:
        columns.setdefault(key, []).append(value)
    found |= {round(sum(column), 2) for column in columns.values()}
    values = sorted({abs(value) for _, value in money if value})[:MOST_SUMMED]
    for one, other in combinations(values, 2):
        found |= {round(one + other, 2), round(abs(one - other), 2)}
    found |= {round(one * times, 2) for one in values for times in range(2, _MOST_TIMES)}
    for one, factor in product(values, factors):
        found |= {round(one * factor, 2), round(one + factor, 2), round(abs(one - factor), 2)}
        found |= {round(one * abs(1 - factor), 2), round(one * factor / 100, 2)}
    return frozenset(found)
