"""Random own tables with the faults that real ones have, and what a plain reading of them gives.

A table starts as an ordinary export of tickets with a planted effect; a few faults, drawn by the
seed, are then put into it. `expected` reads the same rows with pandas and fits them with pyfixest,
and knows nothing of the engine: what the report says must be that, or a refusal that names a cause.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.evidence._foreign_dates import MOMENTS
from benchmarks.evidence._panels import reference

FIRST = dt.date(2026, 3, 2)
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
OUTCOMES = ("duration_s", "rating", "queue_wait_s")
MAPPED = {
    "chat_id": "ticket",
    "customer_id": "person",
    "first_owner_id": "agent",
    "opened_at": "start",
    "duration_s": "secs",
    "queue_wait_s": "wait",
    "rating": "stars",
    "eligible": "bot",
    "issue_class": "topic",
    "customer_tenure_days": "tenure",
}


@dataclass
class Foreign:
    """One set of tables.

    Attributes
    ----------
    tickets, people : as they are written, every cell a text or None.
    mapped : column of the facts to column of the tickets, or to an inline table of TOML.
    scale : by which the mapping multiplies a duration.
    writing : what becomes of the tickets as they are written.
    """

    rng: np.random.Generator
    tickets: pd.DataFrame
    people: pd.DataFrame
    pre_days: int
    post_days: int
    mapped: dict[str, str] = field(default_factory=lambda: dict(MAPPED))
    people_mapped: dict[str, str] = field(
        default_factory=lambda: {"worker_id": "id", "arm": "group"}
    )
    plan: dict[str, Any] = field(default_factory=dict)
    unit: str = "worker"
    parquet: bool = False
    start: dt.date | None = None
    scale: float = 1.0
    writing: list[Callable[[Foreign, pd.DataFrame], None]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    @property
    def begins(self) -> dt.date:
        return FIRST + dt.timedelta(days=self.pre_days)

    @property
    def ends(self) -> dt.date:
        return self.begins + dt.timedelta(days=self.post_days - 1)


def text(values: Any) -> list[str | None]:
    """Return values as an export writes them."""
    return [None if v is None or v != v else str(v) for v in values]


def ordinary(seed: int) -> Foreign:
    """Return tables without a fault."""
    rng = np.random.default_rng(seed)
    units, pre, post = int(rng.integers(14, 32)), int(rng.integers(3, 8)), int(rng.integers(4, 9))
    n = int(rng.integers(400, 900))
    owner = rng.integers(0, units, n)
    day = rng.integers(0, pre + post, n)
    treated = rng.permutation(units) < units // 2
    eligible = rng.random(n) < 0.4
    late = (day >= pre) & treated[owner]
    log = 6 + rng.normal(0, 0.4, units)[owner] + rng.normal(0, 0.8, n) - 0.2 * (late & eligible)
    at = [
        dt.datetime.combine(FIRST, dt.time()) + dt.timedelta(days=int(d), seconds=int(s))
        for d, s in zip(day, rng.integers(0, 86_000, n), strict=True)
    ]
    rated, stars = rng.random(n) < 0.5, rng.integers(1, 6, n)
    tickets = pd.DataFrame(
        {
            "ticket": text(np.arange(n) + 1000),
            "person": text(np.char.mod("c%d", rng.integers(0, n // 3, n))),
            "agent": text(np.char.mod("w%02d", owner)),
            "start": text([a.isoformat(sep=" ") for a in at]),
            "secs": text(np.round(np.exp(log), 2) + 1.0),
            "wait": text(np.round(rng.exponential(40, n), 1)),
            "stars": text([int(v) if k else None for v, k in zip(stars, rated, strict=True)]),
            "bot": text(np.where(eligible, "true", "false")),
            "topic": text(rng.choice(["bill", "parcel", "login"], n)),
            "tenure": text(np.round(rng.gamma(2, 200, n), 1)),
        },
        dtype=object,
    )
    people = pd.DataFrame(
        {
            "id": [f"w{i:02d}" for i in range(units)],
            "group": ["ai" if t else "control" for t in treated],
        },
        dtype=object,
    )
    return Foreign(rng, tickets, people, pre, post)


Fault = Callable[[Foreign], None]


def _some(f: Foreign, most: float = 0.3) -> np.ndarray:
    n = len(f.tickets)
    least = min(most, 1.5 / max(n, 1))
    return np.asarray(f.rng.random(n) < f.rng.uniform(least, most))


def _column(f: Foreign) -> str:
    return str(f.rng.choice(["secs", "stars", "wait"]))


def holes(f: Foreign) -> None:
    f.tickets.loc[_some(f), _column(f)] = None


def holes_of_one_arm(f: Foreign) -> None:
    arm = dict(zip(f.people["id"], f.people["group"], strict=True))
    mine = f.tickets["agent"].map(arm).to_numpy() == "ai"
    late = f.tickets["start"].to_numpy() >= str(f.begins)
    f.tickets.loc[mine & late & _some(f, 0.8), _column(f)] = None


def holes_of_covariates(f: Foreign) -> None:
    f.tickets.loc[_some(f), str(f.rng.choice(["tenure", "topic", "person"]))] = None


def holes_of_keys(f: Foreign) -> None:
    f.tickets.loc[_some(f, 0.05), str(f.rng.choice(["bot", "agent", "ticket", "start"]))] = None


def infinite(f: Foreign) -> None:
    word = str(f.rng.choice(["inf", "-inf", "nan", "NaN", "Infinity"]))
    f.tickets.loc[_some(f, 0.02), _column(f)] = word


def one_day(f: Foreign) -> None:
    keep = f.tickets["start"] < str(f.begins + dt.timedelta(days=1))
    f.tickets, f.post_days = f.tickets[keep].reset_index(drop=True), 1


def one_unit(f: Foreign) -> None:
    arm = str(f.rng.choice(["ai", "control"]))
    other = {"ai": "control", "control": "ai"}[arm]
    f.people["group"] = [arm, *[other] * (len(f.people) - 1)]


def one_arm(f: Foreign) -> None:
    f.people["group"] = str(f.rng.choice(["ai", "control"]))


def other_arms(f: Foreign) -> None:
    f.people["group"] = f.people["group"].map({"ai": "bot", "control": "humans"})


def strangers(f: Foreign) -> None:
    f.people = f.people.iloc[int(f.rng.integers(1, 5)) :].reset_index(drop=True)


def other_ids(f: Foreign) -> None:
    f.people["id"] = [i[1:].lstrip("0") or "0" for i in f.people["id"]]


def half_stars(f: Foreign) -> None:
    some = _some(f, 0.2) & f.tickets["stars"].notna().to_numpy()
    f.tickets.loc[some, "stars"] = text(f.rng.integers(1, 5, some.sum()) + 0.5)


def many_stars(f: Foreign) -> None:
    some = f.tickets["stars"].notna().to_numpy()
    low, high = [(0, 5), (0, 11), (2, 11), (-1, 4)][int(f.rng.integers(4))]
    f.tickets.loc[some, "stars"] = text(f.rng.integers(low, high, some.sum()))


def negative(f: Foreign) -> None:
    some = _some(f, 0.1) & f.tickets["secs"].notna().to_numpy()
    f.tickets.loc[some, "secs"] = ["-" + str(v).lstrip("-") for v in f.tickets.loc[some, "secs"]]


def twice(f: Foreign) -> None:
    f.tickets = pd.concat([f.tickets, f.tickets.sample(3, random_state=1)], ignore_index=True)


def decimal_commas(f: Foreign) -> None:
    some = _some(f, 0.5) if f.rng.random() < 0.5 else np.ones(len(f.tickets), dtype=bool)
    values = f.tickets.loc[some, "wait"]
    f.tickets.loc[some, "wait"] = [None if v is None else v.replace(".", ",") for v in values]


def words(f: Foreign) -> None:
    f.tickets.loc[_some(f, 0.05), _column(f)] = str(f.rng.choice(["n/a", "-", "none", "5 min"]))


def empty_texts(f: Foreign) -> None:
    f.parquet = True
    f.tickets.loc[_some(f), str(f.rng.choice(["secs", "stars", "wait", "topic"]))] = ""


def in_hours(f: Foreign) -> None:
    f.mapped["duration_s"] = '{ sql = "TRY_CAST(secs AS DOUBLE) / 3600" }'
    f.scale = 1 / 3600


def odd_truths(f: Foreign) -> None:
    yes, no = [("ja", "nein"), ("2", "0"), ("yes", "no"), ("1", "0"), ("T", "F")][
        int(f.rng.integers(5))
    ]
    f.tickets["bot"] = f.tickets["bot"].map({"true": yes, "false": no})


def all_eligible(f: Foreign) -> None:
    f.tickets["bot"] = str(f.rng.choice(["true", "false"]))


def not_told_eligible(f: Foreign) -> None:
    del f.mapped["eligible"]


def as_parquet(f: Foreign) -> None:
    f.parquet = True


def own_start(f: Foreign) -> None:
    move = int(f.rng.integers(-1, 3))
    f.start = f.begins + dt.timedelta(days=min(move, f.post_days - 1))
    f.people["since"] = [str(f.start) if g == "ai" else None for g in f.people["group"]]
    f.people_mapped["treated_from"] = "since"


def staggered(f: Foreign) -> None:
    days = f.rng.integers(0, max(2, f.post_days), len(f.people))
    both = f.rng.random() < 0.3
    f.people["since"] = [
        str(f.begins + dt.timedelta(days=int(d))) if g == "ai" or both else None
        for g, d in zip(f.people["group"], days, strict=True)
    ]
    f.people_mapped["treated_from"] = "since"


def ramp(f: Foreign) -> None:
    f.plan["ramp"] = True


def customers(f: Foreign) -> None:
    f.unit = "customer"
    if f.rng.random() < 0.7:
        ids = sorted({p for p in f.tickets["person"] if p})
        arms = f.rng.choice(["ai", "control"], len(ids))
        f.people = pd.DataFrame({"id": ids, "group": arms}, dtype=object)
    elif f.rng.random() < 0.5:
        f.people["group"] = None


def constant(f: Foreign) -> None:
    f.tickets[_column(f)] = "3"


def few(f: Foreign) -> None:
    f.tickets = f.tickets.iloc[: int(f.rng.integers(1, 40))].reset_index(drop=True)


def few_units(f: Foreign) -> None:
    kept = f.people["id"].iloc[: int(f.rng.integers(2, 9))]
    f.people = f.people.iloc[: len(kept)].copy()
    f.tickets = f.tickets[f.tickets["agent"].isin(kept)].reset_index(drop=True)


def no_past(f: Foreign) -> None:
    f.tickets = f.tickets[f.tickets["start"] >= str(f.begins)].reset_index(drop=True)


def huge(f: Foreign) -> None:
    value = str(f.rng.choice(["1e9", "1e15", "1e200", "1e308"]))
    f.tickets.loc[int(f.rng.integers(len(f.tickets))), _column(f)] = value


def zeros(f: Foreign) -> None:
    f.tickets.loc[_some(f, 0.4), "secs"] = "0"


def one_busy(f: Foreign) -> None:
    f.tickets.loc[_some(f, 0.9), "agent"] = f.people["id"].iloc[0]


def spaces(f: Foreign) -> None:
    f.people["id"] = [f" {i}" for i in f.people["id"]]


def stricter(f: Foreign) -> None:
    f.plan["alpha"] = float(f.rng.choice([0.2, 0.01, 0.001]))


def with_control(f: Foreign) -> None:
    f.plan["controls"] = ["customer_tenure_days"]


def as_did(f: Foreign) -> None:
    f.plan["estimator"] = "did"


def other_dates(f: Foreign) -> None:
    f.pre_days += 200


FAULTS: tuple[Fault, ...] = (
    holes, holes, holes_of_one_arm, holes_of_covariates, holes_of_keys, infinite, one_day, one_unit,
    one_arm, other_arms, strangers, other_ids, half_stars, many_stars, negative, twice,
    decimal_commas, words, empty_texts, in_hours, odd_truths, all_eligible, not_told_eligible,
    as_parquet, own_start, staggered, ramp, customers, constant, few, few_units, no_past, huge,
    zeros, one_busy, spaces, stricter, with_control, as_did, other_dates, *MOMENTS,
)  # fmt: skip


def drawn(seed: int, *faults: Fault) -> Foreign:
    """Return the tables of a seed with these faults, or with one to three of its own drawing.

    Over the seeds each fault comes first in its turn.
    """
    f = ordinary(seed)
    if faults:
        for fault in faults:
            fault(f)
            f.done.append(fault.__name__)
        return f
    rest = f.rng.choice(len(FAULTS), int(f.rng.integers(0, 3)), replace=False)
    for at in dict.fromkeys([seed % len(FAULTS), *rest.tolist()]):
        FAULTS[at](f)
        f.done.append(FAULTS[at].__name__)
    return f


def write(f: Foreign, folder: Path) -> None:
    """Write tables, mapping and plan."""
    name = "tickets.parquet" if f.parquet else "tickets.csv"
    tickets = f.tickets.copy()
    for change in f.writing:
        change(f, tickets)
    if f.parquet:
        tickets.to_parquet(folder / name)
    else:
        tickets.to_csv(folder / name, index=False)
    f.people.to_csv(folder / "people.csv", index=False)

    def lines(mapped: dict[str, str]) -> str:
        return "\n".join(f"{k} = {v if v.startswith('{') else repr(v)}" for k, v in mapped.items())

    (folder / "ours.toml").write_text(
        f"[chats]\nsource = '{name}'\n[chats.columns]\n{lines(f.mapped)}\n"
        f"[workers]\nsource = 'people.csv'\n[workers.columns]\n{lines(f.people_mapped)}\n",
        "utf-8",
    )
    outcome = (
        "\n[[outcomes]]\nname = '{}'\nrole = '{}'\nchats = '{}'\nscale = '{}'\n"
        "minimal_effect = 0.05\n"
    )
    controls = f.plan.get("controls", [])
    steps = f"[[ramp]]\nfrom = {f.begins}\nshare = 0.5\n" if "ramp" in f.plan else ""
    (folder / "plan.toml").write_text(
        f"name = 'foreign'\nseed = 4\ncontrol = 'control'\nunit = '{f.unit}'\n"
        "[[arms]]\nname = 'control'\npolicy = 'people.toml'\nshare = 0.5\n"
        "[[arms]]\nname = 'ai'\npolicy = 'ai.toml'\nshare = 0.5\n"
        f"[dates]\npre_from = {FIRST}\ntreatment_from = {f.begins}\ntreatment_until = {f.ends}\n"
        + outcome.format("duration_s", "primary", "eligible", "log")
        + outcome.format("rating", "primary", "all", "level")
        + outcome.format("queue_wait_s", "secondary", "all", "level")
        + steps
        + "[analysis]\nrepetitions = 99\nbootstrap = 99\n"
        f"alpha = {f.plan.get('alpha', 0.05)}\ncontrols = {controls!r}\n"
        f"estimator = '{f.plan.get('estimator', 'ancova')}'\n",
        "utf-8",
    )


def _rows(f: Foreign) -> pd.DataFrame:
    """Return the chats of units in either arm within the dates, as numbers."""
    t = f.tickets
    unit = t["agent"] if f.unit == "worker" else t["person"]
    arm = dict(zip(f.people["id"], f.people["group"], strict=True))
    out = pd.DataFrame({"u": unit, "arm": unit.map(arm)})
    out["d"] = pd.to_datetime(t["start"], format="mixed").dt.date
    # By value, not by the engine's reading: what isn't a number here is none.
    out["duration_s"] = pd.to_numeric(t["secs"], errors="coerce") * f.scale
    out["queue_wait_s"] = pd.to_numeric(t["wait"], errors="coerce")
    out["rating"] = pd.to_numeric(t["stars"], errors="coerce")
    out["x"] = pd.to_numeric(t["tenure"], errors="coerce")
    out["e"] = t["bot"].isin(["true", "yes", "1", "T"]).astype(float)
    first, last = FIRST, f.ends
    inside = out["arm"].isin(["ai", "control"]) & (out["d"] >= first) & (out["d"] <= last)
    return out[inside].reset_index(drop=True)


def _begun(f: Foreign, r: pd.DataFrame) -> pd.DataFrame:
    """Return the chats with the first day of their unit: its own, that of all, or the plan's."""
    if "since" not in f.people:
        return r.assign(start=f.begins)
    days = dict(zip(f.people["id"], f.people["since"], strict=True))
    own = {unit: dt.date.fromisoformat(day) for unit, day in days.items() if isinstance(day, str)}
    together = set(own.values())
    if len(together) == 1:
        return r.assign(start=together.pop())
    return r.assign(start=r["u"].map(own))


