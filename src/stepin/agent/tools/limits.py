"""What the AI may do with a tool, decided by code before anything is proposed.

The procedures' limits bind whichever brain asks; approvals follow the stricter of the procedure
and the policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from stepin.agent.tools.tool import CallPlan, Tool, ToolFailed
from stepin.core.action import Action, Resolved
from stepin.core.decide.actions import approver_role
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


def must_be_an_amount(plan: CallPlan) -> None:
    """Refuse a plan whose amount is negative, infinite or not a number: it would pass any limit.

    Raises
    ------
    ToolFailed
        ``bad_amount``.
    """
    if not 0 <= plan.amount < inf:
        raise ToolFailed("bad_amount", f"{plan.amount} is no amount that a call could move.")


def needs_approval(tool: Tool, plan: CallPlan, policy: ApprovalPolicy) -> bool:
    """Return whether a person has to approve this call of the AI's, by the desk's own rule."""
    resolved = Resolved(
        tool=tool.name,
        tool_version=tool.version,
        risk=tool.risk,
        arguments=plan.arguments,
        amount=plan.amount,
        approve_above=tool.limit.approve_above,
        ai_approver=tool.limit.approver,
    )
    return approver_role(resolved, policy, None) is not None
