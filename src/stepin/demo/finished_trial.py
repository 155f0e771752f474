"""The demo's past trial: planted chats with known effects, analysed as any trial is."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stepin.evidence.data.synthetic import World, plant
from stepin.evidence.report.build import build
from stepin.evidence.report.export import write
from stepin.private import private_folder
from stepin.trial.design import design, replay
from stepin.trial.pool import Pool
from stepin.trial.reading import read

WORLD = World(workers=240, treated=112, chats=250_000)
SEED = 20
MAKING = ".making-"
PLAN = """\
# The demo's finished trial. Its chats were planted: nobody wrote them, and the effects are known.
name = "past-trial"
question = "What did supervised AI do to duration, rating and retrial? (planted, for the demo)"
seed = 3
control = "control"

[[arms]]
name = "control"
policy = "people.toml"
share = 0.5

[[arms]]
name = "treated"
policy = "supervised.toml"
share = 0.5

[dates]
pre_from = 2024-08-01
treatment_from = 2024-08-15
treatment_until = 2024-08-31

[[outcomes]]
name = "duration_s"
role = "primary"
chats = "eligible"
scale = "log"
minimal_effect = 0.05

[[outcomes]]
name = "rating"
role = "primary"
chats = "eligible"
better = "higher"
minimal_effect = 0.2

[[outcomes]]
name = "retrial_7d"

[analysis]
splits = ["tenure_days"]
"""


def _assigned(block: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return who is treated, as the plan's own randomizer draws it."""
    plan = read(PLAN)
    workers = [f"w{n}" for n in range(block.size)]
    drawn = design(plan, Pool.of(workers, {}))
    arms = replay(drawn, 1).arms[0] == drawn.arms.index("treated")
    treated = dict(zip(drawn.units, arms.tolist(), strict=True))
    return np.array([treated[worker] for worker in workers])


def past_report(
    data: Path,
    name: str,
    *,
    world: World = WORLD,
    tick: Callable[[str], None] = lambda text: None,
) -> Path:
    """Return the page of the past trial's report, written if it isn't there yet.

    The folder `evidence/NAME` of the data folder appears whole or not at all.
    """
    there = data / "evidence" / name
    if (there / "report.html").is_file():
        return there / "report.html"
    private_folder(data)
    there.parent.mkdir(parents=True, exist_ok=True)
    for left in there.parent.glob(f"{MAKING}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=MAKING, dir=there.parent) as place:
        folder = Path(place)
        plant(
            world,
            folder / "facts",
            SEED,
            assign=_assigned,
            progress=lambda n, of: tick(f"Day {n} of {of}"),
        )
        document = build(folder / "facts", read(PLAN), policies=None, tick=tick)
        tick("Writing")
        write(document, folder / "report")
        shutil.rmtree(there, ignore_errors=True)
        (folder / "report").rename(there)
    return there / "report.html"
