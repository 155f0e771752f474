"""Yes, no, and the words that turn a chat around: corrections, changes of mind, a wish to stop.

A yes that also says "but" or "no" is none: an effect needs a clear yes.
"""

# ruff: noqa: E501
from __future__ import annotations

import re
from typing import Literal

from stepin.agent.builtin.agreement import agrees, simplified

_READ_CHARS = 2_000
_KEEPS = re.compile(
    r"\b(?:keep(?:ing)?|as (?:it )?is|stay with|leave (?:it|things|that)|the old one|hang on|not now|later|another time)\b"
    r"|留着|留下|保留|照常|照旧|维持|原来的|还是要(?!取消|退|换|改)|继续发|正常发|下次|回头再|以后再|改天|再说|等等|等下|稍等|等会",
    re.I,
)
_NO = re.compile(
    r"\b(?:no|nope|nah|don['’]?t|do not|not|never|stop|wait|cancel that|hold on|rather not|leave it|"
    r"forget it|changed my mind|actually)\b",
    re.I,
)
_NO_ZH = re.compile(r"不|别|唔|冇|咪|免了|算了|等等|等一下|先不|没有|错了|no\b", re.I)
_FINE_ZH = re.compile(r"没错|没问题|没有问题|没意见|没有意见|没异议|没有异议")
_POLITE_ZH = re.compile(
    r"唔该|冇问题|冇错|冇所谓|不用担心|差不多|不好意思|对不起|不客气|不急|不错|别急|是不是|行不行|好不好|能不能|可不可以|对不对|要不要"
)
_YES_FIRST = re.compile(
    r"(?:yes|yeah|yep|yup|sure|ok|okay|correct|exactly|confirm(?:ed)?|please do|go ahead|do it|absolutely|definitely|of course|agreed)\b"
    r"|嗯|是的|对的|好的|好[啊呀吧嘞的哒滴，,。！! ]|行[啊吧的，,。！! ]|可以|确认|确定|同意|当然",
    re.I,
)
_FINE = re.compile(
    r"\b(?:no problem|not a problem|no worries|why not|no objections?|can['’]?t wait)\b", re.I
)
_STOP = re.compile(
    r"\b(?:never ?mind|forget (?:it|about it|that)|leave it|drop it|don['’]?t bother|"
    r"changed my mind|doesn['’]?t matter|no need any ?more|scratch that)\b",
    re.I,
)
_STOP_ZH = re.compile(r"算了|不用了|不需要了|不办了|不弄了|先不了|当我没说|不麻烦了|先这样吧")
_NOTHING_ZH = re.compile(
    r"(?:谢谢|好的?|嗯|暂时|现在|真的|那|都|没有?了?|[，,。.!！ ]){0,8}(?:不用了|不需要了|不必了|不用)(?:谢谢|哈|啦|吧|[，,。.!！ ]){0,6}"
)
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


def answer_of(text: str, question: str = "") -> Answer:
    """Return what a text answers to a yes-or-no question; empty if it isn't clear.

    A yes is a text of nothing but words of agreement (see `agreement.agrees`). A condition, a
    doubt, a question, a part of what was asked, or somebody else's agreement leaves it unclear.

    Parameters
    ----------
    question : what was asked, as far as it is known.
    """
    if agrees(text, question):
        return "yes"
    said = simplified(text[:_READ_CHARS])
    calm = _FINE.sub(" ", _POLITE_ZH.sub(" ", _FINE_ZH.sub(" ", said))).strip()
    refuses = bool(_NO.search(calm) or _NO_ZH.search(calm) or _KEEPS.search(calm))
    return "no" if refuses and not _YES_FIRST.match(calm) else ""


def stops(text: str) -> bool:
    """Return whether the customer drops what was going on."""
    return bool(_STOP.search(text) or _STOP_ZH.search(text))


def needs_nothing(text: str) -> bool:
    """Return whether a text says nothing but that nothing more is needed."""
    return bool(_NOTHING_ZH.fullmatch(text[:_READ_CHARS]))


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
