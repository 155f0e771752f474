"""The last step of a build: the tables that need all slices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stepin.core.facts import Actions, Chats, Shifts, WorkerDays, Workers
from stepin.evidence.data.facts.arrays import (
    DAY_US,
    NONE,
    Codes,
    Truths,
    Wholes,
    first,
    words_of,
)
from stepin.evidence.data.facts.cross_chat import chats as chat_days
from stepin.evidence.data.facts.cross_chat.before import OpeningOrder
from stepin.evidence.data.facts.cross_chat.chats import Joined
from stepin.evidence.data.facts.cross_chat.days import Stretches, worker_days
from stepin.evidence.data.facts.cross_chat.history import OpenedChats, Retrials, known, retrials
from stepin.evidence.data.facts.cross_chat.load import concurrency, queue
from stepin.evidence.data.facts.cross_chat.seen import FocusIntervals, seen, write_focus
from stepin.evidence.data.facts.cross_chat.small import Small
from stepin.evidence.data.facts.gathered import Gathered
from stepin.evidence.data.facts.per_chat.batch import ChatBatch as Open
from stepin.evidence.data.facts.per_chat.batch import by_opening
from stepin.evidence.data.facts.per_chat.rows import Rows
from stepin.evidence.data.facts.registered import Registered
from stepin.evidence.data.facts.spool import Spool
from stepin.evidence.data.facts.writing import Writing


def finish(
    gathered: Gathered, open_chats: Open, known_trial: Registered, until_us: int, out: Writing,
    tell: Callable[[str, int, int], None],
) -> None:  # fmt: skip
    """Write every table that needs more than one slice."""
    small, waits_left = _chats(gathered, open_chats, known_trial, until_us, out, tell)
    pa.default_memory_pool().release_unused()
    for day, table in small.actions():
        out.day(Actions, {name: table[name] for name in table.column_names}, day)
    shifts = small.table("shifts")
    out.whole(Shifts, dict(zip(shifts.column_names, shifts.columns, strict=True)))
    out.whole(WorkerDays, _worker_days(gathered, waits_left, shifts, until_us))
    workers = small.table("workers")
    out.whole(Workers, dict(zip(workers.column_names, workers.columns, strict=True)))
    small.close()


def _chats(
    gathered: Gathered, open_chats: Open, known_trial: Registered, until_us: int, out: Writing,
    tell: Callable[[str, int, int], None],
) -> tuple[Small, Wholes]:  # fmt: skip
    """Write `chats` and `focus`; return the small tables and how often each wait was left.

    Here stands all that takes memory for every chat; it goes with the return.
    """
    slim, release = gathered.slim, pa.default_memory_pool().release_unused
    ids = pa.concat_arrays([pa.array([], pa.string()), *open_chats.ids])
    open_chats.ids.clear()
    number_of = np.full(len(ids), -1, dtype=np.int64)
    number_of[slim.whole("number")] = np.arange(gathered.size)
    invited, rating, rated = _ratings(gathered, ids, number_of)
    told = _told(gathered, open_chats, ids, rating, rated)
    release()
    again = retrials(told)
    tell("chats", 0, gathered.size)
    release()
    looks = seen(gathered, ids, number_of)
    release()
    small = Small(gathered, known_trial, told, again, until_us)
    release()
    joined = _joined(gathered, told, again, looks, invited, small.arms())
    release()
    for day, columns in chat_days.days(gathered, joined, until_us):
        out.day(Chats, columns, day)
        tell("chats", out.rows[Chats.name], gathered.size)
    write_focus(gathered, looks, out)
    return small, looks.waits_left


def _ratings(gathered: Gathered, ids: pa.Array, number_of: Wholes) -> tuple[Truths, Wholes, Wholes]:
    """Return what was asked and given by the end of the log, late answers too."""
    invited, rating, rated = (gathered.slim.whole(n) for n in ("invited", "rating", "rated"))
    named = pa.concat_arrays([pa.array([], pa.string()), *(part[0] for part in gathered.late)])
    if not len(named):
        return invited.astype(np.bool_), rating, rated
    number = pc.index_in(named, ids).fill_null(-1).to_numpy(zero_copy_only=False)
    at = np.append(number_of, -1)[number]
    late, late_us = (np.concatenate([part[i] for part in gathered.late]) for i in (1, 2))
    invited[at[at >= 0]] = True
    given = np.flatnonzero((at >= 0) & (late != NONE))
    given = given[rating[at[given]] == NONE]
    first(at[given], late[given], rating)
    first(at[given], late_us[given], rated)
    return invited, rating, rated


def _told(
    gathered: Gathered, open_chats: Open, ids: pa.Array, rating: Wholes, rated: Wholes
) -> OpenedChats:
    slim = gathered.slim
    opened, customers, issues = _still_open(gathered, open_chats)
    at = np.concatenate([slim.whole("opened"), opened])
    numbers = np.concatenate([slim.whole("number"), open_chats.open_numbers])
    order = by_opening(np.arange(at.size), at, ids.take(pa.array(numbers)))
    places = np.empty(at.size, dtype=np.int64)
    places[order] = np.arange(at.size)
    customer = words_of(pa.chunked_array([*gathered.customers, customers])).codes
    gathered.customers.clear()
    return OpenedChats(
        order=OpeningOrder(at[order]), places=places, customer=customer,
        issue=np.concatenate([slim.whole("issue"), issues]) + 1, owner=slim.whole("owner"),
        opened_us=at, closed_us=slim.whole("closed"), talk_us=slim.whole("talk"), rating=rating,
        rated_us=rated,
    )  # fmt: skip


def _still_open(gathered: Gathered, open_chats: Open) -> tuple[Wholes, pa.Array, Codes]:
    """Return when the open chats opened, whose they are and what they are about."""
    count = len(open_chats.open_ids)
    opened = np.full(count + 1, NONE)
    customers: pa.Array = pa.nulls(count, pa.string()).dictionary_encode()
    issues = np.full(count, -1, dtype=np.int32)
    for kind in ("ChatOpened", "EligibilityAssessed"):
        if (table := open_chats.open.get(kind)) is None:
            continue
        rows = Rows(np.zeros(table.num_rows, dtype=np.int32), table)
        named = rows.text("chat_id")
        place = pc.index_in(named.words, open_chats.open_ids).to_numpy(zero_copy_only=False)
        at = place[named.codes].astype(np.int64)
        if kind == "ChatOpened":
            first(at, rows.whole("at_us"), opened)
            row = np.full(count, -1)
            first(at, np.arange(len(rows)), row)
            customers = rows.text("customer_id").take(row).arrow()
        issue = gathered.issues.codes(rows.text("issue_class"))
        there = np.full(count, -1, dtype=np.int32)
        first(at, issue, there)
        issues = np.where(there >= 0, there, issues)
    return opened[:-1], customers, issues


def _joined(
    gathered: Gathered,
    told: OpenedChats,
    again: Retrials,
    looks: FocusIntervals,
    invited: Truths,
    arms: Codes,
) -> Joined:
    before = known(told, again.is_retrial)
    places = told.places[: told.closed]
    held = gathered.held
    somebody = np.flatnonzero(held.codes("worker") >= 0)
    holder, by_ai = held.codes("worker")[somebody], held.truths("by_ai")[somebody]
    many, supervised = concurrency(
        told.order, places, told.owner, holder, by_ai, held.wholes("from_us")[somebody],
        held.wholes("until_us")[somebody],
    )  # fmt: skip
    waiting = queue(
        told.order, places, gathered.waiting.wholes("from_us"), gathered.waiting.wholes("until_us")
    )
    n = held.wholes("n")[somebody]
    owner_arm, holder_arm = arms[told.owner[n]], arms[holder]
    other = ~by_ai & (owner_arm >= 0) & (holder_arm >= 0)
    crossed = np.zeros(told.closed, dtype=np.bool_)
    crossed[n[other & (owner_arm != holder_arm)]] = True
    wholes = {
        "place": places, "customer_prior_chats": before.customer_chats,
        "customer_prior_retrials": before.customer_retrials,
        "worker_prior_chats": before.worker_chats, "concurrency": many,
        "supervised_concurrency": supervised, "queue_length": waiting, "rating": told.rating,
    }  # fmt: skip
    reals = {
        "customer_prior_rating": before.customer_rating,
        "worker_prior_rating": before.worker_rating,
        "worker_prior_duration_s": before.worker_duration_s, "duration_s": told.talk_us / 1e6,
    }  # fmt: skip
    if gathered.has_focus:
        gone = _forgotten_chats(gathered)
        reals |= {
            "attention_s": np.where(gone, np.nan, looks.by_chat_s),
            "away_s": np.where(gone, np.nan, looks.away_s),
        }
        wholes["switch_aways"] = np.where(gone, NONE, looks.switch_aways)
    number = np.append(gathered.slim.whole("number"), -1)
    return Joined(
        wholes=wholes, reals=reals, gap_us=again.gap_us,
        previous=number[again.previous[: told.closed]], invited=invited, crossed=crossed,
        in_trial=arms[told.owner] >= 0, ids=looks.ids,
    )  # fmt: skip


def _forgotten(gathered: Gathered) -> tuple[Codes, Wholes]:
    """Return the workers and days of which attention has been forgotten."""
    return (
        np.concatenate([np.zeros(0, np.int32), *(w for w, _ in gathered.forgotten)]),
        np.concatenate([np.zeros(0, np.int64), *(d for _, d in gathered.forgotten)]),
    )


def _forgotten_chats(gathered: Gathered) -> Truths:
    """Return which chats were open on a day of which anybody's attention has been forgotten."""
    days = np.unique(_forgotten(gathered)[1])
    opened, closed = (
        gathered.slim.whole("opened") // DAY_US,
        gathered.slim.whole("closed") // DAY_US,
    )
    found: Truths = np.searchsorted(days, opened) < np.searchsorted(days, closed, side="right")
    return found


