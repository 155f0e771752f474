"""The policies that a plan names: whether they route chats as it says, and how desks get them."""

from __future__ import annotations

from collections.abc import Mapping

from stepin.core.events.floor import PolicyChanged
from stepin.core.policy import load_policy
from stepin.errors import Invalid
from stepin.trial.plan import Plan


def policy_name(trial: str, file: str) -> str:
    """Return the name under which the log keeps the policy file of a trial's arm."""
    return f"{trial}/{file}"


def policies_of(plan: Plan, policies: Mapping[str, bytes]) -> list[PolicyChanged]:
    """Return the events that bring the arms' policies to every desk on the log.

    Raises
    ------
    Invalid
        As `check_policies`.
    """
    check_policies(plan, policies)
    events = []
    for file in dict.fromkeys(arm.policy for arm in plan.arms):
        text = policies[file].decode("utf-8")
        version = load_policy(text, source=file).version
        why = f"the trial {plan.name} was registered"
        name = policy_name(plan.name, file)
        events.append(PolicyChanged(name=name, policy_version=version, text=text, why=why))
    return events


def check_policies(plan: Plan, policies: Mapping[str, bytes]) -> None:
    """Refuse policies that can't be read, or under which the arms would get chats differently.

    Raises
    ------
    Invalid
        ``policy_invalid`` for a policy that isn't one; ``policy_routing`` if its rule or cap of
        assignment isn't the plan's, in a trial of workers; ``policy_rules`` if it has rules of its
        own, which hold in every arm.
    """
    for arm in plan.arms:
        policy = load_policy(policies[arm.policy].decode("utf-8", "replace"), source=arm.policy)
        if policy.rules:
            raise Invalid(
                f"{arm.policy} has [rules], but the desk's rules hold in every arm.",
                code="policy_rules",
                hint="Put them into the policy file that the desk is served with.",
                arm=arm.name,
                policy=arm.policy,
            )
        routing = policy.assignment
        if plan.unit == "worker" and (routing.rule, routing.cap) != (
            plan.routing.owner,
            plan.routing.cap,
        ):
            raise Invalid(
                f"{arm.policy} draws owners by {routing.rule} up to {routing.cap} chats; the plan "
                f"says {plan.routing.owner} up to {plan.routing.cap}.",
                code="policy_routing",
                hint="Both arms need the plan's rule and cap under [assignment].",
                arm=arm.name,
                policy=arm.policy,
            )
