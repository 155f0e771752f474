"""Hears every byte that an endpoint sends, so that silence is when nothing comes at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpx

_Heard = Callable[[], None]
_listener: ContextVar[_Heard | None] = ContextVar("stepin_llm_heard", default=None)


@contextmanager
def listening(heard: _Heard) -> Iterator[None]:
    """Have `heard` called at every piece that the requests made in here receive."""
    token = _listener.set(heard)
    try:
        yield
    finally:
        _listener.reset(token)


class HearingTransport(httpx.AsyncBaseTransport):
    """A transport that tells of every piece of a response, keep-alive comments included."""

    def __init__(self, inner: httpx.AsyncBaseTransport | None = None) -> None:
        self._inner = inner or httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on."""
        heard = _listener.get()
        response = await self._inner.handle_async_request(request)
        if heard is not None and isinstance(response.stream, httpx.AsyncByteStream):
            heard()
            response.stream = _Told(response.stream, heard)
        return response

    async def aclose(self) -> None:
        """Close what is connected."""
        await self._inner.aclose()


class _Told(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, heard: _Heard) -> None:
        self._inner, self._heard = inner, heard

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._inner:
            self._heard()
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()
