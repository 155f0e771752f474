"""Alerts that nobody has answered reach people elsewhere: posted to Slack-compatible webhooks.

From the ladder's second step on, each alert is posted once per URL, as JSON ``{"text": …}``; a flag
about somebody's safety at once, also where nobody is there to be alerted, and again, with a number,
whenever its ladder begins anew. No word of the customer
leaves: the text names the chat, the cause or its kind, and the step. What has to be posted
is a record of the log's database before anything is sent; the process that made it posts it, with
longer and longer waits, and another takes over when it dies. So a post comes at least once, mostly
exactly once. The ladder never waits for any of this.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from urllib.parse import urlsplit

import httpx
import msgspec
import structlog

from stepin.core.chat import chat_id_of
from stepin.core.escalation import SAFETY
from stepin.core.events import Event
from stepin.core.events.base import LadderStep
from stepin.core.events.supervision import AlertShown, EscalationExpired, FlagRaised
from stepin.core.record import Recorded
from stepin.desk.state.projection import LogStep
from stepin.errors import Invalid, StepinError
from stepin.log.protocol import Log

_log = structlog.get_logger("stepin.webhook")
TABLE = "webhook"
BACKOFF_S = (1.0, 5.0, 30.0, 120.0, 600.0)
TRIES = 12
_POST_S = 10.0
_LOOK_S = 60.0
_ABANDONED_US = 900_000_000
_KEPT_US = 86_400_000_000
_TO: dict[LadderStep, str] = {
    "owner": "its owner",
    "pool": "everybody who is available",
    "lead": "the leads",
}


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A post that is due, or done. `due_us` and `touched_us` are real time."""

    url: str
    text: str
    owner: str
    due_us: int
    touched_us: int
    tries: int = 0
    done: bool = False


def check_urls(urls: Sequence[str]) -> None:
    """Refuse what isn't the address of a webhook.

    Raises
    ------
    Invalid
        ``webhook_url``: it isn't an http or https URL with a host. The message doesn't repeat it.
    """
    for place, url in enumerate(urls, 1):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Invalid(
                f"alert_webhooks: number {place} isn't an http or https URL.",
                hint="Paste the whole address that the chat tool gave you.",
                code="webhook_url",
            )


