"""Who a customer is, as established at the door."""

from __future__ import annotations

import msgspec

from stepin.core.events.base import Scalar


class CustomerIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """A customer, never taken from what the customer's browser says about itself.

    Attributes
    ----------
    asserted : whether the host site has signed for this customer.
    name : how to address the customer, if known.
    covariates : what is known of the customer before the chat.
    """

    customer_id: str
    asserted: bool = False
    name: str | None = None
    covariates: dict[str, Scalar] = {}
