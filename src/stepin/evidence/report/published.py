"""Effects that others have published, for comparison: shipped as numbers with their source."""

from __future__ import annotations

import math
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import msgspec

from stepin.errors import Missing
from stepin.evidence.base.labels import PATH_NAMES, SAMPLES
from stepin.evidence.base.scale import Scale, interval, signed


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


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """A published effect with this trial's own, as text; empty where there is none."""

    source: str
    outcome: str
    chats: str
    published: str
    their_p: str
    here: str
    interval: str


def beside(report: Path | None) -> list[Beside]:
    """Return every published effect beside that of a report.

    Parameters
    ----------
    report : the ``report.json`` of a report; None for the published effects alone.

    Raises
    ------
    Missing
        ``no_report`` when the file isn't there.
    """
    rows: list[dict[str, Any]] = []
    if report is not None:
        if not report.is_file():
            raise Missing(
                f"There is no report at {report.parent}.",
                code="no_report",
                hint="Write one with `stepin evidence run`.",
            )
        rows = msgspec.json.decode(report.read_bytes())["numbers"]
    found = []
    for source in sources():
        for effect in source.effects:
            ours = next((r for r in rows if _same(effect, r)), None)
            found.append(
                Beside(
                    source=source.where,
                    outcome=effect.outcome,
                    chats=effect.chats,
                    published=published(effect),
                    their_p=effect.stars,
                    here="" if ours is None else signed(ours["value"], ours["scale"]),
                    interval=""
                    if ours is None
                    else interval(ours["low"], ours["high"], ours["scale"]),
                )
            )
    return found


def published(effect: Effect) -> str:
    """Return a published effect as readers see it, empty where only its significance is known."""
    if effect.value is None:
        return ""
    log = effect.scale == "percent"
    return signed(math.log1p(effect.value) if log else effect.value, effect.scale)


def _same(effect: Effect, row: dict[str, Any]) -> bool:
    if row["outcome"] != effect.outcome:
        return False
    if effect.chats in PATH_NAMES:
        return bool(row["analysis"] == "paths_matched" and row["term"] == PATH_NAMES[effect.chats])
    sample = next((text for name, text in SAMPLES.items() if name == effect.chats), None)
    return bool(row["section"] == "effects" and row["sample"] == sample)
