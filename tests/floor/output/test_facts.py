"""Facts of a run: complete, typed as the schema says, and good for a report."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.floor.worlds import EVERYTHING

from stepin.core.facts import TABLES, Chats, Table
from stepin.errors import Invalid
from stepin.evidence.data.facts.check import check_facts
from stepin.evidence.data.storage import arrow_schema, files, fits
from stepin.floor.engine.inputs import inputs
from stepin.floor.engine.reference import run_reference
from stepin.floor.output.facts import write_facts
from stepin.floor.output.plan_file import write_plan
from stepin.floor.output.tables import fact_schema
from stepin.floor.scenario.reading import read_scenario
from stepin.trial.plan_file import registered_plan


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("floor")
    run = run_reference(inputs(read_scenario(EVERYTHING), 4))
    write_facts(run, out / "facts")
    write_plan(run, out)
    return out


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_the_schema_is_the_evidences(table: type[Table]) -> None:
    assert fact_schema(table) == arrow_schema(table)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_no_required_value_is_missing(folder: Path, table: type[Table]) -> None:
    for path in files(folder / "facts", table):
        rows = pq.read_table(path)
        for column in table.columns:
            if not column.optional:
                assert rows[column.name].null_count == 0, column.name
            if column.values:
                words = set(rows[column.name].cast("string").to_pylist())
                assert words - {None} <= set(column.values), column.name


def test_chats_are_named_once(folder: Path) -> None:
    rows = pq.read_table(folder / "facts" / Chats.name, columns=["chat_id", "closed_at"])
    names = rows["chat_id"].to_pylist()
    assert len(names) == len(set(names)) > 100


def test_the_evidence_can_compare_the_outcomes(folder: Path) -> None:
    found = {f.analysis: f.supported for f in check_facts(folder / "facts")}
    assert all(found[name] for name in ("duration", "retrial", "rating", "spillover"))


def test_the_plan_can_be_read_with_its_policies(folder: Path) -> None:
    plan, policies = registered_plan(folder / "plan.toml")
    assert plan.control == "control"
    assert policies is not None
    assert set(policies) == {"control.toml", "treated.toml"}


def test_a_folder_with_something_in_it_is_refused(folder: Path) -> None:
    run = run_reference(inputs(read_scenario(EVERYTHING), 4))
    with pytest.raises(Invalid, match="isn't empty"):
        write_facts(run, folder / "facts")


def test_types_fit() -> None:
    assert fits(Chats.rating, "BIGINT")
