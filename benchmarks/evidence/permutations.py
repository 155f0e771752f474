"""10,000 studentized permutations and 9,999 wild bootstraps at 2,000 workers and 60 days.

From the cube of 10 million chats (1 million in a quick run); the number of chats doesn't enter.
CPU seconds of this process, drawing the assignments left out.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.evidence._planted import BIG, cpu, cube_and_arms
from benchmarks.harness import finish, line, options
from stepin.evidence.estimators.effects import did
from stepin.evidence.estimators.resampling import permute, signs, wild


def main() -> None:
    """Measure and print every claim."""
    chosen = options(__doc__)
    world = replace(BIG, chats=chosen.pick(10_000_000, 1_000_000))
    cube, arms = cube_and_arms(world)
    model = did(cube, arms, "log_duration", controls=[c.name for c in cube.spec.controls])
    rng = np.random.default_rng(1)
    own = arms.own(model.panel)
    draws = np.stack([rng.permutation(own) for _ in range(10_000)])
    weights = signs(own.size, 9_999, 1)
    shuffled = [cpu(lambda: permute(model.focus(), own, draws)) for _ in range(5)]
    turned = [cpu(lambda: wild(model.focus(), own, weights).test()) for _ in range(5)]
    for claim, runs in (
        ("10,000 studentized permutations, 2,000 workers x 60 days", shuffled),
        ("9,999 wild bootstraps, 2,000 workers x 60 days", turned),
    ):
        middle = float(np.median(runs))
        print(f"  {claim}: {middle:.2f} CPU s ({min(runs):.2f} to {max(runs):.2f})")
        line(claim, ours=middle, reference=5, ratio=middle / 5, goal="<= 1", holds=middle < 5)
    finish()


if __name__ == "__main__":
    main()
