"""Effects that others have published, for comparison: shipped as numbers with their source."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from stepin.evidence.report.scale import Scale


class Effect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One published effect.

    Attributes
    ----------
    outcome : the column of the facts that it compares with.
    chats : the sample, ``all``, ``eligible``, ``ineligible``, or the path it is about.
    value : as published, in the unit of ``scale`` (a relative change for ``percent``, points,
        or a share); None where only its significance is reported.
    stars : the published level of significance: ``0.001``, ``0.01``, ``0.05``, ``0.1`` or ``none``.
    design : what the source did: a randomized comparison, or an adjusted one.
    """

    outcome: str
    chats: str
    value: float | None = None
    scale: Scale
    stars: Literal["0.001", "0.01", "0.05", "0.1", "none", "unstated"]
    design: Literal["randomized", "adjusted"]


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A study with its effects.

    Attributes
    ----------
    setting : one sentence on who, where and when. caution : what makes it not comparable.
    """

    id: str
    title: str
    where: str
    setting: str
    caution: str
    effects: tuple[Effect, ...]


@cache
def sources() -> tuple[Source, ...]:
    """Return the studies that ship with Stepin."""
    text = files("stepin.evidence.report").joinpath("published.toml").read_bytes()
    return msgspec.toml.decode(text, type=dict[str, tuple[Source, ...]])["source"]
