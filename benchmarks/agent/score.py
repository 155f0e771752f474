"""Whether a played dialogue came out right, judged from the shop's database and what was said.

Nothing of the brain's is trusted: effects are the shop's own notes of changes, statements are
held against the shop's records.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.agent.player import Played

RIGHT_CAUSE = {
    "person": {"requested"},
    "ineligible": {"policy"},
    "give_up": {"technical", "emotional"},
}
_LOOKED = {
    "parcel": "track_parcel", "cancel": "get_order", "refund": "get_order",
    "exchange": "get_order", "address": "get_order", "damaged": "get_order",
    "coupon": "check_coupon", "invoice": "send_invoice", "warranty": "check_warranty",
    "account": "change_contact",
}  # fmt: skip
_REFERENCE = re.compile(r"\b[CRNXITWK]-\w[\w-]*")
_ORDER = re.compile(r"ST-\d{6}")


@dataclass(frozen=True, slots=True)
class Score:
    """The verdict on one dialogue."""

    resolved: bool
    handed: bool
    handed_right: bool
    wrong_actions: tuple[tuple[str, str], ...]
    wrong_statements: tuple[str, ...]
    why: str


def score(played: Played) -> Score:
    """Return the verdict."""
    required, allowed = _effects(played)
    done = set(played.changes)
    wrong = tuple(change for change in played.changes if not _among(change, allowed))
    served = all(_served(want, played) for want in played.dialogue.want)
    complete = all(any(_among(change, {effect}) for change in done) for effect in required)
    handed = played.ended == "given_up"
    expect = played.dialogue.expect
    resolved = played.ended == "resolved" and served and complete and not wrong
    handed_right = handed and played.cause in RIGHT_CAUSE.get(expect, set())
    if resolved if expect == "resolve" else handed_right:
        why = ""
    elif handed:
        why = f"given up ({played.cause}): {_kind(played.reason)}"
    elif played.ended != "resolved":
        why = "never came to an end"
    elif wrong:
        why = f"did {wrong[0][0]}"
    elif expect != "resolve":
        why = "was told something instead of a person"
    elif not served:
        why = "another record was looked at, or none"
    else:
        why = "what was wanted was not done"
    return Score(
        resolved=resolved,
        handed=handed,
        handed_right=handed_right,
        why=why,
        wrong_actions=wrong,
        wrong_statements=tuple(_wrong_statements(played)),
    )


def _kind(reason: str) -> str:
    return re.sub(r"\d+", "N", reason.partition(" after ")[0])


def _effects(played: Played) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return the effects that must and may have happened, as (tool, subject or its start)."""
    script = played.dialogue
    required: set[tuple[str, str]] = set()
    allowed: set[tuple[str, str]] = set()
    order = script.order
    item = f"{order}/{script.line}" if script.line else f"{order}/"
    yes, status = script.confirms, script.status
    for want in script.want:
        must: list[tuple[str, str]] = []
        may: list[tuple[str, str]] = []
        match want:
            case "parcel":
                may = [("trace_parcel", order)]
            case "cancel" if status == "unshipped":
                must = [("cancel_order", order)]
            case "refund" if status == "delivered":
                must = [("refund_item", item)]
            case "refund" if status == "unshipped":
                may = [("cancel_order", order)]
            case "exchange" if status == "delivered":
                may = [("exchange_item", item)]
            case "address" if status == "unshipped":
                must = [("change_address", order)]
            case "invoice" if status in ("shipped", "unshipped", "delivered", "delivered_old"):
                allowed.add(("send_invoice", order))
                required.add(("send_invoice", order))
            case "damaged" if status == "delivered":
                may = [("refund_item", item), ("replace_item", item)]
            case "warranty":
                may = [("claim_warranty", item)]
            case "account":
                must = [("change_contact", script.customer_id)]
        if yes:
            required |= set(must)
            allowed |= {*must, *may}
    return required, allowed


def _among(change: tuple[str, str], effects: Iterable[tuple[str, str]]) -> bool:
    tool, subject = change
    return any(
        tool == known and (subject == start or (start.endswith("/") and subject.startswith(start)))
        for known, start in effects
    )


def _served(want: str, played: Played) -> bool:
    """Return whether the right record was looked at for a want, or rightly not found."""
    script = played.dialogue
    if script.status in ("other_customer", "nonexistent") and want != "account":
        return any(script.order in text for text in played.said)
    looked = [arguments for tool, arguments, _ in played.calls if tool == _LOOKED.get(want)]
    if want == "account" and not script.confirms:
        return True
    if want in ("coupon", "account"):
        return bool(looked)
    return any(arguments.get("order") == script.order for arguments in looked)


def _wrong_statements(played: Played) -> Iterable[str]:
    heard = " ".join(text for who, text in played.transcript if who == "customer")
    for text in played.said:
        for order in _ORDER.findall(text):
            if order not in played.own_orders and order[3:] not in heard:
                yield f"names order {order}, which is not the customer's"
        for reference in _REFERENCE.findall(text):
            if reference not in played.references and "-ST" not in reference:
                yield f"names {reference}, which doesn't exist"
