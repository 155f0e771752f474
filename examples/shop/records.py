"""What the shop's tools return. Days are ISO dates, money is in the shop's currency."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every result."""


class Item(Record, frozen=True, kw_only=True):
    """One line of an order; `state` is ordered, cancelled, refunded, exchanged or replaced."""

    item: int
    name: str
    name_zh: str
    variant: str
    variant_zh: str
    price: float
    state: str


class Summary(Record, frozen=True, kw_only=True):
    """An order in a list; `status` is paid, shipped, delivered or cancelled, `since` its day."""

    order: str
    status: str
    since: str
    placed: str
    total: float
    items: str
    items_zh: str


class Orders(Record, frozen=True, kw_only=True):
    """The customer's orders, newest first."""

    orders: list[Summary]


class Order(Record, frozen=True, kw_only=True):
    """An order with what may still be done with it.

    `returnable_until` is empty as long as nothing was delivered.
    """

    order: str
    status: str
    placed: str
    total: float
    address: str
    payment: str
    items: list[Item]
    delivered: str
    returnable_until: str
    returnable: bool
    damage_reportable: bool


class Parcel(Record, frozen=True, kw_only=True):
    """Where a parcel is; without `sent` the other fields are empty."""

    order: str
    status: str
    sent: bool
    carrier: str = ""
    tracking: str = ""
    place: str = ""
    place_zh: str = ""
    updated: str = ""
    eta: str = ""
    delivered: str = ""
    days_silent: int = 0


class Coupon(Record, frozen=True, kw_only=True):
    """A coupon; `status` is valid, expired, used or below_minimum."""

    code: str
    status: str
    off: float
    minimum: float
    basket: float
    expires: str


class Warranty(Record, frozen=True, kw_only=True):
    """Until when an item is under warranty; `until` is empty as long as it isn't delivered."""

    order: str
    item: int
    name: str
    name_zh: str
    delivered: bool
    covered: bool
    until: str
    months: int


class Variant(Record, frozen=True, kw_only=True):
    """Another variant of the same item that is in stock."""

    variant: str
    variant_zh: str
    stock: int


class Variants(Record, frozen=True, kw_only=True):
    """What an item can be exchanged for."""

    item: int
    name: str
    name_zh: str
    variants: list[Variant]


class Account(Record, frozen=True, kw_only=True):
    """The customer's own data."""

    name: str
    email: str
    phone: str
    level: str


class Change(Record, frozen=True, kw_only=True):
    """Something was changed. `reference` is the number that the customer can quote."""

    reference: str
    order: str = ""
    item: int = 0
    name: str = ""
    name_zh: str = ""
    amount: float = 0.0
    detail: str = ""
    detail_zh: str = ""