def expected(f: Foreign, outcome: str, chats: str, estimator: str) -> tuple[float, float] | None:
    """Return coefficient and CR1 error of an outcome on its chats; None if it can't be fitted.

    Units that start on different days are compared within their day's wave, and waves are averaged
    by the chats of started treated units.
    """
    r = _rows(f)
    y = r[outcome].to_numpy(float)
    if outcome == "duration_s":
        y = np.log(np.maximum(y, 1.0))
    r = _begun(f, r.assign(y=y, t=(r["arm"] == "ai").astype(float)))
    if "eligible" not in f.mapped:
        r["e"] = 0.0
    if chats != "all":
        r = r[r["e"] == (1.0 if chats == "eligible" else 0.0)]
    r = r[np.isfinite(r["y"])]
    if r["start"].nunique() == 1:
        return fitted(f, r, estimator)
    parts = []
    for start in sorted(set(r["start"])):
        wave = r[r["start"] == start]
        late = wave[wave["d"] >= start]
        seen = wave if estimator == "did" else late
        if seen.groupby("t")["u"].nunique().reindex([0.0, 1.0]).fillna(0).min() < 2:
            continue
        found = fitted(f, wave, estimator)
        if found is not None and found[1] > 0:
            parts.append((float(late["t"].sum()), *found))
    if not parts:
        return None
    share = np.array([p[0] for p in parts])
    share /= share.sum()
    values, errors = (np.array([p[i] for p in parts]) for i in (1, 2))
    return float(share @ values), float(np.sqrt(share**2 @ errors**2))


