"""`stepin chat`: be a customer in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepin.cli.common import AtDesk
from stepin.cli.console.lines import say, typed

if TYPE_CHECKING:
    from stepin.client import DeskClient
    from stepin.desk.feeds.customer import CustomerChat, CustomerMessage

URL = "http://127.0.0.1:8000"
HELP = "/rate 1-5 [comment] · /leave · /quit (the chat stays open) · anything else is said"


def chat(
    *,
    url: str = URL,
    customer: str | None = None,
    anonymous: bool = False,
    language: str = "en",
    token: str | None = None,
    common: AtDesk = AtDesk(),
) -> int:
    """Chat as a customer: every line is a message; answers appear as they arrive.

    Example: stepin chat --customer c1001

    Parameters
    ----------
    url
        Where the desk is served.
    customer
        Who you are, signed with the desk's own secret (so this works only where the desk's log
        and secrets are). If left out: in a demo its customer, signed by the demo; anywhere else
        an anonymous visitor.
    anonymous
        Be an anonymous visitor in a demo, too.
    language
        The language you write in, e.g. en or zh.
    token
        Continue an earlier chat.
    """
    import asyncio

    identity = (
        None if customer is None else asyncio.run(_identity(customer, common.log, common.config))
    )
    return asyncio.run(_chat(url, customer, identity, language, token, ask=not anonymous))


async def _chat(
    url: str,
    customer: str | None,
    identity: str | None,
    language: str,
    token: str | None,
    *,
    ask: bool,
) -> int:
    from stepin.client import DeskClient

    async with DeskClient(url) as desk:
        lines = typed()
        if token is None:
            await desk.get("/healthz")
            who = customer or "a visitor"
            if identity is None and ask and (found := await _demo_customer(desk)):
                identity = found["identity"]
                who = (
                    f"{found['customer_id']}, this demo's customer (it signs for whoever asks; "
                    "--anonymous for a visitor)"
                )
            say(f"You are {who}. Say what it is about. ({HELP})")
            async for line in lines:
                if line.strip() == "/quit":
                    return 0
                if line.strip():
                    body = {"text": line, "language": language, "channel": "terminal"}
                    if identity is not None:
                        body["identity"] = identity
                    token = (await desk.post("/api/customer/chats", body))["token"]
                    break
            if token is None:
                return 0
        return await _talk(desk, token, lines)


async def _demo_customer(desk: DeskClient) -> dict[str, Any] | None:
    from stepin.client import AnswerError

    try:
        return await desk.get("/api/demo/customer")
    except AnswerError:
        return None


async def _talk(desk: DeskClient, token: str, lines: object) -> int:
    import asyncio
    import secrets
    from collections.abc import AsyncIterator

    import msgspec

    from stepin.errors import StepinError
    from stepin.web.auth.token import ChatClaims, peek

    assert isinstance(lines, AsyncIterator)
    chat_id = peek(token, ChatClaims).chat
    desk.use(authorization=f"Bearer {token}")
    path = f"/api/customer/chats/{chat_id}"
    over = asyncio.Event()
    listening = asyncio.create_task(_listen(desk, path, over))

    async def write() -> None:
        async for line in lines:
            text = line.strip()
            command_id = secrets.token_hex(8)
            try:
                if text == "/quit":
                    return
                if text == "/leave":
                    await desk.post(f"{path}/leave", {"command_id": command_id})
                elif text.startswith("/rate"):
                    await desk.post(f"{path}/rating", _rating(text) | {"command_id": command_id})
                    say("Thank you for your rating.")
                    return
                elif text.startswith("/"):
                    say(HELP)
                elif text:
                    await desk.post(f"{path}/messages", {"text": text, "command_id": command_id})
            except (StepinError, msgspec.ValidationError) as error:
                say(f"! {error}")
        if not over.is_set():
            await asyncio.wait([listening], timeout=1.0)

    writing = asyncio.create_task(write())
    await asyncio.wait([writing, listening], return_when=asyncio.FIRST_COMPLETED)
    for task in (writing, listening):
        task.cancel()
    ended = await asyncio.gather(writing, listening, return_exceptions=True)
    for error in ended:
        if isinstance(error, StepinError):
            raise error
    if not over.is_set():
        say(f"The chat is still open: stepin chat --url {desk.url} --token {token}")
    return 0


async def _listen(desk: DeskClient, path: str, over: object) -> None:
    import asyncio

    import msgspec

    from stepin.desk.feeds.customer import CustomerSnapshot, CustomerUpdate

    assert isinstance(over, asyncio.Event)
    now: CustomerChat | None = None
    shown = 0
    async for frame in desk.follow(f"{path}/feed"):
        if frame.event == "snapshot":
            picture = msgspec.json.decode(frame.data, type=CustomerSnapshot)
            now = _state(now, picture.chat)
            shown = _messages(picture.messages, shown)
        elif frame.event == "":
            update = msgspec.json.decode(frame.data, type=CustomerUpdate)
            shown = _messages(update.messages, shown)
            if update.chat is not None:
                now = _state(now, update.chat)
        elif frame.event in ("lost", "back"):
            say("… the connection is lost" if frame.event == "lost" else "… connected again")
        if now is not None and now.state == "ended":
            over.set()
            if not now.rating_invited or now.rating is not None:
                return


def _messages(messages: tuple[CustomerMessage, ...], shown: int) -> int:
    for message in messages:
        if message.seq <= shown and message.text != "[redacted]":
            continue
        who = {"customer": "you", "ai": "AI assistant", "system": "·"}.get(
            message.author, message.name
        )
        say(f"{who}: {message.text}")
        shown = max(shown, message.seq)
    return shown


def _state(before: CustomerChat | None, now: CustomerChat) -> CustomerChat:
    told = None if before is None else (before.state, before.speaker, before.speaker_name)
    if told != (now.state, now.speaker, now.speaker_name):
        if now.state == "waiting":
            say("— waiting for somebody —")
        elif now.state == "active":
            say(f"— {now.speaker_name or 'the AI assistant'} answers —")
        else:
            invited = " How was it? /rate 1-5" if now.rating_invited else ""
            say(f"— the chat is over —{invited}")
    return now


def _rating(text: str) -> dict[str, object]:
    _, _, rest = text.partition(" ")
    number, _, comment = rest.strip().partition(" ")
    body: dict[str, object] = {"rating": int(number) if number.isdigit() else 0}
    return body | {"comment": comment} if comment else body


async def _identity(customer: str, url: str | None, config: Path | None) -> str:
    import os
    import time

    from stepin.app import identity_secret, opened_log
    from stepin.settings import load
    from stepin.web.auth.token import IdentityClaims, sign

    settings = load({"log": url}, env=os.environ, file=config).settings
    async with opened_log(settings) as log:
        secret = await identity_secret(settings, log)
    until = time.time() + 600
    claims = IdentityClaims(sub=customer, aud=settings.identity_audience, exp=until, name=customer)
    return sign(claims, secret)
