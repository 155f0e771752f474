"""The built wheel in an environment that has nothing else of ours, and no Node."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import sysconfig
import venv
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from playwright.async_api import Browser, expect

ROOT = Path(__file__).parents[2]


def installed(folder: Path) -> Path:
    """Build the wheel and install it; return the environment's programs.

    Dependencies are those of this Python, behind the environment's own packages, so that no
    registry is asked.
    """
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    place = folder / "empty"
    venv.create(place, with_pip=False)
    python = place / "bin/python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps"]
    subprocess.run([*pip, "--no-index", "-q", str(wheel)], check=True, capture_output=True)
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return place / "bin"


async def told(process: Process, last: str) -> str:
    """Return what a process says, up to a line that holds the last words."""
    assert process.stdout is not None
    said = ""
    while last not in said:
        line = await process.stdout.readline()
        assert line, said
        said += line.decode()
    return said


async def test_20_the_wheel_serves_the_console_without_a_node(
    tmp_path: Path, chromium: Browser
) -> None:
    programs = await asyncio.to_thread(installed, tmp_path)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("STEPIN_", "PYTHON"))}
    where = subprocess.run(
        [programs / "python", "-c", "import stepin; print(stepin.__file__)"],
        env={**kept, "PATH": str(programs)},
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert str(tmp_path) in where.stdout, "the wheel itself is what runs"
    process = await asyncio.create_subprocess_exec(
        programs / "stepin",
        *("serve", "--demo", "--still", "--port", "0"),
        *("--log", f"sqlite:///{tmp_path}/log.sqlite"),
        env={**kept, "PATH": str(programs), "STEPIN_SHOP": str(ROOT / "examples" / "shop")},
        cwd=tmp_path,
        stdout=PIPE,
    )
    try:
        said = await told(process, "the password is")
        url = re.search(r"http://[\w.:]+", said)
        password = re.search(r"the password is (\S+)", said)
        assert url is not None
        assert password is not None
        page = await chromium.new_page()
        await page.goto(f"{url.group()}/console/")
        await page.get_by_label("Worker").fill("demo")
        await page.get_by_label("Password").first.fill(password.group(1))
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.locator('[data-section="needs"]')).to_be_visible()
        await page.goto(f"{url.group()}/shop")
        await page.locator("stepin-chat .l").click()
        await page.locator("stepin-chat textarea").fill("hello")
        await page.keyboard.press("Enter")
        await expect(page.locator("stepin-chat li.ai").first).to_be_visible()
        await page.close()
    finally:
        process.terminate()
        await process.wait()
