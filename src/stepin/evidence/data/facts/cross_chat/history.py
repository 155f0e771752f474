"""Retrials, and what was known of a customer and of a worker when a chat opened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stepin.evidence.data.facts.arrays import NONE, Reals, Truths, Wholes
from stepin.evidence.data.facts.cross_chat.before import Events, Groups, OpeningOrder, Openings

RETRIAL_US = 604_800_000_000


@dataclass(frozen=True, slots=True)
class OpenedChats:
    """Every chat whose opening is known, the closed ones first.

    Attributes
    ----------
    order, places : the order of all openings, and each chat's place in it.
    customer, issue : of every chat; `owner` only of the closed ones, -1 without one.
    opened_us : of every chat; all other moments only of the closed ones.
    rating, rated_us : `NONE` without one.
    """

    order: OpeningOrder
    places: Wholes
    customer: Groups
    issue: Groups
    owner: Groups
    opened_us: Wholes
    closed_us: Wholes
    talk_us: Wholes
    rating: Wholes
    rated_us: Wholes

    @property
    def closed(self) -> int:
        """Return how many chats have closed."""
        return int(self.closed_us.size)


@dataclass(frozen=True, slots=True)
class Retrials:
    """The customer's chats about the same issue before and after.

    Attributes
    ----------
    gap_us : from the close to the next opening; `NONE` without one.
    previous : per chat, the closed chat that closed last before it opened; -1 without one.
    is_retrial : whether that was at most seven days before.
    """

    gap_us: Wholes
    previous: Wholes
    is_retrial: Truths


def retrials(told: OpenedChats) -> Retrials:
    """Return how chats about one issue of one customer follow each other."""
    order, closed = told.order, told.closed
    pairs = told.customer.astype(np.int64) * (int(told.issue.max(initial=0)) + 1) + told.issue
    opens = order.keys(pairs, told.places)
    by_open = np.argsort(opens)
    opens = opens[by_open]
    closes = order.keys(pairs[:closed], order.after(told.closed_us))
    by_close = np.lexsort((told.closed_us, closes))
    closes = closes[by_close]
    step = order.size + 1
    # Both sides are in order: asking in any other order costs many times more.
    after = np.searchsorted(opens, closes)
    same = np.append(opens, -1)[after] // step == closes // step
    gap = np.full(closed, NONE)
    came = by_close[same]
    gap[came] = told.opened_us[by_open[after[same]]] - told.closed_us[came]
    before = np.searchsorted(closes, opens, side="right") - 1
    found = (before >= 0) & (np.append(closes, -1)[before] // step == opens // step)
    previous = np.full(opens.size, -1)
    previous[by_open[found]] = by_close[before[found]]
    since = told.opened_us - np.append(told.closed_us, 0)[previous]
    return Retrials(
        gap_us=gap, previous=previous, is_retrial=(previous >= 0) & (since <= RETRIAL_US)
    )


@dataclass(frozen=True, slots=True)
class KnownAtOpening:
    """What was known at the opening of each closed chat; NaN where nothing was."""

    customer_chats: Wholes
    customer_retrials: Wholes
    customer_rating: Reals
    worker_chats: Wholes
    worker_rating: Reals
    worker_duration_s: Reals


def known(told: OpenedChats, is_retrial: Truths) -> KnownAtOpening:
    """Return what was known of the customer and of the first owner at every opening."""
    order, closed = told.order, told.closed
    places, owner = told.places[:closed], told.owner + 1
    customers = Openings(order, told.customer[:closed], places)
    owners = Openings(order, owner, places)
    rated = np.flatnonzero(told.rating != NONE)
    rated_at, ratings = order.after(told.rated_us[rated]), told.rating[rated]
    opened = Events(order, told.customer, told.places + 1)
    chats = opened.before(customers)
    owned = Events(order, owner, places + 1).before(owners)
    closes = Events(order, owner, order.after(told.closed_us))
    by_customer = Events(order, told.customer[rated], rated_at)
    by_owner = Events(order, owner[rated], rated_at)
    return KnownAtOpening(
        customer_chats=chats[1] - chats[0],
        customer_retrials=opened.sums(chats, is_retrial.astype(np.int64)),
        customer_rating=_mean(by_customer, customers, ratings),
        worker_chats=owned[1] - owned[0],
        worker_rating=_mean(by_owner, owners, ratings),
        worker_duration_s=_mean(closes, owners, told.talk_us) / 1e6,
    )


def _mean(events: Events, openings: Openings, values: Wholes) -> Reals:
    span = events.before(openings)
    with np.errstate(invalid="ignore"):
        found: Reals = events.sums(span, values) / (span[1] - span[0])
    return found
