"""A trial as its leads may see it: what was fixed, who showed up, and no effect before its time."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Annotated, Literal

import msgspec
import structlog

from stepin.desk.trials.trials import hidden_trials, read_trial, trial_names, unblind
from stepin.errors import Forbidden, Refused, StepinError
from stepin.evidence.analysis.trial_status.before import BeforeTreatment
from stepin.evidence.analysis.trial_status.seen import ArmSeen
from stepin.evidence.report.store import ShelfHeadline
from stepin.trial.blind import end_us, is_hidden, is_over
from stepin.trial.harm import look_days
from stepin.trial.state import Look, Phase, Trial
from stepin.web.auth.caller import LEAD, WorkerCaller
from stepin.web.routes.evidence import shelf_of
from stepin.web.routing.endpoint import Call, Done, Endpoint, endpoint

PART = "Trials"
_LEAD = frozenset({LEAD})
_log = structlog.get_logger("stepin.web")


class TrialLine(msgspec.Struct, frozen=True, kw_only=True):
    """A trial in the list.

    Attributes
    ----------
    problem : why its plan can't be read; empty if it can.
    """

    trial: str
    question: str = ""
    phase: Phase | None = None
    treatment_from: str = ""
    treatment_until: str = ""
    units: int = 0
    hidden: bool = True
    problem: str = ""


class TrialList(msgspec.Struct, frozen=True, kw_only=True):
    """The trials of the log, the one registered last first."""

    trials: tuple[TrialLine, ...]


class ArmFixed(msgspec.Struct, frozen=True, kw_only=True):
    """An arm as the plan fixes it."""

    name: str
    policy: str
    share: float


class OutcomeFixed(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome as the plan fixes it."""

    name: str
    role: Literal["primary", "secondary"]
    chats: str
    better: str
    scale: str
    minimal_effect: float | None


class HarmSeen(msgspec.Struct, frozen=True, kw_only=True):
    """The harm rule and what the machine has said.

    Attributes
    ----------
    said : `stop` once it has stopped the AI, `go` after a look that didn't, `none` before.
    looks_done, looks : how many of the planned days of looking are over.
    next_look : the day after which the machine looks next; empty if it doesn't any more.
    """

    said: Literal["none", "go", "stop"]
    outcomes: tuple[str, ...]
    chats: str
    alpha: float
    looks_done: int
    looks: int
    next_look: str


class Effects(msgspec.Struct, frozen=True, kw_only=True):
    """What the trial's report says, once it may be seen."""

    report: str
    summary: str
    headlines: tuple[ShelfHeadline, ...]


class TrialView(msgspec.Struct, frozen=True, kw_only=True):
    """A trial.

    Attributes
    ----------
    hidden : whether effects are hidden: until `ends_us`, a stop or an explicit unblinding.
    day, days : the day of treatment that the log's clock stands on (0 before), and how many.
    seen : per arm who showed up and what reached them.
    before : what was known before treatment; `working` while it is being computed.
    unblinded : who has looked early, and why.
    effects : what its report says; None while hidden, or if no report is on the shelf.
    """

    trial: str
    question: str
    unit: str
    control: str
    plan_hash: str
    assignment_hash: str
    phase: Phase
    stopped: Literal["harm", "end", "asked"] | None
    hidden: bool
    over: bool
    ends_us: int
    pre_from: str
    treatment_from: str
    treatment_until: str
    day: int
    days: int
    arms: tuple[ArmFixed, ...]
    outcomes: tuple[OutcomeFixed, ...]
    harm: HarmSeen
    seen: tuple[ArmSeen, ...]
    before: BeforeTreatment
    unblinded: tuple[Look, ...]
    effects: Effects | None


