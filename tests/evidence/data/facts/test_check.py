"""What a data set supports; the dictionary's page is what the code says."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from stepin.core.facts import TABLES
from stepin.errors import Missing
from stepin.evidence.data.facts.check import ANALYSES, check_facts
from stepin.evidence.data.facts.dictionary import dictionary
from stepin.evidence.data.synthetic import World, plant

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "facts.md"


def verdicts(folder: Path) -> dict[str, bool]:
    return {f.analysis: f.supported for f in check_facts(folder)}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    plant(World(workers=30, treated=15, chats=4000, pre_days=3, post_days=3), folder, seed=1)
    return folder


def test_a_planted_trial_supports_the_core(planted: Path) -> None:
    found = verdicts(planted)
    assert all(found.values()), found


def test_each_lost_column_costs_the_analyses_that_need_it(planted: Path, tmp_path: Path) -> None:
    (tmp_path / "chats").mkdir()
    duckdb.sql(f"SELECT * EXCLUDE (duration_s) FROM '{planted}/chats/*.parquet'").write_parquet(
        str(tmp_path / "chats.parquet")
    )
    duckdb.sql(f"FROM '{planted}/workers.parquet'").write_parquet(str(tmp_path / "workers.parquet"))
    found = {f.analysis: f for f in check_facts(tmp_path)}
    assert not found["duration"].supported
    assert found["duration"].missing == ("chats.duration_s",)
    assert found["rating"].supported
    assert found["prompts"].missing == (
        "decisions.drawn",
        "decisions.probability",
        "decisions.available",
    )


def test_one_arm_is_no_trial_and_few_workers_are_a_caution(tmp_path: Path) -> None:
    plant(World(workers=12, treated=4, chats=600, pre_days=2, post_days=2), tmp_path, seed=2)
    cautions = next(f for f in check_facts(tmp_path) if f.analysis == "duration").cautions
    assert any("No p-value" in c for c in cautions)
    duckdb.sql(f"SELECT * REPLACE ('ai' AS arm) FROM '{tmp_path}/workers.parquet'").write_parquet(
        str(tmp_path / "other.parquet")
    )
    (tmp_path / "other.parquet").replace(tmp_path / "workers.parquet")
    assert not verdicts(tmp_path)["duration"]


def test_an_empty_folder_is_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        check_facts(tmp_path)


def test_every_analysis_needs_columns_that_exist() -> None:
    known = {c for t in TABLES for c in t.columns}
    assert all(column in known for analysis in ANALYSES for column in analysis.needs)


def test_the_dictionary_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == dictionary()


def test_values_that_cant_be_cost_the_analyses_that_read_them(
    planted: Path, tmp_path: Path
) -> None:
    (tmp_path / "workers.parquet").write_bytes((planted / "workers.parquet").read_bytes())
    for old, new, said in (
        ("duration_s", "'inf'::DOUBLE", "chats.duration_s is inf"),
        ("duration_s", "'long'", "chats.duration_s is VARCHAR, not real"),
    ):
        duckdb.sql(
            f"SELECT * REPLACE ({new} AS {old}) FROM '{planted}/chats/*.parquet'"
        ).write_parquet(str(tmp_path / "chats.parquet"))
        found = {f.analysis: f for f in check_facts(tmp_path)}
        assert not found["duration"].supported
        assert any(said in what for what in found["duration"].missing)
        assert found["rating"].supported
