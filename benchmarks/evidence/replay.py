"""Drawing a design again: 10,000 alternative assignments, against NumPy's own permutations.

NumPy shuffles labels with one stream of its own: no blocks, no keys, nothing that could be drawn
again for one worker. It is the floor of what so many permutations cost.
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks.harness import finish, options, paired, report
from stepin.trial.design import Design, replay


def main() -> None:
    rows = options(__doc__).pick(10_000, 2_000)
    of = Design(
        seed=1,
        units=tuple(f"w{i:05d}" for i in range(2000)),
        block=np.arange(2000) % 20,
        block_names=tuple(f"b{i}" for i in range(20)),
        arms=("people", "ai"),
        shares=(0.5, 0.5),
    )

    def ours() -> float:
        began = time.process_time()
        replay(of, rows)
        return time.process_time() - began

    def reference() -> float:
        began = time.process_time()
        labels = np.tile(np.repeat([0, 1], 1000).astype(np.int8), (rows, 1))
        np.random.default_rng(1).permuted(labels, axis=1, out=labels)
        return time.process_time() - began

    mine, theirs = paired(5, ours, reference)
    report(
        f"replay of {rows:,} assignments of 2,000 workers in 20 blocks, against permutations",
        mine,
        theirs,
        goal=4,
        at_least=False,
        unit="CPU s",
    )
    finish()


if __name__ == "__main__":
    main()
