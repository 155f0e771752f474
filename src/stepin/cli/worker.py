"""`stepin worker`: accounts of workers, and the console in a terminal."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import App, Parameter

from stepin.cli import output as out
from stepin.cli.common import Common, Configured

app = App(
    "worker", help="Accounts of workers, and the console in a terminal.", help_format="plaintext"
)
URL = "http://127.0.0.1:8000"
Password = Annotated[str | None, Parameter(env_var="STEPIN_PASSWORD")]


@app.command
def add(
    worker_id: str,
    *,
    name: str | None = None,
    role: Literal["worker", "lead", "admin"] = "worker",
    group: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    capacity: int = 4,
    supervised_capacity: int = 12,
    password: Password = None,
    common: Common = Common(),
) -> int:
    """Make an account. The password is asked for, or made up and printed where nobody can type.

    Example: stepin worker add ann --name "Ann Lee" --role lead

    Parameters
    ----------
    worker_id
        What the worker signs in with.
    name
        What customers and colleagues read.
    role
        Worker, lead (sees the whole floor) or admin (also accounts and keys).
    group
        A group to which chats can be transferred; may be given more than once.
    capacity
        Chats that the worker may hold at once.
    supervised_capacity
        Chats that the AI may hold under the worker's eyes.
    password
        Better left out, so that no shell remembers it.
    """
    import asyncio
    import time

    from stepin.web.auth.account import Account

    account = Account(
        worker_id=worker_id,
        name=name or worker_id.title(),
        role=role,
        groups=group,
        capacity=capacity,
        supervised_capacity=supervised_capacity,
        created_us=time.time_ns() // 1000,
    )
    secret, made_up = _new_password(password)
    asyncio.run(_add(account, secret, common))
    if common.json:
        shown = {"worker_id": worker_id, "role": role}
        out.as_json(shown | ({"password": secret} if made_up else {}))
    else:
        print(f"{worker_id} can sign in as {role}." + (f" Password: {secret}" if made_up else ""))
        print(f"Next: stepin worker watch --worker {worker_id}")
    return 0


async def _add(account: object, password: str, common: Common) -> None:
    from stepin.web.auth.account import Account, Accounts

    assert isinstance(account, Account)
    async with common.opened() as log:
        await Accounts(log).add(account, password)


def _new_password(given: str | None) -> tuple[str, bool]:
    import getpass
    import secrets
    import sys

    if given is not None:
        return given, False
    if sys.stdin.isatty():
        return getpass.getpass("New password: "), False
    return secrets.token_urlsafe(12), True


@app.command(name="list")
def list_(*, common: Common = Common()) -> int:
    """Print every account.

    Example: stepin worker list --json
    """
    import asyncio

    import msgspec

    from stepin.web.auth.account import Account

    accounts: list[Account] = asyncio.run(_accounts(common))
    if common.json:
        out.as_json(
            [{k: v for k, v in msgspec.to_builtins(a).items() if k != "password"} for a in accounts]
        )
    else:
        out.table(
            ("worker", "name", "role", "groups", "holds", "supervises", "in use"),
            [
                (
                    a.worker_id,
                    a.name,
                    a.role,
                    " ".join(a.groups),
                    a.capacity,
                    a.supervised_capacity,
                    "no" if a.disabled else "yes",
                )
                for a in accounts
            ],
        )
    return 0


async def _accounts(common: Common) -> list:  # type: ignore[type-arg]
    from stepin.web.auth.account import Accounts

    async with common.opened() as log:
        return await Accounts(log).load()


@app.command
def disable(worker_id: str, *, enable: bool = False, common: Configured = Configured()) -> int:
    """Keep a worker from signing in, and end their sessions.

    Example: stepin worker disable ann

    Parameters
    ----------
    worker_id
        Whose account.
    enable
        Let the worker sign in again.
    """
    import asyncio

    return asyncio.run(_disable(worker_id, common, disabled=not enable))


async def _disable(worker_id: str, common: Configured, *, disabled: bool) -> int:
    import time

    import msgspec

    from stepin.web.auth.account import Accounts
    from stepin.web.auth.session import Sessions

    async with common.opened() as log:
        accounts = Accounts(log)
        account = await accounts.get(worker_id)
        await accounts.put(msgspec.structs.replace(account, disabled=disabled))
        if disabled:
            sessions = Sessions(log, clock_us=lambda: time.time_ns() // 1000, life_us=0, idle_us=0)
            await sessions.end_all(worker_id)
    print(f"{worker_id} can{'not' if disabled else ''} sign in.")
    return 0


@app.command
def watch(*, worker: str, url: str = URL, password: Password = None, away: bool = False) -> int:
    """Work in the terminal: watch, whisper, take over, reply, use a tool, hand back.

    Type `?` for what can be done. A plain line goes where the prompt says: a whisper to the AI
    where the AI holds the chat, a reply to the customer where you do.

    Example: stepin worker watch --worker ann

    Parameters
    ----------
    worker
        Your id.
    url
        Where the desk is served.
    password
        Better left out: it is asked for. The variable STEPIN_PASSWORD works too.
    away
        Watch without taking new chats.
    """
    import asyncio
    import getpass

    from stepin.cli.console.worker import watch_floor

    secret = password if password is not None else getpass.getpass(f"Password of {worker}: ")
    return asyncio.run(watch_floor(url, worker, secret, away=away))
