"""For machines that watch the desk: is it alive, may it get requests, what does it count."""

from __future__ import annotations

import asyncio

import msgspec

from stepin.errors import Conflict, StepinError, Unavailable
from stepin.web.auth.caller import ADMIN, ANYONE, must_be_allowed
from stepin.web.readiness import PATIENCE_S
from stepin.web.routing.endpoint import Call, Endpoint, HttpReply, endpoint

PART = "Operations"
_ANYONE = frozenset({ANYONE})


class Alive(msgspec.Struct, frozen=True, kw_only=True):
    """The process answers."""

    alive: bool = True


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """The log can be read and written, desk and feeds follow it, no trial forbids its classifier.

    `lag` is how many events the slower of the two is behind.
    """

    position: int
    lag: int


@endpoint("GET", "/healthz", part=PART, who=_ANYONE, returns=Alive)
async def health(call: Call) -> Alive:
    """Say that the process answers; looks at nothing else."""
    return Alive()


@endpoint("GET", "/readyz", part=PART, who=_ANYONE, returns=Ready)
async def readiness(call: Call) -> Ready:
    """Say whether requests should come here: 503 if not."""
    site = call.site
    if not (site.hub.running and site.desk.running) or site.sockets.stopping:
        raise Unavailable(
            "The desk doesn't follow the log.",
            hint="Send requests to another process; this one starts, stops or has lost its log.",
            code="not_ready",
        )
    try:
        await site.desk.check_frozen()
        async with asyncio.timeout(PATIENCE_S):
            position = await site.log.position()
        await site.readiness.must_be_writable()
    except TimeoutError as error:
        raise Unavailable(
            "The log doesn't answer.",
            hint="Look at the log's database; `stepin doctor` tries to open it.",
            code="not_ready",
        ) from error
    except Conflict as error:
        raise Unavailable(error.message, code="not_ready", hint=error.hint) from error
    except StepinError as error:
        if error.code == "not_ready":
            raise
        raise Unavailable(
            "The log can't be read.",
            hint="Look at the log's database; `stepin doctor` tries to open it.",
            code="not_ready",
            why=error.code,
        ) from error
    reached = min(site.hub.board.position, site.desk.position)
    return Ready(position=position, lag=max(0, position - reached))


@endpoint("GET", "/metrics", part=PART, who=frozenset({ANYONE, ADMIN}), returns="text/plain")
async def metrics(call: Call) -> HttpReply:
    """Return this process's counters in Prometheus' text format."""
    site = call.site
    if not site.settings.metrics_public:
        must_be_allowed(call.caller, frozenset({ADMIN, "key:metrics:read"}))
    site.stats.position = site.hub.board.position
    site.stats.floor_chats = len(site.hub.board.chats)
    site.stats.withheld = dict(site.desk.withheld)
    return HttpReply(body=site.stats.render(), media="text/plain; version=0.0.4; charset=utf-8")


ENDPOINTS: tuple[Endpoint, ...] = (
    health,
    readiness,
    metrics,
)
