"""Yes, no, and the words that turn a chat around: corrections, changes of mind, a wish to stop.

A yes that also says "but" or "no" is none: an effect needs a clear yes.
"""

# ruff: noqa: E501
from __future__ import annotations

import re
from typing import Literal

_PLAIN_YES = re.compile(
    r"(?:(?:yes|yeah|yep|yup|ya|yea|aye|y|sure|ok|okay|k|correct|right|exactly|confirm(?:ed)?|absolutely|definitely|of course|certainly|"
    r"sounds? good|fine|perfect|great|good|lovely|agreed|affirmative|please|thanks|thank you|cheers|alright|all right|"
    r"that(?:['’]?s| is| one)|this(?: is)?|it(?:['’]?s| is)?|is|the (?:one|address|order|right one|item)|right|works?(?: for me)?|will do|does it|thats|"
    r"go ahead|go on|go for it|carry on|proceed|do(?: it| so| that)?|let['’]?s(?: do it| go)?|with (?:it|that)|i (?:do|am|confirm|agree|would|want that)|you (?:can|may)|"
    r"(?:cancel|refund|change|send|swap|exchange|return|save|open|replace|update|submit|scrap|trade|file) (?:it|that|them|one|the order|the claim)|then|now|just|and|for me|so|so much|to that|a lot|all|indeed)\b[\s,.!…:)-]*)+",
    re.I,
)
_YES = re.compile(
    r"^\W*(?:yes|yeah|yep|yup|sure|ok(?:ay)?[,.! ]|correct|exactly|confirm(?:ed)?|please do|go ahead|do it|absolutely|definitely|"
    r"of course|that['’]?s (?:right|correct|fine|it|the one)|sounds good|go for it|agreed|works for me|i confirm)\b",
    re.I,
)
_PLAIN_YES_ZH = re.compile(
    r"(?:嗯+|哦|噢|恩|是|对|好|行|中|成|可以|确认|确定|没错|没问题|同意|办理?|取消|退款?|换货?|改|提交|发|补发|开|要|需要|当然|必须|来|搞|弄|麻烦了?|谢谢|多谢|辛苦了?|"
    r"就(?:这样|它|这个|这么办|这么着|按这个|这么|是这个|是它|行)|这样|这个|帮我|给我|你|您|请|尽快|赶紧|快|快点|处理|那就|那|去|地址|这下|这回|这次|"
    r"正确|无误|yes|ok|ＯＫ|啊|呀|吧|呢|哦|的|了|滴|哒|哈|呗|嘞|啦|哟|就|直接|它|吧)+",
    re.I,
)
_YES_ZH = re.compile(
    r"^[\s,，。!！]*(?:嗯+|是的?|对的?|好的|好(?=[啊呀吧嘞的哒滴，,。！! ]|$)|行(?=[啊吧的，,。！! ]|$)|可以|确认|确定|没错|没问题|同意|当然|ok)",
    re.I,
)
_CLAUSES = re.compile(r"[，,。.!！;；~～…\n]+")
_YES_INSIDE = re.compile(
    r"\b(?:yes|yeah|yep|sure|confirm(?:ed)?|go ahead|do it|please do|correct|agreed|proceed)\b"
    r"|确认|确定|同意|办吧|弄吧|搞吧|改吧|退吧|换吧|发吧|取消吧|撤吧|提交吧|就这么|就这样|按这个|按你说|没毛病|必须的",
    re.I,
)
_KEEPS = re.compile(
    r"\b(?:keep(?:ing)?|as (?:it )?is|stay with|leave (?:it|things|that)|the old one|hang on|not now|later|another time)\b"
    r"|留着|留下|保留|照常|照旧|维持|原来的|还是要(?!取消|退|换|改)|继续发|正常发|下次|回头再|以后再|改天|再说|等等|等下|稍等|等会",
    re.I,
)
_HESITATES = re.compile(
    r"\b(?:but|hmm+|what about|how about|what if|unsure|maybe|perhaps|think about|let me think|not sure)\b"
    r"|可是|但是|不过|舍不得|想想|考虑|犹豫|纠结|要不|可惜",
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
    r"\b(?:the )?(?:other|another|different|wrong) (?:one|order|item|thing|product)\b|\bnot th(?:at|is) (?:one|order|item)\b|\b(?:the|my) (?:\w+ )?(?:one|order) (?:with|from|that|which|i)\b|\ban(?:other)? order\b",
    re.I,
)
_OTHER_ZH = re.compile(
    r"另(?:外)?一(?:个|单|件)|别的(?:订单|那个)|那个订单|的那(?:个|单|件)|不是这(?:个|单|件)|那一(?:个|单)|上一(?:个|单)"
)
_ANGER = re.compile(
    r"\b(?:ridiculous|useless|terrible|awful|worst|idiots?|stupid|scam(?:mers)?|disgrace(?:ful)?|unacceptable|outrageous|disgust(?:ing|ed)|"
    r"fed up|sick (?:of|and tired)|furious|livid|fuming|a joke|pathetic|rubbish|garbage|trash|crap|damn|hell|wtf|bullshit|shit|fuck\w*|hate|"
    r"had enough|can['’]?t (?:take|stand) (?:it|this)|infuriating|angry|anger|raging|rage|incompetent|clowns?|crooks?|liars?|thieves|appalling|shameful|ashamed|nightmare|never again)\b|!{2,}",
    re.I,
)
_ANGER_ZH = re.compile(
    r"垃圾|骗子|骗人|气死|气得|生气|恶心|过分|什么玩意|无语|坑人|坑爹|烂|差劲|投诉|废物|有病|滚|妈的|他妈|离谱|糊弄|敷衍|忽悠|受够|受不了|忍无可忍|火大|发火|愤怒|崩溃|"
    r"欺人太甚|无耻|不要脸|什么态度|什么破|破店|黑店|黑心|奸商|倒霉|失望透|寒心|再也不(?:买|来)|说话不算|耍我|脑残|智障|傻|蠢|!{2,}|！{2,}"
)
_UNTOLD = re.compile(
    r"\b(?:don['’]?t|do not|can['’]?t|cannot|couldn['’]?t|didn['’]?t) (?:really )?(?:know|remember|recall|find|tell|have|keep|note|see)\b"
    r"|\b(?:no idea|no clue|not sure|unsure|dunno|idk|forgot|forgotten|beats me|lost the number|no number)\b"
    r"|不知道|不清楚|不记得|记不(?:得|清|住)|忘(?:了|记)|没记|找不(?:到|着)|不晓得|没有(?:单号|订单号|号码)|没(?:单号|印象)|哪记得|不太清",
    re.I,
)
_WHATEVER = re.compile(
    r"\bany (?:other )?(?:\w+ )?(?:is|are|would be|will do|works|one)\b|\b(?:any|whichever|whatever|either)\b(?: one)?(?: (?:is fine|works|will do))?\W*$"
    r"|\b(?:doesn['’]?t matter|don['’]?t (?:mind|care)|no preference|up to you|you (?:choose|pick|decide))\b"
    r"|随便|都行|都可以|都好|无所谓|哪个都|哪种都|你(?:定|选|决定|看着)|任意",
    re.I,
)
_ALL = re.compile(
    r"\b(?:both|all|everything|the (?:whole|entire|complete) (?:order|lot|thing))\b|全部|全都|整单|两(?:个|件|样)都|都(?:要)?(?:退|换|坏|碎|破)|所有",
    re.I,
)

