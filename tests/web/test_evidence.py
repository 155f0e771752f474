"""Reports on the shelf over HTTP: byte for byte, never outside of the shelf, never too early."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest

from stepin.core.events.floor import TrialStopped
from stepin.core.record import NewEvent
from stepin.desk.trials.trials import unblind
from stepin.log.protocol import Append
from tests.web.served import Served, serving
from tests.web.shelf import SECRET, SVG, put_report, register_trial, running_plan


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path, data=str(tmp_path)) as running:
        yield running


async def lead(desk: Served) -> httpx.AsyncClient:
    return await desk.worker("lena", "lead")


async def test_an_empty_shelf_says_where_it_stands(desk: Served, tmp_path: Path) -> None:
    answer = (await (await lead(desk)).get("/api/evidence")).json()
    assert answer == {"folder": str(tmp_path / "evidence"), "reports": []}


async def test_figures_and_files_come_byte_for_byte(desk: Served, tmp_path: Path) -> None:
    folder = put_report(tmp_path)
    client = await lead(desk)
    (line,) = (await client.get("/api/evidence")).json()["reports"]
    assert (line["name"], line["trial"], line["summary"], line["hidden"]) == (
        "pilot",
        "pilot",
        SECRET,
        False,
    )
    view = (await client.get("/api/evidence/pilot")).json()
    assert view["files"] == ["report.html", "report.json", "numbers.csv"]
    assert view["report"]["readings"][0]["figure"] == "effects"
    figure = await client.get("/api/evidence/pilot/figures/effects.svg")
    assert (figure.content, figure.headers["content-type"]) == (SVG, "image/svg+xml")
    for file in view["files"]:
        kept = await client.get(f"/api/evidence/pilot/files/{file}")
        assert kept.content == (folder / file).read_bytes()
        assert kept.headers["content-disposition"] == f'attachment; filename="pilot-{file}"'


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "%2e%2e",
        "..%2fpilot",
        "pilot/figures/..%2f..%2fsecret.svg",
        "pilot/figures/%2e%2e%2freport",
        "pilot/files/..%2f..%2f..%2fsecret.txt",
        "pilot/files/%2fetc%2fpasswd",
        "pilot/files/figures%2feffects.svg",
        "pilot/files/secret.txt",
        "link",
        "link/files/report.json",
        "pilot/figures/linked.svg",
        "pilot%00/files/report.json",
        "none",
    ],
)
async def test_no_name_leads_out_of_the_shelf(desk: Served, tmp_path: Path, path: str) -> None:
    folder = put_report(tmp_path)
    outside = put_report(tmp_path / "outside")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "secret.svg").write_text("secret")
    (tmp_path / "evidence/link").symlink_to(outside)
    (folder / "figures/linked.svg").symlink_to(tmp_path / "secret.svg")
    answer = await (await lead(desk)).get(f"/api/evidence/{path}")
    assert answer.status_code == (400 if "%00" in path else 404), answer.text
    assert "secret" not in answer.text.replace(path, "").replace("secret.", "")


async def test_the_report_of_a_running_trial_stays_closed(desk: Served, tmp_path: Path) -> None:
    log, client = desk.app.site.log, await lead(desk)
    put_report(tmp_path)
    put_report(tmp_path, "renamed", trial="another name", digest="f" * 64)
    put_report(tmp_path, "elsewhere", trial="elsewhere")
    await register_trial(log, running_plan(), "f" * 64)
    listed = await client.get("/api/evidence")
    assert {r["name"]: r["hidden"] for r in listed.json()["reports"]} == {
        "pilot": True,
        "renamed": True,
        "elsewhere": False,
    }
    assert [r["summary"] for r in listed.json()["reports"] if r["hidden"]] == ["", ""]
    for name in ("pilot", "renamed"):
        for path in ("", "/figures/effects.svg", "/files/report.html", "/files/numbers.csv"):
            answer = await client.get(f"/api/evidence/{name}{path}")
            assert answer.status_code == 422, (name, path)
            assert answer.json()["error"]["code"] == "blinded"
            assert SECRET not in answer.text
    await unblind(log, "pilot", by="worker:lena", why="the board asked")
    assert (await client.get("/api/evidence/pilot")).status_code == 200
    assert (await client.get("/api/evidence/renamed")).status_code == 200


async def test_a_trial_that_has_ended_is_open(desk: Served, tmp_path: Path) -> None:
    put_report(tmp_path)
    log, client = desk.app.site.log, await lead(desk)
    await register_trial(log, running_plan())
    stopped = NewEvent(event=TrialStopped(trial_id="pilot", reason="end"))
    await log.append(Append(stream="trial/pilot", events=(stopped,)))
    assert (await client.get("/api/evidence/pilot")).status_code == 200


async def test_a_folder_that_is_no_report_says_so(desk: Served, tmp_path: Path) -> None:
    broken = tmp_path / "evidence/broken"
    broken.mkdir(parents=True)
    (broken / "report.json").write_text('{"summary": 3}')
    (tmp_path / "evidence/half").mkdir()
    client = await lead(desk)
    (line,) = (await client.get("/api/evidence")).json()["reports"]
    assert line["name"] == "broken"
    assert "not a report" in line["problem"]
    answer = await client.get("/api/evidence/broken")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_report")


async def test_a_plan_that_can_t_be_read_hides_its_trial(desk: Served, tmp_path: Path) -> None:
    from stepin.core.events.floor import TrialRegistered

    put_report(tmp_path)
    event = TrialRegistered(trial_id="pilot", plan="no plan", plan_hash="")
    log, client = desk.app.site.log, await lead(desk)
    await log.append(Append(stream="trial/pilot", events=(NewEvent(event=event),)))
    assert (await client.get("/api/evidence/pilot")).status_code == 422
    assert msgspec.json.decode((await client.get("/api/evidence")).content)["reports"][0]["hidden"]
