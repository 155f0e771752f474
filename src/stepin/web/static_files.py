"""The built console and widget: files with safe headers, and one page for every console address."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from stepin.web.routing.wire import SECURITY, header

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

STATIC = Path(__file__).parent / "static"
_CONSOLE = "/console/"
_WIDGET = "/widget/"
_TEXT = frozenset({".html", ".js", ".css", ".svg", ".json"})
_NO_BUILD = (
    "The console was not built. Run `python hatch_build.py build` in the project's folder, "
    "or install a released package."
)


class Files:
    """Serves `/console/…` and `/widget/…`.

    Built assets have their content's hash in their names and are kept for a year; pages and the
    widget are asked for again. An address inside the console that is no file is the console's.
    Text is compressed once for each version of a file, and kept.
    """

    def __init__(self, folder: Path = STATIC) -> None:
        self._folder = folder
        self._static = StaticFiles(directory=folder, check_dir=False)
        self._packed: dict[Path, tuple[float, bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._pack(await self._find(scope), scope)
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

    async def _pack(self, response: Response, scope: Scope) -> Response:
        """Return a file's response compressed, where the browser takes that and it is text."""
        if not isinstance(response, FileResponse) or response.status_code != 200:
            return response
        path = Path(response.path)
        if path.suffix not in _TEXT:
            return response
        response.headers["vary"] = "accept-encoding"
        if "gzip" not in (header(scope, b"accept-encoding") or "") or scope["method"] != "GET":
            return response
        changed = path.stat().st_mtime
        known = self._packed.get(path)
        if known is None or known[0] != changed:
            body = await asyncio.to_thread(lambda: gzip.compress(path.read_bytes(), mtime=0))
            known = self._packed[path] = (changed, body)
        packed = Response(known[1], media_type=response.media_type)
        for name in ("cache-control", "last-modified", "vary"):
            packed.headers[name] = response.headers[name]
        packed.headers["etag"] = f"W/{response.headers['etag']}"
        packed.headers["content-encoding"] = "gzip"
        return packed

    async def _console(self, scope: Scope) -> Response:
        if not (self._folder / "console/index.html").exists():
            return PlainTextResponse(_NO_BUILD, 503)
        response = await self._static.get_response("console/index.html", scope)
        response.headers["cache-control"] = "no-cache"
        return response
