"""What the API's own document allows, asked by everybody: no answer is a 5xx.

Schemathesis makes requests from the OpenAPI document. Each kind of caller (nobody, a customer, a
worker, a lead, an admin, an API key of each scope) asks every endpoint in turn until its share of
the time is over; half of the ids in a path are those of things that are there. Feeds, which never
end, are opened and left.

    python -m benchmarks.desk.schemathesis_roles [--quick]
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import httpx
import schemathesis
import structlog
from hypothesis import HealthCheck, Phase, given, seed, settings
from tests.desk.shop import Shop
from tests.web.served import LIMITS, Served, serving

from benchmarks.harness import finish, line, options
from stepin.web.auth.apikey import Scope
from stepin.web.routing.openapi import openapi
from stepin.web.routing.table import ENDPOINTS

STREAMS = {e.path for e in ENDPOINTS if e.stream is not None}
ROLES = ("anonymous", "customer", "worker", "lead", "admin", *(f"key {s}" for s in get_args(Scope)))
EXAMPLES, FOREIGN_EXAMPLES = 20, 2
"""Requests to one endpoint before the next is asked: to one's own, and to those of others."""
GRANTS: dict[str, set[str]] = {
    "anonymous": {"anyone"},
    "customer": {"anyone", "customer"},
    "worker": {"anyone", "worker"},
    "lead": {"anyone", "worker", "lead"},
    "admin": {"anyone", "worker", "lead", "admin"},
    **{f"key {scope}": {"anyone", f"key:{scope}"} for scope in get_args(Scope)},
}
WHO = {(e.method, e.path): set(e.who) for e in ENDPOINTS}
KNOWN = {"chat_id": "chats", "worker_id": "workers", "customer_id": "customers"}


