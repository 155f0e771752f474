"""The tool `locate_parcel`: where one of the customer's parcels is."""

from __future__ import annotations

import msgspec

from stepin import Caller, CallPlan, Tool, ToolFailed, define_tool
from stepin_parcels.carrier import Carrier, Parcel


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """Where a parcel is, and the day on which it should arrive."""

    parcel: str
    place: str
    due: str


def locate_parcel_tool(carrier: Carrier) -> Tool:
    """Return the tool on a carrier's record."""

    def own(caller: Caller, number: str) -> Parcel:
        found = carrier.find(number, customer_id=caller.customer_id)
        if found is None:
            raise ToolFailed("no_parcel", f"This customer has no parcel {number}.")
        return found

    def plan(caller: Caller, *, parcel: str) -> CallPlan:
        found = own(caller, parcel)
        return CallPlan(
            arguments={"parcel": found.number}, records={"parcel": msgspec.to_builtins(found)}
        )

    def locate_parcel(caller: Caller, *, parcel: str) -> Whereabouts:
        """Say where one of the customer's parcels is, and when it should arrive."""
        found = own(caller, parcel)
        return Whereabouts(parcel=found.number, place=found.place, due=found.due)

    return define_tool(locate_parcel, risk="read", plan=plan)
