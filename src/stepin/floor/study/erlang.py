"""Queueing theory beside the simulation: what a planner's formulas say of the same floor.

`erlang_a` is the M/M/n+M queue of Palm with customers who leave (Garnett, Mandelbaum & Reiman
2002). Its assumptions are those of a call centre: one line, one customer per worker, no mood.
"""

from __future__ import annotations

import math

import msgspec

from stepin.errors import Invalid

_MOST = 200_000
_NEGLIGIBLE = 1e-15


class ErlangA(msgspec.Struct, frozen=True, kw_only=True):
    """What theory says of a queue with impatient customers.

    Attributes
    ----------
    waits : the probability of waiting at all.
    abandons : the probability of leaving without service.
    mean_wait : the mean wait, of those who leave too, in the unit of the rates.
    occupancy : the share of time that a worker is busy.
    """

    waits: float
    abandons: float
    mean_wait: float
    occupancy: float


def erlang_a(servers: int, arrivals: float, service: float, patience: float) -> ErlangA:
    """Return the steady state of M/M/n+M.

    Parameters
    ----------
    servers : workers, each with one customer at a time.
    arrivals, service, patience : rates per unit of time; a patience of 0 is for ever.

    Raises
    ------
    Invalid
        ``unstable``: nobody leaves, and more come than can be served.
    """
    if min(arrivals, service) <= 0 or servers < 1 or patience < 0:
        raise Invalid("Rates and workers must be above zero.", code="erlang")
    if patience == 0 and arrivals >= servers * service:
        raise Invalid(
            "More come than can be served, and nobody leaves.", code="unstable",
            hint="Add workers, or let customers be impatient.",
        )  # fmt: skip
    # Weights relative to that of all workers busy, downwards and upwards from there.
    below, weight = 0.0, 1.0
    for n in range(servers, 0, -1):
        weight *= n * service / arrivals
        below += weight
    above = queued = 0.0
    weight = 1.0
    for k in range(1, _MOST):
        weight *= arrivals / (servers * service + k * patience)
        above += weight
        queued += k * weight
        if weight < _NEGLIGIBLE * max(1.0, above) and k > 10:
            break
    total = below + 1.0 + above
    waiting = queued / total
    abandons = patience * waiting / arrivals
    return ErlangA(
        waits=(1.0 + above) / total,
        abandons=abandons,
        mean_wait=waiting / arrivals,
        occupancy=arrivals * (1.0 - abandons) / (servers * service),
    )


def workers_for(
    arrivals: float, service: float, patience: float, *, most_abandon: float, most: int = 100_000
) -> int:
    """Return the fewest workers in one line with whom at most this share of customers leaves."""
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        stable = patience > 0 or arrivals < middle * service
        if stable and erlang_a(middle, arrivals, service, patience).abandons <= most_abandon:
            high = middle
        else:
            low = middle + 1
    return low


def processor_sharing_mean(arrivals: float, mean_service: float) -> float:
    """Return the mean time in an M/G/1 queue that shares its worker equally.

    Raises
    ------
    Invalid
        ``unstable``.
    """
    load = arrivals * mean_service
    if not 0 <= load < 1:
        raise Invalid("More come than can be served.", code="unstable")
    return mean_service / (1.0 - load)


def chat_slots(workers: int, concurrency: float) -> int:
    """Return the servers of an Erlang model of chat: each worker counts once per chat at a time."""
    return max(1, math.floor(workers * concurrency))