@dataclass
class Room:
    """A served desk in a thread of its own, and what there is in it."""

    served: Served
    loop: asyncio.AbstractEventLoop
    chats: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    workers: list[str] = field(default_factory=list)
    customers: list[str] = field(default_factory=list)

    def run(self, work: Any) -> Any:
        """Return what a coroutine returns in the desk's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(120)

    async def fill(self) -> None:
        """Open chats of each kind, with a worker who holds one."""
        ann = await self.served.on_duty("ann")
        for n, who in enumerate(("dora", "emil", "fay")):
            _, opened = await self.served.customer(
                "Where is A-1001?", identity=self.served.identity(who)
            )
            self.chats.append(opened["chat_id"])
            self.tokens.append(opened["token"])
            self.customers.append(who)
            if n == 0:
                await self.served.settled(opened["chat_id"])
                await ann.post(
                    f"/api/chats/{opened['chat_id']}/commands", json={"type": "TakeOver"}
                )
        self.workers = ["ann", "nobody"]

    async def headers(self, role: str, n: int) -> dict[str, str]:
        """Return fresh credentials: what a role did before must not end them."""
        kind, _, scope = role.partition(" ")
        if kind == "anonymous":
            return {}
        if kind == "customer":
            return {"authorization": f"Bearer {self.tokens[n % len(self.tokens)]}"}
        if kind == "key":
            key = await self.served.key(scope)  # type: ignore[arg-type]
            return {"authorization": key.headers["authorization"]}
        client = await self.served.worker(f"{kind}{n}", kind)  # type: ignore[arg-type]
        return {name: client.headers[name] for name in ("cookie", "x-csrf-token")}


@contextmanager
def room() -> Iterator[Room]:
    """Serve a desk with tools until the end."""
    made: list[Room] = []
    begun, over = threading.Event(), threading.Event()

    async def serve(folder: Path) -> None:
        limits = {**LIMITS, "sign_ins_per_minute": 100_000, "access_log": "none"}
        async with serving(folder, tools=Shop(), **limits) as served:
            made.append(Room(served, asyncio.get_running_loop()))
            await made[0].fill()
            begun.set()
            await asyncio.to_thread(over.wait)

    with tempfile.TemporaryDirectory() as name:
        thread = threading.Thread(target=lambda: asyncio.run(serve(Path(name))), daemon=True)
        thread.start()
        if not begun.wait(60):
            raise TimeoutError("the desk did not start")
        try:
            yield made[0]
        finally:
            over.set()
            thread.join(60)


class Asked:
    """What was answered, by role."""

    def __init__(self) -> None:
        self.answers: dict[str, Counter[int]] = {role: Counter() for role in ROLES}
        self.bad: list[str] = []

    def note(self, role: str, status: int, what: str) -> None:
        """Note an answer."""
        self.answers[role][status] += 1
        if status >= 500:
            self.bad.append(f"{role}: {status} {what}")


def _placed(case: Any, here: Room, draw: random.Random) -> None:
    """Put ids that are there into every second path."""
    for name, kind in KNOWN.items():
        if name in (case.path_parameters or {}) and draw.random() < 0.5:
            case.path_parameters[name] = draw.choice(getattr(here, kind))
    if isinstance(case.body, dict) and "tool" in case.body and draw.random() < 0.5:
        case.body["tool"] = draw.choice(["find_order", "refund"])


def ask(
    here: Room,
    strategy: Any,
    role: str,
    headers: dict[str, str],
    asked: Asked,
    *,
    number: int,
    examples: int,
    until: float,
) -> None:
    """Let one role ask one endpoint a few times."""
    draw = random.Random(number)

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def once(case: Any) -> None:
        if time.monotonic() > until:
            return
        _placed(case, here, draw)
        answer = case.call(base_url=here.served.url, headers=headers, timeout=120)
        asked.note(role, answer.status_code, f"{case.as_curl_command()} -> {answer.text[:300]}")

    once()


def listen(
    here: Room, role: str, headers: dict[str, str], asked: Asked, draw: random.Random
) -> None:
    """Open each stream with odd cursors, look at what it answers, and leave."""
    cursors = ["0", "-1", "x", str(2**63), "5", "\x00", "999999"]
    for path in sorted(STREAMS):
        url = here.served.url + path.replace("{chat_id}", draw.choice([*here.chats, "none"]))
        query = {"after": draw.choice(cursors), "token": draw.choice(["", "x", here.tokens[0]])}
        more = {"last-event-id": draw.choice(["1", "abc", "9" * 30])}
        with httpx.stream(
            "GET", url, params=query, headers={**headers, **more}, timeout=120
        ) as answer:
            asked.note(role, answer.status_code, f"GET {answer.request.url}")


def everybody(seconds: float, *, say: Callable[[str], None] = print) -> Asked:
    """Let every role ask for its share of the time; return what was answered."""
    document = schemathesis.openapi.from_dict(openapi(ENDPOINTS)).exclude(path=sorted(STREAMS))
    strategies = {
        (found.ok().method.upper(), found.ok().path): found.ok().as_strategy()
        for found in document.get_all_operations()
    }
    asked = Asked()
    with room() as here:
        for at, role in enumerate(ROLES):
            until = time.monotonic() + seconds / len(ROLES)
            draw = random.Random(at)
            for number in itertools.count():
                order = draw.sample(sorted(strategies), len(strategies))
                listen(here, role, here.run(here.headers(role, number)), asked, draw)
                for n, place in enumerate(order):
                    own = bool(WHO[place] & GRANTS[role])
                    if time.monotonic() > until or (not own and number % 2 == 0):
                        continue
                    ask(
                        here,
                        strategies[place],
                        role,
                        here.run(here.headers(role, number * 100 + n)),
                        asked,
                        number=number * 1_000 + n,
                        examples=EXAMPLES if own else FOREIGN_EXAMPLES,
                        until=until,
                    )
                if time.monotonic() > until:
                    break
            told = ", ".join(f"{s}: {n}" for s, n in sorted(asked.answers[role].items()))
            say(f"  {role}: {sum(asked.answers[role].values())} requests ({told})")
    return asked


def main() -> None:
    """Ask, and count the answers that are a fault of the desk's."""
    given_ = options(__doc__)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asked = everybody(given_.pick(300, 45))
    for bad in asked.bad[:20]:
        print(f"  {bad}")
    total = sum(sum(counts.values()) for counts in asked.answers.values())
    line(
        f"answers that are a 5xx, of {total} requests of {len(ROLES)} kinds of callers",
        ours=float(len(asked.bad)),
        reference=0.0,
        ratio=0.0,
        goal="0",
        holds=not asked.bad,
    )
    finish()


if __name__ == "__main__":
    main()
