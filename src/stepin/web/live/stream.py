"""Server-sent event sockets: pushed to without waiting, bounded, rechecked, cut when too slow."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

import structlog

from stepin.desk.feeds.frame import HEARTBEAT, RETRY
from stepin.errors import StepinError, TooMany, Unavailable
from stepin.web.auth.session import Sessions
from stepin.web.metrics import Stats
from stepin.web.routing.asgi import Headers, Receive, Send

_log = structlog.get_logger("stepin.web")
Cut = Literal["", "slow", "failed", "signed_out", "expired", "stopping"]
_HEADERS: Headers = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
)
FAREWELL_S = 2.0
FEEDS_OF_ONE = 8
"""Feeds of one chat's customer, or of one worker: tabs, and some that aren't known dead yet."""
FEEDS_OF_A_PROGRAM = 64
COME_BACK_S = 15


class EventSocket:
    """One listener's connection.

    Frames go straight to the server's buffer. An ASGI `send` that would have to wait has written
    nothing yet: the frame is then queued, and a task drains the queue. A queue longer than
    `limit` bytes cuts the connection; the client resumes from its cursor.

    Parameters
    ----------
    send : ASGI's.
    limit : bytes that may wait.
    holder : who listens: `chat:ID` for a chat's customer, `worker:ID`, `key:ID` for a program.
    address : where from.
    """

    __slots__ = (
        "_drainer",
        "_headers",
        "_leave",
        "_limit",
        "_pending",
        "_send",
        "_sockets",
        "_task",
        "_waiting",
        "address",
        "cut",
        "expires_s",
        "holder",
        "session_id",
        "worker_id",
    )

    def __init__(
        self,
        send: Send,
        *,
        limit: int,
        holder: str,
        address: str,
        expires_s: float = 0.0,
        headers: Headers = (),
    ) -> None:
        self._send = send
        self._headers = headers
        self._limit = limit
        self._pending: deque[bytes] | None = None
        self._waiting = 0
        self._drainer: asyncio.Task[None] | None = None
        self._task = asyncio.current_task()
        self.holder, self.address = holder, address
        self.session_id = ""
        self.worker_id = ""
        self.expires_s = expires_s
        self.cut: Cut = ""
        self._leave: Callable[[], None]
        self._sockets: Sockets

    def push(self, frame: bytes) -> None:
        """Take a frame; never waits, never raises."""
        if self.cut:
            return
        if self._pending is None:
            sending = self._send({"type": "http.response.body", "body": frame, "more_body": True})
            try:
                sending.send(None)  # type: ignore[attr-defined]
            except StopIteration:
                return
            except (OSError, RuntimeError):
                self.end("slow")
                return
            sending.close()  # type: ignore[attr-defined]
            self._pending = deque()
            self._drainer = asyncio.create_task(self._drain(self._pending))
        self._pending.append(frame)
        self._waiting += len(frame)
        if self._waiting > self._limit:
            self.end("slow")

    async def _drain(self, pending: deque[bytes]) -> None:
        while pending and not self.cut:
            frame = pending.popleft()
            await self._send({"type": "http.response.body", "body": frame, "more_body": True})
            self._waiting -= len(frame)
        self._pending = None
        self._drainer = None

    def end(self, why: Cut) -> None:
        """Cut the connection, once."""
        if self.cut or self._task is None:
            return
        self.cut = why
        if self._drainer is not None:
            self._drainer.cancel()
        self._task.cancel()

    async def open(
        self, sockets: Sockets, attach: Callable[[], Awaitable[None]], leave: Callable[[], None]
    ) -> EventSocket:
        """Send the beginning and attach to a feed; `leave` is called at the end, whatever it is.

        Raises
        ------
        TooMany, Unavailable
            This listener, this address or the process has too many feeds; nothing was sent yet.
        """
        self._leave = leave
        self._sockets = sockets
        sockets.add(self)
        try:
            headers = [*_HEADERS, *self._headers]
            await self._send({"type": "http.response.start", "status": 200, "headers": headers})
            self.push(RETRY)
            await attach()
        except StepinError as error:
            _log.warning("feed_failed", code=error.code)
            self.cut = self.cut or "failed"
        except BaseException:
            self._over()
            raise
        return self

    async def stay(self, receive: Receive) -> None:
        """Stay until either side ends the feed."""
        try:
            while not self.cut and (await receive())["type"] != "http.disconnect":
                pass
        except asyncio.CancelledError:
            if not self.cut or self._task is None:
                raise
            self._task.uncancel()
        finally:
            self._over()
        if self.cut:
            await self._farewell()

    def _over(self) -> None:
        self._leave()
        self._sockets.remove(self)
        if self._drainer is not None:
            self._drainer.cancel()

    async def _farewell(self) -> None:
        try:
            async with asyncio.timeout(FAREWELL_S):
                await self._send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            return


def _counted(socket: EventSocket) -> tuple[str, ...]:
    if socket.holder.startswith("chat:"):
        return socket.holder, f"from:{socket.address}"
    return (socket.holder,)


class Sockets:
    """Every open feed of this process.

    Parameters
    ----------
    sessions : says whether a worker is still signed in.
    clock_s : Unix time.
    heartbeat_s : how often a sign of life is sent and everybody's right to listen rechecked.
    seen : is told which workers have a console open, once a heartbeat.
    on_duty : workers who count as there without one.
    most : feeds of everybody together; the last fifth is for workers and programs alone.
    most_from : feeds of customers from one address.
    """

    def __init__(
        self,
        sessions: Sessions,
        stats: Stats,
        *,
        clock_s: Callable[[], float],
        heartbeat_s: float,
        seen: Callable[[str], Awaitable[None]],
        on_duty: Sequence[str] = (),
        most: int = 1 << 30,
        most_from: int = 1 << 30,
    ) -> None:
        self._sessions = sessions
        self._stats = stats
        self._clock_s = clock_s
        self._heartbeat_s = heartbeat_s
        self._seen = seen
        self._on_duty = on_duty
        self._most, self._most_from = most, most_from
        self._of: Counter[str] = Counter()
        self._open: set[EventSocket] = set()
        self._task: asyncio.Task[None] | None = None
        self.stopping = False

    def __len__(self) -> int:
        return len(self._open)

    def start(self) -> None:
        """Begin the heartbeat."""
        self._task = asyncio.create_task(self._beat_on(), name="stepin-heartbeat")

    async def stop(self) -> None:
        """End every feed and the heartbeat."""
        self.end_all()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def end_all(self) -> None:
        """End every feed; clients come back to another process, or later."""
        self.stopping = True
        for socket in tuple(self._open):
            socket.end("stopping")

    def add(self, socket: EventSocket) -> None:
        """Count a socket as open, unless there are too many of its kind.

        Raises
        ------
        TooMany
            ``feeds_of_one``, ``feeds_from_here``: the client closes some, or comes back later.
        Unavailable
            ``feeds_full``: this process can't serve more.
        """
        self._look(socket)
        self._open.add(socket)
        self._of.update(_counted(socket))
        self._stats.feeds = len(self._open)

    def _look(self, socket: EventSocket) -> None:
        customer = socket.holder.startswith("chat:")
        most_of = FEEDS_OF_A_PROGRAM if socket.holder.startswith("key:") else FEEDS_OF_ONE
        most = self._most * 4 // 5 if customer else self._most
        if self._of[socket.holder] >= most_of:
            self._stats.refuse_feed("holder")
            raise TooMany(
                f"{most_of} feeds of this {'chat' if customer else 'account'} are open already.",
                hint="Close the other windows, or wait until their feeds have ended.",
                code="feeds_of_one",
                retry_s=COME_BACK_S,
            )
        if customer and self._of[f"from:{socket.address}"] >= self._most_from:
            self._stats.refuse_feed("address")
            raise TooMany(
                "Too many live feeds come from this address.",
                hint="Wait until some have ended; reading the chat without a feed still works. "
                "Whoever runs the desk: see the settings feeds_per_address and proxies.",
                code="feeds_from_here",
                retry_s=COME_BACK_S,
            )
        if len(self._open) >= most:
            self._stats.refuse_feed("full")
            raise Unavailable(
                "This desk serves as many live feeds as it can.",
                hint="Come back in a moment; reading and writing without a feed still work. "
                "Whoever runs the desk: raise the limit of open files, or add a process.",
                code="feeds_full",
                retry_s=COME_BACK_S,
            )

    def remove(self, socket: EventSocket) -> None:
        """Forget a socket."""
        if socket in self._open:
            self._open.discard(socket)
            for name in _counted(socket):
                self._of[name] -= 1
                if self._of[name] <= 0:
                    del self._of[name]
        self._stats.feeds = len(self._open)
        if socket.cut:
            self._stats.cut(socket.cut)

    async def _beat_on(self) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_s)
            try:
                await self.beat()
            except StepinError as error:
                _log.warning("heartbeat_failed", code=error.code)
            except Exception:  # noqa: BLE001 - without heartbeats nobody's right is rechecked
                _log.exception("heartbeat_failed")

    async def beat(self) -> None:
        """Recheck who may still listen, and send a sign of life to those."""
        sockets = tuple(self._open)
        now = self._clock_s()
        alive: dict[str, bool] = {}
        workers = set(self._on_duty)
        for done, socket in enumerate(sockets):
            if socket.expires_s and socket.expires_s <= now:
                socket.end("expired")
                continue
            session_id = socket.session_id
            if session_id:
                if session_id not in alive:
                    alive[session_id] = await self._sessions.alive(session_id) is not None
                if not alive[session_id]:
                    socket.end("signed_out")
                    continue
            socket.push(HEARTBEAT)
            if socket.worker_id:
                workers.add(socket.worker_id)
            if done % 256 == 255:
                await asyncio.sleep(0)
        for worker_id in workers:
            await self._seen(worker_id)
