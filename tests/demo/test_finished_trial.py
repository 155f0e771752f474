"""The demo's finished trial can be made, as every demo makes it."""

from __future__ import annotations

from pathlib import Path

from stepin.demo.finished_trial import past_report


def test_the_report_of_the_finished_trial_is_written_whole(tmp_path: Path) -> None:
    page = past_report(tmp_path, "past-trial")
    assert "Not possible with these data" not in page.read_text("utf-8")
    assert "This section failed" not in page.read_text("utf-8")
    assert (page.parent / "numbers.csv").read_text("utf-8").count("\n") > 50