Answer = Literal["yes", "no", ""]


def answer_of(text: str) -> Answer:
    """Return what a text answers to a yes-or-no question; empty if it isn't clear.

    A yes and a no in the same breath are neither; a question is neither.
    """
    calm = _FINE.sub(" yes ", _FINE_ZH.sub("好的", text)).strip()
    no = bool(_NO.search(calm) or _NO_ZH.search(calm) or _KEEPS.search(calm))
    if _HESITATES.search(calm):
        return "no" if no else ""
    asks = "?" in calm or "？" in calm or "吗" in calm
    yes = not asks and _agrees(calm)
    if yes and no:
        return ""
    return "no" if no else "yes" if yes else ""


def _agrees(calm: str) -> bool:
    first = next((part for part in _CLAUSES.split(calm) if part.strip()), "").strip()
    if _PLAIN_YES.fullmatch(first) or _PLAIN_YES_ZH.fullmatch(first):
        return True
    if _YES.search(calm) or _YES_ZH.search(calm):
        return True
    return len(calm) <= 24 and bool(_YES_INSIDE.search(calm))


def stops(text: str) -> bool:
    """Return whether the customer drops what was going on."""
    return bool(_STOP.search(text) or _STOP_ZH.search(text))


def untold(text: str) -> bool:
    """Return whether the customer says that they can't tell."""
    return bool(_UNTOLD.search(text))


def leaves_open(text: str) -> bool:
    """Return whether any choice is welcome."""
    return bool(_WHATEVER.search(text))


def means_all(text: str) -> bool:
    """Return whether everything that was offered is meant."""
    return bool(_ALL.search(text))


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
    return anger(text) > 0


def anger(text: str) -> int:
    """Return how many different words of anger a text has; exclamation marks count once."""
    found = [*_ANGER.findall(text), *_ANGER_ZH.findall(text)]
    return len({word.lower()[:3] for word in found})
