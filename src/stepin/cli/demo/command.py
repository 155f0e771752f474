"""`stepin demo`: the simulated customers of a desk, and a finished trial to read about."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from stepin.cli import output as out
from stepin.cli.common import OnLog

if TYPE_CHECKING:
    from stepin.demo.person import People, Person
    from stepin.settings import Settings

app = App("demo", help="Simulated customers, and a finished trial.", help_format="plaintext")
URL = "http://127.0.0.1:8000"
SHOP = Path("examples/shop")


@app.command(name="customers")
def customers_(
    *,
    url: str = URL,
    customers: Path | None = None,
    shop: Path = SHOP,
    shop_data: Path | None = None,
    every_s: float = 20.0,
    most_open: int = 10,
    chats: int | None = None,
    haste: float = 1.0,
    seed: int = 1,
    common: OnLog = OnLog(),
) -> int:
    """Let simulated customers write to a desk, over its HTTP API, until Ctrl-C.

    They read what the desk answers, lose patience, come back and rate. With --customers FILE they
    say what the customers of real dialogues said, one line after each answer, and stop at the
    file's end. What the host site would sign for them is signed with the desk's secret, which is
    read from the settings or the log.

    Example: stepin demo customers --every-s 10 --chats 20

    Parameters
    ----------
    url
        Where the desk is served.
    customers
        A JSONL file of dialogues (turns, messages or messages_display) to replay.
    shop
        The shop whose customers come, if no file is given.
    shop_data
        The shop's data; by default the settings'.
    every_s
        The mean time between two new chats.
    most_open
        Chats that are open at once.
    chats
        How many chats in all; without end if left out.
    haste
        How many times faster than people they read, write and lose patience.
    seed
        Of every draw.
    """
    import asyncio
    import os

    from stepin.demo.crowd import Crowd, CrowdPace
    from stepin.demo.visit import Tempo, Visit
    from stepin.errors import StepinError
    from stepin.settings import load

    settings = load({"log": common.log}, env=os.environ, file=common.config).settings
    people: People
    if customers is not None:
        from stepin.demo.replayed import read_dialogues

        people = replayed = read_dialogues(customers)
        chats = min(chats or len(replayed), len(replayed))
    else:
        people = people_of(shop, shop_data or Path(settings.shop_data), seed)

    def told(one: Visit, error: StepinError | None) -> None:
        if not common.json:
            end = "done" if error is None else f"{error.code}: {error.message}"
            print(f"{one.person.customer_id}  {one.chat_id or '-'}  {end}", flush=True)

    async def run() -> dict[str, int]:
        from random import Random

        crowd = Crowd(
            url,
            people,
            await signer(settings),
            Random(seed),
            CrowdPace(every_s=every_s, most_open=most_open, chats=chats),
            Tempo(haste=haste),
            told=told,
        )
        await crowd.run()
        return dict(crowd.count)

    count = asyncio.run(run())
    if common.json:
        out.as_json({"chats": sum(count.values()), "ended": count})
    else:
        print(f"{sum(count.values())} chats: " + ", ".join(f"{n} {k}" for k, n in count.items()))
    return 0 if set(count) <= {"done"} else 1


@app.command
def past(*, data: Path | None = None, name: str = "past-trial", json: bool = False) -> int:
    """Make the finished trial of the demo, from planted chats, and write its report.

    Nothing is done if the report is there already.

    Example: stepin demo past --data .stepin

    Parameters
    ----------
    data
        The desk's data folder; by default the settings'. The report goes to evidence/NAME.
    name
        The report's name.
    json
        Print JSON.
    """
    import os
    import signal
    import sys

    from stepin.demo.finished_trial import past_report
    from stepin.settings import load

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = data or Path(load(env=os.environ).settings.data)
    with out.progress(None, quiet=json) as tick:
        written = past_report(folder, name, tick=tick)
    if json:
        out.as_json({"report": str(written)})
    else:
        print(f"Open {written}")
    return 0


def people_of(shop: Path, data: Path, seed: int) -> People:
    """Return the simulated customers of a shop's folder.

    Raises
    ------
    Missing
        The folder is no package, or has no `open_people`.
    """
    from datetime import UTC, datetime

    from stepin.agent.shop.handbook import load_package
    from stepin.errors import Missing
    from stepin.private import private_folder

    opener = getattr(load_package(shop), "open_people", None)
    if opener is None:
        raise Missing(
            f"{shop} has no function open_people(data, now, seed).",
            hint="Replay real dialogues instead: --customers FILE.",
            code="no_people",
        )
    private_folder(data)
    people: People = opener(data, lambda: datetime.now(UTC), seed)
    return people


async def signer(settings: Settings) -> Callable[[Person], str]:
    """Return what signs for customers as the desk's host site would."""
    from stepin.app import identity_secret, opened_log

    async with opened_log(settings) as log:
        return signed_by(await identity_secret(settings, log), settings.identity_audience)


def signed_by(
    secret: bytes, audience: str, *, now_s: Callable[[], float] = time.time
) -> Callable[[Person], str]:
    """Return what signs for customers with a secret, each time for ten minutes."""
    from stepin.web.auth.token import IdentityClaims, sign

    def signed(person: Person) -> str:
        who = person.customer_id
        until = now_s() + 600
        claims = IdentityClaims(sub=who, aud=audience, exp=until, name=person.name or who)
        return sign(claims, secret)

    return signed
