"""Limits of a call, and that a sandbox asks for approval where a desk does."""

from __future__ import annotations

import pytest

from stepin.agent.tools.limits import must_be_an_amount, needs_approval
from stepin.agent.tools.tool import CallPlan, ToolFailed
from stepin.core.action import Resolved
from stepin.core.decide.actions import approver_role
from stepin.core.policy import ApprovalPolicy
from tests.desk.shop import Shop


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), -500.0, -0.01])
def test_an_amount_that_would_pass_any_limit_is_refused(amount: float) -> None:
    with pytest.raises(ToolFailed) as refused:
        must_be_an_amount(CallPlan(arguments={}, amount=amount))
    assert refused.value.code == "bad_amount"


@pytest.mark.parametrize("limit", [0.0, 150.0])
@pytest.mark.parametrize("amount", [0.0, 100.0, 150.0, 150.01])
def test_a_sandbox_asks_where_a_desk_asks(amount: float, limit: float) -> None:
    policy = ApprovalPolicy(ai_money_limit=limit)
    tool = Shop().get("refund")
    assert tool is not None
    resolved = Resolved(
        tool="refund", tool_version="1", risk=tool.risk, arguments={}, amount=amount,
        approve_above=tool.limit.approve_above,
    )  # fmt: skip
    asked = needs_approval(tool, CallPlan(arguments={}, amount=amount), policy)
    assert asked == (approver_role(resolved, policy, None) is not None)
    assert asked == (limit == 0.0 or amount > limit)
