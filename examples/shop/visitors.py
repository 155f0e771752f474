"""The shop's customers as visitors of a live desk: with moods, patience, a memory and a rating.

They know nothing but their own orders and what the desk says. When they have nothing left to ask
about they buy again, so that a demo never runs out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from .customers import LEADS, OPENINGS, STATUS, Customer, Language, Mood
from .database import Shop
from .seed import SAMPLES, order

HOUSE_GUEST = SAMPLES["A"]
"""The customer whom visitors of the demo's page play; nobody else does."""
FOR_PEOPLE: dict[str, dict[Language, tuple[str, ...]]] = {
    "legal": {"en": ("you will hear from my lawyer about {order}",),
              "zh": ("订单 {order} 的事我要找律师",)},
    "safety": {"en": ("the {item} from {order} gave off smoke when I plugged it in",),
               "zh": ("{order} 的{item}一插电就冒烟",)},
    "business": {"en": ("we want the {item} for our hotel, 60 pieces, can you quote a price?",),
                 "zh": ("我们酒店想批量采购{item}，六十件，能报价吗",)},
    "fraud": {"en": ("I didn't place {order}, somebody used my stolen card",),
              "zh": ("{order} 不是我下的单，银行卡被盗刷了",)},
}  # fmt: skip
UNUSUAL: dict[Language, tuple[str, ...]] = {
    "en": ("the screen of the {item} only speaks Norwegian", "my parrot ate the manual of {order}"),
    "zh": ("{item}的屏幕只有挪威语", "{order} 的说明书被鹦鹉吃了"),
}
TEMPER: dict[Language, tuple[str, ...]] = {
    "en": ("honestly, this is ridiculous!", "what a terrible service, I am so annoyed",
           "how often do I have to say this? I'm really angry now"),
    "zh": ("真是太离谱了！", "服务太差了，气死我了", "要我说几遍？我真的生气了"),
}  # fmt: skip
SAYS: dict[str, dict[Language, str]] = {
    "hello": {"en": "hello? are you still there?", "zh": "还在吗？"},
    "about": {"en": "it's the {item}, order {order}", "zh": "是 {order} 里的{item}"},
    "thanks": {"en": "great, thank you. That's all", "zh": "好的，谢谢，没有别的了"},
    "fine": {"en": "ok", "zh": "好"},
    "back": {"en": "it's me again. ", "zh": "又是我。"},
}
_SETTLED = re.compile(
    r"\bdone\b|refunded|cancelled|on its way|expected|arranged|will (be|call|write|get|hear)"
    r"|已|预计|安排|联系您",
    re.I,
)
_HOLD_ON = re.compile(r"approv|handing the chat|will take over|审批|批准|同意|转给|转接", re.I)
_WEIGHTS = {"parcel": 5, "refund": 5, "cancel": 4, "exchange": 2, "invoice": 2, "warranty": 2}


@dataclass(slots=True)
class Visitor:
    """One customer with one issue, live: what `stepin.demo` plays."""

    customer: Customer
    name: str
    random: Random
    back: bool = False
    content: bool = field(default=False, init=False)
    _vented: int = field(default=0, init=False)
    _silences: int = field(default=0, init=False)
    _bored: int = field(default=0, init=False)

    @property
    def customer_id(self) -> str:
        """Who they are to the shop."""
        return self.customer.customer_id

    @property
    def language(self) -> Language:
        """What they write in."""
        return self.customer.language

    @property
    def patience_s(self) -> float:
        """How long they bear a silence."""
        return {"calm": 75.0, "hurried": 50.0, "annoyed": 40.0}[self.customer.mood]

    def opening(self) -> tuple[str, ...]:
        """Return the first messages."""
        one = self.customer
        if one.issue in OPENINGS:
            first = one.opening()
        else:
            asked = FOR_PEOPLE.get(one.issue, {}).get(one.language) or UNUSUAL[one.language]
            lead = self.random.choice(LEADS[one.mood][one.language])
            body = self.random.choice(asked).format(order=one.order, item=one.item)
            first = (lead + body,)
        return (SAYS["back"][one.language] + first[0], *first[1:]) if self.back else first

    def answer(self, said: str, by: Literal["ai", "worker"]) -> tuple[str, ...]:
        """Return what they say to that, with their temper if it runs out."""
        if self.content or _HOLD_ON.search(said):
            return ()
        one = self.customer
        one.patience = 10**6 if by == "worker" else min(one.patience, 4)
        text = one.answer(said)
        if text is not None and "?" not in text:
            self.content = self.content or bool(re.search(r"that's all|没有了", text))
        if text is None:
            text = self._to_worker(said) if by == "worker" else None
        return (*self._temper(), text) if text is not None else ()

    def _to_worker(self, said: str) -> str | None:
        one = self.customer
        if re.search(r"[?？]", said):
            return self._say("about")
        if _SETTLED.search(said):
            self.content = True
            return self._say("thanks")
        self._bored += 1
        self.content = self._bored > 2
        return SAYS["fine"][one.language] if self._bored == 1 else None

    def _temper(self) -> tuple[str, ...]:
        one = self.customer
        loses = one.mood == "annoyed" and self._vented < 2 and not self.content
        if not loses or self.random.random() > 0.6:
            return ()
        self._vented += 1
        return (self.random.choice(TEMPER[one.language]),)

    def silence(self) -> str | None:
        """Return what they ask into the silence: twice, then they leave."""
        self._silences += 1
        return SAYS["hello"][self.language] if self._silences < 3 else None

    def rating(self) -> int | None:
        """Return a rating: six in ten give one."""
        if self.random.random() > 0.6:
            return None
        base = 5 if self.content else 2
        base -= self._vented + self._silences + (self.customer.mood == "annoyed")
        return max(1, min(5, base + self.random.choice((-1, 0, 0, 0))))

    def again(self) -> Visitor | None:
        """Return them as they come back: whoever got nothing, and some of the others."""
        if self.back or not (self.customer.returns or (not self.content and self._vented)):
            return None
        return Visitor(self.customer, self.name, Random(self.random.random()), back=True)

    def saved(self) -> dict[str, Any]:
        """Return all that goes on after a restart but the dice."""
        one = self.customer
        kept = ("customer_id", "language", "mood", "issue", "order", "item", "patience", "returns")
        return {name: getattr(one, name) for name in kept} | {"name": self.name, "back": self.back}

    def _say(self, what: str) -> str:
        one = self.customer
        return SAYS[what][one.language].format(order=one.order, item=one.item)


