"""A small planted trial and its report, made once for the tests of the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepin.evidence.data.synthetic import World, plant
from stepin.evidence.report.build import build
from stepin.evidence.report.document import Document
from stepin.trial.plan import Plan
from stepin.trial.reading import read

PLAN = """
name = "planted"
seed = 3
control = "control"
question = "Does <supervised> AI help & not harm?"

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
better = "lower"
minimal_effect = 0.05

[[outcomes]]
name = "rating"
role = "primary"
chats = "eligible"
better = "higher"
minimal_effect = 0.2

[[outcomes]]
name = "retrial_7d"
better = "lower"

[analysis]
repetitions = 200
bootstrap = 200
splits = ["tenure_days"]
"""


@pytest.fixture(scope="session")
def plan() -> Plan:
    return read(PLAN)


def world(workers: int = 60) -> World:
    return World(
        workers=workers,
        treated=workers // 2,
        chats=400 * workers,
        eligible_share=0.25,
        response_share=0.3,
    )


@pytest.fixture(scope="session")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("facts")
    plant(world(), folder, 5)
    return folder


@pytest.fixture(scope="session")
def document(facts: Path, plan: Plan) -> Document:
    return build(facts, plan)
