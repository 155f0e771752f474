"""The kinds of danger that a text may tell of, and what a rule about them answers."""

from __future__ import annotations

from typing import Literal

import msgspec

DangerKind = Literal["self_harm", "child", "injury", "product_danger", "threat", "fraud", "legal"]
"""What the rules tell apart, the gravest first."""


class Danger(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a rule about somebody's safety found in a text.

    Attributes
    ----------
    kind : ``safety.`` and self_harm, child, injury, product_danger, threat, fraud or legal.
    rule : the rule that found it.
    """

    kind: str
    rule: str = ""