def _worker_days(
    gathered: Gathered, waits_left: Wholes, shifts: pa.Table, until_us: int
) -> dict[str, pa.Array]:
    slim, waited = gathered.slim, gathered.waited
    held = Stretches(*_stretches(gathered.held))
    by_ai, somebody = gathered.held.truths("by_ai"), held.worker >= 0
    off = shifts["off_at"].cast(pa.int64()).fill_null(until_us).to_numpy()
    on = Stretches(
        gathered.workers.codes(words_of(shifts["worker_id"])),
        shifts["on_at"].cast(pa.int64()).to_numpy(), off,
    )  # fmt: skip
    taken = gathered.taken
    return worker_days(
        gathered.workers.array(),
        opened=(slim.whole("owner"), slim.whole("day"), slim.whole("eligible")),
        taken=(
            np.concatenate([np.zeros(0, np.int32), *(w for w, _ in taken)]),
            np.concatenate([np.zeros(0, np.int64), *(d for _, d in taken)]),
        ),
        left=(waited.codes("worker"), waited.wholes("from_us") // DAY_US, waits_left),
        on=on,
        held=held.only(somebody & ~by_ai),
        supervised=held.only(somebody & by_ai),
        focus=Stretches(*_stretches(gathered.focus)) if gathered.has_focus else None,
        forgotten=_forgotten(gathered),
    )


def _stretches(spool: Spool) -> tuple[Codes, Wholes, Wholes]:
    return spool.codes("worker"), spool.wholes("from_us"), spool.wholes("until_us")
