"""The lead's pages: numbers, trial and evidence, read, unblinded and kept, in every dress."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from stepin.core.events.floor import TrialLocked, TrialStopped, Unblinded
from stepin.trial.assignment import assignment_hash
from stepin.trial.state import record, register
from tests.browser.desk import Console, Desk, at_desk
from tests.browser.test_access import faults
from tests.evidence.analysis.metrics.weeks import weeks
from tests.web.shelf import SECRET, SVG, put_report
from tests.web.test_trials import ROWS, of_workers, tell

Scheme = Literal["light", "dark"]
PHONE = {"width": 390, "height": 844}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of twelve days in which a trial of four workers has run for four."""
    folder = tmp_path_factory.mktemp("told")
    start_us = (time.time_ns() // 86_400_000_000_000 - 12) * 86_400_000_000
    locked = TrialLocked(trial_id="pilot", assignment_hash=assignment_hash(ROWS))
    async with weeks(folder, start_us=start_us) as floor:
        plan = of_workers()
        await tell(floor.log, register(plan, "f" * 64), *record(plan, ROWS), locked)
        for _ in range(12):
            await floor.day(5)
    return folder


@pytest_asyncio.fixture(loop_scope="session")
async def desk(told: Path, tmp_path: Path, chromium: Browser) -> AsyncIterator[Desk]:
    """That desk, with a report of its trial and one of another on the shelf."""
    shutil.copy(told / "weeks.sqlite", tmp_path)
    for beside in told.glob("weeks.sqlite-*"):
        shutil.copy(beside, tmp_path)
    put_report(tmp_path / "data")
    put_report(tmp_path / "data", "older", trial="older")
    async with at_desk(tmp_path, chromium, log=f"sqlite:///{tmp_path}/weeks.sqlite") as running:
        yield running


async def lead(desk: Desk, path: str, **options: Any) -> Console:
    console = await desk.worker("lena", "lead", path=path, **options)
    await loaded(console.page)
    return console


async def loaded(page: Page) -> None:
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.get_by_label("Loading")).to_have_count(0)
    await expect(page.locator('[data-state="working"]')).to_have_count(0, timeout=60_000)


async def test_numbers_are_shown_and_kept_without_what_is_by_holder(desk: Desk) -> None:
    page = (await lead(desk, "numbers")).page
    await expect(page.locator('[data-measure="chats"]')).to_contain_text("60")
    await expect(page.get_by_text("A trial is running (pilot)")).to_be_visible()
    await expect(page.locator('[data-measure="alone_share"]')).to_have_count(0)
    async with page.expect_download() as saved:
        await page.get_by_role("link", name="Download CSV").click()
    path = await (await saved.value).path()
    assert path.read_text().startswith("day,issue_class,chats,")
    await page.get_by_role("radiogroup").get_by_text("7 days").click()
    await expect(page.locator('[data-measure="chats"]')).not_to_contain_text("60")
    await tell(desk.served.app.site.log, TrialStopped(trial_id="pilot", reason="end"))
    await page.reload()
    await expect(page.locator('[data-measure="alone_share"]')).to_contain_text("%")
    await expect(page.locator('[data-measure="alone_retrial_share"]')).to_be_visible()


async def test_18_effects_wait_for_the_end_or_for_a_reason_in_the_log(desk: Desk) -> None:
    page = (await lead(desk, "trial")).page
    await expect(page.locator("[data-phase=locked]")).to_be_visible()
    await expect(page.get_by_test_id("hidden")).to_be_visible()
    await expect(page.locator("[data-said=go]")).to_be_visible()
    await expect(page.get_by_role("region", name="Arms", exact=True)).to_contain_text("treated")
    assert SECRET not in await page.content()
    # With the keyboard alone: to the button, into the dialog, a reason, done.
    await page.get_by_role("button", name="Unblind …").focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Why must they be seen now?")).to_be_focused()
    await expect(dialog.get_by_role("button", name="Unblind the trial")).to_be_disabled()
    await page.keyboard.type("the board asked")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("effects")).to_contain_text(SECRET)
    await expect(page.get_by_test_id("looks")).to_contain_text("the board asked")
    events = await desk.served.app.site.log.read("trial/pilot")
    looked = events[-1]
    assert isinstance(looked.event, Unblinded)
    assert (looked.actor, looked.event.why) == ("worker:lena", "the board asked")


