"""Who held the chats, and from when until when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from stepin.evidence.data.facts.arrays import NONE, CodedText, Codes, Truths, Wholes
from stepin.evidence.data.facts.per_chat.batch import Batch
from stepin.evidence.data.facts.per_chat.rows import Rows, joined

_HOLDERS = ("nobody", "ai", "worker")
NOBODY, AI, WORKER = range(3)


@dataclass(frozen=True, slots=True)
class Holding:
    """Every change of holder, in order of chat and seq.

    Attributes
    ----------
    k, keys : the change's chat, and its chat and seq as one number.
    before, after : who let go and who holds; -1 is nobody known.
    until_us : the next change or the close; `NONE` if neither comes.
    holder : the worker, or the AI's version.
    owner : the owner then; -1 without one.
    """

    k: Codes
    keys: Wholes
    at_us: Wholes
    epoch: Wholes
    before: Codes
    after: Codes
    until_us: Wholes
    holder: CodedText
    owner: CodedText
    own: Truths

    @property
    def taken(self) -> Wholes:
        """Return the changes that are takeovers."""
        found: Wholes = np.flatnonzero((self.before == AI) & (self.after == WORKER))
        return found

    @property
    def given_back(self) -> Wholes:
        """Return the changes that are hand-backs."""
        found: Wholes = np.flatnonzero((self.before == WORKER) & (self.after == AI))
        return found


def holding(batch: Batch, owners: Rows | None) -> Holding:
    """Return who held the chats of a batch; `owners` are its owners in order of chat and seq."""
    parts = [batch.rows[kind] for kind in ("HolderChanged", "ChatClosed") if kind in batch.rows]
    moves = joined(parts)
    at_us = moves.whole("at_us")
    until_us = np.append(at_us[1:], NONE)
    until_us[np.append(moves.k[1:] != moves.k[:-1], True)] = NONE
    chosen = np.flatnonzero(moves.text("holder_to").codes >= 0)
    moves = Rows(moves.k[chosen], moves.table.take(chosen))
    reason = moves.text("reason")
    return Holding(
        k=moves.k,
        keys=moves.keys(),
        at_us=at_us[chosen],
        epoch=moves.whole("epoch"),
        before=moves.text("holder_from").recoded(*_HOLDERS).astype(np.int32),
        after=moves.text("holder_to").recoded(*_HOLDERS).astype(np.int32),
        until_us=until_us[chosen],
        holder=moves.text("holder_id"),
        owner=_owner_at(moves.keys(), owners),
        own=reason.among("takeover", "reply"),
    )


def owners_of(batch: Batch) -> Rows | None:
    """Return the owners that were set in the chats of a batch, in order of chat and seq."""
    rows = batch.rows.get("OwnerSet")
    if rows is None:
        return None
    named = rows.only(rows.text("owner").codes >= 0)
    order = np.argsort(named.keys(), kind="stable")
    return Rows(named.k[order], named.table.take(order))


def first_wait_until(batch: Batch, held: Holding) -> Wholes:
    """Return when each chat got its first holder, or else closed."""
    until_us = batch.closed_us.copy()
    somebody = np.flatnonzero(held.after != NOBODY)[::-1]
    until_us[held.k[somebody]] = held.at_us[somebody]
    return until_us


def _owner_at(keys: Wholes, owners: Rows | None) -> CodedText:
    if owners is None or not len(owners):
        return CodedText(np.full(keys.size, -1, dtype=np.int32), pa.array([], pa.string()))
    known = owners.keys()
    place = np.searchsorted(known, keys, side="right") - 1
    same = (place >= 0) & (owners.k[place] == keys >> 32)
    return owners.text("owner").take(np.where(same, place, -1))
