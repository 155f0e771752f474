"""Whether the policies that a plan names route chats as the plan says they do."""

from __future__ import annotations

from collections.abc import Mapping

from stepin.core.policy import load_policy
from stepin.errors import Invalid
from stepin.trial.plan import Plan


def check_policies(plan: Plan, policies: Mapping[str, bytes]) -> None:
    """Refuse policies that can't be read, or under which the arms would get chats differently.

    Raises
    ------
    Invalid
        ``policy_invalid`` for a policy that isn't one; ``policy_routing`` if its rule or cap of
        assignment isn't the plan's, in a trial of workers.
    """
    for arm in plan.arms:
        policy = load_policy(policies[arm.policy].decode("utf-8", "replace"), source=arm.policy)
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
