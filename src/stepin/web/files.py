"""The built console and widget: files with safe headers, and one page for every console address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from stepin.web.wire import SECURITY

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

STATIC = Path(__file__).parent / "static"
_CONSOLE = "/console/"
_WIDGET = "/widget/"
_NO_BUILD = (
    "The console was not built. Run `python hatch_build.py build` in the project's folder, "
    "or install a released package."
)


class Files:
    """Serves `/console/…` and `/widget/…`.

    Built assets have their content's hash in their names and are kept for a year; pages and the
    widget are asked for again. An address inside the console that is no file is the console's.
    """

    def __init__(self, folder: Path = STATIC) -> None:
        self._folder = folder
        self._static = StaticFiles(directory=folder, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._find(scope)
        for name, value in SECURITY:
            response.headers[name.decode()] = value.decode()
        await response(scope, receive, send)

    async def _find(self, scope: Scope) -> Response:
        path: str = scope["path"]
        if path == "/console":
            return RedirectResponse(_CONSOLE)
        if scope["method"] not in ("GET", "HEAD") or not path.startswith((_CONSOLE, _WIDGET)):
            return PlainTextResponse("Not found", 404)
        try:
            response = await self._static.get_response(path.lstrip("/"), scope)
            kept = path.startswith(f"{_CONSOLE}assets/")
        except HTTPException:
            if not path.startswith(_CONSOLE) or path.startswith(f"{_CONSOLE}assets/"):
                return PlainTextResponse("Not found", 404)
            return await self._console(scope)
        if response.status_code == 404 and path.startswith(_CONSOLE):
            return await self._console(scope)
        life = "public, max-age=31536000, immutable" if kept else "no-cache"
        response.headers["cache-control"] = life
        return response

    async def _console(self, scope: Scope) -> Response:
        if not (self._folder / "console/index.html").exists():
            return PlainTextResponse(_NO_BUILD, 503)
        response = await self._static.get_response("console/index.html", scope)
        response.headers["cache-control"] = "no-cache"
        return response
