"""`stepin serve`: one process of a desk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

if TYPE_CHECKING:
    from stepin.app import Application
    from stepin.demo.cast import Cast
    from stepin.log.protocol import Log
    from stepin.settings import Settings

DEMO_LOG = "sqlite:///stepin-demo.sqlite"
DEMO_CUSTOMER = "c1001"
SHOP = Path("examples/shop")


def serve(
    *,
    demo: bool = False,
    still: bool = False,
    customers: Path | None = None,
    every_s: float = 15.0,
    most_open: int = 10,
    host: str | None = None,
    port: int | None = None,
    log: Annotated[str | None, Parameter(name="--log")] = None,
    policy: str | None = None,
    config: Path | None = None,
) -> int:
    """Serve a desk until it is told to stop. Several processes may serve one log.

    Example: stepin serve --demo

    Parameters
    ----------
    demo : a desk to try out, with its own log and a worker whose password is printed; where the
        sample shop is at hand, with simulated customers and workers, a running blind trial, and
        the report of a finished one. A second start goes on where the first was.
    still : nobody in the demo but you.
    customers : a JSONL file of dialogues whose customer side the demo's customers replay.
    every_s : the mean time between two new chats of the demo.
    most_open : chats of the demo that are open at once.
    host : the address to listen on.
    port : the port; 0 takes a free one.
    log : the log's URL.
    policy : the policy file.
    config : the settings file.
    """
    import asyncio
    import os

    from stepin.settings import load
    from stepin.web.logs import tell

    flags = {"host": host, "port": port, "log": log, "policy": policy}
    if demo:
        flags |= _demo_flags(log, os.environ)
    loaded = load(flags, env=os.environ, file=config)
    settings = loaded.settings
    lively = demo and bool(settings.shop) and not still
    quiet = lively and loaded.origins["log_level"] == "default"
    tell("warning" if quiet else settings.log_level)
    pace = {"customers": customers, "every_s": every_s, "most_open": most_open} if lively else None
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_serve(settings, demo=demo, lively=pace))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(settings, demo=demo, lively=pace))


def _demo_flags(log: str | None, env: Any) -> dict[str, Any]:
    flags: dict[str, Any] = {}
    if log is None:
        flags["log"] = env.get("STEPIN_LOG", DEMO_LOG)
    if SHOP.is_dir():
        flags["shop"] = env.get("STEPIN_SHOP", str(SHOP))
        flags["demo_customer"] = env.get("STEPIN_DEMO_CUSTOMER", DEMO_CUSTOMER)
    return flags


async def _serve(settings: Settings, *, demo: bool, lively: dict[str, Any] | None) -> int:
    from dataclasses import replace

    from stepin.app import build, opened_log
    from stepin.cli.shop import parts_of
    from stepin.cli.show import progress
    from stepin.demo.cast import Cast
    from stepin.web.server import server_of

    async with opened_log(settings) as log:
        cast, said = Cast({}), ""
        with progress(None, quiet=not demo) as tick:
            if lively is not None:
                from stepin.cli.lively import cast_of, prepared, welcome

                tick("The workers and their trial")
                settings, secret = await prepared(settings, log)
                cast = await cast_of(settings, log, secret, **lively)
                said = welcome(settings, secret, lively["every_s"])
            tick("What the shop's customers ask for")
            parts = replace(parts_of(settings), guide=_guide(settings, said))
            tick("The desk")
            app = await build(settings, log, parts)
            if demo and lively is None:
                said = _welcome(await _invite(app, log))
        server = server_of(
            app.front,
            settings,
            stopping=lambda: _stop(cast, app),
            ready=lambda url: _begin(cast, url, said),
        )
        try:
            await server.serve()
        finally:
            await cast.gone()
        return 0 if server.started else 1


def _guide(settings: Settings, said: str) -> str:
    """Return the first screen for the first page; never where others than this machine read it."""
    if settings.host not in ("127.0.0.1", "localhost", "::1"):
        return ""
    return said.partition("\n\n")[2].replace(" --url URL", "").replace("URL", "")


def _begin(cast: Cast, url: str, said: str) -> None:
    print(said.replace("URL", url) if said else f"The desk is at {url}", flush=True)
    cast.start(url)


def _stop(cast: Cast, app: Application) -> None:
    cast.end()
    app.site.sockets.end_all()


async def _invite(app: Application, log: Log) -> str:
    """Make the only worker of a still demo, always on duty; return the password."""
    from stepin.cli.stage import YOU, hire, password_of
    from stepin.web.secret import kept_secret

    secret = await kept_secret(log, "demo")
    await hire(log, secret, staff=())
    await app.site.accounts.load()
    app.on_duty.append(YOU)
    return password_of(secret, YOU)


def _welcome(password: str) -> str:
    return f"""The desk is at URL

  Be the worker:    URL/console/   as demo, the password is {password}
  Be a customer:    URL/shop
  In terminals:     stepin chat --url URL
                    stepin worker watch --url URL --worker demo

Stop with Ctrl-C."""
