"""The console's live feed in a real browser, with a line that breaks."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.brains import GREETING
from tests.browser.desk import Console, Desk, at_desk


async def said(console: Console) -> list[str]:
    """Return what the open chat and the list show, line by line."""
    lines = await console.page.locator('[role="log"] li[data-seq]').all_inner_texts()
    rows = await console.page.locator("[data-chat]").evaluate_all(
        "rows => rows.map(r => r.dataset.chat + '|' + r.querySelector('[data-preview]').innerText)"
    )
    return [*lines, *rows]


async def busy(desk: Desk, chat_id: str, numbers: range) -> None:
    """Let Ben speak in a chat, once for each number."""
    ben = await desk.served.worker("ben", "lead")
    for n in numbers:
        await desk.served.command(ben, chat_id, type="AddNote", text=f"note {n}")
    await desk.served.caught_up()


async def test_10_a_feed_cut_for_50_events_resumes_where_it_was(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann", "lead")
        dora = await desk.customer()
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        chat_id = await dora.chat_id()
        await ann.open(chat_id)
        await busy(desk, chat_id, range(1))
        await expect(ann.line("note")).to_have_count(1)
        assert desk.tap.cursors() == [None]

        desk.tap.open.clear()
        before = await desk.served.app.site.log.position()
        desk.tap.cut()
        await busy(desk, chat_id, range(1, 51))
        await expect(ann.page.get_by_role("alert")).to_contain_text("Connection lost")
        desk.tap.open.set()
        await expect(ann.line("note")).to_have_count(51)

        cursors = desk.tap.cursors()
        assert cursors[1:] == [str(before)], "the browser says where it was, once"
        assert b"event: snapshot" not in _feeds(desk)[-1], "the server replays only what is missing"
        await expect(ann.page.get_by_role("alert")).to_have_count(0)
        fresh = await desk.worker("ann", "lead")
        await fresh.open(chat_id)
        await expect(fresh.line("note")).to_have_count(51)
        assert await said(ann) == await said(fresh)


async def test_11_a_cursor_that_is_too_old_starts_afresh(tmp_path: Path, chromium: Browser) -> None:
    async with at_desk(tmp_path, chromium, feed_keep=3) as desk:
        ann = await desk.worker("ann", "lead")
        dora = await desk.customer()
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        chat_id = await dora.chat_id()
        await ann.open(chat_id)
        await busy(desk, chat_id, range(1))
        await expect(ann.line("note")).to_have_count(1)
        desk.tap.open.clear()
        desk.tap.cut()
        await busy(desk, chat_id, range(1, 11))
        desk.tap.open.set()
        await expect(ann.line("note")).to_have_count(11)
        assert any(b"event: reset" in sent for sent in _feeds(desk))


async def test_09_a_draft_survives_updates_chats_and_reconnects(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        ann = await desk.worker("ann", "lead")
        chats = []
        for text in ("hello", "good morning"):
            dora = await desk.customer()
            await dora.say(text)
            await expect(dora.bubble(GREETING)).to_be_visible()
            chats.append(await dora.chat_id())
        first, second = chats
        await ann.open(first)
        await expect(ann.composer("whisper")).to_be_visible()
        await ann.field.fill("half a whisper")
        await busy(desk, first, range(2))
        await expect(ann.line("note")).to_have_count(2)
        await expect(ann.field).to_have_value("half a whisper")
        await ann.open(second)
        await expect(ann.field).to_have_value("")
        await ann.open(first)
        await expect(ann.field).to_have_value("half a whisper")
        desk.tap.cut()
        await expect(ann.page.get_by_role("alert")).to_contain_text("Connection lost")
        await expect(ann.page.get_by_role("alert")).to_have_count(0)
        await expect(ann.field).to_have_value("half a whisper")
        await ann.page.get_by_role("button", name="Take over").click()
        await expect(ann.composer("reply")).to_be_visible()
        await expect(ann.field).to_have_value("")
        await ann.page.reload()
        await expect(ann.composer("reply")).to_be_visible()
        await ann.page.get_by_role("button", name="Hand back").click()
        await ann.page.get_by_label("What should the AI know?").fill("go on")
        await ann.page.keyboard.press("Enter")
        await expect(ann.composer("whisper")).to_be_visible()
        await expect(ann.field).to_have_value("half a whisper")


def _feeds(desk: Desk) -> list[bytes]:
    return [bytes(e.sent) for e in desk.tap.exchanges if e.path == "/api/feed"]