class Webhooks:
    """Posts alerts of one desk. Without URLs it does nothing.

    Parameters
    ----------
    log : keeps what has to be posted.
    urls : where to.
    real_us : real time, UTC µs.
    backoff_s : how long to wait after each failure; the last value holds for all later ones.
    """

    def __init__(
        self,
        log: Log,
        urls: Sequence[str],
        *,
        real_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        backoff_s: Sequence[float] = BACKOFF_S,
    ) -> None:
        check_urls(urls)
        self._log, self._urls = log, tuple(urls)
        self._real_us, self._backoff_s = real_us, tuple(backoff_s)
        self._owner = secrets.token_hex(6)
        self._fresh: list[Recorded] = []
        self._pending: dict[str, Post] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to post; what a process that died left behind, too."""
        if self._urls:
            self._task = asyncio.create_task(self._run(), name="stepin-webhooks")

    async def stop(self) -> None:
        """Leave off; what is due stays due for whoever comes next."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def see(self, steps: Sequence[LogStep]) -> None:
        """Note the alerts of a batch of events; returns at once."""
        if not self._urls:
            return
        self._fresh += [s.recorded for s in steps if _is_posted(s.recorded.event)]
        self._wake.set()

    async def _run(self) -> None:
        async with httpx.AsyncClient(timeout=_POST_S, trust_env=False) as client:
            while True:
                try:
                    await self._note()
                    await self._adopt()
                    await self._post_due(client)
                except StepinError as error:
                    _log.warning("webhooks_wait", code=error.code)
                await self._rest()

    async def _rest(self) -> None:
        due_us = min((p.due_us for p in self._pending.values()), default=None)
        wait_s = _LOOK_S if due_us is None else (due_us - self._real_us()) / 1e6
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.01, min(_LOOK_S, wait_s))):
                await self._wake.wait()
        self._wake.clear()

    async def _note(self) -> None:
        """Make a record of every fresh alert; the process whose record it is posts it."""
        while self._fresh:
            recorded = self._fresh[0]
            now_us = self._real_us()
            for url in self._urls:
                key = f"{recorded.stream}/{recorded.seq}/{sha256(url.encode()).hexdigest()[:12]}"
                post = Post(
                    url=url,
                    text=text_of(recorded),
                    owner=self._owner,
                    due_us=now_us,
                    touched_us=now_us,
                )
                if await self._log.record_add(TABLE, key, msgspec.json.encode(post)):
                    self._pending[key] = post
            self._fresh.pop(0)

    async def _adopt(self) -> None:
        """Take over what its process hasn't touched for long, as far as it is for our URLs."""
        now_us = self._real_us()
        for key, body in await self._log.record_list(TABLE):
            post = msgspec.json.decode(body, type=Post)
            left = now_us - max(post.touched_us, post.due_us) > _ABANDONED_US
            if left and not post.done and post.url in self._urls and key not in self._pending:
                await self._keep(key, msgspec.structs.replace(post, owner=self._owner))

    async def _post_due(self, client: httpx.AsyncClient) -> None:
        for key, post in list(self._pending.items()):
            if post.due_us > self._real_us():
                continue
            tries = post.tries + 1
            if why := await _sent(client, post):
                wait_s = self._backoff_s[min(post.tries, len(self._backoff_s) - 1)]
                gone = tries >= TRIES
                _log.warning("webhook_failed", why=why, tries=tries, given_up=gone)
                due_us = self._real_us() + int(wait_s * 1e6)
                post = msgspec.structs.replace(post, tries=tries, due_us=due_us, done=gone)
            else:
                post = msgspec.structs.replace(post, tries=tries, done=True)
            await self._keep(key, post)

    async def _keep(self, key: str, post: Post) -> None:
        now_us = self._real_us()
        post = msgspec.structs.replace(post, touched_us=now_us)
        until_us = now_us + _KEPT_US if post.done else None
        if post.done:
            self._pending.pop(key, None)
        else:
            self._pending[key] = post
        await self._log.record_put(TABLE, key, msgspec.json.encode(post), expires_us=until_us)


def _is_posted(event: Event) -> bool:
    if isinstance(event, FlagRaised):
        return event.kind.startswith(SAFETY) and not event.shadow
    if isinstance(event, EscalationExpired):
        return event.again > 0
    return isinstance(event, AlertShown) and event.step != "owner"


def text_of(recorded: Recorded) -> str:
    """Return what is said of an alert: nothing that a customer or a worker wrote."""
    event, chat_id = recorded.event, chat_id_of(recorded.stream)
    if isinstance(event, FlagRaised):
        told = _kind(event.kind)
        return f"A matter of safety ({told}) in chat {chat_id}: a person is needed there now."
    if isinstance(event, EscalationExpired):
        return (
            f"Reminder {event.again}: nobody has answered yet. A matter of safety "
            f"({_kind(event.kind)}) in chat {chat_id}: a person is needed there now."
        )
    assert isinstance(event, AlertShown)
    what = _kind(event.kind) or event.cause
    to = _TO[event.step]
    return f"Nobody has come yet: the {what} alert of chat {chat_id} has gone to {to}."


def _kind(kind: str) -> str:
    return kind.removeprefix(SAFETY).replace("_", " ")


async def _sent(client: httpx.AsyncClient, post: Post) -> str:
    """Return why a post wasn't taken; empty if it was."""
    try:
        answer = await client.post(post.url, json={"text": post.text})
    except (httpx.HTTPError, OSError) as error:
        return type(error).__name__
    return "" if answer.is_success else f"status {answer.status_code}"
