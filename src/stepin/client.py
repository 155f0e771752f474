"""A running desk as its clients reach it: HTTP up, server-sent events down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec

from stepin.errors import StepinError, Unavailable

_BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)


class ClientFrame(msgspec.Struct, frozen=True, kw_only=True):
    """A frame of a feed. `event` is empty for durable ones, whose `number` is the cursor."""

    event: str
    number: int | None
    data: bytes


class AnswerError(StepinError):
    """The desk said no; code, hint and fields are the desk's."""

    code = "desk_refused"


class DeskClient:
    """A client of one desk.

    Parameters
    ----------
    url : where the desk is served.
    headers : sent with every request, e.g. a chat's token.
    """

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=httpx.Timeout(30.0, read=60.0)
        )

    async def __aenter__(self) -> DeskClient:
        """Return the client."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close the connections."""
        await self._http.aclose()

    def use(self, **headers: str) -> None:
        """Send these headers from now on."""
        self._http.headers.update({k.replace("_", "-"): v for k, v in headers.items()})

    async def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """Return what the desk answers."""
        return await self._ask("GET", path, params=query)

    async def post(self, path: str, body: object) -> dict[str, Any]:
        """Return what the desk answers."""
        content = msgspec.json.encode(body)
        return await self._ask(
            "POST", path, content=content, headers={"content-type": "application/json"}
        )

    async def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        try:
            answer = await self._http.request(method, path, **more)
        except httpx.TransportError as error:
            raise self._away(error) from error
        if answer.is_success:
            found: dict[str, Any] = answer.json()
            return found
        raise _refusal(answer)

    def _away(self, error: Exception) -> Unavailable:
        return Unavailable(
            f"There is no desk at {self.url} ({type(error).__name__}).",
            hint="Start one with `stepin serve`, or name another with --url.",
            code="no_desk",
        )

    async def follow(self, path: str, after: int | None = None) -> AsyncIterator[ClientFrame]:
        """Yield a feed's frames for ever; after a cut, go on from the last number.

        A frame with the event `lost` or `back` says that the connection went or came.

        Raises
        ------
        StepinError
            The desk refuses the feed: the session or the token has ended.
        """
        tries = 0
        while True:
            try:
                headers = {} if after is None else {"last-event-id": str(after)}
                async with self._http.stream("GET", path, headers=headers) as answer:
                    if not answer.is_success:
                        await answer.aread()
                        raise _refusal(answer)
                    if tries:
                        yield ClientFrame(event="back", number=None, data=b"{}")
                    tries = 0
                    async for frame in _frames(answer):
                        if frame.number is not None:
                            after = frame.number
                        if frame.event == "reset":
                            after = None
                        yield frame
                        if frame.event == "reset":
                            break
            except httpx.TransportError:
                if tries == 0:
                    yield ClientFrame(event="lost", number=None, data=b"{}")
            await asyncio.sleep(_BACKOFF_S[min(tries, len(_BACKOFF_S) - 1)])
            tries += 1


async def _frames(answer: httpx.Response) -> AsyncIterator[ClientFrame]:
    event, number, data = "", None, b""
    async for line in answer.aiter_lines():
        if not line:
            if data:
                yield ClientFrame(event=event, number=number, data=data)
            event, number, data = "", None, b""
            continue
        key, _, value = line.partition(": ")
        if key == "id":
            number = int(value)
        elif key == "event":
            event = value
        elif key == "data":
            data = value.encode()


def _refusal(answer: httpx.Response) -> StepinError:
    try:
        told = answer.json()["error"]
        return AnswerError(told["message"], hint=told["hint"], code=told["code"], **told["fields"])
    except (ValueError, KeyError, TypeError):
        return AnswerError(
            f"The desk answered {answer.status_code}.", hint="Is this a Stepin desk?"
        )
