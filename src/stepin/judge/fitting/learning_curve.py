"""What more labels would buy: the same test chats, fits on more and more of the others."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from stepin.judge.chat import LabelledChat
from stepin.judge.evaluation.report import evaluate
from stepin.judge.fitting.fit import FEWEST_CHATS, fit
from stepin.judge.fitting.tasks import Task

SHARES = (0.125, 0.25, 0.5, 1.0)


class LearningPoint(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a fit on ``n_chats``, on the chats held out from every fit."""

    n_chats: int
    f1: float
    macro_f1: float
    auc: float | None


def learning_curve(
    task: Task, chats: Sequence[LabelledChat], *, seed: int = 0
) -> list[LearningPoint]:
    """Return a point for 1/8, 1/4, 1/2 and all of three quarters of the chats.

    Points with fewer than ten chats are left out.

    Raises
    ------
    Invalid
        If a class is absent from the chats of a fit, or there are too few chats.
    """
    order = np.random.default_rng(seed).permutation(len(chats))
    n_held = len(chats) // 4
    held = [chats[place] for place in order[:n_held]]
    rest = [chats[place] for place in order[n_held:]]
    sizes = [round(share * len(rest)) for share in SHARES]
    if max(sizes) < FEWEST_CHATS:
        sizes = [len(rest)]
    points = []
    for size in sizes:
        if size < FEWEST_CHATS and size != len(rest):
            continue
        report = evaluate(fit(task, rest[:size], seed=seed), held)
        points.append(
            LearningPoint(n_chats=size, f1=report.f1, macro_f1=report.macro_f1, auc=report.auc)
        )
    return points
