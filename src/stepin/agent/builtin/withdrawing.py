"""Whether a customer takes back what a colleague is still asked to approve.

Only clear words count: "stop", "I changed my mind", "don't refund it", and a message that says "wait"
and nothing else. A complaint about the wait, a question and "no rush" are none. Where it stays unclear nothing is lost: the colleague who
approves has to have read what the customer wrote.
"""

# ruff: noqa: E501
from __future__ import annotations

import re

import msgspec

from stepin.agent.brain import Hands
from stepin.agent.builtin import consent, phrases
from stepin.agent.builtin.agreement import simplified
from stepin.agent.builtin.intents import Heard
from stepin.agent.builtin.memory import Waiting
from stepin.agent.builtin.wishes import denies, parts_of
from stepin.agent.shop.procedure import Procedure, Text
from stepin.core.action import Action

_READ_CHARS = 2_000
_CODE = re.compile(r"(?<![A-Za-z])(?:[A-Za-z]{2,10}-)?\d[\dA-Za-z-]{4,}", re.ASCII)
# What a procedure does, by the words for it: a denied word of another kind takes nothing back.
_KINDS = {
    kind: re.compile(words)
    for kind, words in {
        "cancel": r"cancel|\bvoid\b|withdraw|取消|撤",
        "refund": r"refund|return|money back|退",
        "exchange": r"exchang|swap|replac|换|补发",
        "change": r"chang|updat|modif|edit|redirect|reroute|address|account|改|地址|账户",
        "invoice": r"invoice|票",
    }.items()
}
_THIS = r"(?:it|that|this|everything|(?:the|this|that|my) (?:\w{1,20} )?(?:refund|return|exchange|swap|replacement|cancellation|request|change|invoice|process|whole thing|step|action|claim))"
_LEAD = r"^(?:(?:oh|ok|okay|no|nope|wait|actually|hey|sorry|and|but|so|just|then|well|hold on|hang on|can you|could you|would you|can we|i want you to|i want to|i'd like to|you can|you should|please) ){0,8}"
_TAIL = r"(?: (?:please|now|right now|at once|immediately|thanks|thank you|for me|again|any ?more|then|after all|here|right there|sorry)){0,6}$"
_STOP = re.compile(
    rf"{_LEAD}(?:stop|halt|abort)(?: (?:{_THIS}|doing (?:it|that|this)))?{_TAIL}"
    rf"|{_LEAD}(?:withdraw|revoke|take back|undo|call off) {_THIS}{_TAIL}"
    rf"|\bcall {_THIS} off\b"
    rf"|{_LEAD}(?:don't|do not|dont) (?:do|approve|process|carry out|go through with) (?:{_THIS}|anything){_TAIL}"
    rf"|{_LEAD}(?:don't|do not|dont) (?:proceed|go ahead|go through|continue|carry on|bother)\b"
)
_CANCEL = re.compile(rf"{_LEAD}(?:cancel|scrap|void) {_THIS}{_TAIL}")
_DROPS = re.compile(
    r"\bchanged (?:my|our) minds?\b|\bnever ?mind\b|\bscratch that\b|\bforget (?:it|that|about it|about that|the whole thing)\b"
    r"|\bdrop (?:it|that)(?! off)\b|\bleave (?:it|things|everything)(?: (?:be|alone|please|then)| as (?:it|they) (?:is|are))?$"
    r"|\bno need any ?more\b|\b(?:no longer|not) (?:needed|necessary|wanted)\b"
    r"|\bno longer (?:want|need|wish for) (?:the|a|this|that|my) (?:refund|return|exchange|replacement|cancellation|invoice|change)\b"
)
_KEEPS = re.compile(
    r"\b(?:i|we)(?:'d|'ll|'m| would| will| want| wish| prefer| decided| think| am| are|)\b[^,]{0,30}\bkeep(?:ing)? (?:it|them|this|that|everything|the (?:order|item|items|product|old one)|my order)\b"
    r"|^(?:please )?(?:just )?keep (?:it|them|everything|(?:the|my) (?:order|item|items))$"
)
_WANTS = re.compile(
    r"\b(?:wants?|needs?|likes?|loves?) (?:them|this|that|(?:the|this|that) \w{1,20}(?: \w{1,20})?) after all\b"
)
_HOLD = re.compile(
    r"(?:(?:please|sorry|oh|no|ok|okay|hey|just) ){0,4}(?:wait|hold on|hang on|hold it|hold off|not yet|wait (?:a|one|just a) (?:moment|second|sec|minute|bit))(?: (?:please|sorry|no|a moment|a second|a sec|a minute|wait|for now)){0,4}"
)
_BARE_NO = re.compile(
    r"(?:(?:please|sorry|oh|wait) ){0,4}(?:no|nope|nah|no thanks|no thank you|don't|do not|please don't|rather not|i'd rather not|better not|not any ?more)(?: (?:no|please|sorry|thanks)){0,8}"
)
_AGAINST = re.compile(r"\b(?:not|never|haven't|hasn't|didn't|don't|won't|without|isn't|if)\b|n't\b")
_GOES_ON = re.compile(
    r"\b(?:don't|do not|dont|never|not|no need to|without) (?:you )?(?:please )?(?:ever )?(?:stop|stopping|halt|abort|forget|drop)\b"
    r"|(?<!don't )(?<!do not )(?<!not )\bgo ahead\b|\b(?:please (?:continue|proceed)|keep going|still want|i do want|why don't you)\b"
)
_WAITS = re.compile(r"\b(?:still|yet|why|when|where|how|what|who|if|unless)\b")
_FILLERS = re.compile(
    r"(?:(?:please|sorry|thanks|thank you|many thanks|ok|okay|oh|hi|hello|hey|actually|wait|hold on|hang on|well|so|hmm+|um+|and|but|fine|it's fine|that's fine|don't worry|cheers)(?: |$)){0,20}"
)

