"""What the AI may do with a tool, decided by code before anything is proposed.

The procedures' limits bind whichever brain asks; approvals follow the stricter of the procedure
and the policy.
"""

from __future__ import annotations

from collections.abc import Mapping

from stepin.agent.tools.tool import CallPlan, Tool, ToolFailed
from stepin.core.action import Action
from stepin.core.policy import ApprovalPolicy


def admit(tool: Tool, amount: float, actions: Mapping[str, Action]) -> None:
    """Refuse a call of the AI's that is beyond the tool's limit in this chat.

    Raises
    ------
    ToolFailed
        ``over_limit``: more money than one call may move; ``too_often``: enough calls were made.
    """
    limit = tool.limit
    if limit.amount is not None and amount > limit.amount:
        raise ToolFailed("over_limit", f"{amount:.2f} is more than {limit.amount:.2f}.")
    if limit.times is not None:
        made = sum(
            action.tool == tool.name and action.state in ("succeeded", "executing", "unknown")
            for action in actions.values()
        )
        if made >= limit.times:
            raise ToolFailed("too_often", f"{tool.name} was called {made} times in this chat.")


def needs_approval(tool: Tool, plan: CallPlan, policy: ApprovalPolicy) -> bool:
    """Return whether a person has to approve this call of the AI's."""
    if tool.risk == "irreversible":
        return not policy.ai_irreversible
    if tool.risk != "money":
        return False
    above = policy.ai_money_limit
    if tool.limit.approve_above is not None:
        above = min(above, tool.limit.approve_above)
    return plan.amount > above