def fitted(f: Foreign, r: pd.DataFrame, estimator: str) -> tuple[float, float] | None:
    """Return coefficient and CR1 error on some chats that start on one day."""
    r = r.assign(late=r["d"] >= r["start"])
    terms = ["t"]
    if "controls" in f.plan:
        r["no_x"] = r["x"].isna().astype(float)
        r["x"] = r["x"].fillna(0.0)
        terms += ["x", "no_x"]
    if estimator == "did":
        r["t"] *= r["late"]
        effects = "u + d"
    else:
        early = r[~r["late"]]
        r = r[r["late"]].copy()
        effects = "d"
        if len(early):
            own = r["u"].map(early.groupby("u")["y"].mean())
            r["no_before"] = own.isna().astype(float)
            r["before"] = own.fillna(early["y"].mean())
            terms += ["before", "no_before"]
    terms.append("e")
    terms = [c for c in terms if c == "t" or r[c].nunique() > 1]
    if r["t"].nunique() < 2:
        return None
    for name in ("u", "d"):
        r[name] = r[name].astype(str).astype("category").cat.codes
    try:
        found = reference(f"y ~ {' + '.join(terms)} | {effects}", r, {"CRV1": "u"})
    except ValueError:
        # Its iterations don't end where one value is larger than the rest by all their digits;
        # effects as columns of their own need none.
        alone = [f"C({name})" for name in effects.split(" + ")]
        found = reference(f"y ~ {' + '.join([*terms, *alone])}", r, {"CRV1": "u"})
    if "t" not in found._coefnames:
        return None
    return float(found.coef()["t"]), float(found.se()["t"])
