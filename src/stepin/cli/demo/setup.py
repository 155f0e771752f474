"""What a demo's desk begins with: accounts, and a running blind trial. Nothing is made twice."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from stepin.core.events.floor import TrialStopped
from stepin.demo.staff import STAFF, Member
from stepin.desk.trials.trials import append, read_trial
from stepin.private import private_folder
from stepin.trial.assignment import AssignedUnit, assign
from stepin.trial.design import design
from stepin.trial.plan import Plan
from stepin.trial.policies import policies_of
from stepin.trial.pool import Pool
from stepin.trial.reading import plan_hash, read
from stepin.trial.state import Trial, lock, record, register

if TYPE_CHECKING:
    from stepin.log.protocol import Log

YOU = "demo"
DAYS = 28
MONEY_LIMIT = 100
ARMS = ("with-ai", "by-hand")
_POLICY = """# One arm of the demo's trial; the other one differs in ai.enabled alone.
name = "{name}"

[ai]
enabled = {enabled}

[assignment]
rule = "uniform"        # a trial of workers draws owners evenly, whoever is busy
cap = 6

[approvals]
ai_money_limit = {limit}    # above it, a person decides
expires_s = 180

[ladder]
owner_s = 40
pool_s = 40
lead_s = 90
"""
_PLAN = """\
# The demo's running trial. Seeds were tried until you came into the arm with the AI, which is
# fine for a demo and would spoil a real trial.
name = "{name}"
question = "What does the AI do to chats, when workers watch over it?"
seed = {seed}
control = "by-hand"

[[arms]]
name = "with-ai"
policy = "with-ai.toml"
share = 0.7

[[arms]]
name = "by-hand"
policy = "by-hand.toml"
share = 0.3

[dates]
pre_from = {before}
treatment_from = {first}
treatment_until = {last}

[routing]
owner = "uniform"
cap = 6

[[outcomes]]
name = "duration_s"
role = "primary"
chats = "eligible"
scale = "log"
minimal_effect = 0.1

[[outcomes]]
name = "rating"
chats = "eligible"
better = "higher"
"""


def password_of(secret: bytes, worker_id: str) -> str:
    """Return a demo worker's password: the same at every start on one log, on no other."""
    digest = hmac.digest(secret, f"password of {worker_id}".encode(), "sha256")
    return base64.b32encode(digest)[:12].decode().lower()


async def hire(log: Log, secret: bytes, staff: tuple[Member, ...] = STAFF) -> None:
    """Make the accounts of a demo's workers, yours among them, where they aren't there yet."""
    from stepin.errors import SignInRequired
    from stepin.web.auth.account import Account, Accounts

    accounts = Accounts(log)
    wanted = [Account(worker_id=YOU, name="Demo", role="admin", capacity=20)]
    for one in staff:
        wanted.append(
            Account(
                worker_id=one.worker_id,
                name=one.name,
                role="lead" if one.lead else "worker",
                covariates={"tenure_days": one.tenure_days},
            )
        )
    known = {account.worker_id for account in await accounts.load()}
    for account in wanted:
        password = password_of(secret, account.worker_id)
        if account.worker_id not in known:
            await accounts.add(account, password)
        elif account.worker_id == YOU:
            try:
                await accounts.sign_in(YOU, password)
            except SignInRequired:
                hashed = await accounts.hash(password)
                await accounts.put(msgspec.structs.replace(account, password=hashed))


async def put_on_trial(log: Log, folder: Path, today: dt.date) -> Trial:
    """Return the trial that runs in the demo: the one of an earlier start, or a new one.

    A demo's trial whose last day has passed is stopped, and another one begun.
    """
    names = [name for name, _ in await log.record_list("trial")]
    for name in sorted(names):
        trial = await read_trial(log, name)
        if trial.running and trial.plan.dates.treatment_until >= today:
            return trial
        if trial.running:
            over = TrialStopped(
                trial_id=name, reason="end", detail="the plan's last day has passed"
            )
            await append(log, name, [over], actor="system")
    taken = sum(name.startswith(f"demo-{today:%Y%m%d}") for name in names)
    name = f"demo-{today:%Y%m%d}" + (f"-{taken + 1}" if taken else "")
    plan, rows = _drawn(name, today)
    texts = write_files(folder, name, today, plan)
    first = [register(plan, plan_hash(plan, texts)), *policies_of(plan, texts)]
    await append(log, name, first, actor="system")
    trial = await append(log, name, record(plan, rows), actor="system")
    return await append(log, name, [lock(trial)], actor="system")


def _drawn(name: str, today: dt.date) -> tuple[Plan, tuple[AssignedUnit, ...]]:
    """Return a plan and its assignment with you in the arm that has the AI."""
    tenure: list[str | float | None] = [float(one.tenure_days) for one in STAFF]
    pool = Pool.of([*(one.worker_id for one in STAFF), YOU], {"tenure_days": [*tenure, 0.0]})
    for seed in range(1, 1_000):
        plan = read(plan_text(name, today, seed))
        rows = assign(design(plan, pool))
        arms = {row.unit: row.arm for row in rows}
        if arms[YOU] == "with-ai":
            return plan, rows
    raise AssertionError("no seed in a thousand puts you where you have to be")


def plan_text(name: str, today: dt.date, seed: int) -> str:
    """Return the demo's plan as its file holds it."""
    return _PLAN.format(
        name=name,
        seed=seed,
        before=today - dt.timedelta(days=14),
        first=today,
        last=today + dt.timedelta(days=DAYS - 1),
    )


def policy_text(arm: str) -> str:
    """Return the policy of an arm as its file holds it."""
    enabled = "true" if arm == "with-ai" else "false"
    return _POLICY.format(name=arm, enabled=enabled, limit=MONEY_LIMIT)


def write_files(folder: Path, name: str, today: dt.date, plan: Plan) -> dict[str, bytes]:
    """Write the plan, its policies and its pool for whoever wants to read them."""
    private_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    (folder / "plan.toml").write_text(plan_text(name, today, plan.seed), "utf-8")
    rows = ["worker_id,tenure_days", *(f"{m.worker_id},{m.tenure_days}" for m in STAFF), f"{YOU},0"]
    (folder / "workers.csv").write_text("\n".join(rows) + "\n", "utf-8")
    texts = {f"{arm}.toml": policy_text(arm).encode() for arm in ARMS}
    for file, text in texts.items():
        (folder / file).write_bytes(text)
    return texts
