"""The plan that `stepin trial new` writes: complete, commented, and valid as it stands."""

from __future__ import annotations

import datetime as dt

TEMPLATE = """\
# A trial is fixed before it starts: check it with `stepin trial plan`, then register it.
name = "{name}"
question = "What does supervised AI do to duration, retrial and rating?"
unit = "worker"              # worker, customer or chat
seed = {seed}
control = "people"

# An arm is a policy: the arms differ in nothing but the file that they name.
[[arms]]
name = "people"
policy = "people.toml"
share = 0.5

[[arms]]
name = "ai"
policy = "ai.toml"
share = 0.5

[dates]                      # UTC, inclusive
pre_from = {pre_from}
treatment_from = {treatment_from}
treatment_until = {treatment_until}

[randomization]
late_joiners = "randomize"   # randomize, control or exclude

[[randomization.blocks]]     # covariates are columns of the pool's file
covariate = "tenure_days"
quantiles = 4

[randomization.rerandomize]
covariates = ["tenure_days"]
rule = "mahalanobis"
acceptance = 0.1

[routing]
owner = "uniform"            # least_loaded hides what the AI does to the other chats
cap = 5

[[outcomes]]
name = "duration_s"
role = "primary"
chats = "all"
scale = "log"
better = "lower"
minimal_effect = 0.02

[[outcomes]]
name = "retrial_7d"
role = "primary"
chats = "eligible"
better = "lower"
minimal_effect = 0.03

[[outcomes]]
name = "rating"
role = "primary"
chats = "eligible"
better = "higher"
minimal_effect = 0.2

[windows]
retrial = "7d"

[harm]                       # the machine alone looks; only go or stop comes out
outcomes = ["low_rating", "abandoned"]
chats = "eligible"
low_rating_at_most = 2
alpha = 0.025
spending = "pocock"
first_after_days = 2
every_days = 1

[analysis]
estimator = "ancova"
alpha = 0.05
"""


_ROUTING = '\n[assignment]\nrule = "uniform"\ncap = 5\n'
POLICIES = {
    "people.toml": 'name = "people"\n\n[ai]\nenabled = false\n' + _ROUTING,
    "ai.toml": 'name = "ai"\n\n[ai]\nenabled = true\n' + _ROUTING,
}
"""The two policy files that the template names: they differ in one key."""


def template(name: str, today: dt.date, seed: int) -> str:
    """Return a plan's text: two weeks before, two and a half of treatment from next Monday."""
    start = today + dt.timedelta(days=7 - today.weekday())
    return TEMPLATE.format(
        name=name,
        seed=seed,
        pre_from=start - dt.timedelta(days=14),
        treatment_from=start,
        treatment_until=start + dt.timedelta(days=16),
    )
