"""Plans and pools that the tests of trials share."""

from __future__ import annotations

import numpy as np

from stepin.trial.plan import Plan
from stepin.trial.pool import Pool
from stepin.trial.reading import read

TEXT = """
name = "pilot"
seed = 7
control = "people"
question = "Does supervised AI shorten chats without costing ratings?"

[[arms]]
name = "people"
policy = "people.toml"
share = 0.5

[[arms]]
name = "ai"
policy = "ai.toml"
share = 0.5

[dates]
pre_from = 2026-02-15
treatment_from = 2026-03-01
treatment_until = 2026-03-20

[[outcomes]]
name = "rating"
role = "primary"
chats = "eligible"
better = "higher"
minimal_effect = 0.2

[[outcomes]]
name = "duration_s"
scale = "log"
"""

BLOCKED = """
[[randomization.blocks]]
covariate = "team"

[[randomization.blocks]]
covariate = "tenure_days"
quantiles = 3
"""

SCREENED = """
[randomization.rerandomize]
covariates = ["tenure_days", "rating"]
acceptance = 0.1
"""


def plan(extra: str = "", **replaced: str) -> Plan:
    """Return the plan above, with lines replaced and more text after it."""
    text = TEXT
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    return read(text + extra)


def pool(size: int = 60, seed: int = 1) -> Pool:
    """Return workers with a team, a tenure (some unknown) and a rating."""
    rng = np.random.default_rng(seed)
    tenure: list[float | None] = list(rng.exponential(300, size))
    tenure[::17] = [None] * len(tenure[::17])
    return Pool.of(
        [f"w{i:04d}" for i in range(size)],
        {
            "team": [("north", "south", "east")[i % 3] for i in range(size)],
            "tenure_days": tenure,
            "rating": rng.normal(3.6, 0.3, size).tolist(),
        },
    )
