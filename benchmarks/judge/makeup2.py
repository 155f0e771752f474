"""Detectors on real chats: Makeup2 (dev), five splits by chat, everything fitted inside.

Set STEPIN_TEST_DATA to the folder that holds `makeup2/dev.jsonl`. Thresholds come from the
training chats; the sentiment detector that others read is fitted on the training chats too.
"""

from __future__ import annotations

import os
import statistics
import sys
from pathlib import Path

import numpy as np

from benchmarks import harness
from stepin.judge.chat import LabelledChat, read_jsonl
from stepin.judge.detectors import batch
from stepin.judge.evaluation import metrics
from stepin.judge.evaluation.report import evaluate
from stepin.judge.fitting import tasks
from stepin.judge.fitting.corpus import lay_out
from stepin.judge.fitting.fit import fit

GOALS = {
    "handoff F1": 0.58,
    "handoff F1 with predicted sentiment": 0.62,
    "handoff AUC": 0.92,
    "handoff AUC with predicted sentiment": 0.93,
    "rating macro F1, whole chat": 0.73,
    "rating macro F1, first half": 0.62,
    "hazard AUC before the first negative turn": 0.72,
}


def measure(train: list[LabelledChat], test: list[LabelledChat]) -> dict[str, float]:
    found: dict[str, float] = {}
    mood = fit("sentiment", train)
    for suffix, inner in (("", None), (" with predicted sentiment", mood)):
        report = evaluate(fit("handoff", train, features_from=inner), test)
        found["handoff F1" + suffix] = report.f1
        found["handoff AUC" + suffix] = report.auc or 0.0
        found["handoff AP" + suffix] = report.average_precision or 0.0
        if report.golden and report.never and report.always:
            found["handoff GT-I" + suffix] = report.golden.gt_1
            found["handoff GT-I, never flagging"] = report.never.golden.gt_1
            found["handoff GT-I, always flagging"] = report.always.golden.gt_1
    rating = evaluate(fit("rating", train, features_from=mood), test)
    found["rating macro F1, whole chat"] = rating.macro_f1
    found["rating macro F1, first half"] = rating.half_macro_f1 or 0.0
    corpus = lay_out(test)
    label = tasks.target("hazard", corpus).label
    _, followed = tasks.soon(corpus, (corpus.sentiment == 0) & (corpus.side == 0))
    label = np.where(followed, label, -1)
    ahead = batch.shares(fit("hazard", train), corpus)[:, 1]
    found["hazard AUC before the first negative turn"] = (
        metrics.auc(ahead[label >= 0], label[label >= 0] == 1) or 0.0
    )
    return found


def main() -> None:
    options = harness.options(__doc__)
    source = Path(os.environ.get("STEPIN_TEST_DATA", "../shared/data")) / "makeup2/dev.jsonl"
    if not source.is_file():
        print(f"No data at {source}; set STEPIN_TEST_DATA.")
        sys.exit(0)
    chats = read_jsonl(source)
    order = np.random.default_rng(0).permutation(len(chats))
    found: dict[str, list[float]] = {}
    for split in range(options.pick(5, 1)):
        held = set(order[split::5].tolist())
        train = [chat for place, chat in enumerate(chats) if place not in held]
        test = [chats[place] for place in sorted(held)]
        for name, value in measure(train, test).items():
            found.setdefault(name, []).append(value)
            print(f"  split {split + 1}: {name} {value:.3f}", flush=True)
    for name, values in found.items():
        mean = statistics.mean(values)
        spread = statistics.stdev(values) if len(values) > 1 else 0.0
        print(f"{name}: {mean:.3f} ± {spread:.3f} over {len(values)} splits")
        if name in GOALS:
            harness.line(
                f"Makeup2 {name}",
                ours=mean,
                reference=GOALS[name],
                ratio=mean / GOALS[name],
                goal=f">= {GOALS[name]:g}",
                holds=mean >= GOALS[name],
            )
    harness.finish()


if __name__ == "__main__":
    main()
