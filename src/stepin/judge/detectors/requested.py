"""The detector `requested`: whether the customer asks for a person, by the rules of `language`."""

from __future__ import annotations

from stepin.language.person import asks_for_person

VERSION = "requested-3"

__all__ = ["VERSION", "asks_for_person"]