class Unblinding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why effects must be seen before the end. It stays in the log with the name of who asked."""

    why: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


@endpoint("GET", "/api/trials", part=PART, who=_LEAD, returns=TrialList)
async def list_trials(call: Call) -> TrialList:
    """List the trials of the log, the one registered last first."""
    log = call.site.log
    now_us, hidden = await log.now_us(), await hidden_trials(log)
    lines = []
    for name in await trial_names(log):
        try:
            trial = await read_trial(log, name)
        except (msgspec.DecodeError, StepinError) as error:
            lines.append(TrialLine(trial=name, hidden=name in hidden.names, problem=str(error)))
            continue
        lines.append(
            TrialLine(
                trial=name,
                question=trial.plan.question,
                phase=trial.phase,
                treatment_from=trial.plan.dates.treatment_from.isoformat(),
                treatment_until=trial.plan.dates.treatment_until.isoformat(),
                units=len(trial.rows),
                hidden=is_hidden(trial, now_us),
            )
        )
    return TrialList(trials=tuple(lines))


@endpoint("GET", "/api/trials/{trial}", part=PART, who=_LEAD, returns=TrialView)
async def view_trial(call: Call) -> TrialView:
    """Return where a trial stands. No effect is in the answer while the trial is hidden."""
    site = call.site
    trial = await _read(call)
    now_us = await site.log.now_us()
    hidden = is_hidden(trial, now_us)
    plan = trial.plan
    dates = plan.dates
    return TrialView(
        trial=plan.name,
        question=plan.question,
        unit=plan.unit,
        control=plan.control,
        plan_hash=trial.plan_hash,
        assignment_hash=trial.assignment_hash,
        phase=trial.phase,
        stopped=trial.stopped,
        hidden=hidden,
        over=is_over(trial, now_us),
        ends_us=end_us(plan),
        pre_from=dates.pre_from.isoformat(),
        treatment_from=dates.treatment_from.isoformat(),
        treatment_until=dates.treatment_until.isoformat(),
        day=max(0, min(plan.days, (_day(now_us) - dates.treatment_from).days + 1)),
        days=plan.days,
        arms=tuple(ArmFixed(name=a.name, policy=a.policy, share=a.share) for a in plan.arms),
        outcomes=tuple(
            OutcomeFixed(
                name=o.name,
                role=o.role,
                chats=o.chats,
                better=o.better,
                scale=o.scale,
                minimal_effect=o.minimal_effect,
            )
            for o in plan.outcomes
        ),
        harm=_harm(trial, now_us),
        seen=await site.standings.seen(trial),
        before=site.standings.before(trial),
        unblinded=trial.looks,
        effects=None if hidden else await _effects(call, trial),
    )


@endpoint("POST", "/api/trials/{trial}/unblind", part=PART, who=_LEAD, body=Unblinding)
async def unblind_trial(call: Call) -> Done:
    """Let effects of a trial be seen before its end; who and why stay in the log for ever."""
    caller = call.caller
    if not isinstance(caller, WorkerCaller):
        raise Forbidden(
            "Only a person may unblind a trial.",
            hint="Sign in as a lead: the log names who looked, and why.",
            code="worker_only",
        )
    body: Unblinding = call.body
    name = call.path["trial"]
    await unblind(call.site.log, name, by=str(caller.actor), why=body.why)
    _log.warning("trial_unblinded", trial=name, by=caller.name)
    return Done()


async def _read(call: Call) -> Trial:
    name = call.path["trial"]
    try:
        return await read_trial(call.site.log, name)
    except msgspec.DecodeError as error:
        raise Refused(
            f"The plan of the trial {name} can't be read: {error}.",
            hint="Another version registered it: stop it, register it again by another name.",
            code="plan_unreadable",
            trial=name,
        ) from error


def _harm(trial: Trial, now_us: int) -> HarmSeen:
    rule, days = trial.plan.harm, look_days(trial.plan)
    today = _day(now_us)
    ran = trial.phase in ("locked", "stopped")
    done = sum(day < today for day in days) if ran else 0
    said: Literal["none", "go", "stop"] = "go" if done else "none"
    if trial.stopped == "harm":
        said = "stop"
    coming = next((d.isoformat() for d in days if d >= today), "")
    return HarmSeen(
        said=said,
        outcomes=tuple(rule.outcomes),
        chats=rule.chats,
        alpha=rule.alpha,
        looks_done=done,
        looks=len(days),
        next_look="" if trial.phase == "stopped" else coming,
    )


async def _effects(call: Call, trial: Trial) -> Effects | None:
    """Return what the latest report about the trial says."""
    shelf = shelf_of(call)

    def find() -> Effects | None:
        latest: tuple[int, Effects] | None = None
        for name in shelf.names():
            try:
                report, written_us = shelf.report(name), shelf.written_us(name)
            except StepinError:
                continue
            about = report.title == trial.plan.name or report.plan_hash == trial.plan_hash
            if about and (latest is None or written_us > latest[0]):
                told = Effects(report=name, summary=report.summary, headlines=report.headlines)
                latest = (written_us, told)
        return None if latest is None else latest[1]

    return await asyncio.to_thread(find)


def _day(at_us: int) -> dt.date:
    return dt.datetime.fromtimestamp(at_us / 1e6, dt.UTC).date()


ENDPOINTS: tuple[Endpoint, ...] = (
    list_trials,
    view_trial,
    unblind_trial,
)
