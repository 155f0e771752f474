"""One two-way fixed-effects fit from Parquet against pyfixest, warm and as it comes.

Model: log duration on treatment of eligible chats, treatment of the others, eligibility and a
chat-level control, with worker and day effects and errors by worker, 2,000 workers x 60 days. Each
run is a process of its own: imports and, for the reference, a small first fit are done before the
clock starts. CPU seconds of the process with all its threads; memory is the process's peak.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.evidence._planted import BIG, peak_mb, planted
from benchmarks.harness import finish, line, options, paired, report
from stepin.core.facts import Chats
from stepin.evidence.data.storage import files
from stepin.evidence.data.synthetic import hire
from stepin.evidence.estimators.effects import Arms
from stepin.evidence.estimators.least_squares import by_unit, fit, panel
from stepin.evidence.estimators.moments import CubeSpec, build, control, outcome_named

CONTROL = control(Chats.customer_tenure_days, scale="log")
COLUMNS = ["first_owner_id", "day", "eligible", "duration_s", "customer_tenure_days"]
Result = dict[str, float]


def ours(folder: Path, chats: int) -> Result:
    """Return our coefficients, error, CPU seconds and peak memory."""
    treated = hire(replace(BIG, chats=chats), 1).treated
    first = int(np.datetime64(BIG.first_day, "D").astype(int)) + BIG.pre_days
    arms = Arms.at(np.array([f"w{i}" for i in range(BIG.workers)]), treated, first)
    spec = CubeSpec(outcomes=(outcome_named("log_duration"),), controls=CONTROL)
    start = time.process_time()
    p = panel(build(folder, spec), "log_duration", controls=[CONTROL[0].name])
    t, e = arms.treatment(p), np.broadcast_to(p.strata.astype(float), p.n.shape)
    f = fit(p, np.stack([t * e, t * (1 - e), e], axis=3), ("te", "ti", "e"))
    se = by_unit(f).se
    spent = time.process_time() - start
    return {"beta": float(f.beta[0]), "se": float(se[0]), "cpu_s": spent, "mb": peak_mb()}


def theirs(folder: Path, chats: int) -> Result:
    """Return the reference's coefficients, error, CPU seconds and peak memory."""
    import pandas as pd
    import pyarrow.dataset as ds

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pyfixest as pf

    treated = hire(replace(BIG, chats=chats), 1).treated
    first = np.datetime64(BIG.first_day, "D") + BIG.pre_days
    names = [f"w{i}" for i in range(BIG.workers)]
    treated_names = pd.Index([n for n, t in zip(names, treated, strict=True) if t])

    def one(paths: list[str]) -> tuple[float, float]:
        read = ds.dataset(paths).to_table(columns=COLUMNS)
        frame = read.to_pandas(self_destruct=True, split_blocks=True, categories=COLUMNS[:1])
        del read
        t = frame["first_owner_id"].isin(treated_names) & (frame["day"].to_numpy() >= first)
        rows = pd.DataFrame(
            {
                "u": frame["first_owner_id"].cat.codes.astype("int32"),
                "d": (pd.to_datetime(frame["day"]) - pd.Timestamp(0)).dt.days.astype("int32"),
                "y": np.log(np.maximum(frame["duration_s"], 1.0)),
                "x": np.log1p(frame["customer_tenure_days"]),
                "e": frame["eligible"].astype(float),
                "te": (t & frame["eligible"]).astype(float),
                "ti": (t & ~frame["eligible"]).astype(float),
            }
        )
        del frame
        fitted = pf.feols(
            "y ~ te + ti + e + x | u + d",
            rows,
            vcov={"CRV1": "u"},
            lean=True,
            store_data=False,
            copy_data=False,
        )
        return float(fitted.coef()["te"]), float(fitted.se()["te"])

    paths = [str(path) for path in files(folder, Chats)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one(paths[BIG.pre_days - 1 : BIG.pre_days + 1])
        start = time.process_time()
        beta, se = one(paths)
        spent = time.process_time() - start
    return {"beta": beta, "se": se, "cpu_s": spent, "mb": peak_mb()}


def child(side: str, chats: int, folder: Path) -> Result:
    """Return what one side measures in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.evidence.fit_speed", side, str(chats), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: Result = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure and print every claim."""
    if len(sys.argv) == 4:
        side, chats, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
        print(json.dumps((ours if side == "ours" else theirs)(folder, chats)))
        return
    chosen = options(__doc__)
    sizes = ((1_000_000, 1.0),) if chosen.quick else ((5_000_000, 8.0), (10_000_000, 10.0))
    for chats, goal in sizes:
        folder = planted(replace(BIG, chats=chats))
        kept: dict[str, list[Result]] = {"ours": [], "theirs": []}

        def run(side: str, chats: int = chats, folder: Path = folder, kept: dict = kept) -> float:
            kept[side].append(child(side, chats, folder))
            return kept[side][-1]["cpu_s"]

        mine, other = paired(
            chosen.pick(5, 1), lambda run=run: run("ours"), lambda run=run: run("theirs")
        )
        million = f"{chats // 1_000_000}M rows"
        report(f"one fit, warm pyfixest over ours, {million}", other, mine, goal=goal, unit="CPU s")
        a, b = kept["ours"][0], kept["theirs"][0]
        apart = max(abs(a[k] / b[k] - 1) for k in ("beta", "se"))
        print(f"  coefficient and error differ by {apart:.2g} (the reference iterates to 1e-6)")
        line(
            f"same answer, {million}",
            ours=a["beta"],
            reference=b["beta"],
            ratio=a["beta"] / b["beta"],
            goal="within 1e-5",
            holds=apart < 1e-5,
        )
        memory = [[r["mb"] for r in kept[s]] for s in ("theirs", "ours")]
        report(
            f"peak memory, pyfixest over ours, {million}",
            *memory,
            goal=10.0 if chats == 10_000_000 else 1.0,
            unit="MB",
        )
    finish()


if __name__ == "__main__":
    main()
