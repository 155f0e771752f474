"""Where a customer wants something sent: the place that is named says what is asked for.

"Send order ST-1 to 22 Baker Street" without its number and place is "send order to", and that
reads like anything. The place itself is the evidence: only a procedure that takes such a place
can be meant, or what the rest of the words says.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from stepin.agent.builtin import extract

_VERBS = frozenset(
    [
        *("send", "ship", "deliver", "redirect", "reroute", "forward", "post", "mail", "dispatch"),
        *("sending", "shipping", "delivering", "redirecting", "resend", "bring", "get"),
    ]
)
_PAST = frozenset(
    [
        *("why", "did", "didn't", "was", "were", "wasn't", "been", "never", "when", "where", "who"),
        *("already", "had", "has", "have", "haven't", "hasn't", "supposed", "should've", "meant"),
    ]
)
_FRAME = frozenset(
    [
        *(
            "the",
            "my",
            "order",
            "orders",
            "it",
            "this",
            "that",
            "them",
            "please",
            "pls",
            "to",
            "can",
        ),
        *("could", "you", "would", "i", "i'd", "want", "like", "need", "parcel", "package", "one"),
        *(
            "just",
            "hi",
            "hello",
            "hey",
            "number",
            "no",
            "nr",
            "over",
            "out",
            "at",
            "me",
            "us",
            "and",
        ),
        *("address", "for", "a", "box", "delivery", "stuff", "thing", "things", "item", "in", "is"),
    ]
)
_VERBS_ZH = ("寄", "送", "发", "邮")
_TOWARDS_ZH = ("到", "至", "给", "往", "去")
_PAST_ZH = ("怎么", "为什么", "为啥", "已经", "没", "被", "了")
_FRAME_ZH = frozenset(
    "请把我的订单号寄送发邮到至给往去快递包裹东西改成一下个这那麻烦帮您你好吧，,。货件单"
)
_REACH, _REACH_ZH = 8, 10


class Sending(msgspec.Struct, frozen=True):
    """A wish to have something sent somewhere; `rest` is what else is said."""

    kind: Literal["address", "email"]
    rest: str


def sending(text: str, bare: str) -> Sending | None:
    """Return the wish of a text to have something sent to an address, None if it has none.

    Parameters
    ----------
    bare : the text without its numbers and places.
    """
    kind: Literal["address", "email"] = "address"
    place = extract.address(text, asked=False)
    if place is None:
        kind, place = "email", extract.email(text)
    if place is None or (at := text.find(place)) < 0:
        return None
    before = text[:at].lower().replace("’", "'")
    if not (_asks(before) or _asks_in_chinese(before)):
        return None
    bare = bare.replace(place, " ")
    words = [word.strip(".,!?;:'\"()") for word in bare.lower().replace("’", "'").split()]
    rest = [w for w in words if w and w not in _FRAME and w not in _VERBS and not _is_frame_zh(w)]
    return Sending(kind, " ".join(rest))


def _asks(before: str) -> bool:
    words = [word.strip(".,!?;:'\"()") for word in before.split()]
    for at in range(len(words) - 1, max(len(words) - _REACH, 0) - 1, -1):
        if words[at] in _VERBS:
            return "to" in words[at:] and not any(
                word in _PAST for word in words[max(at - 6, 0) : at]
            )
    return False


def _asks_in_chinese(before: str) -> bool:
    near = before[-_REACH_ZH:]
    verb = max((near.rfind(verb) for verb in _VERBS_ZH), default=-1)
    if verb < 0 or not any(word in near[verb:] for word in _TOWARDS_ZH):
        return False
    return not any(word in before[-2 * _REACH_ZH :] for word in _PAST_ZH)


def _is_frame_zh(word: str) -> bool:
    return all(char in _FRAME_ZH for char in word)
