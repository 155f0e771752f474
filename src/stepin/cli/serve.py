"""`stepin serve`: one process of a desk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from stepin.app import Application
    from stepin.settings import Settings

DEMO_LOG = "sqlite:///stepin-demo.sqlite"
DEMO_CUSTOMER = "c1001"
SHOP = Path("examples/shop")


def serve(
    *,
    demo: bool = False,
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
    demo : a desk to try out: its own log, a worker on duty whose password is printed, and the
        sample shop where it is at hand.
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
    if demo and log is None:
        flags["log"] = os.environ.get("STEPIN_LOG", DEMO_LOG)
    if demo and SHOP.is_dir():
        flags["shop"] = os.environ.get("STEPIN_SHOP", str(SHOP))
        flags["demo_customer"] = os.environ.get("STEPIN_DEMO_CUSTOMER", DEMO_CUSTOMER)
    settings = load(flags, env=os.environ, file=config).settings
    tell(settings.log_level)
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_serve(settings, demo=demo))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(settings, demo=demo))


async def _serve(settings: Settings, *, demo: bool) -> int:
    from stepin.app import build, opened_log
    from stepin.cli.shop import parts_of
    from stepin.web.server import server_of

    async with opened_log(settings) as log:
        app = await build(settings, log, parts_of(settings))
        said = await _invite(app) if demo else ""
        server = server_of(
            app.front,
            settings,
            stopping=app.site.sockets.end_all,
            ready=lambda url: print(_welcome(url, said), flush=True),
        )
        await server.serve()
        return 0 if server.started else 1


async def _invite(app: Application) -> str:
    """Make the demo's worker, with a new password at every start."""
    import secrets

    import msgspec

    from stepin.errors import Missing
    from stepin.web.account import Account

    password = secrets.token_urlsafe(9)
    accounts = app.site.accounts
    try:
        known = await accounts.get("demo")
        hashed = await accounts.hash(password)
        await accounts.put(msgspec.structs.replace(known, password=hashed, disabled=False))
    except Missing:
        await accounts.add(
            Account(worker_id="demo", name="Demo", role="admin", capacity=20), password
        )
    app.on_duty.append("demo")
    return password


def _welcome(url: str, password: str) -> str:
    if not password:
        return f"The desk is at {url}"
    return f"""The desk is at {url}

  Be the worker:    {url}/console/   as demo, the password is {password}
  Be a customer:    {url}/shop
  In terminals:     stepin chat --url {url}
                    stepin worker watch --url {url} --worker demo

Stop with Ctrl-C."""
