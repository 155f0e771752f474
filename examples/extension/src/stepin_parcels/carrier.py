"""The carrier's record of parcels. A real one would ask the carrier's service."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel on its way.

    Attributes
    ----------
    number : as on the label, e.g. ``P-100001``.
    due : the day on which it should arrive, as ``2026-12-04``.
    """

    number: str
    customer_id: str
    place: str
    due: str


class Carrier:
    """All parcels by number."""

    def __init__(self, parcels: Iterable[Parcel]) -> None:
        self._parcels = {parcel.number: parcel for parcel in parcels}

    def find(self, number: str, *, customer_id: str) -> Parcel | None:
        """Return a customer's parcel; None for another customer's, as if it weren't there."""
        parcel = self._parcels.get(number)
        return parcel if parcel is not None and parcel.customer_id == customer_id else None


SAMPLE = (
    Parcel(number="P-100001", customer_id="c1001", place="the depot in Leeds", due="2026-12-04"),
    Parcel(number="P-100002", customer_id="c1002", place="the customs office", due="2026-12-09"),
)
