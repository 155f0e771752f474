"""A short run of the benchmark in which every kind of caller asks for what the document allows."""

from __future__ import annotations

import pytest
from benchmarks.desk.schemathesis_roles import GRANTS, ROLES, everybody

from stepin.web.routing.table import ENDPOINTS


@pytest.mark.filterwarnings("ignore")
def test_no_kind_of_caller_gets_a_5xx() -> None:
    told: list[str] = []
    asked = everybody(9.0, say=told.append)
    assert asked.bad == []
    assert len(told) == len(ROLES)
    assert all(asked.answers[role] for role in ROLES)


def test_every_kind_of_caller_is_there() -> None:
    known = set().union(*(e.who for e in ENDPOINTS))
    assert known <= set().union(*GRANTS.values())
