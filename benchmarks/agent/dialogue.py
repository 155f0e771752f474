"""A scripted customer: what they want, what they answer, and what the right outcome is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from examples.shop.database import Shop
from examples.shop.seed import SAMPLES

FOLDER = Path(__file__).parent / "dialogues"
MINE = frozenset({"shipped", "unshipped", "delivered", "delivered_old"})
NOWHERE = "ST-000417"
_ORDER = re.compile(r"\{order\.(\w+)\}")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One line of the files, with its placeholders filled from a shop.

    Attributes
    ----------
    order : the order that the customer means, empty if none; `status` is its status there,
        ``delivered_old``, ``other_customer`` or ``nonexistent`` where that matters more.
    line : the line of the order that is meant, 0 if the customer names none.
    """

    id: str
    language: str
    customer_id: str
    want: tuple[str, ...]
    expect: str
    opening: tuple[str, ...]
    answers: dict[str, str]
    interjections: tuple[tuple[int, str], ...]
    confirms: bool
    confirm_text: str
    decline_text: str
    order: str = ""
    status: str = ""
    line: int = 0
    facts: dict[str, str] = field(default_factory=dict)


def read(language: str, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Return the lines of one language's file as they stand."""
    text = (folder / f"{language}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def fill(raw: dict[str, Any], shop: Shop) -> Dialogue:
    """Return a dialogue with its placeholders filled from the shop."""
    customer_id = SAMPLES[raw["customer"]]
    orders = _orders(shop, customer_id)
    orders["other_customer"] = _orders(shop, SAMPLES[_next(raw["customer"])])["delivered"]
    orders["nonexistent"] = NOWHERE
    wanted = _ORDER.search(raw["facts"].get("order", "")) or _ORDER.search(json.dumps(raw))
    status = wanted[1] if wanted else ""
    order = orders.get(status, "")
    values = {f"order.{name}": number for name, number in orders.items()}
    rows = shop.all(
        "SELECT line, name_en, name_zh FROM lines JOIN products USING (sku) WHERE order_id = ?",
        order if status in MINE else orders["delivered"],
    )  # fmt: skip
    for row in rows:
        values[f"item.{row['line']}"] = row["name_zh" if raw["language"] == "zh" else "name_en"]
    for row in shop.all("SELECT code, minimum FROM coupons WHERE customer_id = ?", customer_id):
        kinds = {"WELCOME": "valid", "SUMMER": "expired", "BIGBUY": "minimum"}
        values[f"coupon.{kinds[row['code'].split('-')[0]]}"] = row["code"]

    def put(text: str) -> str:
        return re.sub(r"\{([\w.]+)\}", lambda m: values.get(m[1], m[0]), text)

    item = re.search(r"\{item\.(\d)\}", raw["facts"].get("item", ""))
    return Dialogue(
        id=raw["id"],
        language=raw["language"],
        customer_id=customer_id,
        want=tuple(raw["want"]),
        expect=raw["expect"],
        opening=tuple(put(text) for text in raw["opening"]),
        answers={name: put(text) for name, text in raw["answers"].items()},
        interjections=tuple((one["after"], put(one["text"])) for one in raw["interjections"]),
        confirms=raw["confirms"],
        confirm_text=put(raw["confirm_text"]),
        decline_text=put(raw["decline_text"]),
        order=order,
        status=status,
        line=int(item[1]) if item else 0,
        facts={name: put(text) for name, text in raw["facts"].items()},
    )


def _next(letter: str) -> str:
    letters = list(SAMPLES)
    return letters[(letters.index(letter) + 1) % len(letters)]


def _orders(shop: Shop, customer_id: str) -> dict[str, str]:
    rows = shop.all(
        "SELECT order_id, status FROM orders WHERE customer_id = ? ORDER BY placed", customer_id
    )
    delivered = [row["order_id"] for row in rows if row["status"] == "delivered"]
    one = {row["status"]: row["order_id"] for row in rows}
    return {
        "shipped": one["shipped"],
        "unshipped": one["paid"],
        "delivered": delivered[-1],
        "delivered_old": delivered[0],
    }