class Visitors:
    """Who comes, drawn from a seed and the shop as it is now.

    Parameters
    ----------
    people_share, unusual_share : of the issues that only people may have, and of those that no
        procedure knows.
    """

    def __init__(
        self, shop: Shop, *, seed: int, people_share: float = 0.2, unusual_share: float = 0.06
    ) -> None:
        self._shop, self._random = shop, Random(seed)
        self._people, self._unusual = people_share, unusual_share

    def draw(self, busy: frozenset[str]) -> Visitor | None:
        """Return the next visitor, none of the busy customers."""
        rows = self._shop.all("SELECT * FROM customers ORDER BY customer_id")
        free = [r for r in rows if r["customer_id"] not in busy | {HOUSE_GUEST}]
        if not free:
            return None
        who = self._random.choice(free)
        issue = self._issue()
        language: Language = "zh" if who["language"] == "zh" else "en"
        order_id, english, chinese = self._order(who, STATUS.get(issue, "delivered"))
        mood: Mood = self._random.choices(("calm", "hurried", "annoyed"), (5, 2, 3))[0]
        customer = Customer(
            customer_id=who["customer_id"],
            language=language,
            mood=mood,
            issue=issue,
            order=order_id,
            item=chinese if language == "zh" else english,
            patience=self._random.randint(2, 4),
            returns=self._random.random() < 0.15,
            random=Random(self._random.random()),
        )
        return Visitor(customer, who["name"], Random(self._random.random()))

    def restored(self, saved: dict[str, Any]) -> Visitor | None:
        """Return a visitor whose chat went on before a restart."""
        told = dict(saved)
        try:
            name, back = told.pop("name"), told.pop("back")
            customer = Customer(**told, random=Random(self._random.random()))
        except (KeyError, TypeError):
            return None
        return Visitor(customer, name, Random(self._random.random()), back=back)

    def _issue(self) -> str:
        drawn = self._random.random()
        if drawn < self._people:
            return self._random.choice((*FOR_PEOPLE, "person"))
        if drawn < self._people + self._unusual:
            return "unusual"
        return self._random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]

    def _order(self, who: Any, status: str) -> tuple[str, str, str]:
        """Return an order with something unsettled and its dearest item; buy one if need be."""
        for _ in range(2):
            row = self._shop.one(
                "SELECT order_id, name_en, name_zh FROM orders JOIN lines USING (order_id)"
                " JOIN products USING (sku) WHERE customer_id = ? AND status = ?"
                " AND state = 'ordered' AND coalesce(delivered, '9') >= date(?, '-20 days')"
                " ORDER BY lines.price DESC",
                who["customer_id"], status, str(self._shop.today()),
            )  # fmt: skip
            if row is not None:
                return row["order_id"], row["name_en"], row["name_zh"]
            self._buy(who, status)
        raise LookupError(f"{who['customer_id']} has bought nothing that is {status}")

    def _buy(self, who: Any, status: str) -> None:
        taken = {r["order_id"] for r in self._shop.all("SELECT order_id FROM orders")}
        number = next(n for n in iter(lambda: self._random.randrange(100_000, 999_999), None)
                      if f"ST-{n}" not in taken)  # fmt: skip
        days = {"paid": (0, None), "shipped": (3, 1), "delivered": (9, 4)}[status]
        with self._shop.transaction():
            order(self._shop, self._random, who["customer_id"], who["address"], status, *days,
                  self._shop.today(), [number])  # fmt: skip
