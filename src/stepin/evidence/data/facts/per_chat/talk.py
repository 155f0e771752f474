"""The public words of the chats: rounds, waiting times and the scores that they drew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stepin.evidence.data.facts.arrays import NONE, CodedText, Codes, Reals, Truths, Wholes
from stepin.evidence.data.facts.per_chat.batch import Batch
from stepin.evidence.data.facts.per_chat.rows import Rows, key

AUTHORS = ("customer", "ai", "worker", "system")
CUSTOMER, AI, WORKER, SYSTEM = range(4)
SCORES = ("sentiment", "technical", "emotional", "risk")


@dataclass(frozen=True, slots=True)
class Talk:
    """Every public message in order of chat and seq.

    A customer turn begins where the last public word was not the customer's. What the desk itself
    says (a greeting, a reminder) is nobody's word.

    Attributes
    ----------
    k, keys : the message's chat, and its chat and seq as one number.
    begins : per chat, its first message; one more at the end.
    starts, answers : whether a turn begins with it; whether it answers one.
    rounds : the customer turn it belongs to, from 1; 0 before the first.
    asked_us : when that turn began; `NONE` before the first.
    scores : the last score that was read on it, by name; NaN without one.
    """

    k: Codes
    keys: Wholes
    seq: Wholes
    at_us: Wholes
    epoch: Wholes
    actor: CodedText
    author: NDArray[np.int8]
    chars: Wholes
    begins: Wholes
    starts: Truths
    answers: Truths
    rounds: Wholes
    asked_us: Wholes
    scores: dict[str, Reals]

    def place(self, keys: Wholes) -> Wholes:
        """Return the last message up to each moment of a chat; -1 before its first."""
        found = np.searchsorted(self.keys, keys, side="right") - 1
        return np.where(found >= self.begins[keys >> 32], found, -1)

    def round_at(self, keys: Wholes) -> Wholes:
        """Return the round that a chat is in at each moment of it."""
        return np.append(self.rounds, 0)[self.place(keys)]


def talk(batch: Batch) -> Talk:
    """Return what was said in public in the chats of a batch."""
    said = batch.rows.get("MessagePosted")
    if said is None:
        return _told(None, np.zeros(0, dtype=np.int64), batch)
    public = said.text("visibility").among("public")
    k = np.where(public, said.k, np.int32(len(batch)))
    order = np.argsort(k, kind="stable")[: int(public.sum())]
    return _told(said, order, batch)


def _told(said: Rows | None, order: NDArray[np.integer], batch: Batch) -> Talk:
    rows = said if said is not None else Rows(np.zeros(0, dtype=np.int32), pa.table({}))
    k, seq, at_us = rows.k[order], rows.whole("seq")[order], rows.whole("at_us")[order]
    author = rows.text("author").recoded(*AUTHORS)[order]
    begins: Wholes = np.zeros(len(batch) + 1, dtype=np.int64)
    np.cumsum(np.bincount(k, minlength=len(batch)), out=begins[1:])
    here = np.arange(k.size)
    begin = begins[k]
    before = _before(author, here, begin)
    starts = (author == CUSTOMER) & (before != CUSTOMER)
    answers = ((author == AI) | (author == WORKER)) & (before == CUSTOMER)
    turns = np.cumsum(starts)
    rounds = turns - np.append(0, turns)[begin]
    asked = np.maximum.accumulate(np.where(starts, here, -1)) if k.size else here
    asked_us = np.where(rounds > 0, at_us[asked], NONE)
    told = Talk(
        k=k, keys=key(k, seq), seq=seq, at_us=at_us, epoch=rows.whole("epoch")[order],
        actor=rows.text("actor").take(order), author=author, chars=rows.whole("chars")[order],
        begins=begins, starts=starts, answers=answers, rounds=rounds, asked_us=asked_us, scores={},
    )  # fmt: skip
    _score(told, batch.rows.get("ChatScored"))
    return told


def _before(author: NDArray[np.int8], here: Wholes, begin: Wholes) -> NDArray[np.int8]:
    """Return who spoke last before each message, the desk apart; -1 for nobody."""
    if not author.size:
        return author
    words = author != SYSTEM
    if words.all():
        before = np.append(np.int8(-1), author[:-1])
        before[here == begin] = -1
        return before
    last = np.append(-1, np.maximum.accumulate(np.where(words, here, -1))[:-1])
    return np.where(last >= begin, author[last], np.int8(-1))


def _score(told: Talk, scored: Rows | None) -> None:
    """Give every message the latest scores of those that could have read it last."""
    for name in SCORES:
        told.scores[name] = np.full(told.k.size, np.nan)
    if scored is None or not told.k.size:
        return
    words = told.author != SYSTEM
    last = np.maximum.accumulate(np.where(words, np.arange(told.k.size), -1))
    place = told.place(scored.keys("turn_seq"))
    place = np.where(place >= 0, last[place], -1)
    read = place >= told.begins[scored.k]
    for name in SCORES:
        values = scored.real(name)
        given = read & ~np.isnan(values)
        told.scores[name][place[given]] = values[given]
