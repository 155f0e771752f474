"""The server: uvicorn, which lets go of the live feeds before it stops."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
from collections.abc import Callable

import uvicorn

from stepin.errors import Unavailable
from stepin.settings import Settings
from stepin.web.app import App
from stepin.web.live.open_files import most_connections, raise_limit
from stepin.web.routing.protocol import guarded

STOPPING_S = 5
COLLECT_AFTER = (20_000, 20, 50)
"""How rarely the garbage collector looks, by generation; the default is (700, 10, 10)."""


def settle() -> None:
    """Let the garbage collector leave alone what was made until now, and look rarely at the rest.

    A desk's values are plain and part of no cycle; of its CPU time for a message, a twentieth went
    into looking for some.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


class Server(uvicorn.Server):
    """Serves an application until it is told to stop.

    Parameters
    ----------
    stopping : called first when the server stops: feeds never end by themselves.
    ready : called with the address when requests are answered.
    """

    def __init__(
        self, config: uvicorn.Config, *, stopping: Callable[[], None], ready: Callable[[str], None]
    ) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say where."""
        await super().startup(sockets=sockets)
        if self.started and self.servers:
            settle()
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._ready(f"http://{'localhost' if host == '127.0.0.1' else host}:{port}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the feeds, then everything else; libraries find what they have to free at the end."""
        self._stopping()
        await asyncio.sleep(0)
        await super().shutdown(sockets=sockets)
        gc.unfreeze()


def listening(settings: Settings) -> socket.socket:
    """Return a socket that listens where the settings say.

    Raises
    ------
    Unavailable
        Somebody else listens there, or this machine has no such address.
    """
    try:
        found = socket.create_server(
            (settings.host, settings.port),
            family=socket.AF_INET6 if ":" in settings.host else socket.AF_INET,
            backlog=4_096,
        )
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise Unavailable(
            f"Can't listen on {settings.host}, port {settings.port}: {why}.",
            hint="Stop what listens there, or take another port: --port 0 finds a free one.",
            code="cannot_listen",
        ) from error
    found.setblocking(False)
    return found


def server_of(
    app: App,
    settings: Settings,
    *,
    stopping: Callable[[], None],
    ready: Callable[[str], None],
) -> Server:
    """Return a server; it is given what `listening` returns."""
    return Server(config_of(app, settings), stopping=stopping, ready=ready)


def config_of(app: App, settings: Settings) -> uvicorn.Config:
    """Return how uvicorn serves a desk, with as many open files as this process may have."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        http=guarded(most=most_connections(raise_limit()), body_bytes=settings.body_bytes),
        ws="none",
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        timeout_graceful_shutdown=STOPPING_S,
    )
