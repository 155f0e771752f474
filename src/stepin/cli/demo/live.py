"""The living demo: who comes in, and what the first screen says."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sys
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import msgspec

from stepin.cli.demo.command import people_of, signed_by
from stepin.cli.demo.setup import MONEY_LIMIT, YOU, hire, password_of, put_on_trial
from stepin.demo.cast import Cast
from stepin.demo.staff import STAFF
from stepin.web.welcome import Guide

if TYPE_CHECKING:
    from stepin.log.protocol import Log
    from stepin.settings import Settings

PAST = "past-trial"
PATIENCE_S = 5.0


async def prepared(settings: Settings, log: Log) -> tuple[Settings, bytes]:
    """Make what the demo needs in the log and beside it, once; return settings and secret.

    Raises
    ------
    StepinError
        A trial in the log can't be gone on with.
    """
    from stepin.web.auth.secret import WITH_DEMO, open_secrets

    secret = (await open_secrets(settings, log, names=WITH_DEMO)).ring("demo").current
    await hire(log, secret)
    folder = Path(settings.data) / "trial"
    await put_on_trial(
        log, folder, dt.datetime.fromtimestamp(await log.now_us() / 1e6, dt.UTC).date()
    )
    if not settings.policy:
        settings = msgspec.structs.replace(settings, policy=str(folder / "with-ai.toml"))
    return settings, secret


async def cast_of(
    settings: Settings,
    log: Log,
    secret: bytes,
    *,
    customers: Path | None,
    every_s: float,
    most_open: int,
) -> Cast:
    """Return the demo's customers and workers, and the one who writes the past trial's report.

    Raises
    ------
    StepinError
        The file of dialogues can't be read, or the shop's folder has no people.
    """
    from stepin.agent.shop.handbook import load_package
    from stepin.app import identity_secret
    from stepin.demo.crowd import Crowd, CrowdPace
    from stepin.demo.person import People
    from stepin.demo.replayed import read_dialogues
    from stepin.demo.staff import Team

    shop, data = Path(settings.shop), Path(settings.data)
    seed = await log.position()
    sign = signed_by(await identity_secret(settings, log), settings.identity_audience)
    people: People
    if customers is not None:
        people, memory = read_dialogues(customers), None
    else:
        people, memory = people_of(shop, Path(settings.shop_data), seed), data / "customers.json"
    clerk = load_package(shop).Clerk()
    pace = CrowdPace(every_s=every_s, most_open=most_open)

    async def come(url: str) -> None:
        await Crowd(url, people, sign, Random(seed), pace, memory=memory).run()

    async def work(url: str) -> None:
        await Team(url, clerk, lambda who: password_of(secret, who), Random(seed + 1)).run()

    async def report(url: str) -> None:
        await _past(data, url)

    return Cast({"workers": work, "customers": come, "past trial": report})


async def _past(data: Path, url: str) -> None:
    """Let another process write the past trial's report, if it isn't there."""
    if (data / "evidence" / PAST / "report.html").is_file():
        return
    command = ("-m", "stepin", "demo", "past", "--data", str(data), "--name", PAST, "--json")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: os.nice(10),
    )
    try:
        code = await process.wait()
    finally:
        if process.returncode is None:
            await _sent_home(process)
    if code == 0:
        print(f"  The past trial's report is ready: {url}/console/evidence", flush=True)
    else:
        print("  The past trial's report failed: see `stepin demo past`.", file=sys.stderr)


async def _sent_home(process: asyncio.subprocess.Process) -> None:
    """Let another process clean up and end; end it if it takes longer than it may."""
    process.terminate()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def guide_of(secret: bytes, every_s: float) -> Guide:
    """Return the first screen."""
    from stepin.cli.program import program

    return Guide(
        about=(
            f"A sample shop, served live: a simulated customer writes about every {every_s:.0f} s, "
            f"{len(STAFF)} simulated workers come in shifts, and a blind trial runs. You are in "
            "the AI arm: the AI holds your eligible chats, and you watch over it."
        ),
        worker=YOU,
        password=password_of(secret, YOU),
        ways=(("Write as a customer", f"{program()} chat --url URL"),),
        steps=(
            ("step in", 'a chat under "Needs you": N opens it, T takes it over, H hands it back'),
            (
                "approve",
                f"the AI may move {MONEY_LIMIT} by itself; a refund above that waits for you",
            ),
            ("whisper", "open a chat that the AI holds and type: the customer never sees it"),
            ("by hand", "lawyers, smoke, fraud, hotels: some chats are never the AI's"),
            (
                "read",
                "the report of a finished trial (planted chats, known effects), on the page "
                "Evidence a minute after the first start",
            ),
        ),
        report=True,
        end=(
            "Stop with Ctrl-C; the next start goes on from here. Without --demo, `stepin serve` "
            "is an empty desk."
        ),
    )
