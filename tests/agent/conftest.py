from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from examples.shop import tools_of
from examples.shop.database import Shop
from examples.shop.seed import seed

from stepin.agent.builtin.brain import BuiltinBrain
from stepin.agent.gate.material import material_of_shop
from stepin.agent.sandbox import Rehearsal
from stepin.agent.shop.handbook import Handbook, read_handbook
from stepin.agent.tools.tool import Tool
from stepin.agent.tools.toolbox import Toolbox
from stepin.core.policy import ApprovalPolicy, Policy
from stepin.judge.models.intent import IntentModel

SHOP = Path(__file__).parents[2] / "examples" / "shop"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

Rehearse = Callable[..., Rehearsal]


@pytest.fixture(scope="session")
def handbook() -> Handbook:
    return read_handbook(SHOP)


@pytest.fixture(scope="session")
def brain(handbook: Handbook, intents: Callable[[Handbook], IntentModel]) -> BuiltinBrain:
    return BuiltinBrain(handbook, intents(handbook))


@pytest.fixture
def shop() -> Iterator[Shop]:
    opened = Shop(":memory:", now=lambda: NOW)
    seed(opened, today=date(2026, 3, 2))
    yield opened
    opened.close()


@pytest.fixture
def tools(shop: Shop, handbook: Handbook) -> dict[str, Tool]:
    box = Toolbox(tools_of(shop), now_s=lambda: 0.0).limited(handbook.limits)
    return {tool.name: tool for tool in box.all()}


@pytest.fixture
def rehearse(brain: BuiltinBrain, tools: dict[str, Tool], handbook: Handbook) -> Rehearse:
    material = material_of_shop(handbook)

    def begin(customer_id: str = "c1001", *, money_limit: float = 150, **more: object) -> Rehearsal:
        policy = Policy(approvals=ApprovalPolicy(ai_money_limit=money_limit))
        return Rehearsal(
            brain,
            tools,
            customer_id=customer_id,
            policy=policy,
            material=material,
            **more,  # type: ignore[arg-type]
        )

    return begin


def order(shop: Shop, status: str, customer_id: str = "c1001") -> str:
    row = shop.one(
        "SELECT order_id FROM orders WHERE customer_id = ? AND status = ? ORDER BY placed DESC",
        customer_id,
        status,
    )
    assert row is not None
    return str(row["order_id"])


def status(shop: Shop, order_id: str) -> str:
    row = shop.one("SELECT status FROM orders WHERE order_id = ?", order_id)
    assert row is not None
    return str(row["status"])
