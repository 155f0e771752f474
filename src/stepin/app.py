"""The one place that wires a desk together: log, brains, tools, feeds, web."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from stepin.core.policy import Policy, load_policy
from stepin.errors import Invalid
from stepin.settings import Settings

if TYPE_CHECKING:
    from argon2 import PasswordHasher

    from stepin.desk.alerts.detection import Watch
    from stepin.desk.alerts.webhook import Webhooks
    from stepin.desk.commands.eligibility import EligibilityRules
    from stepin.desk.desk import Desk
    from stepin.desk.feeds.hub import Hub
    from stepin.desk.jobs.watchdog import Watchdog
    from stepin.desk.parts import Parts
    from stepin.judge.detectors.detector import Detector
    from stepin.log.protocol import Log
    from stepin.web.app import App, Front
    from stepin.web.auth.account import Accounts
    from stepin.web.auth.session import Sessions
    from stepin.web.live.stream import Sockets
    from stepin.web.metrics import Stats
    from stepin.web.state import Site
    from stepin.web.welcome import Guide


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """What the web is made of besides the desk and its settings.

    Attributes
    ----------
    files : serves the built console; None for none.
    guide : what the first page says besides, e.g. of a demo.
    hasher : of passwords; None takes argon2id with its recommended cost.
    clock_s : a monotonic clock.
    """

    files: App | None = None
    guide: Guide | None = None
    hasher: PasswordHasher | None = None
    clock_s: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Application:
    """A desk that can be served.

    Attributes
    ----------
    front : the ASGI application.
    on_duty : workers who stay signed on without a console while this process serves (a demo's).
    """

    site: Site
    desk: Desk
    front: Front
    on_duty: list[str]
    webhooks: Webhooks
    watchdog: Watchdog

    async def start(self) -> None:
        """Start the desk, then its feeds."""
        from stepin.desk.jobs.retention import retention_work

        self.watchdog.start()
        await self.desk.start()
        accounts = await self.site.accounts.load()
        if self.site.settings.attention_days:
            looks = [retention_work(a.worker_id, due_us=0, replace=True) for a in accounts]
            await self.site.log.change_work(looks)
        await self.site.hub.start()
        for worker_id in self.on_duty:
            await self.site.sign_on(await self.site.accounts.get(worker_id))
        self.site.sockets.start()
        self.webhooks.start()

    async def stop(self) -> None:
        """End the feeds, then the desk; the log stays open."""
        await self.site.sockets.stop()
        await self.webhooks.stop()
        for worker_id in self.on_duty:
            await self.desk.sign_off(worker_id)
        await self.site.standings.stop()
        await self.site.hub.stop()
        await self.desk.stop()
        await self.watchdog.stop()


def policy_of(settings: Settings) -> Policy:
    """Return the policy file's policy, or the default one, with the settings' brain if any."""
    policy = _policy_file(settings)
    if not settings.brain:
        return policy
    brain = msgspec.structs.replace(policy.ai, brain=settings.brain)
    return msgspec.structs.replace(policy, ai=brain)


def _policy_file(settings: Settings) -> Policy:
    if not settings.policy:
        return Policy()
    path = Path(settings.policy)
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}.", code="policy_unreadable") from error
    return load_policy(text, source=str(path))


def watches_of(settings: Settings, own: Sequence[Detector] = ()) -> tuple[Watch, ...]:
    """Return the detectors of the settings, with the rules of the policy file and a team's own.

    Raises
    ------
    StepinError
        The folder that is named holds no detectors, or a rule makes no sense.
    """
    from stepin.desk.alerts.detection import PanelWatch
    from stepin.judge.detectors.panel import Panel
    from stepin.judge.detectors.policy_rules import rules_of
    from stepin.judge.shipped import load_detectors

    rules = rules_of(policy_of(settings).rules)
    if settings.detectors == "none":
        return (PanelWatch(Panel(rules=rules, own=own)),)
    folder = Path(settings.detectors) if settings.detectors else None
    return (PanelWatch(Panel(load_detectors(folder), rules=rules, own=own)),)


def eligibility_of(settings: Settings, named: EligibilityRules | None) -> EligibilityRules | None:
    """Return the classifier with the opening message's scores, if the detectors have a model."""
    from stepin.desk.commands.eligibility import RulesEligibility, ScoredEligibility
    from stepin.judge.shipped import load_opening

    if settings.detectors == "none":
        return named
    opening = load_opening(Path(settings.detectors) if settings.detectors else None)
    inner = named or RulesEligibility()
    return inner if opening is None else ScoredEligibility(inner, opening)


@asynccontextmanager
async def opened_log(settings: Settings) -> AsyncIterator[Log]:
    """Open the settings' log, and close it in the end."""
    from stepin.log.open import open_log

    log = await open_log(settings.log)
    try:
        yield log
    finally:
        await log.close()


async def identity_secret(settings: Settings, log: Log) -> bytes:
    """Return the secret with which the host site signs who the customer is."""
    from stepin.web.auth.secret import open_secrets

    return (await open_secrets(settings, log)).ring("identity").current


async def build(
    settings: Settings, log: Log, parts: Parts | None = None, web: WebParts | None = None
) -> Application:
    """Return a desk on an open log, not yet started.

    Parameters
    ----------
    parts : what the desk is made of; what it leaves to the settings is read from them.
    web : what serves it.
    """
    from stepin.desk.alerts.webhook import Webhooks
    from stepin.desk.jobs.watchdog import Watchdog
    from stepin.desk.parts import Parts
    from stepin.web.app import Front
    from stepin.web.routing.table import ENDPOINTS

    parts, web = parts or Parts(), web or WebParts()
    desk = desk_of(settings, log, parts)
    on_duty: list[str] = []
    site = await _site_of(settings, desk, parts.clock_us, web, on_duty)
    application: Application

    async def start() -> None:
        await application.start()

    async def stop() -> None:
        await application.stop()

    front = Front(site, ENDPOINTS, start=start, stop=stop, files=web.files)
    webhooks = Webhooks(log, settings.alert_webhooks, real_us=parts.clock_us)
    desk.services.follower.listen(webhooks.see)
    application = Application(
        site=site,
        desk=desk,
        front=front,
        on_duty=on_duty,
        webhooks=webhooks,
        watchdog=Watchdog(lambda: desk.engine.taking.running, note_lag=site.stats.lag),
    )
    return application


def desk_of(settings: Settings, log: Log, parts: Parts) -> Desk:
    """Return a desk under the settings' policy, with the detectors that they name."""
    from stepin.desk.desk import Desk
    from stepin.desk.jobs.engine import Pace

    watches = watches_of(settings, parts.detectors) if parts.watches is None else parts.watches
    eligibility = eligibility_of(settings, parts.eligibility)
    pace = Pace(
        lease_s=settings.lease_s, turns=settings.turns, attention_days=settings.attention_days
    )
    whole = replace(parts, watches=watches, eligibility=eligibility)
    return Desk(log, policy_of(settings), whole, pace=pace)


async def _site_of(
    settings: Settings,
    desk: Desk,
    clock_us: Callable[[], int],
    web: WebParts,
    on_duty: list[str],
) -> Site:
    from stepin.evidence.analysis.metrics.rollup import Rollup
    from stepin.evidence.analysis.trial_status.keep import Standings
    from stepin.log.mirror import Mirror
    from stepin.private import private_folder
    from stepin.web.auth.account import Accounts
    from stepin.web.auth.apikey import ApiKeys
    from stepin.web.auth.secret import open_secrets
    from stepin.web.canned_replies import load_replies
    from stepin.web.metrics import Stats
    from stepin.web.readiness import Readiness
    from stepin.web.state import Site, limits_of

    log, stats = desk.log, Stats()
    accounts = Accounts(log, hasher=web.hasher)
    sessions = _sessions_of(settings, log, clock_us)
    mirror = Mirror(log, private_folder(Path(settings.data)) / "mirror")
    return Site(
        settings=settings,
        log=log,
        desk=desk,
        hub=_hub_of(settings, desk, accounts),
        replies=load_replies(settings.replies),
        accounts=accounts,
        sessions=sessions,
        keys=ApiKeys(log),
        rollup=Rollup(mirror, clock_s=web.clock_s),
        standings=Standings(mirror, clock_s=web.clock_s),
        sockets=_sockets_of(
            settings, sessions, stats, clock_us, _seen(desk, accounts, on_duty), on_duty
        ),
        stats=stats,
        limits=limits_of(settings, web.clock_s),
        readiness=Readiness(log),
        secrets=await open_secrets(settings, log, now_us=clock_us, clock_s=web.clock_s),
        clock_us=clock_us,
        guide=web.guide,
    )


def _hub_of(settings: Settings, desk: Desk, accounts: Accounts) -> Hub:
    from stepin.desk.feeds.hub import Hub, Start

    def floor_now() -> Start:
        floor = desk.floor()
        return Start(
            position=floor.position,
            chats=tuple(floor.chats),
            presence=floor.signed_on,
            switches=dict.fromkeys(desk.policies.stopped, True),
        )

    hub = Hub(
        desk.log,
        desk.services.follower.listen,
        floor_now,
        name_of=accounts.name_of,
        cap=lambda: desk.policies.cap,
        keep=settings.feed_keep,
    )
    desk.listen_drafts(hub.draft)
    return hub


def _sessions_of(settings: Settings, log: Log, clock_us: Callable[[], int]) -> Sessions:
    from stepin.web.auth.session import Sessions

    return Sessions(
        log,
        clock_us=clock_us,
        life_us=int(settings.session_hours * 3_600e6),
        idle_us=int(settings.session_idle_minutes * 60e6),
    )


def _seen(
    desk: Desk, accounts: Accounts, on_duty: Sequence[str]
) -> Callable[[str], Awaitable[None]]:
    """Return what a console's sign of life does; who is on duty comes back by it."""

    async def seen(worker_id: str) -> None:
        if worker_id in on_duty and worker_id not in desk.floor().signed_on:
            await desk.sign_on((await accounts.get(worker_id)).shift())
        else:
            await desk.seen(worker_id)

    return seen


def _sockets_of(
    settings: Settings,
    sessions: Sessions,
    stats: Stats,
    clock_us: Callable[[], int],
    seen: Callable[[str], Awaitable[None]],
    on_duty: list[str],
) -> Sockets:
    from stepin.web.live.open_files import most_feeds, raise_limit
    from stepin.web.live.stream import Sockets

    return Sockets(
        sessions,
        stats,
        clock_s=lambda: clock_us() / 1e6,
        heartbeat_s=settings.heartbeat_s,
        seen=seen,
        on_duty=on_duty,
        most=most_feeds(raise_limit()),
        most_from=settings.feeds_per_address,
    )
