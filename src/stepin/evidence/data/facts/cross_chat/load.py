"""How many chats were open in the owner's hands and how many waited when a chat opened."""

from __future__ import annotations

import numpy as np

from stepin.evidence.data.facts.arrays import Truths, Wholes
from stepin.evidence.data.facts.cross_chat.before import Events, Groups, OpeningOrder, Openings


def concurrency(
    order: OpeningOrder, places: Wholes, owner: Groups,
    worker: Groups, supervised: Truths, from_us: Wholes, until_us: Wholes,
) -> tuple[Wholes, Wholes]:  # fmt: skip
    """Return the open chats of each opening's owner, and those that the AI held.

    Parameters
    ----------
    order, places, owner : the openings that ask.
    worker, supervised, from_us, until_us : the stretches of holding.
    """
    begun = Events(order, worker, order.after(from_us))
    ended = Events(order, worker, order.after(until_us))
    owners = Openings(order, owner, places)
    began, left = begun.before(owners), ended.before(owners)
    by_ai = supervised.astype(np.int64)
    return (
        (began[1] - began[0]) - (left[1] - left[0]),
        begun.sums(began, by_ai) - ended.sums(left, by_ai),
    )


def queue(order: OpeningOrder, places: Wholes, from_us: Wholes, until_us: Wholes) -> Wholes:
    """Return how many chats waited at each opening."""
    size = order.size + 1
    steps = np.bincount(order.after(from_us), minlength=size)
    steps -= np.bincount(order.after(until_us), minlength=size)
    found: Wholes = np.cumsum(steps)[places]
    return found
