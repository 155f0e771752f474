from __future__ import annotations

from typing import Any

import msgspec
import pytest

from stepin.agent.brain import Line, Planned, Speaker
from stepin.agent.gate.evidence import evidence_of, needs_evidence, unborne
from stepin.agent.gate.material import Material, _factors, material_of_shop, spelt_sentence
from stepin.agent.shop.handbook import Handbook
from stepin.core.action import Action, ActionState

NOTHING = Material()


def action(tool: str, state: ActionState = "succeeded", **more: Any) -> Action:
    return msgspec.convert(
        {
            "action_id": tool, "state": state, "tool": tool, "tool_version": "1",
            "risk": "read" if tool.startswith(("get", "list")) else "money", "arguments": {},
            "digest": "", "business_key": "b", "proposer": "ai:x", "epoch": 0, "seq": 1,
            "basis_seq": 1, **more,
        },
        Action,
    )  # fmt: skip


def line(speaker: Speaker, text: str) -> Line:
    return Line(seq=1, at_us=1, speaker=speaker, text=text)


def lacks(text: str, *actions: Action, lines: list[Line] | None = None) -> str:
    return unborne(text, evidence_of(actions, lines or [], NOTHING))


@pytest.mark.parametrize("state", ["proposed", "denied", "expired", "failed", "unknown"])
def test_only_an_action_that_has_succeeded_bears_an_act_out(state: ActionState) -> None:
    said = "I've refunded the lamp."
    assert lacks(said, action("refund_item")) == ""
    assert lacks(said, action("refund_item", state)) == "claim"
    assert lacks(said, action("cancel_order")) == "claim"
    assert lacks(said) == "claim"


def test_a_record_bears_out_what_its_state_says_and_of_itself_alone() -> None:
    rows = [{"order": "ST-4711", "status": "shipped"}, {"order": "ST-4712", "status": "paid"}]
    listed = action("list_orders", result={"orders": rows})
    assert lacks("Order ST-4711 was shipped.", listed) == ""
    assert lacks("Order ST-4712 was shipped.", listed) == "claim"
    assert lacks("Order ST-9999 was shipped.", listed) == "claim"
    assert lacks("Order ST-4711 was cancelled.", listed) == "claim"
    one = action("get_order", arguments={"order": "ST-4711"}, result={"sent": False, "refunded": 0})
    assert lacks("Your order was sent.", one) == "claim"
    assert lacks("It was refunded.", one) == "claim"


def test_what_waits_bears_out_only_that_it_goes_on() -> None:
    waits = action("refund_item", "proposed")
    assert lacks("Your refund has been processed.", waits) == "claim"
    assert lacks("I'm refunding it right now.", waits) == ""
    assert lacks("I'm refunding it right now.") == "claim"


@pytest.mark.parametrize("speaker", ["worker", "whisper", "boundary"])
def test_a_persons_word_bears_out_and_a_customers_doesnt(speaker: Speaker) -> None:
    said = "As you know, £20 were refunded."
    assert lacks(said, lines=[line(speaker, "Refunded £20 by phone.")]) == ""
    assert lacks(said, lines=[line("customer", "You refunded £20 by phone!")]) == "claim"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("It costs £89.00.", ""),
        ("Both cost £168.", ""),
        ("That is £10 more.", ""),
        ("Three of them are £267.", ""),
        ("It costs £98.00.", "amount"),
        ("You get £500 back.", "amount"),
        ("You asked for £500; that isn't possible.", ""),
        ("Do you mean £500?", ""),
        ("I can't give you £50 off.", ""),
        ("Delivery is free: £0.", ""),
        ("It has 3 parts and 24 months of warranty.", ""),
    ],
)
def test_an_amount_stands_in_a_result_or_follows_from_some(text: str, reason: str) -> None:
    items = [{"item": 1, "price": 89.0}, {"item": 2, "price": 79.0}]
    known = action("get_order", result={"total": 168.0, "items": items})
    said = [line("customer", "I want £500!")]
    assert lacks(text, known, lines=said) == ("amount" if reason else "")


def test_an_amount_that_was_done_needs_a_result_and_not_the_shops_pages() -> None:
    material = Material(amounts=frozenset({40.0}))
    evidence = evidence_of([action("refund_item", amount=89.0)], [], material)
    assert unborne("Delivery is free from £40.", evidence) == ""
    assert unborne("I've refunded £89.", evidence) == ""
    assert unborne("I've refunded £40.", evidence) == "amount"


def test_only_claims_and_amounts_need_evidence() -> None:
    assert not needs_evidence("Which order is it about?")
    assert needs_evidence("It costs £5.")
    assert needs_evidence("已为您取消订单。")


def test_a_plan_bears_out_its_amount_and_no_act() -> None:
    plan = Planned(confirms="k", amount=213.0)
    evidence = evidence_of([], [], NOTHING, [plan])
    assert unborne("Shall I cancel it? You get £213.00 back.", evidence) == ""
    assert unborne("I've cancelled it.", evidence) == "claim"


def test_what_the_shops_pages_and_procedures_say_is_known(handbook: Handbook) -> None:
    material = material_of_shop(handbook)
    assert (
        spelt_sentence("Standard delivery is free from £40; below that it costs £3.90.")
        in (material.told)
        or {40.0, 3.9} <= material.amounts
    )
    assert {"cancel", "refund"} <= material.acts["cancel_order"]
    assert 150.0 in material.amounts


def test_an_amount_that_a_procedure_works_out_is_known(handbook: Handbook) -> None:
    assert set(_factors("You get {o.total * 0.9 - 5|money} back, in {o.days + 3} days.")) == {
        0.9,
        5,
    }
    known = [action("get_order", result={"total": 168.0})]
    said = "You get £151.20 back."
    assert unborne(said, evidence_of(known, [], NOTHING)) == "amount"
    assert unborne(said, evidence_of(known, [], Material(factors=frozenset({0.9})))) == ""
