"""The extension's tool and detector, each without a desk."""

from __future__ import annotations

import asyncio

import pytest
from stepin_parcels.carrier import SAMPLE, Carrier
from stepin_parcels.chasing import Chasing
from stepin_parcels.locate_parcel import locate_parcel_tool

from stepin import Caller, Detector, Shape, ToolFailed, Turn

DORA = Caller(customer_id="c1001", asserted=True)


async def located(number: str) -> dict[str, object]:
    tool = locate_parcel_tool(Carrier(SAMPLE))
    planned = await tool.plan(DORA, {"parcel": number})
    return await tool.call(DORA, planned.arguments)


def test_a_customer_s_own_parcel_is_found() -> None:
    found = asyncio.run(located("P-100001"))
    assert found == {"parcel": "P-100001", "place": "the depot in Leeds", "due": "2026-12-04"}


@pytest.mark.parametrize("number", ["P-100002", "P-999999"])
def test_another_customer_s_parcel_is_as_one_that_is_not_there(number: str) -> None:
    with pytest.raises(ToolFailed, match=f"no parcel {number}"):
        asyncio.run(located(number))


def test_the_second_question_after_a_parcel_reaches_the_threshold() -> None:
    detector: Detector = Chasing()
    state = detector.start()
    for text in ("Where is my parcel?", "I\u2019m still waiting"):
        assert detector.score(state)[0] < detector.threshold
        state = detector.update(state, Turn(role="customer", text=text), Shape())
        state = detector.update(state, Turn(role="ai", text="Where is it sent to?"), Shape())
    assert detector.score(state) == (0.75, ("chases_parcel",))
