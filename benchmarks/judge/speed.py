"""What a turn costs: all detectors on one new turn, and chats in a batch, in CPU time.

Detectors of four tasks are fitted on Makeup2 (dev); the panel adds the signs of a stuck AI,
requests for a person and policy rules.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks import harness
from stepin.judge.chat import read_jsonl
from stepin.judge.detectors import batch
from stepin.judge.detectors.panel import Panel
from stepin.judge.fitting.corpus import lay_out
from stepin.judge.fitting.fit import fit


def main() -> None:
    options = harness.options(__doc__)
    source = Path(os.environ.get("STEPIN_TEST_DATA", "../shared/data")) / "makeup2/dev.jsonl"
    if not source.is_file():
        print(f"No data at {source}; set STEPIN_TEST_DATA.")
        sys.exit(0)
    chats = read_jsonl(source)
    train, test = chats[:250], chats[250:]
    models = [fit(task, train) for task in ("technical", "emotional", "hazard", "risk")]
    panel = Panel(models)
    corpus = lay_out(test)
    p50s, p95s, rates, all_rates = [], [], [], []
    for run in range(options.pick(5, 2)):
        spent: list[float] = []
        for chat in test[:40]:
            state = panel.start()
            for turn in chat.turns:
                began = time.process_time_ns()
                state = panel.update(state, turn)
                panel.score(state)
                spent.append((time.process_time_ns() - began) / 1e6)
        p50s.append(float(np.quantile(spent, 0.5)))
        p95s.append(float(np.quantile(spent, 0.95)))
        costs = []
        for model in models:
            began = time.process_time()
            batch.shares(model, lay_out(test))
            costs.append(time.process_time() - began)
        rates.append(corpus.n_rows / statistics.mean(costs))
        began = time.process_time()
        batch.shares_of_all(models, lay_out(test))
        all_rates.append(corpus.n_rows / (time.process_time() - began))
        print(
            f"  run {run + 1}: p50 {p50s[-1]:.2f} ms, p95 {p95s[-1]:.2f} ms; batch "
            f"{rates[-1]:.0f} turns/s a detector, {all_rates[-1]:.0f} turns/s for all four",
            flush=True,
        )
    for claim, values, goal, below in (
        ("one new turn, all detectors, p50 ms", p50s, 2.0, True),
        ("one new turn, all detectors, p95 ms", p95s, 5.0, True),
        ("batch, one detector, turns/s", rates, 8000.0, False),
        ("batch, all four detectors, turns/s", all_rates, 8000.0, False),
    ):
        middle = statistics.median(values)
        harness.line(
            claim, ours=middle, reference=goal, ratio=middle / goal,
            goal=f"{'<=' if below else '>='} {goal:g}",
            holds=middle <= goal if below else middle >= goal,
        )  # fmt: skip
    harness.finish()


if __name__ == "__main__":
    main()
