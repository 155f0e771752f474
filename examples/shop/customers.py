"""The shop's customers: who writes, what about, how they phrase it, and when they lose patience.

`customers` draws them from a seed. A `Customer` answers what the AI or a worker says as a person
would who reads only the text, so that it can play against a rehearsal, a desk or its HTTP API.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from .database import Shop
from .seed import SAMPLES

Language = Literal["en", "zh"]
Mood = Literal["calm", "hurried", "annoyed"]

OPENINGS: dict[str, dict[Language, tuple[str, ...]]] = {
    "parcel": {"en": ("any idea where {order} is", "{order} still isn't here"),
               "zh": ("{order} 到哪儿了呀", "{order} 怎么还没来")},
    "cancel": {"en": ("could you stop order {order}? I'd like to cancel", "cancel {order} pls"),
               "zh": ("{order} 不想要了，帮我取消", "麻烦取消 {order}")},
    "refund": {"en": ("I'd like my money back for the {item} from {order}",
                      "want to return the {item}, {order}"),
               "zh": ("{order} 里的{item}想退款", "{item}不合适，退货，订单 {order}")},
    "exchange": {"en": ("can I swap the {item} from {order} for another colour",),
                 "zh": ("{order} 的{item}想换个颜色",)},
    "invoice": {"en": ("need an invoice for {order}",), "zh": ("{order} 开个发票",)},
    "warranty": {"en": ("is the {item} from {order} still under warranty?",),
                 "zh": ("{order} 的{item}还在保修期吗",)},
    "person": {"en": ("I want to talk to a person",), "zh": ("转人工",)},
}  # fmt: skip
STATUS = {"parcel": "shipped", "cancel": "paid"}
LEADS: dict[Mood, dict[Language, tuple[str, ...]]] = {
    "calm": {"en": ("hello, ", "hi there, ", ""), "zh": ("你好，", "您好，", "")},
    "hurried": {"en": ("quick one: ", "in a rush, "), "zh": ("急，", "快点，")},
    "annoyed": {"en": ("seriously, ", "not again... "), "zh": ("真是的，", "又来了，")},
}
SAYS: dict[str, dict[Language, tuple[str, ...]]] = {
    "yes": {"en": ("yes", "yes please", "sure"), "zh": ("是的", "好的", "确认")},
    "bye": {"en": ("no, that's all, thanks",), "zh": ("没有了，谢谢",)},
    "name": {"en": ("my own name",), "zh": ("个人",)},
    "enough": {"en": ("this goes nowhere, get me a person",), "zh": ("说不清楚，转人工",)},
    "asking": {"en": ("I only wanted to know",), "zh": ("只是问问",)},
    "first": {"en": ("the first one",), "zh": ("第一个",)},
}
_ASKS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (answer, re.compile(pattern, re.I))
    for answer, pattern in (
        ("order", r"which order|哪一个订单"),
        ("item", r"which item|哪一件"),
        ("first", r"which one would you like|换成哪一种"),
        ("name", r"made out to: your|抬头开谁"),
        ("asking", r"warranty claim, or|保修申请吗？还是"),
        ("yes", r"\bshall I\b|确认|要我"),
        ("bye", r"anything else|还有别的"),
    )
)


@dataclass(slots=True)
class Customer:
    """One customer with one issue.

    Attributes
    ----------
    patience : how many unhelpful answers in a row are borne before a person is asked for.
    returns : whether they come back later with the same issue.
    """

    customer_id: str
    language: Language
    mood: Mood
    issue: str
    order: str
    item: str
    patience: int
    returns: bool
    random: Random
    _last: str = field(default="", init=False)
    _bored: int = field(default=0, init=False)

    def opening(self) -> tuple[str, ...]:
        """Return the first messages; some send the greeting apart."""
        lead = self.random.choice(LEADS[self.mood][self.language])
        body = self.random.choice(OPENINGS[self.issue][self.language])
        text = body.format(order=self.order, item=self.item)
        return (lead.strip(" ,，"), text) if lead and self.random.random() < 0.3 else (lead + text,)

    def answer(self, said: str) -> str | None:
        """Return the answer to a message, or None if the customer only waits."""
        asked = next((name for name, pattern in _ASKS if pattern.search(said)), "")
        self._bored = self._bored + 1 if not asked or asked == self._last else 0
        self._last = asked
        if self._bored >= self.patience:
            self._bored = 0
            return self._say("enough")
        if asked in ("order", "item"):
            return self.order if asked == "order" else self.item
        return self._say(asked) if asked else None

    def _say(self, what: str) -> str:
        return self.random.choice(SAYS[what][self.language])


def customers(shop: Shop, *, seed: int) -> Iterator[Customer]:
    """Draw customers without end; the same shop and seed give the same ones."""
    random = Random(seed)
    while True:
        customer_id = random.choice(list(SAMPLES.values()))
        row = shop.one("SELECT language FROM customers WHERE customer_id = ?", customer_id)
        language: Language = "zh" if row is not None and row["language"] == "zh" else "en"
        issue = random.choice(list(OPENINGS))
        bought = shop.all(
            "SELECT order_id, name_en, name_zh FROM orders JOIN lines USING (order_id)"
            " JOIN products USING (sku) WHERE customer_id = ? AND status = ?"
            " ORDER BY placed DESC, line",
            customer_id,
            STATUS.get(issue, "delivered"),
        )
        if not bought:
            continue
        yield Customer(
            customer_id=customer_id,
            language=language,
            mood=random.choices(("calm", "hurried", "annoyed"), (6, 2, 2))[0],
            issue=issue,
            order=bought[0]["order_id"],
            item=bought[0]["name_zh" if language == "zh" else "name_en"],
            patience=random.randint(2, 4),
            returns=random.random() < 0.1,
            random=Random(random.random()),
        )