async def test_19_a_figure_in_the_page_is_the_report_s_file_byte_for_byte(desk: Desk) -> None:
    page = (await lead(desk, "evidence")).page
    await expect(page.locator('[data-report="pilot"]')).to_contain_text("Closed while")
    await expect(page.locator('[data-report="pilot"]')).not_to_contain_text(SECRET)
    async with page.expect_response("**/figures/effects.svg") as answered:
        await page.get_by_role("link", name="older").click()
        rows = page.locator("tr[data-verdict]")
        await expect(rows).to_have_count(3)
        await expect(rows.last).to_contain_text("all chats")
        await expect(rows.last).to_contain_text("no clear effect")
        await page.locator('[data-figure="effects"]').scroll_into_view_if_needed()
    assert await (await answered.value).body() == SVG
    drawn = await page.locator('[data-figure="effects"]').evaluate(
        "i => i.decode().then(() => i.naturalWidth)"
    )
    assert drawn > 0
    async with page.expect_download() as saved:
        await page.get_by_role("link", name="Save report.html").click()
    path = await (await saved.value).path()
    assert SECRET in path.read_text()
    await page.goto(f"{desk.served.url}/console/evidence/pilot")
    await expect(page.get_by_role("alert")).to_contain_text("running")


async def test_a_worker_has_none_of_these_pages(desk: Desk) -> None:
    console = await desk.worker("ann")
    for name in ("Numbers", "Trial", "Evidence"):
        await expect(console.page.get_by_role("link", name=name)).to_have_count(0)
    await console.page.goto(f"{desk.served.url}/console/trial")
    await expect(console.section("needs")).to_be_visible()


async def test_they_are_reached_by_keys_alone(desk: Desk) -> None:
    page = (await lead(desk, "lead")).page
    for name, heading in (
        ("Numbers", "Numbers"),
        ("Trial", "Trial · pilot"),
        ("Evidence", "Evidence"),
    ):
        await page.get_by_role("link", name=name, exact=True).focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text(heading)


async def test_empty_pages_say_what_to_do(tmp_path: Path, chromium: Browser) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        for path, text in (
            ("numbers", "No chat has closed"),
            ("trial", "stepin trial new"),
            ("evidence", "stepin evidence run"),
        ):
            page = (await lead(desk, path)).page
            await expect(page.get_by_test_id("empty")).to_contain_text(text)
            assert not await faults(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_14_axe_finds_nothing_serious_on_a_lead_s_pages(desk: Desk, scheme: Scheme) -> None:
    page = (await lead(desk, "numbers", color_scheme=scheme)).page
    found: list[str] = []
    for size in ({"width": 1360, "height": 850}, PHONE):
        await page.set_viewport_size(size)
        for path in ("numbers", "trial", "evidence", "evidence/older"):
            await page.goto(f"{desk.served.url}/console/{path}")
            await loaded(page)
            found += [
                f"{path} {size['width']}: {rule} {where}" for rule, where in await faults(page)
            ]
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size["width"], f"{path} scrolls sideways at {size['width']}"
    assert not found, "\n".join(found)


async def test_they_speak_chinese(desk: Desk) -> None:
    page = (await lead(desk, "settings")).page
    await page.get_by_text("中文").click()
    for path, heading in (("numbers", "数据"), ("trial", "试验 · pilot"), ("evidence", "实证报告")):
        await page.goto(f"{desk.served.url}/console/{path}")
        await expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    await expect(page.locator("html")).to_have_attribute("lang", "zh")
