"""`stepin init`: the files that a new desk begins with."""

from __future__ import annotations

from pathlib import Path

from stepin.cli import output as out

SETTINGS = """# Settings of this desk; `stepin config show` lists every key with its origin.
name = {name}
log = "sqlite:///stepin.sqlite"
policy = "policy.toml"
replies = "replies.toml"
"""

POLICY = """# How the desk treats chats. A policy's version is the hash of its content, so every
# change is visible in the log. Arms of a trial name files like this one.
name = "default"

[ai]
enabled = true
after_request = "bridge"  # once a customer has asked for a person; or "go_on", or "queue"
disclosed = true        # customers are told that they talk to an AI

[alerts]
technical = 0.5         # the score from which somebody is alerted
emotional = 0.5

[ladder]                # how long each step of an escalation waits before the next is asked
owner_s = 45
pool_s = 60
lead_s = 120
reply_s = 120           # how long a customer may wait for a worker's answer before it begins

[approvals]
ai_money_limit = 0      # what the AI may move without a person, in the shop's currency
worker_money_limit = 200

[times]
inactivity_s = 600
"""

REPLIES = """labels = ["refund", "parcel", "complaint"]
dispositions = ["solved", "no answer", "passed on"]

[[replies]]
reply_id = "hello"
title = "Introduce yourself"
text = "Hello {customer}, this is {worker}. I have read what you wrote and will look into it."

[[replies]]
reply_id = "moment"
title = "Ask for a moment"
text = "Let me check that, it takes a minute or two."
"""


def init(
    folder: Path = Path(), *, name: str = "Stepin", admin: str = "admin", json: bool = False
) -> int:
    """Write stepin.toml, policy.toml and replies.toml, and make the first admin's account.

    Existing files are left alone.

    Example: stepin init help-desk --name "Lamp Shop"

    Parameters
    ----------
    folder
        Where to; made if it isn't there.
    name
        The desk's name.
    admin
        The first admin's id; the password is made up and printed.
    json
        Print JSON.
    """
    import asyncio

    import msgspec

    from stepin.private import private_folder, write_private

    private_folder(folder)
    quoted = msgspec.json.encode(name).decode()
    written = []
    for file, text in (
        ("stepin.toml", SETTINGS.format(name=quoted)),
        ("policy.toml", POLICY),
        ("replies.toml", REPLIES),
    ):
        if not (folder / file).exists():
            write_private(folder / file, text)
            written.append(file)
    password = asyncio.run(_first_admin(folder, admin))
    if json:
        out.as_json(
            {"folder": str(folder), "written": written, "admin": admin, "password": password}
        )
        return 0
    print(f"Wrote {', '.join(written) or 'nothing: all files were there'} in {folder.resolve()}.")
    if password:
        print(f"{admin} can sign in as admin. Password, shown this once: {password}")
    print(f"Next: cd {folder} && stepin serve")
    return 0


async def _first_admin(folder: Path, admin: str) -> str:
    import contextlib
    import os
    import secrets
    import time

    from stepin.app import opened_log
    from stepin.errors import Conflict
    from stepin.settings import load
    from stepin.web.auth.account import Account, Accounts

    with contextlib.chdir(folder):
        settings = load(env=os.environ).settings
        async with opened_log(settings) as log:
            password = secrets.token_urlsafe(12)
            account = Account(
                worker_id=admin,
                name=admin.title(),
                role="admin",
                created_us=time.time_ns() // 1000,
            )
            try:
                await Accounts(log).add(account, password)
            except Conflict:
                return ""
            return password
