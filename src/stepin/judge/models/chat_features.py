"""The shape of a chat up to now: who spoke how often, how long, and what was repeated.

A fold: `update` takes the shape before a turn and the turn, and nothing later. No word has a
meaning here; only that two texts share words.
"""

from __future__ import annotations

import math

import msgspec

from stepin.judge.chat import Turn

FEATURES = (
    "by_customer", "same_speaker", "run_turns", "turns", "customer_turns", "other_turns",
    "customer_share", "words", "words_log", "words_relative", "repeats_self",
    "repeats_self_last", "shares_with_other", "new_words_share", "customer_repeats",
    "other_repeats", "customer_mean_words", "other_mean_words", "distinct_share",
    "asks", "exclaims", "open_question", "tools", "tools_failed", "tools_empty",
    "failed_in_row", "confidence_low", "confidence_lowest",
)  # fmt: skip
"""Names of what `features` returns, in order."""

REPEAT_SHARE = 0.6
"""Two texts that share this much of their words are the same text said again."""

_MEMORY_TURNS = 12

Bag = frozenset[str]


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a chat so far; texts are kept as sets of words, the last 12 a side."""

    by_customer: bool = False
    same_speaker: bool = False
    run_turns: int = 0
    customer_turns: int = 0
    other_turns: int = 0
    customer_words: int = 0
    other_words: int = 0
    customer_bags: tuple[Bag, ...] = ()
    other_bags: tuple[Bag, ...] = ()
    seen: Bag = frozenset()
    n_words: int = 0
    repeats_self: float = 0.0
    repeats_self_last: float = 0.0
    shares_with_other: float = 0.0
    new_words_share: float = 0.0
    distinct_share: float = 1.0
    customer_repeats: int = 0
    other_repeats: int = 0
    asks: bool = False
    exclaims: bool = False
    open_question: bool = False
    tools: int = 0
    tools_failed: int = 0
    tools_empty: int = 0
    failed_in_row: int = 0
    confidence_low: float = 0.0
    confidence_lowest: float = 0.0


START = Shape()


def _overlap(left: Bag, right: Bag) -> float:
    joint = len(left & right)
    return joint / (len(left) + len(right) - joint) if joint else 0.0


def update(before: Shape, turn: Turn, said: list[str]) -> Shape:
    """Return the shape after `turn`, whose words are `said`."""
    customer = turn.role == "customer"
    bag = frozenset(said)
    new = bag - before.seen
    own, other = (
        (before.customer_bags, before.other_bags)
        if customer
        else (before.other_bags, before.customer_bags)
    )
    likeness = [0.0 if bag.isdisjoint(earlier) else _overlap(bag, earlier) for earlier in own]
    repeats_self = max(likeness, default=0.0)
    repeated = int(repeats_self > REPEAT_SHARE)
    same = before.run_turns > 0 and before.by_customer == customer
    asks = "?" in bag
    kept = (*own, bag)[-_MEMORY_TURNS:]
    doubt = before.confidence_low if turn.confidence is None else 1.0 - turn.confidence
    return Shape(
        by_customer=customer,
        same_speaker=same,
        run_turns=before.run_turns + 1 if same else 1,
        customer_turns=before.customer_turns + customer,
        other_turns=before.other_turns + (not customer),
        customer_words=before.customer_words + (len(said) if customer else 0),
        other_words=before.other_words + (0 if customer else len(said)),
        customer_bags=kept if customer else before.customer_bags,
        other_bags=before.other_bags if customer else kept,
        seen=before.seen | new if new else before.seen,
        n_words=len(said),
        repeats_self=repeats_self,
        repeats_self_last=likeness[-1] if likeness else 0.0,
        shares_with_other=_overlap(bag, other[-1]) if other else 0.0,
        new_words_share=len(new) / len(bag) if bag else 0.0,
        distinct_share=len(bag) / len(said) if said else 1.0,
        customer_repeats=before.customer_repeats + (repeated if customer else 0),
        other_repeats=before.other_repeats + (0 if customer else repeated),
        asks=asks,
        exclaims="!" in bag,
        open_question=asks or before.open_question if customer else False,
        tools=before.tools + turn.n_tools,
        tools_failed=before.tools_failed + turn.n_tools_failed,
        tools_empty=before.tools_empty + turn.n_tools_empty,
        failed_in_row=_failed_in_row(before, turn),
        confidence_low=doubt,
        confidence_lowest=max(before.confidence_lowest, doubt),
    )


def _failed_in_row(before: Shape, turn: Turn) -> int:
    """Return the calls in a row that failed or found nothing; one that worked ends the row."""
    went_wrong = turn.n_tools_failed + turn.n_tools_empty
    if went_wrong:
        return before.failed_in_row + went_wrong
    return 0 if turn.n_tools else before.failed_in_row


def features(shape: Shape) -> tuple[float, ...]:
    """Return the numbers named by `FEATURES`."""
    customer_mean = shape.customer_words / max(shape.customer_turns, 1)
    other_mean = shape.other_words / max(shape.other_turns, 1)
    usual = customer_mean if shape.by_customer else other_mean
    turns = shape.customer_turns + shape.other_turns
    return (
        shape.by_customer, shape.same_speaker, shape.run_turns, turns, shape.customer_turns,
        shape.other_turns, shape.customer_turns / max(turns, 1), shape.n_words,
        math.log1p(shape.n_words), shape.n_words / (1.0 + usual), shape.repeats_self,
        shape.repeats_self_last, shape.shares_with_other, shape.new_words_share,
        shape.customer_repeats, shape.other_repeats, customer_mean, other_mean,
        shape.distinct_share, shape.asks, shape.exclaims, shape.open_question, shape.tools,
        shape.tools_failed, shape.tools_empty, shape.failed_in_row, shape.confidence_low,
        shape.confidence_lowest,
    )  # fmt: skip
