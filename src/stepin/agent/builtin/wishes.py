"""What a customer says that they don't want: no procedure starts on a wish that is denied.

"Please don't cancel anything" speaks of cancelling as "please cancel it" does; a model of words
can't tell the two apart, so the denied part is taken out of the text before the model reads it.
"Don't send it" stays: to deny a sending is to wish for a cancellation. Tokens are read one after
the other with a bounded look behind; nothing here is a pattern.
"""

# ruff: noqa: E501
from __future__ import annotations

import msgspec


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# What procedures do for a customer; a denied one of these isn't asked for.
_ACTS = _words("""
cancel canceled cancelled canceling cancelling cancellation cancellations cancels refund
refunded refunding refunds return returned returning exchange exchanged exchanging swap swapped
replace replaced replacing replacement change changed changing changes update updating updated
modify modified edit invoice claim close closed delete deleted redirect reroute withdraw scrap
void touch alter
""")
_DENIES = frozenset(
    _words("""
don't dont donot never not no without nobody didn't didnt wasn't wasnt isn't isnt wouldn't
wouldnt won't wont nor
""")
)
# Verbs that stand between a denial and the act that it denies ("I didn't ask for a refund").
_BETWEEN = frozenset(
    _words("""
want need wish like ask asked asking request requested requesting say said saying mean meant
intend intending plan planning try trying look looking go going interested think wanting needing
to a an the any my for you please in on of about i me it that this have get got be being us
wanted anyone anybody somebody someone reason plans intention told tell ever just really
actually do did rather longer dare order orders item parcel address anything yet still is was
here after at all and or started start begin another
""")
)
# Verbs of the one who would do it; only before a named act ("don't process the refund").
_DOES = frozenset(_words("process issue give make proceed with ahead through carry out initiate"))
_NAMES = frozenset(_words("a an the any this that my me with of"))
# What says no more than that everything stays as it is, where a wish was denied beside it.
_KEEPING = frozenset(
    _words("""
i i'll i'd i'm will would want wanna like rather prefer going am to keep keeping it them this that
the my order item items please because since as we really still now decided have all everything
""")
)
# Before these words a denial complains or asks; it doesn't withdraw a wish.
_COMPLAINS = frozenset(
    _words("""
why if you they he she it unless can't cannot couldn't who's
""")
)
_REACH = 8
_KEPT_CHARS = 12
_IS_NOT = frozenset(_words("not isn't isnt wasn't wasnt"))
_MINE = frozenset(_words("didn't didnt wasn't wasnt isn't isnt won't wont wouldn't wouldnt"))
_BIDS = frozenset(["", *_words("please do i so but and to just rather we")])
_LACKS = frozenset(_words("is are was has have with see get"))
_NEEDS = frozenset(_words("need one reason more further longer"))
_GETS = frozenset(_words("have get got see receive find"))
_THIS = frozenset(["want it", "like it", "need it", "want this", "want that"])
_APART = frozenset(",.;!?:\n，。；！？：、")
_NOT_BUT = (
    "it's not that",
    "its not that",
    "it is not that",
    "not because",
    "not that i",
    "isn't that i",
    "it isn't that",
    "不是我不",
    "不是因为",
    "不是说",
    "并不是",
    "又不是",
    "不是要",
    "不是我想",
    "不是我要",
    "不是想",
)

_ACTS_ZH = _words("""
取消 撤单 撤销 退款 退货 退掉 退钱 退单 退 换货 更换 调换 换 改地址 修改 更改 改 开票 开发票 补发
""")
_DENIES_ZH = _words("""
不是我想 不是我要 不是要 不是想 没说要 没说过要 没有说要 没要求 没想要 没想 没打算 没要 没让你 没叫你 从没说 从来没说 谁说要 谁说我要 不想要 不想 不打算 不需要 不要给我 不要帮我 不要
不用帮我 不要给 不用给 别给 不用 无需 无须 别给我 别帮我 别再 别把 先别 先不 千万别 别 不再 不
""")
_BETWEEN_ZH = _words("""
再 给我 帮我 把 你 您 去 我的 我 订单 那个 这个 这单 什么 任何 要 说 说过 想 办 自动 地址 东西
""")
_COMPLAINS_ZH = _words("""
怎么 为什么 为啥 为何 凭什么 还 一直 迟迟 就是 能 可 给 肯 让 你们 商家 客服 是不 如果 要是 再 都 老 总 退 换 改 消
""")
_THREATS_ZH = _words("""
的话 就 我就 试试 下来 掉吗 吗 么
""")
_FULL_ZH = frozenset("，。；！？：,.;!?: \n")


class Wished(msgspec.Struct, frozen=True):
    """What is left of a text without its denied parts; `denied` if there were any."""

    text: str
    denied: bool = False


