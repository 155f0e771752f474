"""What the benchmark scripts share: options, paired runs, and the one line that ends each claim.

A script measures us and the reference in turn, several times, and calls `report` once for each
claim. The last lines of its output are then one JSON object a claim::

    {"claim": ..., "ours": ..., "reference": ..., "ratio": ..., "goal": ..., "pass": ...}
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_pending: list[str] = []


@dataclass(frozen=True, slots=True)
class Options:
    """How long a benchmark may take."""

    quick: bool

    def pick(self, full: int, quick: int) -> int:
        """Return the size for this run."""
        return quick if self.quick else full


def options(description: str | None) -> Options:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="under a minute, less exact")
    return Options(quick=parser.parse_args().quick)


def paired(
    runs: int, ours: Callable[[], float], reference: Callable[[], float]
) -> tuple[list[float], list[float]]:
    """Return both measures of every run; who goes first changes from run to run."""
    mine: list[float] = []
    theirs: list[float] = []
    for run in range(runs):
        for side in (0, 1) if run % 2 == 0 else (1, 0):
            (mine if side == 0 else theirs).append(ours() if side == 0 else reference())
        print(f"  run {run + 1}: ours {mine[-1]:.4g}, reference {theirs[-1]:.4g}", flush=True)
    return mine, theirs


def report(
    claim: str,
    ours: Sequence[float],
    reference: Sequence[float],
    *,
    goal: float,
    at_least: bool = True,
    unit: str = "",
) -> bool:
    """Print a claim's ratio, its spread over the runs and its JSON line; say whether it holds.

    Parameters
    ----------
    claim : what is claimed, in a few words.
    ours, reference : the measures, run by run; the ratio is the median of the runs' ratios.
    goal : the bound of the ratio.
    at_least : whether the ratio has to be at least the goal, rather than at most.
    unit : the unit of both measures.
    """
    ratios = [a / b for a, b in zip(ours, reference, strict=True)]
    ratio = statistics.median(ratios)
    holds = ratio >= goal if at_least else ratio <= goal
    print(
        f"{claim}: {ratio:.3g} (runs {min(ratios):.3g} to {max(ratios):.3g}), "
        f"goal {'≥' if at_least else '≤'} {goal:g}; ours {statistics.median(ours):.4g} {unit}, "
        f"reference {statistics.median(reference):.4g} {unit}"
    )
    line(
        claim,
        ours=statistics.median(ours),
        reference=statistics.median(reference),
        ratio=ratio,
        goal=f"{'>=' if at_least else '<='} {goal:g}",
        holds=holds,
    )
    return holds


def line(
    claim: str, *, ours: float, reference: float, ratio: float, goal: str, holds: bool
) -> None:
    """Keep a claim's JSON line; `finish` prints it."""
    _pending.append(
        json.dumps(
            {
                "claim": claim,
                "ours": _short(ours),
                "reference": _short(reference),
                "ratio": _short(ratio),
                "goal": goal,
                "pass": holds,
            },
            ensure_ascii=False,
        )
    )


def finish() -> None:
    """Print the JSON lines of every claim, last of all, and exit 0 (1 if a claim fails)."""
    for text in _pending:
        print(text)
    sys.exit(0 if all(json.loads(text)["pass"] for text in _pending) else 1)


def _short(value: float) -> float:
    return float(f"{value:.4g}")
