"""`stepin trial`: design, register, lock and follow a trial."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from stepin.cli import output as out
from stepin.cli.common import OnLog, who
from stepin.cli.trial.design import balance, draw, new, plan
from stepin.cli.trial.files import read_design, read_plan
from stepin.trial.plan_file import policy_files, text_of

if TYPE_CHECKING:
    from stepin.desk.trials.harm_monitor import Looked
    from stepin.log.protocol import Log
    from stepin.trial.state import Trial

app = App(
    "trial",
    help="""Design, register, lock and follow a trial.

On paper: new, plan, draw, balance. In the log: register, assign, lock, join, status, watch, stop,
unblind.

Example: stepin trial new pilot.toml && stepin trial plan pilot.toml""",
    help_format="plaintext",
)


for _on_paper in (new, plan, draw, balance):
    app.command(_on_paper)


@app.command
def register(path: Path, *, by: str | None = None, common: OnLog = OnLog()) -> int:
    """Fix the plan and the arms' policies in the log. They can't be changed afterwards.

    Every desk on the log takes the policies from there. A brain that an arm names must open here,
    with the settings' shop and keys; a desk that is served already loads it when it starts again.

    Example: stepin trial register pilot.toml

    Parameters
    ----------
    path
        The plan; the policy files that it names lie beside it.
    by
        Who registers; by default the user of this machine.
    """
    import os

    from stepin.cli.brains import asked_of, must_open
    from stepin.core.policy import load_policy
    from stepin.desk.trials.trials import append
    from stepin.settings import load
    from stepin.trial.policies import policies_of
    from stepin.trial.state import register as fixed

    known, digest = read_plan(path)
    policies = policies_of(known, policy_files(known, path))
    brains = asked_of(load_policy(one.text, source=one.name) for one in policies)
    must_open(load(env=os.environ, file=common.config).settings, brains)

    async def work(opened: Log) -> Trial:
        new = [fixed(known, digest), *policies]
        return await append(opened, known.name, new, actor=who(by))

    then = "assign" if known.unit == "worker" else "lock"
    return _shown(common.on_log(work), json=common.json, then=then)


@app.command
def assign(name: str, *, pool: Path, by: str | None = None, common: OnLog = OnLog()) -> int:
    """Draw the arms of a registered trial of workers and write them into the log, with the pool.

    Customers and chats are drawn individually when they arrive: lock their trial right away.

    Example: stepin trial assign pilot --pool workers.csv

    Parameters
    ----------
    name
        The trial.
    pool
        The pool's CSV.
    by
        Who assigns; by default the user of this machine.
    """
    from stepin.desk.trials.harm_monitor import POOL
    from stepin.desk.trials.trials import append, read_trial
    from stepin.errors import Refused
    from stepin.trial.assignment import assign as drawn
    from stepin.trial.state import record

    async def work(opened: Log) -> Trial:
        trial = await read_trial(opened, name)
        if trial.plan.unit != "worker":
            raise Refused(
                f"A {trial.plan.unit} is drawn when it comes: there is nobody to assign.",
                hint=f"Next: `stepin trial lock {name}`.",
                code="drawn_alone",
                trial=name,
            )
        of, _ = read_design(trial.plan, pool)
        done = await append(opened, name, record(trial.plan, drawn(of)), actor=who(by))
        await opened.record_put(POOL, name, pool.read_bytes())
        return done

    return _shown(common.on_log(work), json=common.json, then="lock")


@app.command
def lock(
    name: str, *, pool: Path | None = None, by: str | None = None, common: OnLog = OnLog()
) -> int:
    """Draw the arms again, compare them with the log, and lock them.

    From now on new chats follow the arms, and the desk evaluates the harm rule on the plan's days.

    Example: stepin trial lock pilot --pool workers.csv

    Parameters
    ----------
    name
        The trial.
    pool
        The pool's CSV, as it was assigned; not for customers or chats.
    by
        Who locks; by default the user of this machine.
    """
    from stepin.desk.trials.harm_monitor import first_look
    from stepin.desk.trials.trials import append, read_trial
    from stepin.errors import Missing
    from stepin.trial.assignment import verify
    from stepin.trial.state import lock as locked

    async def work(opened: Log) -> Trial:
        trial = await read_trial(opened, name)
        if trial.plan.unit == "worker":
            if pool is None:
                raise Missing("The workers' pool is needed.", hint="Name it: --pool FILE.",
                              code="no_pool")  # fmt: skip
            of, _ = read_design(trial.plan, pool)
            verify(of, {unit: row.arm for unit, row in trial.rows.items()})
        look = [first_look(trial)]
        return await append(opened, name, [locked(trial)], actor=who(by), work=look)

    return _shown(common.on_log(work), json=common.json, then="status")


@app.command
def join(name: str, worker: str, *, by: str | None = None, common: OnLog = OnLog()) -> int:
    """Put a worker who came after the lock into an arm, as the plan says.

    Example: stepin trial join pilot w17

    Parameters
    ----------
    name
        The trial.
    worker
        The worker's id.
    by
        Who does it; by default the user of this machine.
    """
    from stepin.desk.trials.trials import append, read_trial
    from stepin.errors import Refused
    from stepin.trial.roster import late_joiner
    from stepin.trial.state import record

    async def work(opened: Log) -> Trial:
        trial = await read_trial(opened, name)
        row = late_joiner(trial.plan, worker)
        if row is None:
            raise Refused(
                f"The plan of {name} keeps late joiners out.", code="late_joiner", trial=name
            )
        return await append(opened, name, record(trial.plan, [row]), actor=who(by))

    return _shown(common.on_log(work), json=common.json, then="status")


@app.command
def status(name: str, *, common: OnLog = OnLog()) -> int:
    """Print where a trial stands: phase, arms, the last look of the harm rule, early looks.

    Never an outcome.

    Example: stepin trial status pilot --json

    Parameters
    ----------
    name
        The trial.
    """
    from stepin.desk.trials.harm_monitor import looked
    from stepin.desk.trials.trials import read_trial

    async def work(opened: Log) -> tuple[Trial, Looked | None]:
        return await read_trial(opened, name), await looked(opened, name)

    trial, look = common.on_log(work)
    return _shown(trial, json=common.json, then="", look=look)


@app.command
def watch(name: str, *, pool: Path | None = None, common: OnLog = OnLog()) -> int:
    """Evaluate the harm rule now: prints go or stop, nothing else.

    A running desk does this by itself after every day that the plan names. Stop writes
    `TrialStopped`: new chats have the control arm's policy; the command exits with 1.

    Example: stepin trial watch pilot

    Parameters
    ----------
    name
        The trial.
    pool
        The pool's CSV, as it was assigned; by default the log's.
    """
    from stepin.desk.trials.harm_monitor import HarmWatch

    text = None if pool is None else text_of(pool)

    async def work(opened: Log) -> str:
        return await HarmWatch(opened).look(name, text)

    said = common.on_log(work)
    if common.json:
        out.as_json({"trial": name, "verdict": said})
    else:
        print(said)
    return 1 if said == "stop" else 0


@app.command
def stop(name: str, *, why: str, by: str | None = None, common: OnLog = OnLog()) -> int:
    """End a trial for new chats.

    Example: stepin trial stop pilot --why "the plan has ended"

    Parameters
    ----------
    name
        The trial.
    why
        The reason; it stays in the log.
    by
        Who stops it; by default the user of this machine.
    """
    from stepin.core.events.floor import TrialStopped
    from stepin.desk.trials.trials import append

    async def work(opened: Log) -> Trial:
        ended = TrialStopped(trial_id=name, reason="asked", detail=why)
        return await append(opened, name, [ended], actor=who(by))

    return _shown(common.on_log(work), json=common.json, then="")


@app.command
def unblind(
    name: str, *, why: str, scope: str = "all", by: str | None = None, common: OnLog = OnLog()
) -> int:
    """Let outcomes be seen by arm before the plan's end. The log keeps name and reason for ever.

    Example: stepin trial unblind pilot --why "a regulator asked" --by lead:kim

    Parameters
    ----------
    name
        The trial.
    why
        The reason.
    scope
        What may be seen.
    by
        Who asks; by default the user of this machine.
    """
    from stepin.core.events.floor import Unblinded
    from stepin.desk.trials.trials import append
    from stepin.errors import Invalid

    if not why.strip():
        raise Invalid("A reason is needed.", code="why")

    async def work(opened: Log) -> Trial:
        seen = Unblinded(trial_id=name, why=why, scope=scope)
        return await append(opened, name, [seen], actor=who(by))

    return _shown(common.on_log(work), json=common.json, then="")


def _shown(trial: Trial, *, json: bool, then: str, look: Looked | None = None) -> int:
    from collections import Counter

    counts = Counter(row.arm for row in trial.rows.values())
    if json:
        out.as_json(
            {
                "trial": trial.plan.name,
                "phase": trial.phase,
                "plan_hash": trial.plan_hash,
                "assignment_hash": trial.assignment_hash,
                "arms": counts,
                "late": sum(row.late for row in trial.rows.values()),
                "stopped": trial.stopped,
                "unblinded": trial.looks,
                "harm": look,
            }
        )
        return 0
    arms = ", ".join(f"{counts[a.name]} {a.name}" for a in trial.plan.arms) if counts else "none"
    print(f"{trial.plan.name}: {trial.phase}; units: {arms}; plan {trial.plan_hash[:12]}")
    if look is not None:
        print(f"  harm rule: {look.said or f'could not look: {look.trouble}'}, {look.looks} looks")
    for seen in trial.looks:
        print(f"  unblinded by {seen.who}: {seen.why}")
    if then:
        print(f"Next: `stepin trial {then} {trial.plan.name}`.")
    return 0