def wished(text: str) -> Wished:
    """Return a text without the parts that say what isn't wanted."""
    parts = parts_of(text)
    kept = [(part, mark) for part, mark in parts if not denies(part, mark)]
    if len(kept) == len(parts):
        return Wished(text)
    left = "".join(part + mark for part, mark in kept if not _keeps(part))
    return Wished(left.strip(), True)


def parts_of(text: str) -> list[tuple[str, str]]:
    """Return the parts of a text between marks, each with the mark after it.

    An English "but", "instead" or "just" begins a part too: what follows it may be wanted.
    """
    found: list[tuple[str, str]] = []
    start = 0
    for at, char in enumerate(text):
        inside = char in ".,:" and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()
        if char in _APART and not inside:
            found += _halves(text[start:at], char)
            start = at + 1
    return found + _halves(text[start:], "") if text[start:].strip() else found


def _halves(part: str, mark: str) -> list[tuple[str, str]]:
    words = part.split(" ")
    for at, word in enumerate(words):
        if at and word.lower() in ("but", "and") and len(words) - at > 2:
            return [(" ".join(words[:at]), " "), (" ".join(words[at:]), mark)]
    return [(part, mark)]


def denies(part: str, mark: str) -> bool:
    """Return whether a part of a text, with the mark after it, says what isn't wanted."""
    lowered = part.lower().replace("’", "'").strip()
    if mark in ("?", "？"):
        return False
    if any(lowered.startswith(start) for start in _NOT_BUT):
        return True
    return _denies_in_words(lowered) or _denies_in_chinese(lowered)


def _denies_in_words(lowered: str) -> bool:
    words = [word.strip("\"'()*_-“”") for word in lowered.split()]
    words = [word for word in words if word]
    for at, word in enumerate(words):
        if word not in _ACTS:
            continue
        for back in range(at - 1, max(at - _REACH, -1), -1):
            if words[back] in _DENIES or (words[back] == "do" and words[back + 1] == "not"):
                if words[back] == "no" and words[back + 1 : back + 2] == ["longer"]:
                    return words[back + 2 : back + 3] == ["want"] and at - back > 2
                return not _complains(words, back, at)
            named = words[back] in _DOES and words[at - 1] in _NAMES
            if words[back] not in _BETWEEN and words[back] not in _ACTS and not named:
                break
    return False


def _complains(words: list[str], denial: int, act: int) -> bool:
    """Return whether a denial is somebody else's, a question, or about something else."""
    word, last = words[denial], words[denial - 1] if denial else ""
    next_, after = words[denial + 1], " ".join(words[denial + 1 : denial + 3])
    if any(one in _COMPLAINS for one in words[max(denial - 3, 0) : denial]):
        return True
    if word in _IS_NOT and last in ("is", "was"):
        return True
    if word in _MINE:
        return last not in ("i", "we")
    if word in ("never", "not") and act - denial == 1 and last not in _BIDS:
        return True
    if word == "no" and (last in _LACKS or (act - denial > 1 and next_ not in _NEEDS)):
        return True
    if next_ in _GETS and words[denial + 2] != "to":
        return True
    # "I don't want it, refund me" has the act in another part; "I don't want this order" none.
    return next_ in ("way", "able") or after in _THIS


def _keeps(part: str) -> bool:
    """Return whether a part says no more than that something is kept."""
    said = part.lower().replace("’", "'")
    words = said.split()
    if "keep" in words or "keeping" in words:
        return all(word in _KEEPING for word in words)
    return len(said) <= _KEPT_CHARS and any(word in said for word in ("留着", "留下", "保留"))


def _denies_in_chinese(text: str) -> bool:
    # The number of an order may stand between the denial and the act.
    text = "".join(c for c in text if not (c.isascii() and (c.isalnum() or c in "-# ")))
    for act in _ACTS_ZH:
        at = text.find(act)
        while at >= 0:
            if _is_denied_at(text, at, at + len(act)):
                return True
            at = text.find(act, at + 1)
    return False


def _is_denied_at(text: str, start: int, end: int) -> bool:
    while text[end : end + 1] in tuple("款货钱单掉"):
        end += 1
    before = text[max(start - 12, 0) : start]
    for _ in range(4):
        for denial in _DENIES_ZH:
            if before.endswith(denial):
                lead = before[: -len(denial)]
                after = text[end : end + 3]
                complains = any(lead.endswith(word) for word in _COMPLAINS_ZH)
                return not complains and not after.startswith(_THREATS_ZH)
        shorter = next((before[: -len(w)] for w in _BETWEEN_ZH if before.endswith(w)), None)
        if shorter is None:
            return False
        before = shorter
    return False
