"""A demo signs for its one customer; a real desk for nobody."""

from __future__ import annotations

from pathlib import Path

from tests.web.served import Served, serving


async def test_a_demo_signs_for_its_customer(tmp_path: Path) -> None:
    async with serving(tmp_path, demo_customer="c1001") as served:
        found = (await served.client().get("/api/demo/customer")).json()
        assert found["customer_id"] == "c1001"
        _, opened = await served.customer("Hello?", identity=found["identity"])
        chat = await served.app.desk.chat(opened["chat_id"])
        assert (chat.customer_id, chat.customer_asserted) == ("c1001", True)


async def test_a_desk_that_is_no_demo_signs_for_nobody(served: Served) -> None:
    answer = await served.client().get("/api/demo/customer")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "no_demo_customer"
    assert "<pre>" not in (await served.client().get("/")).text.partition("<dl>")[0]
