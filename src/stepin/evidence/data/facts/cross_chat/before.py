"""What stood before an opening, summed within groups such as a customer or a worker.

Times are replaced by places: an event stands before an opening if its place is at most that of the
opening in the order of all openings. At equal times the opening comes first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stepin.evidence.data.facts.arrays import Wholes

Groups = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class OpeningOrder:
    """The order of all openings.

    Attributes
    ----------
    at_us : their times, in order.
    """

    at_us: Wholes

    @property
    def size(self) -> int:
        """Return how many there are."""
        return int(self.at_us.size)

    def after(self, moments_us: Wholes) -> Wholes:
        """Return the place of the first opening that is later than each moment."""
        found: Wholes = np.searchsorted(self.at_us, moments_us, side="right")
        return found

    def keys(self, groups: Groups, places: Wholes) -> Wholes:
        """Return group and place as one number."""
        return groups.astype(np.int64) * (self.size + 1) + places


class Openings:
    """The openings that ask, in order of group and place, which makes asking cheap."""

    def __init__(self, order: OpeningOrder, groups: Groups, places: Wholes) -> None:
        keys = order.keys(groups, places)
        self.sorted = np.argsort(keys)
        self.keys = keys[self.sorted]
        self.groups = groups

    def spread(self, values: Wholes) -> Wholes:
        """Return values that stand in sorted order in the order of the openings."""
        found = np.empty_like(values)
        found[self.sorted] = values
        return found


class Events:
    """Events of groups, each from a place on, in order of group and place."""

    def __init__(self, order: OpeningOrder, groups: Groups, places: Wholes) -> None:
        keys = order.keys(groups, places)
        self.sorted = np.argsort(keys)
        self.keys = keys[self.sorted]
        self._groups = np.searchsorted(
            self.keys, order.keys(np.arange(int(groups.max(initial=-1)) + 2), np.zeros(1, np.int64))
        )

    def before(self, openings: Openings) -> tuple[Wholes, Wholes]:
        """Return the events before each opening: from where to where they are sorted."""
        begin = self._groups[np.minimum(openings.groups, self._groups.size - 1)]
        end = openings.spread(np.searchsorted(self.keys, openings.keys, side="right"))
        return begin, np.maximum(end, begin)

    def sums(self, span: tuple[Wholes, Wholes], values: NDArray[np.integer]) -> Wholes:
        """Return the sum of the events' values over each span of sorted events."""
        running = np.append(0, np.cumsum(values[self.sorted], dtype=np.int64))
        found: Wholes = running[span[1]] - running[span[0]]
        return found
