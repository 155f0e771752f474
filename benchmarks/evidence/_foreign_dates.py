"""What goes wrong with moments in own tables, put into them as they are written.

The tickets themselves stay as they were, so that `expected` reads what the moments mean.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from benchmarks.evidence._foreign import Foreign


def _closes(f: Foreign, t: pd.DataFrame) -> None:
    """Write the moment of each close: opening and seconds."""
    ends: list[str | None] = []
    for start, secs in zip(t["start"], pd.to_numeric(t["secs"], errors="coerce"), strict=True):
        if start is None or not np.isfinite(secs):
            ends.append(None)
        elif abs(secs) > 1e10:
            ends.append("9999-12-31 00:00:00")
        else:
            end = dt.datetime.fromisoformat(start) + dt.timedelta(seconds=float(secs))
            ends.append(end.isoformat(sep=" "))
    t["end"] = ends


def closes(f: Foreign) -> None:
    """Durations follow from opening and close."""
    if _closes not in f.writing:
        f.writing.append(_closes)
    f.mapped.pop("duration_s", None)
    f.mapped["closed_at"] = "end"
    f.scale = 1.0


def _put(f: Foreign, some: np.ndarray, column: str, value: str) -> None:
    closes(f)

    def put(_: Foreign, t: pd.DataFrame) -> None:
        t.loc[some[: len(t)], column] = value

    f.writing.append(put)


def _few(f: Foreign) -> np.ndarray:
    some = np.asarray(f.rng.random(len(f.tickets)) < 0.03)
    some[int(f.rng.integers(len(some)))] = True
    return some


def _form(f: Foreign, columns: tuple[str, ...], some: np.ndarray, form: str) -> None:
    closes(f)

    def put(_: Foreign, t: pd.DataFrame) -> None:
        for column in columns:
            t[column] = [
                f"{dt.datetime.fromisoformat(v):{form}}" if v and s else v
                for v, s in zip(t[column], some, strict=False)
            ]

    f.writing.append(put)


def dates_of_one_column(f: Foreign) -> None:
    column = str(f.rng.choice(["start", "end"]))
    _form(f, (column,), np.ones(len(f.tickets), dtype=bool), "%Y-%m-%d")


def dates_of_one_arm(f: Foreign) -> None:
    arm = dict(zip(f.people["id"], f.people["group"], strict=True))
    mine = f.tickets["agent"].map(arm).to_numpy() == str(f.rng.choice(["ai", "control"]))
    _form(f, (str(f.rng.choice(["start", "end"])),), mine, "%Y-%m-%d")


def dates_of_some_rows(f: Foreign) -> None:
    some = np.asarray(f.rng.random(len(f.tickets)) < f.rng.uniform(0.05, 0.6))
    _form(f, (str(f.rng.choice(["start", "end"])),), some, "%Y-%m-%d 00:00:00")


def future_closes(f: Foreign) -> None:
    value = str(f.rng.choice(["2099-01-01 00:00:00", "9999-12-31 23:59:59", "2026-07-01 12:00:00"]))
    _put(f, _few(f), "end", value)


def infinite_moments(f: Foreign) -> None:
    value = str(f.rng.choice(["infinity", "-infinity", "294247-01-10 04:00:54"]))
    _put(f, _few(f), str(f.rng.choice(["start", "end"])), value)


def moments_of_1970(f: Foreign) -> None:
    _put(f, _few(f), str(f.rng.choice(["start", "end"])), "1970-01-01 00:00:00")


def late_closes(f: Foreign) -> None:
    """Let a few chats close forty days later, and take that long."""
    closes(f)
    some = _few(f) & pd.to_numeric(f.tickets["secs"], errors="coerce").notna().to_numpy()
    f.tickets.loc[some, "secs"] = [str(float(v) + 40 * 86_400) for v in f.tickets.loc[some, "secs"]]


def short_years(f: Foreign) -> None:
    some = _few(f) if f.rng.random() < 0.5 else np.ones(len(f.tickets), dtype=bool)
    form = str(f.rng.choice(["%m/%d/%y %H:%M", "%d.%m.%y %H:%M:%S", "%y/%m/%d %H:%M"]))
    _form(f, (str(f.rng.choice(["start", "end"])),), some, form)


def slash_dates(f: Foreign) -> None:
    form = str(f.rng.choice(["%m/%d/%Y %H:%M:%S.%f", "%d/%m/%Y %H:%M:%S.%f", "%d-%m-%Y %H:%M:%S.%f",
                             "%d.%m.%Y %H:%M:%S.%f"]))  # fmt: skip
    _form(f, ("start", "end"), np.ones(len(f.tickets), dtype=bool), form)


def dates_alone(f: Foreign) -> None:
    f.tickets["start"] = [None if v is None else v[:10] for v in f.tickets["start"]]


def derived_dates(f: Foreign) -> None:
    dates_alone(f)
    f.tickets["end"] = f.tickets["start"]
    f.mapped.pop("duration_s", None)
    f.mapped["closed_at"] = "end"


def future(f: Foreign) -> None:
    f.tickets.loc[int(f.rng.integers(len(f.tickets))), "start"] = "2062-03-09 10:00:00"


def long_ago(f: Foreign) -> None:
    f.tickets.loc[f.rng.random(len(f.tickets)) < f.rng.uniform(0.0, 0.05), "start"] = (
        "2019-03-09 10:00:00"
    )


MOMENTS = (
    dates_alone, derived_dates, future, long_ago, closes, dates_of_one_column, dates_of_one_arm,
    dates_of_some_rows, future_closes, infinite_moments, moments_of_1970, late_closes, short_years,
    slash_dates,
)  # fmt: skip