_LEAD_ZH = r"^(?:请|麻烦|那就|那|先|快|赶紧|赶快|马上|立刻|你们|给我|帮我|都|还是|等等|等一下|您|你|我想|我要|我说|现在|就|可以|能不能|能|可不可以|能否|把){0,8}"
_THING_ZH = r"(?:这个|那个|这单|这笔|这次|刚才的|刚刚的|刚才那个|我的|上面的|整个|全部|它)?(?:退款|退货|退钱|换货|补发|取消|申请|操作|办理|处理|请求|修改|开票|流程)?"
_TAIL_ZH = r"(?:吧|了|啦|啊|呀|好吗|行吗|可以吗|吗|一下|谢谢|掉|它){0,6}$"
_STOP_ZH = re.compile(
    rf"{_LEAD_ZH}(?:停止|停下来|停下|停手|停|住手|打住|暂停|终止|中止|叫停|撤回|撤销|撤掉|撤了|作废)(?:掉|了|一下|吧)?{_THING_ZH}{_TAIL_ZH}"
    r"|(?:取消|撤销|撤回|停止|终止|中止)(?:这个|这次|这笔|那个|刚才的|刚刚的|我的)?(?:退款|退货|退钱|换货|补发|申请|操作|办理|请求|修改|开票)"
    r"|把(?:这个|这笔|那个|刚才的|我的)?(?:退款|退货|换货|申请|请求|操作)(?:给我|先)?(?:停|撤|取消)"
)
_CANCEL_ZH = re.compile(rf"{_LEAD_ZH}取消(?:这个|它|掉)?{_TAIL_ZH}")
_NOT_DO_ZH = re.compile(
    r"(?:别|不要|先别|先不要|先不|不用|不想|不必|无需|不)(?:再|给我|帮我|继续|要){0,3}(?:办|弄|搞|处理|操作|继续|执行|提交|申请|批|批准|审批)(?:理)?(?:了|吧|啦|下去|这个|它){0,4}$"
)
_DROPS_ZH = re.compile(
    r"(?<![我计合盘估打])算了(?!一下|下|算|笔|多少|半天|一遍)|(?:改变?了?主意|反悔|后悔)(?:了|啦)?|当我没说|就当没说|先这样不(?:退|换|办)|(?:想|要|还是|决定|打算|我)(?:自己)?(?:留着|留下|保留)"
)
_UNNEEDED_ZH = re.compile(
    r"(?:那|那就|还是|我|现在|真的|就|也|暂时|已经|都|这个|退款|退货|换货){0,6}(?:不用了|不需要了|不必了|不办了|不弄了|先不了|不麻烦了|不想要退了|不想退了|不要退了)(?:吧|啦|哈|谢谢){0,4}"
)
_KEEPS_ZH = re.compile(
    r"^(?:请|麻烦|那就?|就|先|帮我|给我){0,3}(?:保留|留着|留下|留住)(?:这个|这笔|那个|我的|原来的)?(?:订单|单子|商品|东西|它)?(?:吧|了|啦|谢谢){0,3}$"
)
_HOLD_ZH = re.compile(
    r"(?:那|不|先|请|你|您){0,3}(?:等等|等一等|等一下|等下|等会儿?|慢着|慢点|先等|且慢|缓一下|缓缓|先缓)(?:等等|等一下|吧|啊|呀|哈|先|再|说){0,4}"
)
_BARE_NO_ZH = re.compile(
    r"(?:那|还是|我){0,4}(?:不要了|不要|不了|不|别|不同意|免了)(?:不|吧|啊|呀|了|啦|谢谢){0,6}"
)
_AGAINST_ZH = re.compile(r"(?:没有?|不会|不|别|从未|未)(?:再|想|要|会|能){0,4}$")
_GOES_ON_ZH = re.compile(
    r"(?:别|不要|不用|不必|千万别|不能|没有?|没说要?|没想|不想|不)(?:再|给我|帮我){0,3}(?:停|终止|中止|撤)|(?:请|你们?|您|麻烦)?继续(?:办|退|处理|吧|操作)|还是要退|赶紧退|快点退|尽快退|不.{1,3}不(?:行|可|成)|没说不"
)
_WAITS_ZH = re.compile(
    r"怎么|为什么|为啥|为何|凭什么|还不|还没|一直不|迟迟|是不是|什么时候|多久|会不会|到底|如果|要是|的话"
)
_ASKS_TO_ZH = re.compile(
    r"(?:能不能|可以|能|可不可以|能否)(?:先|帮我|给我|再){0,3}(?:不退|别退|停|撤|取消|不要)"
)
_FILLERS_ZH = re.compile(
    r"(?:谢谢|多谢|不好意思|抱歉|对不起|麻烦|您好|你好|好的|好吧|好|嗯|哦|那个|等等|等一下|等下|稍等|没事|没关系|没问题|哎|唉|亲|客服|啊|呀|请){0,20}"
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_GAP = re.compile(r"(?<=[\u4e00-\u9fff])\s(?=[\u4e00-\u9fff])")


class TakenBack(msgspec.Struct, frozen=True):
    """That something is taken back.

    Attributes
    ----------
    rest : what else the customer says.
    in_time : whether it is certain that nothing was done and nothing will be.
    """

    rest: str
    in_time: bool = False


async def take_back(
    hands: Hands, procedure: Procedure, waiting: Waiting, action: Action, said: str
) -> TakenBack | None:
    """Take a proposal back if the customer doesn't want it any more; None if they still do.

    Where it is too late, `waiting` remembers it: the outcome is told with that in mind.
    """
    taken = taken_back(said, procedure) if said else None
    if taken is None and not waiting.unwanted:
        return None
    waiting.unwanted = True
    rest = taken.rest if taken is not None else ""
    if action.state == "proposed":
        return TakenBack(rest, in_time=await hands.withdraw(action.action_id))
    return TakenBack(rest, in_time=action.settled and action.state != "succeeded")


def still_waiting(heard: Heard, *, late: bool) -> tuple[Text, ...]:
    """Return what a customer is told who writes while a colleague is asked."""
    if late:
        return (phrases.MAYBE_LATE,)
    unclear = consent.stops(heard.text) or consent.answer_of(heard.text) == "no" or heard.denied
    return (phrases.STILL_WAITING, *((phrases.HOW_TO_STOP,) if unclear else ()))


def taken_back(text: str, procedure: Procedure) -> TakenBack | None:
    """Return that the customer takes back what a procedure has proposed; None if it isn't clear.

    Parameters
    ----------
    procedure : whose step waits: "don't cancel it" takes a cancellation back, not a refund.
    """
    text = text[:_READ_CHARS]
    own = _kinds(" ".join((procedure.name, *procedure.title.values())))
    stops = bare = denied = held = filled = False
    rest: list[str] = []
    for part, mark in parts_of(text):
        said = _plain(part)
        match _kind_of(said, mark, own):
            case "goes_on":
                return None
            case "stops":
                stops = True
            case "denies":
                denied = True
            case "no":
                bare = True
            case "hold":
                held = True
            case "filler":
                filled = True
            case "":
                rest.append(part + mark)
    left = "".join(rest).strip()
    no = bare or (held and not filled)
    if stops or (denied and not _kinds(left) & own) or (no and not left):
        return TakenBack(left)
    return None


def _plain(part: str) -> str:
    """Return a part in small letters, without order numbers and spaces between ideographs."""
    bare = _CODE.sub(" ", simplified(part).lower().replace("’", "'"))
    bare = _GAP.sub("", bare)
    return " ".join(bare.split()).strip("\"'“”()~…-")


def _kind_of(said: str, mark: str, own: frozenset[str]) -> str:
    """Return stops, denies, no, hold, goes_on, filler, or nothing for words about something else."""
    han = bool(_HAN.search(said))
    if _HOLD_ZH.fullmatch(said) if han else _HOLD.fullmatch(said):
        return "hold"
    if _FILLERS_ZH.fullmatch(said) if han else _FILLERS.fullmatch(said):
        return "filler"
    asks = mark in ("?", "？") or said.endswith(("吗", "么"))
    if han:
        return _kind_of_chinese(said, asks, own)
    cancels = "cancel" in own
    if _STOP.search(said) or (not cancels and _CANCEL.search(said)):
        return "stops"
    if _GOES_ON.search(said):
        return "goes_on"
    if asks or _WAITS.search(said):
        return ""
    for found in (*_DROPS.finditer(said), *_KEEPS.finditer(said)):
        if not _AGAINST.search(said[: found.start()]) and not _AGAINST.search(found.group()[:-12]):
            return "stops"
    if _BARE_NO.fullmatch(said):
        return "no"
    wanted = _WANTS.search(said) if own & {"cancel", "refund"} else None
    if wanted and not _kinds(wanted.group()) and not _AGAINST.search(said[: wanted.start()]):
        return "stops"
    return _denied(said, mark, own)


def _kind_of_chinese(said: str, asks: bool, own: frozenset[str]) -> str:
    if _GOES_ON_ZH.search(said):
        return "goes_on"
    if _WAITS_ZH.search(said) or (asks and not _ASKS_TO_ZH.search(said)):
        return ""
    if _NOT_DO_ZH.search(said) or _UNNEEDED_ZH.fullmatch(said) or _ASKS_TO_ZH.search(said):
        return "stops" if "cancel" not in own or "取消" not in said else ""
    if _KEEPS_ZH.search(said):
        return "stops"
    for found in _DROPS_ZH.finditer(said):
        if not _AGAINST_ZH.search(said[: found.start()]):
            return "stops"
    denied = _denied(said, "", own)
    if denied:
        return denied
    stop = _STOP_ZH.search(said)
    if stop and not _AGAINST_ZH.search(said[: stop.start()]):
        return "stops"
    if "cancel" not in own and _CANCEL_ZH.search(said):
        return "stops"
    return "no" if _BARE_NO_ZH.fullmatch(said) else ""


def _denied(said: str, mark: str, own: frozenset[str]) -> str:
    """Return what a denied wish is: of this kind, or to go on where cancelling is denied."""
    if not denies(said, mark):
        return ""
    kinds = _kinds(said)
    if "cancel" in kinds and "cancel" not in own:
        return "goes_on"
    return "denies" if not own or not kinds or kinds & own else ""


def _kinds(text: str) -> frozenset[str]:
    lowered = text.lower()
    return frozenset(kind for kind, words in _KINDS.items() if words.search(lowered))
