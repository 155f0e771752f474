"""Random own tables: each a right figure or a named refusal, and never a traceback.

400 exports of tickets with holes, infinities, one day of treatment, one unit, foreign ids, half
stars, negative durations, rows twice, decimal commas, empty texts, dates without a time in one
column or one arm, closes in the future or weeks late, infinite moments, years of two digits, dates
with slashes, one arm and more (see `_foreign`, `_foreign_dates`) go the whole way, from mapping to
report. Every effect that the report gives, by either estimator on every sample, and the CR1 error
of the primary ones, is held against pyfixest on the rows that a plain reading leaves.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import traceback
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.evidence._foreign import NOW, OUTCOMES, Fault, Foreign, drawn, expected, write
from benchmarks.harness import finish, line, options
from stepin.errors import StepinError
from stepin.evidence.data.facts.mapping import build_mapped, read_mapping
from stepin.evidence.report.build import build
from stepin.evidence.report.document import Document
from stepin.trial.reading import read

GOAL = 1e-8
SAMPLES = {"all chats": "all", "eligible chats": "eligible", "other chats": "ineligible"}
BLAND = {"invalid", "missing", "refused", "error", "conflict"}


@dataclass
class Outcome:
    """What became of one set of tables.

    Attributes
    ----------
    refused : the code and message of a refusal; empty for a report.
    wrong : figures that differ, refusals without a name, sections that failed, tracebacks.
    worst : the largest relative difference of a figure. figures : how many were compared.
    cpu_s : processor seconds, those of the reference included.
    """

    seed: int
    faults: tuple[str, ...]
    refused: str = ""
    wrong: list[str] = field(default_factory=list)
    worst: float = 0.0
    figures: int = 0
    cpu_s: float = 0.0


def compared(f: Foreign, document: Document, out: Outcome) -> None:
    """Hold every effect of a report against the reference."""
    for title in (s.title + ": " + s.failed for s in document.sections if s.failed):
        out.wrong.append(f"a section failed: {title}")
    for light in document.lights:
        if light.title == "A number failed.":
            out.wrong.append(light.text)
    lit = any(x.title == "Chats of unknown units." for x in document.lights)
    if f.unit == "worker" and "strangers" in f.done and not lit:
        out.wrong.append("chats of unknown workers vanish without a light")
    found = [
        x
        for s in document.sections
        for x in s.findings
        if x.analysis in ("itt_ancova", "itt_did", "error_CR1") and x.outcome in OUTCOMES
    ]
    main = f.plan.get("estimator", "ancova")
    for x in found:
        estimator = main if x.analysis == "error_CR1" else x.analysis.removeprefix("itt_")
        theirs = expected(f, x.outcome, SAMPLES[x.sample], estimator)
        if theirs is None:
            out.wrong.append(f"{x.analysis} {x.outcome} {x.sample}: the reference has no figure")
            continue
        pairs = [(x.estimate.value, theirs[0])]
        if x.analysis == "error_CR1" and x.estimate.se is not None:
            pairs.append((x.estimate.se, theirs[1]))
        for ours, other in pairs:
            apart = abs(ours - other) / max(abs(other), 1e-3)
            out.worst, out.figures = max(out.worst, apart), out.figures + 1
            if not apart <= GOAL:
                out.wrong.append(f"{x.analysis} {x.outcome} {x.sample}: {ours!r}, not {other!r}")


def tried(seed: int, folder: Path, *faults: Fault) -> Outcome:
    """Take the tables of a seed the whole way; see `drawn`."""
    f = drawn(seed, *faults)
    out = Outcome(seed, tuple(f.done))
    write(f, folder)
    try:
        mapping = read_mapping((folder / "ours.toml").read_text("utf-8"))
        build_mapped(mapping, folder, folder / "facts", now=NOW)
        document = build(
            folder / "facts", read((folder / "plan.toml").read_text("utf-8")), early=True
        )
        compared(f, document, out)
    except StepinError as error:
        out.refused = f"{error.code}: {error.message}"
        if error.code in BLAND:
            out.wrong.append(f"a refusal without a name: {error.message}")
    except Exception:  # noqa: BLE001 - what is looked for here
        out.wrong.append("traceback: " + traceback.format_exc(limit=-3))
    return out


def one(seed: int) -> Outcome:
    """Take the tables of a seed the whole way in a folder of their own, with the time it takes."""
    start = time.process_time()
    folder = Path(tempfile.mkdtemp(prefix="stepin-fuzz-"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            out = tried(seed, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    out.cpu_s = time.process_time() - start
    return out


def main() -> None:
    """Measure and print every claim."""
    chosen = options(__doc__)
    count = chosen.pick(400, 14)
    # Quick runs take other faults each, not the first of the list.
    seeds = [seed if count == 400 else seed * 13 for seed in range(count)]
    outcomes: list[Outcome] = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for out in pool.map(one, seeds):
            outcomes.append(out)
            for what in out.wrong:
                print(f"  {out.seed} {', '.join(out.faults)}: {what}", flush=True)
            if len(outcomes) % 50 == 0:
                print(f"  {len(outcomes)} tables", flush=True)
    spent = sum(o.cpu_s for o in outcomes)
    refused = Counter(o.refused.partition(":")[0] for o in outcomes if o.refused)
    print(f"  {count - refused.total()} reports, {refused.total()} refusals: {dict(refused)}")
    traces = sum(w.startswith("traceback") for o in outcomes for w in o.wrong)
    for claim, ours in (
        (f"tracebacks, {count} random own tables", traces),
        (f"wrong figures or unnamed refusals, {count} random own tables",
         sum(bool(o.wrong) for o in outcomes)),
    ):  # fmt: skip
        line(claim, ours=ours, reference=0, ratio=float(ours), goal="0", holds=ours == 0)
    figures, worst = sum(o.figures for o in outcomes), max(o.worst for o in outcomes)
    line(
        f"relative difference to pyfixest, {figures} figures of {count} random own tables",
        ours=worst,
        reference=0.0,
        ratio=worst / GOAL,
        goal="<= 1e-8",
        holds=worst <= GOAL,
    )
    print(f"  {spent:.0f} CPU s, {spent / count:.2f} a table")
    finish()


if __name__ == "__main__":
    main()
