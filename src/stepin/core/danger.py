"""Danger in what a customer writes, as the rules about it answer. The rules live elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from stepin.language.danger_kinds import Danger, DangerKind

__all__ = ["Danger", "DangerKind", "FindDanger", "Helpline", "Safety"]

FindDanger = Callable[[str], Danger | None]
"""Returns the gravest danger that a text tells of; pure, and fast for any text."""


class Helpline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number that a customer in despair may call, as the shop's file names it.

    Attributes
    ----------
    country : where it can be called from, as customers read it.
    source : where the number was looked up.
    checked : the day on which somebody did, YYYY-MM-DD.
    languages : what is spoken there, as language codes.
    """

    country: str
    name: str
    number: str
    source: str
    checked: str
    languages: tuple[str, ...]


class Safety(msgspec.Struct, frozen=True, kw_only=True):
    """How a desk looks after people in danger.

    Attributes
    ----------
    find : the rules.
    version : theirs, as the log records it.
    helplines : numbers that its sentences may name; none where the shop has checked none.
    """

    find: FindDanger
    version: str
    helplines: tuple[Helpline, ...] = ()
