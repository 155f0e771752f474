"""Danger in what a customer writes: what the rules about it answer. The rules live elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import msgspec


class Danger(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a rule about somebody's safety found in a text.

    Attributes
    ----------
    kind : ``safety.`` and self_harm, child, injury, product_danger, threat, fraud or legal.
    rule : the rule that found it.
    """

    kind: str
    rule: str = ""


FindDanger = Callable[[str], Danger | None]
"""Returns the gravest danger that a text tells of; pure, and fast for any text."""
