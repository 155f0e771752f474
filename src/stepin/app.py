"""The one place that wires a desk together: log, brains, tools, feeds, web."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from stepin.core.policy import Policy, load_policy
from stepin.errors import Invalid
from stepin.settings import Settings

if TYPE_CHECKING:
    from argon2 import PasswordHasher

    from stepin.agent.brain import Brain
    from stepin.agent.gate.material import Material
    from stepin.agent.suggestions.suggestions import Advice
    from stepin.agent.tools.tool import Catalogue
    from stepin.core.danger import Helpline
    from stepin.desk.alerts.watch import Watch
    from stepin.desk.alerts.webhook import Webhooks
    from stepin.desk.commands.eligibility import EligibilityRules
    from stepin.desk.desk import Desk
    from stepin.desk.jobs.watchdog import Watchdog
    from stepin.judge.detectors.detector import Detector
    from stepin.log.protocol import Log
    from stepin.web.app import App, Front
    from stepin.web.state import Site
    from stepin.web.welcome import Guide


def _real_us() -> int:
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class Parts:
    """What a desk is made of besides its settings; the defaults serve an empty desk.

    Attributes
    ----------
    tools, brains, eligibility : what the AI can do, and for whom; None leaves the desk's own.
    wrap_brain : takes each brain and returns the one that takes turns in its place; None leaves
        them as they are.
    advice : suggests replies to workers; None leaves the desk's own.
    material : what the shop's own texts hold; see `stepin.agent.gate.material`.
    helplines : numbers that a customer who may harm themselves is told of.
    watches : what scores chats; None loads the detectors that the settings name.
    detectors : a team's own detectors, beside those.
    files : serves the built console.
    guide : what the first page says besides, e.g. of a demo.
    closing : called when the desk has stopped, e.g. to end the tools' process.
    hasher : of passwords; None takes argon2id with its recommended cost.
    clock_us : real time, UTC µs; clock_s : a monotonic clock.
    """

    tools: Catalogue | None = None
    eligibility: EligibilityRules | None = None
    brains: Mapping[str, Brain] | None = None
    wrap_brain: Callable[[Brain], Brain] | None = None
    watches: Sequence[Watch] | None = None
    detectors: Sequence[Detector] = ()
    helplines: Sequence[Helpline] = ()
    advice: Advice | None = None
    material: Material | None = None
    files: App | None = None
    guide: Guide | None = None
    closing: tuple[Callable[[], Awaitable[None]], ...] = ()
    hasher: PasswordHasher | None = None
    clock_us: Callable[[], int] = _real_us
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
    closing: tuple[Callable[[], Awaitable[None]], ...] = ()

    async def start(self) -> None:
        """Start the desk, then its feeds."""
        from stepin.desk.jobs.retention import look_again

        self.watchdog.start()
        await self.desk.start()
        accounts = await self.site.accounts.load()
        if self.site.settings.attention_days:
            looks = [look_again(a.worker_id, due_us=0, replace=True) for a in accounts]
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
        for close in self.closing:
            await close()


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
    from stepin.desk.alerts.watch import PanelWatch
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


def _brains_of(parts: Parts) -> Mapping[str, Brain] | None:
    if parts.brains is None or parts.wrap_brain is None:
        return parts.brains
    return {name: parts.wrap_brain(brain) for name, brain in parts.brains.items()}


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


async def build(settings: Settings, log: Log, parts: Parts | None = None) -> Application:
    """Return a desk on an open log, not yet started."""
    from stepin.desk.alerts.webhook import Webhooks
    from stepin.desk.desk import Desk
    from stepin.desk.feeds.hub import Hub, Start
    from stepin.desk.jobs.engine import Pace
    from stepin.desk.jobs.watchdog import Watchdog
    from stepin.evidence.analysis.metrics.rollup import Rollup
    from stepin.evidence.analysis.trial_status.keep import Standings
    from stepin.log.mirror import Mirror
    from stepin.private import private_folder
    from stepin.web.app import Front
    from stepin.web.auth.account import Accounts
    from stepin.web.auth.apikey import ApiKeys
    from stepin.web.auth.secret import open_secrets
    from stepin.web.auth.session import Sessions
    from stepin.web.canned_replies import load_replies
    from stepin.web.live.open_files import most_feeds, raise_limit
    from stepin.web.live.stream import Sockets
    from stepin.web.metrics import Stats
    from stepin.web.readiness import Readiness
    from stepin.web.routing.table import ENDPOINTS
    from stepin.web.state import Site, limits_of

    parts = parts or Parts()
    desk = Desk(
        log,
        policies=policy_of(settings),
        brains=_brains_of(parts),
        tools=parts.tools,
        eligibility=eligibility_of(settings, parts.eligibility),
        watches=(watches_of(settings, parts.detectors) if parts.watches is None else parts.watches),
        advice=parts.advice,
        material=parts.material,
        helplines=parts.helplines,
        pace=Pace(
            lease_s=settings.lease_s,
            turns=settings.turns,
            attention_days=settings.attention_days,
        ),
        real_us=parts.clock_us,
    )

    def floor_now() -> Start:
        floor = desk.floor()
        return Start(
            position=floor.position,
            chats=tuple(floor.chats),
            presence=floor.signed_on,
            switches=dict.fromkeys(desk.policies.stopped, True),
        )

    on_duty: list[str] = []
    accounts = Accounts(log, hasher=parts.hasher)
    hub = Hub(
        log,
        desk.bench.follower.listen,
        floor_now,
        name_of=accounts.name_of,
        cap=lambda: desk.policies.cap,
        keep=settings.feed_keep,
    )
    desk.listen_drafts(hub.draft)
    sessions = Sessions(
        log,
        clock_us=parts.clock_us,
        life_us=int(settings.session_hours * 3_600e6),
        idle_us=int(settings.session_idle_minutes * 60e6),
    )

    async def seen(worker_id: str) -> None:
        if worker_id in on_duty and worker_id not in desk.floor().signed_on:
            await site.sign_on(await accounts.get(worker_id))
        else:
            await desk.seen(worker_id)

    mirror = Mirror(log, private_folder(Path(settings.data)) / "mirror")
    stats = Stats()
    site = Site(
        settings=settings,
        log=log,
        desk=desk,
        hub=hub,
        replies=load_replies(settings.replies),
        accounts=accounts,
        sessions=sessions,
        keys=ApiKeys(log),
        rollup=Rollup(mirror, clock_s=parts.clock_s),
        standings=Standings(mirror, clock_s=parts.clock_s),
        sockets=Sockets(
            sessions,
            stats,
            clock_s=lambda: parts.clock_us() / 1e6,
            heartbeat_s=settings.heartbeat_s,
            seen=seen,
            on_duty=on_duty,
            most=most_feeds(raise_limit()),
            most_from=settings.feeds_per_address,
        ),
        stats=stats,
        limits=limits_of(settings, parts.clock_s),
        readiness=Readiness(log),
        secrets=await open_secrets(settings, log, now_us=parts.clock_us, clock_s=parts.clock_s),
        clock_us=parts.clock_us,
        guide=parts.guide,
    )
    application: Application

    async def start() -> None:
        await application.start()

    async def stop() -> None:
        await application.stop()

    front = Front(site, ENDPOINTS, start=start, stop=stop, files=parts.files)
    webhooks = Webhooks(log, settings.alert_webhooks, real_us=parts.clock_us)
    desk.bench.follower.listen(webhooks.see)
    application = Application(
        site=site,
        desk=desk,
        front=front,
        on_duty=on_duty,
        webhooks=webhooks,
        watchdog=Watchdog(lambda: desk.engine.taking.running, note_lag=stats.lag),
        closing=parts.closing,
    )
    return application
