"""`stepin serve`: one process of a desk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepin.cli.common import AtDesk

if TYPE_CHECKING:
    from stepin.app import Application
    from stepin.demo.cast import Cast
    from stepin.log.protocol import Log
    from stepin.settings import Loaded, Settings
    from stepin.web.welcome import Guide

DEMO_LOG = "sqlite:///stepin-demo.sqlite"
DEMO_CUSTOMER = "c1001"
SHOP = Path("examples/shop")
PACKED_SHOP = Path(__file__).parents[1] / "sample_shop"
"""The sample shop as the wheel brings it."""
NO_SHOP = """\
NO AI HERE: the sample shop isn't at hand, so this demo has no AI, no customers and no trial.
Start it in the repository's folder, or name a shop's folder:

  STEPIN_SHOP=/path/to/stepin/examples/shop stepin serve --demo
"""


def serve(
    *,
    demo: bool = False,
    still: bool = False,
    customers: Path | None = None,
    every_s: float = 10.0,
    most_open: int = 12,
    host: str | None = None,
    port: int | None = None,
    policy: str | None = None,
    common: AtDesk = AtDesk(),
) -> int:
    """Serve a desk until it is told to stop. Several processes may serve one log.

    Example: stepin serve --demo

    Parameters
    ----------
    demo
        A desk to try out, with its own log and a worker whose password is printed; where the
        sample shop is at hand, with simulated customers and workers, a running blind trial, and
        the report of a finished one. A second start resumes the first.
    still
        No simulated people.
    customers
        A JSONL file of dialogues whose customer side the demo's customers replay.
    every_s
        The mean time between two new chats of the demo.
    most_open
        Chats of the demo that are open at once.
    host
        The address to listen on.
    port
        The port; 0 takes a free one.
    policy
        The policy file.
    """
    import asyncio
    import os

    from stepin.errors import Invalid
    from stepin.settings import load
    from stepin.web.logs import tell

    flags = {"host": host, "port": port, "log": common.log, "policy": policy}
    if demo:
        flags["log"] = common.log or os.environ.get("STEPIN_LOG", DEMO_LOG)
    loaded = load(flags, env=os.environ, file=common.config)
    settings = with_shop(loaded) if demo else loaded.settings
    lively = demo and bool(settings.shop) and not still
    if customers is not None and not lively:
        raise Invalid(
            "--customers needs the living demo: --demo, where the sample shop is, without --still.",
            hint="To a desk that is served already, `stepin demo customers` brings them.",
            code="no_demo",
        )
    quiet = lively and loaded.origins["log_level"] == "default"
    tell("warning" if quiet else settings.log_level)
    pace = {"customers": customers, "every_s": every_s, "most_open": most_open} if lively else None
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_serve(settings, demo=demo, lively=pace))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(settings, demo=demo, lively=pace))


def sample_shop() -> Path | None:
    """Return the sample shop's folder: the one in the repository here, else the wheel's."""
    return next((folder for folder in (SHOP, PACKED_SHOP) if folder.is_dir()), None)


def with_shop(loaded: Loaded) -> Settings:
    """Return a demo's settings: the sample shop if none is named, and a customer to sign for."""
    import msgspec

    settings, shop = loaded.settings, sample_shop()
    if loaded.origins["shop"] == "default" and shop is not None:
        settings = msgspec.structs.replace(settings, shop=str(shop))
        if loaded.origins["replies"] == "default":
            settings = msgspec.structs.replace(settings, replies=str(shop / "replies.toml"))
    if settings.shop and loaded.origins["demo_customer"] == "default":
        settings = msgspec.structs.replace(settings, demo_customer=DEMO_CUSTOMER)
    return settings


async def _serve(settings: Settings, *, demo: bool, lively: dict[str, Any] | None) -> int:
    from stepin.app import WebParts, build, opened_log
    from stepin.cli.brains import of_trials
    from stepin.cli.output import progress
    from stepin.cli.shop import parts_of
    from stepin.demo.cast import Cast
    from stepin.web.server import listening, server_of
    from stepin.web.static_files import Files

    place = listening(settings)
    async with opened_log(settings) as log:
        cast, guide = Cast({}), None
        with progress(None, quiet=not demo) as tick:
            if lively is not None:
                from stepin.cli.demo.live import cast_of, guide_of, prepared

                tick("The workers and their trial")
                settings, secret = await prepared(settings, log)
                cast = await cast_of(settings, log, secret, **lively)
                guide = guide_of(secret, lively["every_s"])
            tick("What the shop's customers ask for")
            parts = parts_of(settings, await of_trials(log))
            web = WebParts(files=Files(), guide=_shown(settings, guide))
            tick("The desk")
            app = await build(settings, log, parts, web)
            app.watchdog.may_end(settings.hang_s)
            if demo and lively is None:
                guide = _welcome(await _invite(app, log))
        server = server_of(
            app.front,
            settings,
            stopping=lambda: _stop(cast, app),
            ready=lambda url: _begin(cast, url, guide, with_ai=not app.desk.policies.brainless),
        )
        try:
            await server.serve(sockets=[place])
        finally:
            await cast.gone()
        return 0 if server.started else 1


def _shown(settings: Settings, guide: Guide | None) -> Guide | None:
    """Return the first screen for the first page; never where others than this machine read it."""
    return guide if settings.host in ("127.0.0.1", "localhost", "::1") else None


def _begin(cast: Cast, url: str, guide: Guide | None, *, with_ai: bool) -> None:
    from stepin.desk.state.policies import NO_AI

    if not with_ai and guide is not None:
        print(NO_SHOP, flush=True)
    print(f"The desk is at {url}" if guide is None else guide.text(url), flush=True)
    if not with_ai:
        print(NO_AI, flush=True)
    cast.start(url)


def _stop(cast: Cast, app: Application) -> None:
    cast.end()
    app.site.sockets.end_all()


async def _invite(app: Application, log: Log) -> str:
    """Make the only worker of a still demo, always on duty; return the password."""
    from stepin.cli.demo.setup import YOU, hire, password_of
    from stepin.web.auth.secret import WITH_DEMO, open_secrets

    kept = await open_secrets(app.site.settings, log, names=WITH_DEMO)
    secret = kept.ring("demo").current
    await hire(log, secret, staff=())
    await app.site.accounts.load()
    app.on_duty.append(YOU)
    return password_of(secret, YOU)


def _welcome(password: str) -> Guide:
    from stepin.cli.demo.setup import YOU
    from stepin.cli.program import program
    from stepin.web.welcome import Guide

    return Guide(
        about="A desk with nobody at it but you.",
        worker=YOU,
        password=password,
        ways=(
            ("Write as a customer", f"{program()} chat --url URL"),
            ("Work", f"{program()} worker watch --url URL --worker {YOU}"),
        ),
    )
