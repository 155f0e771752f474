"""Yes, no, and the words that turn a chat around: corrections, changes of mind, a wish to stop.

A yes that also says "but" or "no" is none: an effect needs a clear yes.
"""

# ruff: noqa: E501
from __future__ import annotations

import re
from typing import Literal

_YES = re.compile(
    r"^(?:\W*(?:yes|yeah|yep|yup|ya|yea|sure|ok|okay|k|correct|right|exactly|confirm(?:ed)?|please do|go ahead|"
    r"do it|absolutely|definitely|of course|sounds good|fine|perfect|that['’]?s right|that['’]?s fine|"
    r"go for it|please|agreed|affirmative|works for me|great|good)\b)",
    re.I,
)
_YES_ZH = re.compile(
    r"^[\s,，。!！]*(?:嗯+|是的?|对的?|好的?|好吧|好呀|好啊|行吧?|可以的?|确认|确定|没错|没问题|同意|办吧|取消吧|退吧|换吧|改吧|"
    r"就这样|麻烦(?:了|你|您)|请(?:办理|处理|帮我)|ok|要的?$|需要|那就|当然|来吧|中|成)",
    re.I,
)
_YES_INSIDE = re.compile(
    r"\b(?:yes|yeah|yep|sure|ok|okay|confirm(?:ed)?|go ahead|do it|please do|correct|agreed|proceed)\b"
    r"|确认|确定|同意|办吧|弄吧|搞吧|改吧|退吧|换吧|发吧|取消吧|就这么|就这样|按这个|按你说|没毛病|必须的|麻烦(?:了|你|您|帮)",
    re.I,
)
_HESITATES = re.compile(
    r"\b(?:but|hmm+|unsure|maybe|perhaps|think about|let me think|not sure)\b"
    r"|可是|但是|不过|舍不得|想想|考虑|犹豫|纠结|要不|可惜",
    re.I,
)
_WAVERS = re.compile(
    r"\b(?:wait|hold on|but|actually|instead|not yet|stop|don['’]?t|changed my mind|wrong)\b"
    r"|等|先别|先不|别|错|算了|但是|不过|不对|不是|还是",
    re.I,
)
_NO = re.compile(
    r"\b(?:no|nope|nah|don['’]?t|do not|not|never|stop|wait|cancel that|hold on|rather not|leave it|"
    r"forget it|changed my mind|actually)\b",
    re.I,
)
_NO_ZH = re.compile(r"不|别|算了|等等|等一下|先不|没有|错了|no\b", re.I)
_FINE_ZH = re.compile(r"没错|不错|没问题|不用担心|差不多|不好意思|对不起|不客气|不急")
_FINE = re.compile(
    r"\b(?:no problem|not a problem|no worries|why not|no objections?|can['’]?t wait)\b", re.I
)
_STOP = re.compile(
    r"\b(?:never ?mind|forget (?:it|about it|that)|leave it|drop it|don['’]?t bother|"
    r"changed my mind|doesn['’]?t matter|no need any ?more|scratch that)\b",
    re.I,
)
_STOP_ZH = re.compile(r"算了|不用了|不需要了|不办了|不弄了|先不了|当我没说|不麻烦了|先这样吧")
_ALSO = re.compile(
    r"\b(?:also|and another|another thing|one more|as well|besides|additionally|too|while (?:you|we)['’]?re at it|"
    r"oh and|plus|by the way|btw|after that|then also|and then|second)\b",
    re.I,
)
_ALSO_ZH = re.compile(r"另外|还有|顺便|以及|再帮|再问|对了|同时|还想|还要|顺带|第二")
_INSTEAD = re.compile(
    r"\b(?:instead|actually|rather|wait|no,|not that|changed my mind|on second thou?ghts?|scratch that|"
    r"i meant|sorry,? (?:i|the|it)|correction|my bad|oops)\b",
    re.I,
)
_INSTEAD_ZH = re.compile(
    r"算了|还是|改成|不对|不是这|等等|等一下|弄错|说错|搞错|换成|错了|我是说|应该是|不.{0,6}了"
)
_OTHER = re.compile(
    r"\b(?:the )?(?:other|another|different|wrong) (?:one|order|item|thing|product)\b|\bnot th(?:at|is) (?:one|order|item)\b|\ban(?:other)? order\b",
    re.I,
)
_OTHER_ZH = re.compile(
    r"另(?:外)?一(?:个|单|件)|别的(?:订单|那个)?|不是这(?:个|单|件)|那一(?:个|单)|上一(?:个|单)"
)
_ANGER = re.compile(
    r"\b(?:ridiculous|useless|terrible|awful|worst|idiots?|stupid|scam|disgrace(?:ful)?|unacceptable|"
    r"fed up|sick of|furious|joke|pathetic|rubbish|crap|damn|hell|wtf|bullshit|shit|hate)\b|!{2,}",
    re.I,
)
_ANGER_ZH = re.compile(
    r"垃圾|骗子|气死|恶心|过分|什么玩意|无语|坑人|烂|差劲|投诉|废物|有病|滚|妈的|离谱|糊弄|!{2,}"
)

Answer = Literal["yes", "no", ""]


def answer_of(text: str) -> Answer:
    """Return what a text answers to a yes-or-no question; empty if it isn't clear.

    A yes and a no in the same breath are neither; a question is neither.
    """
    calm = _FINE.sub(" yes ", _FINE_ZH.sub("好的", text))
    if _HESITATES.search(calm):
        return "no" if _NO.search(calm) or _NO_ZH.search(calm) else ""
    no = bool(_NO.search(calm) or _NO_ZH.search(calm))
    yes = bool(_YES.search(calm) or _YES_ZH.search(calm))
    if not yes and len(calm) <= 24 and "?" not in calm and "？" not in calm:
        yes = bool(_YES_INSIDE.search(calm))
    if yes and no:
        return "" if _WAVERS.search(calm) is None else "no"
    return "no" if no else "yes" if yes else ""


def stops(text: str) -> bool:
    """Return whether the customer drops what was going on."""
    return bool(_STOP.search(text) or _STOP_ZH.search(text))


def adds(text: str) -> bool:
    """Return whether a further request is announced."""
    return bool(_ALSO.search(text) or _ALSO_ZH.search(text))


def turns(text: str) -> bool:
    """Return whether the customer corrects themselves or changes their mind."""
    return bool(_INSTEAD.search(text) or _INSTEAD_ZH.search(text))


def means_another(text: str) -> bool:
    """Return whether the customer means another record than the one that was named."""
    return bool(_OTHER.search(text) or _OTHER_ZH.search(text))


def angry(text: str) -> bool:
    """Return whether a text is written in anger."""
    return bool(_ANGER.search(text) or _ANGER_ZH.search(text))
