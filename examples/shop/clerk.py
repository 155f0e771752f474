"""What a worker of the shop does in a chat: asks, looks up, does it, says so, ends it.

A pure function of the conversation and of what the tools said: no clock, no network. The demo's
simulated workers are clients of the desk's API that do what this says.
"""

from __future__ import annotations

import re
from typing import Any

from stepin.demo.case import Case, Close, Say, Step, Use

_ORDER = re.compile(r"ST-(\d{6})", re.I)
_YES = re.compile(r"\b(yes|sure|ok|please do)\b|是的|好的|确认", re.I)
_BYE = re.compile(r"that's all|thank|没有了|没有别的|谢谢", re.I)
_ISSUES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("refund", re.compile(r"refund|money back|return|退款|退货", re.I)),
    ("cancel", re.compile(r"cancel|取消", re.I)),
    ("parcel", re.compile(r"where|isn't here|parcel|哪儿|没来", re.I)),
)
_SAYS: dict[str, tuple[str, str]] = {
    "order": ("I'm here to help. Which order is it about?", "您好，请问是哪一个订单？"),
    "parcel": (
        "I've looked: {carrier} has it, last seen at {place}, expected on {eta}. Is there anything "
        "else I can do?",
        "帮您查到了：{carrier} 正在派送，最后在{place_zh}，预计 {eta} 送达。还有别的需要吗？",
    ),
    "cancel?": ("Shall I cancel order {order}?", "确认取消订单 {order} 吗？"),
    "refund?": (
        "Shall I refund the {name} of order {order}?",
        "确认为 {order} 的{name_zh}退款吗？",
    ),
    "done": (
        "Done. The money goes back the way it was paid, within 5 working days. Is there anything "
        "else?",
        "已办理，款项将在 5 个工作日内原路退回。还有别的需要吗？",
    ),
    "failed": (
        "I can't do that from here. A colleague will write to you by e-mail today. Is there "
        "anything else?",
        "我这边办不了，同事今天会发邮件联系您。还有别的需要吗？",
    ),
    "passed_on": (
        "Thank you for telling us. The team in charge has it now and will call you today. Is there "
        "anything else I can do?",
        "感谢告知，已转给专门的同事，今天会联系您。还有别的需要吗？",
    ),
}


class Clerk:
    """A worker who knows the shop's ways."""

    def next_step(self, case: Case) -> Step | None:
        """Return what to do now, None if it is the customer's turn."""
        asked = [text for who, text in case.lines if who == "customer"]
        if not asked or case.lines[-1][0] == "worker":
            return None
        own = [text for who, text in case.lines if who == "worker"]
        if own and _BYE.search(asked[-1]):
            return Close("solved")
        issue = next((name for name, p in _ISSUES if p.search("\n".join(asked))), "")
        found = _ORDER.findall("\n".join(asked))
        if not issue or len(own) > 4:
            return self._say(case, "passed_on")
        if not found:
            return self._say(case, "order")
        return self._about(case, issue, f"ST-{found[-1]}")

    def _about(self, case: Case, issue: str, order: str) -> Step:
        known = case.results
        if issue == "parcel":
            if "track_parcel" not in known:
                return Use("track_parcel", {"order": order})
            parcel = known["track_parcel"] or {}
            return self._say(case, "parcel" if parcel.get("sent") else "failed", **parcel)
        tool = "cancel_order" if issue == "cancel" else "refund_item"
        if tool in known:
            return self._say(case, "done" if known[tool] else "failed")
        if issue == "refund" and "get_order" not in known:
            return Use("get_order", {"order": order})
        item = self._item(known.get("get_order"), case)
        if issue == "refund" and item is None:
            return self._say(case, "failed")
        if self._agreed(case):
            more = {} if item is None else {"item": item["item"]}
            return Use(tool, {"order": order} | more)
        return self._say(case, f"{issue}?", order=order, **(item or {}))

    def _agreed(self, case: Case) -> bool:
        """Return whether the customer said yes after somebody asked."""
        asks = [n for n, (_, text) in enumerate(case.lines) if re.search(r"Shall I|^确认", text)]
        since = case.lines[asks[0] :] if asks else ()
        return any(who == "customer" and _YES.search(text) for who, text in since)

    def _item(self, order: Any, case: Case) -> dict[str, Any] | None:
        said = "\n".join(text for who, text in case.lines if who == "customer")
        items = [one for one in (order or {}).get("items", ()) if one["state"] == "ordered"]
        named = [one for one in items if one["name"] in said or one["name_zh"] in said]
        return next(iter(named or items), None)

    def _say(self, case: Case, what: str, **values: Any) -> Say:
        text = _SAYS[what][1 if case.language == "zh" else 0]
        return Say(text.format(**values))
