"""Chromium and the built console, once for all browser tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from stepin.web.static_files import STATIC
from tests.conftest import skip
from tests.prepare import browser as chromium_path

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run every test of this folder in the loop that Chromium was started in."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def built() -> None:
    """The built console and widget."""
    if not (STATIC / "console/index.html").exists() or not (STATIC / "widget/stepin.js").exists():
        subprocess.run([sys.executable, "hatch_build.py", "build"], cwd=ROOT, check=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(built: None) -> AsyncIterator[Browser]:
    """A running Chromium."""
    path = chromium_path()
    if path is None:
        skip("No Chromium was found")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        await browser.close()
