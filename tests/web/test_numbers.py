"""The numbers over HTTP: adding up, blind while a trial runs, and nobody's own attention."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stepin.desk.trials.trials import unblind
from tests.evidence.analysis.metrics.weeks import weeks
from tests.web.served import Served, serving
from tests.web.shelf import register_trial, running_plan


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Served]:
    """A desk on a log in which the last few days went by."""
    start_us = (time.time_ns() // 86_400_000_000_000 - 3) * 86_400_000_000
    async with weeks(tmp_path, start_us=start_us) as told:
        for _ in range(3):
            await told.day(6)
    async with serving(
        tmp_path, log=f"sqlite:///{tmp_path}/weeks.sqlite", data=str(tmp_path / "data")
    ) as running:
        yield running


async def test_the_parts_add_up_to_the_whole(desk: Served) -> None:
    lead = await desk.worker("lena", "lead")
    told = (await lead.get("/api/numbers", params={"days": 3})).json()
    assert told["whole"]["chats"] == 18
    for part in ("days", "classes", "cells"):
        assert sum(line["chats"] for line in told[part]) == 18
        ratings = sum(line["ratings"] for line in told[part])
        assert ratings == told["whole"]["ratings"] > 0
    assert len(told["days"]) == 3
    assert 0 < told["whole"]["alone_share"] < 1
    assert told["blinded_by"] == []
    short = (await lead.get("/api/numbers", params={"days": 1})).json()
    assert short["first_day"] == short["last_day"] == told["last_day"]
    assert short["whole"]["chats"] == told["days"][-1]["chats"]


async def test_attention_is_never_told_by_day_and_class(desk: Served) -> None:
    lead = await desk.worker("lena", "lead")
    told = (await lead.get("/api/numbers")).json()
    assert told["whole"]["attention_s"] > 0
    assert {line["attention_s"] for line in told["cells"]} == {None}
    assert "attention_by" not in json.dumps(told)
    assert not any(f'"{worker}"' in json.dumps(told) for worker in ("w1", "w2", "w3", "w4"))


async def test_a_running_trial_hides_what_is_told_by_holder(desk: Served) -> None:
    lead, log = await desk.worker("lena", "lead"), desk.app.site.log
    await register_trial(log, running_plan())
    told = (await lead.get("/api/numbers")).json()
    assert told["blinded_by"] == ["pilot"]
    lines = [told["whole"], *told["days"], *told["classes"], *told["cells"]]
    assert len(lines) > 9
    assert {line["alone_share"] for line in lines} == {None}
    assert {line["alone_retrial_share"] for line in lines} == {None}
    kept = (await lead.get("/api/numbers.csv")).text
    assert {row["alone_share"] for row in csv.DictReader(io.StringIO(kept))} == {""}
    await unblind(log, "pilot", by="worker:lena", why="the board asked")
    assert (await lead.get("/api/numbers")).json()["whole"]["alone_share"] is not None


async def test_the_csv_has_a_line_a_day_and_class(desk: Served) -> None:
    lead = await desk.worker("lena", "lead")
    told = (await lead.get("/api/numbers")).json()
    answer = await lead.get("/api/numbers.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(r["day"], r["issue_class"], r["chats"]) for r in rows] == [
        (c["day"], c["issue_class"], str(c["chats"])) for c in told["cells"]
    ]


async def test_an_empty_desk_has_no_numbers(tmp_path: Path) -> None:
    async with serving(tmp_path, data=str(tmp_path / "data")) as desk:
        lead = await desk.worker("lena", "lead")
        told = (await lead.get("/api/numbers")).json()
        assert (told["whole"]["chats"], told["days"], told["cells"]) == (0, [], [])
        assert told["whole"]["duration_s"] is None
        assert (await lead.get("/api/numbers.csv")).text.count("\n") == 1
        for days in ("0", "367", "x", "-1"):
            refused = await lead.get("/api/numbers", params={"days": days})
            assert refused.status_code == 400
