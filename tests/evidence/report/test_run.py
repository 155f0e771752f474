"""A report from Python: what is refused before anything is read, and what is returned."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.evidence.report.conftest import PLAN

from stepin import StepinError, run_report
from stepin.evidence.data.synthetic import CORE_COLUMNS, World, plant


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.toml"
    path.write_text(PLAN, "utf-8")
    return path


def test_the_report_is_written_and_returned(plan_file: Path, tmp_path: Path) -> None:
    world = World(workers=24, treated=12, chats=9_600, eligible_share=0.3, response_share=0.3)
    plant(world, tmp_path / "facts", 4, tables=(), chat_columns=CORE_COLUMNS)
    report = run_report(str(tmp_path / "facts"), plan_file, tmp_path / "report")
    assert report.page == tmp_path / "report" / "report.html"
    assert report.page.is_file()
    assert report.document.title == "planted"
    assert report.failed == tuple(x.title for x in report.document.lights if x.tone == "bad")


def test_a_plan_that_is_not_there_and_a_file_in_the_place_of_the_folder_are_refused(
    plan_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(StepinError) as caught:
        run_report(tmp_path, tmp_path / "none.toml")
    assert caught.value.code == "no_plan"
    with pytest.raises(StepinError) as caught:
        run_report(tmp_path, plan_file, plan_file)
    assert caught.value.code == "not_a_folder"
