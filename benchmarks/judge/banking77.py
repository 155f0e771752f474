"""The intent classifier on banking77 (train): accuracy over five folds."""

from __future__ import annotations

import csv
import os
import statistics
import sys
from pathlib import Path

from benchmarks import harness
from stepin.judge.fitting.folds import folds_of
from stepin.judge.models import intent

GOAL = 0.90


def main() -> None:
    options = harness.options(__doc__)
    source = Path(os.environ.get("STEPIN_TEST_DATA", "../shared/data")) / "banking77/train.csv"
    if not source.is_file():
        print(f"No data at {source}; set STEPIN_TEST_DATA.")
        sys.exit(0)
    with source.open(newline="") as lines:
        pairs = [(row["text"], row["category"]) for row in csv.DictReader(lines)]
    fold = folds_of([label for _, label in pairs], 5, seed=0)
    found = []
    for number in range(options.pick(5, 1)):
        model = intent.fit(pair for pair, f in zip(pairs, fold, strict=True) if f != number)
        held = [pair for pair, f in zip(pairs, fold, strict=True) if f == number]
        found.append(sum(model.predict(text)[0][0] == label for text, label in held) / len(held))
        print(f"  fold {number + 1}: accuracy {found[-1]:.4f}", flush=True)
    mean = statistics.mean(found)
    spread = statistics.stdev(found) if len(found) > 1 else 0.0
    print(f"banking77 accuracy: {mean:.4f} ± {spread:.4f} over {len(found)} folds")
    harness.line(
        "banking77 intent accuracy", ours=mean, reference=GOAL, ratio=mean / GOAL,
        goal=f">= {GOAL:g}", holds=mean >= GOAL,
    )  # fmt: skip
    harness.finish()


if __name__ == "__main__":
    main()
