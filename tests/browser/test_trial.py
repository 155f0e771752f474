"""What workers see of a trial in their consoles: nothing, except what they need for their work."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.brains import GREETING
from tests.browser.desk import Console, at_desk
from tests.web.arms import on_trial

SECRET = (b"treated", b"control", b"with-ai", b"without-ai", b"trial-17")


async def words(console: Console) -> str:
    return (await console.page.locator("body").inner_text()).lower()


async def test_17_the_control_arm_sees_no_supervision_and_nobody_sees_an_arm(
    tmp_path: Path, chromium: Browser
) -> None:
    async with at_desk(tmp_path, chromium) as desk:
        await on_trial(desk.served, {"ann": "treated", "cy": "control"})
        ann = await desk.worker("ann")
        dora = await desk.customer()
        await dora.say("hello")
        await expect(dora.bubble(GREETING)).to_be_visible()
        treated = await dora.chat_id()
        away = await (await desk.served.worker("ann")).post(
            "/api/presence", json={"presence": "away"}
        )
        assert away.status_code == 200
        cy = await desk.worker("cy")
        gus = await desk.customer()
        await gus.say("hello")
        by_hand = await gus.chat_id()

        await expect(ann.section("ai").locator(f'[data-chat="{treated}"]')).to_be_visible()
        await ann.open(treated)
        await expect(ann.composer("whisper")).to_be_visible()
        await ann.page.get_by_role("button", name="Take over").click()
        await expect(ann.page.get_by_role("button", name="Hand back")).to_be_visible()

        await expect(cy.section("yours").locator(f'[data-chat="{by_hand}"]')).to_be_visible()
        await expect(cy.section("ai")).to_have_count(0)
        await cy.open(by_hand)
        await expect(cy.composer("reply")).to_be_visible()
        await expect(cy.page.get_by_role("button", name="Close")).to_be_visible()
        for control in ("Hand back", "Take over", "Whisper"):
            await expect(cy.page.get_by_role("button", name=control)).to_have_count(0)
        assert "(ai)" not in await words(cy)
        assert "whisper" not in await words(cy)
        await cy.key("h")
        await expect(cy.page.get_by_role("dialog")).to_have_count(0)
        session = await desk.served.worker("cy")
        refused = await desk.served.command(session, by_hand, 422, type="HandBack", note="go on")
        assert refused["error"]["code"] == "ai_off"

        await cy.write("Good day, this is Cy.")
        await expect(gus.bubble("this is Cy")).to_be_visible()
        told = b"".join(bytes(e.sent) for e in desk.tap.exchanges if e.path.startswith("/api/"))
        assert by_hand.encode() in told
        assert not [word for word in SECRET if word in told]
        for console in (ann, cy):
            assert not [word for word in SECRET if word.decode() in await words(console)]
