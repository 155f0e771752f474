"""A yes is a full match of known words: whatever else stands in an answer leaves it unclear.

The words are read one after the other, the longest known phrase first, so that the work grows
with the answer's length alone. Words that name an act ("cancel it") agree only where the question
names that act too.
"""

# ruff: noqa: E501
from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import msgspec

from stepin.language.reading import folded

LONGEST_CHARS = 240

_CORE = """
yes|yeah|yep|yup|ya|yea|yh|ye|aye|y|sure|ok|okay|okey|k|kk|correct|right|exactly|precisely|confirm|confirmed|absolutely|definitely|certainly|totally|agreed|agree|affirmative|perfect|please|granted|approved|accepted|positive|indeed|alright|all right|alrighty|roger
of course|by all means|for sure|sure thing|sure do|very much so|yes i am|yes i do|go ahead|go right ahead|go on|go for it|carry on|proceed|please proceed|you may proceed|you can proceed|let's go|let's do it|let's do that|lets do it|lets go|make it so
do it|do that|do so|do this|do it now|just do it|please do|do please|do go ahead|do it please|you do that|that will do|that'll do
i do|i am|i'm sure|i am sure|im sure|i confirm|i confirm that|i confirm it|i confirm this|i agree|i agree to that|i agree to it|i agree to this|i agree with that|i accept|i accept that|i approve|i approve of that|i consent|i consent to that|i would|i'd like that|i would like that|i'd love that|i want that|i do want that|i want you to|i want it|i'd like you to|that's what i want|that is what i want|thats what i want|it's what i want
you can|you may|you can do that|you can do it|you may do that|you can go ahead|you may go ahead|you have my permission|you have my consent|you have my ok|you have my approval|permission granted
that's right|that is right|thats right|that's correct|that is correct|thats correct|that's fine|that is fine|thats fine|that's it|that is it|thats it|that's the one|that is the one|thats the one|that's ok|that is ok|thats ok|that's okay|that is okay|that's good|that is good|that's great|that's perfect|that is perfect|that's alright|that's all right|that's all correct|that's fine by me|that's fine with me|that's okay with me|that's ok with me|that's good with me|thats fine by me
this is right|this is correct|this is fine|this is the one|this one is right|it is|it's right|it is right|it's correct|it is correct|its correct|it's fine|it is fine|it's the one|it's ok|it's okay|all correct|all right with me
the right one|the right order|the right address|the right item|the correct one|the correct address|the correct order|right order|right one|right address|correct one|correct order|correct address
sounds good|sound good|sounds great|sounds fine|sounds perfect|sounds right|sounds ok|sounds lovely|sounds like a plan|looks good|looks great|looks right|looks correct|looks fine|looks ok|looks perfect|that sounds good|that sounds great|that sounds fine|that sounds right|that looks good|that looks right|that looks correct|sounds good to me|looks good to me|sounds fine to me|looks right to me|looks fine to me
works|that works|this works|works for me|that works for me|this works for me|works fine|works fine for me|fine by me|fine with me|ok by me|okay by me|ok with me|okay with me|good with me|good by me|suits me|that suits me|happy with that|i'm happy with that|i am happy with that|i'm happy with this|i'm fine with that|i am fine with that|i'm ok with that|i'm okay with that|i'm good with that|happy to go ahead|i'm happy to go ahead|happy for you to go ahead
that would be great|that would be good|that would be lovely|that would be perfect|that would be nice|that would be fine|that'd be great|that'd be good|that'd be lovely|that'd be perfect|that'd be fine|would be great|would be lovely|i'd appreciate that|i would appreciate that|i'd appreciate it|i would appreciate it|i'd be grateful
no problem|not a problem|no objection|no objections|no objection from me|no objections from me|deal|good to go|crack on|sounds fair|that's agreed|that is agreed|consider it agreed|without a doubt|okie|okie dokie|okey dokey|okeydokey|righto|yessir|yas|make it happen|thatd be great|thatd be fine|i want it cancelled|i want it canceled|i'd like it cancelled|i want that cancelled|i authorise it|i authorize it|i authorise that|i authorize that|you have my go ahead|that's a go|it's a deal|it's a yes|that's a yes|a yes from me|yes from me|yes to that|yes to this|yes to all of that|with that|with it|go ahead with it|go ahead with that|go ahead with this|proceed with that|proceed with it|proceed with this|carry on with it|100%|100 percent|👍|👌|✅|🆗
"""
_FILLER = """
thanks|thank you|thankyou|thx|ty|cheers|many thanks|thanks a lot|thank you very much|thank you so much|thanks very much|thanks so much|thanks a million|much appreciated|appreciated|appreciate it|bless you
now|then|so|just|and|ta|thank u|and thank you|please and thank you|i want to|i'd like to|i would like to|i do want to|i'm happy to|i am happy to|i'm happy for you to|i am happy for you to|i authorise you to|i authorize you to|want to|you can|you may|u can|feel free to|go ahead and|please go ahead and|can you|could you|would you|understood|i understand|i understand that|noted|got it|is right|is correct|is fine|is ok|is okay|is good|is great|pounds|pound|quid|euros|euro|dollars|gbp|the money|my money|my money back|me my money back|give me my money back|give me back|give me|refund me|refund me the|and refund me the|the|back|number|order|order number|order no|all good|fair enough|for me|asap|as soon as possible|as soon as you can|right away|right now|straight away|immediately|quickly|at once|great|good|fine|lovely|wonderful|excellent|super|brilliant|cool|nice|awesome|very good|very well|all good thanks|hi|hello|hey|hi there|hello there|sir|madam|ma'am|mate|dear|buddy|friend|kindly|oh|ah|aha|yes|the|that one|this one|the one|that|this|it|that order|this order|everything is correct|everything looks right|will do|to that|very much|so much|a lot|indeed|for your help|for the help|for helping|for your patience|for asking|for checking|have a nice day|have a good day|best regards|kind regards|regards
🙏|😊|🙂|😀|😄|😁|❤|💯|🎉
"""
# Acts, in families: an answer that names one agrees where the question names the same.
_ACTS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("cancel", ("cancel", "scrap", "withdraw", "void", "call off"), ("cancel", "取消", "撤")),
    ("refund", ("refund", "reimburse", "return", "pay back", "give back"), ("refund", "return", "reimburse", "退")),
    ("change", ("change", "update", "save", "correct", "set", "use", "switch", "amend", "modify", "edit"), ("change", "update", "save", "switch", "modify", "edit", "address", "改", "换", "地址")),
    ("send", ("send", "ship", "deliver", "dispatch", "mail", "email", "e-mail", "issue"), ("send", "ship", "deliver", "dispatch", "mail", "issue", "invoice", "发", "寄", "送", "开")),
    ("swap", ("swap", "exchange", "trade", "replace"), ("swap", "exchange", "trade", "replace", "new", "换", "补")),
    ("open", ("open", "submit", "file", "claim", "start", "register", "lodge", "raise"), ("open", "submit", "file", "claim", "start", "register", "申请", "提交", "报", "登记", "开")),
    ("search", ("search", "trace", "look for", "look into", "find", "ask", "ask them", "investigate", "chase"), ("search", "trace", "look", "find", "ask", "investigate", "查", "找", "追", "问")),
)  # fmt: skip
_THINGS = (
    "it", "that", "this", "order", "order number", "my order number", "that one", "this one", "the order", "my order", "this order", "that order",
    "the claim", "a claim", "the item", "this item", "that item", "the invoice", "the address", "my address",
    "the refund", "the parcel", "my parcel", "the package", "the exchange", "for it", "for the parcel", "for my parcel", "to it", "to that",
    "to that address", "to this address", "to the new address",
    "the e-mail address", "the email address", "my e-mail address", "my email address", "my e-mail", "my email", "the phone number", "my phone number", "my number",
    "a new one", "me a new one", "me the new one", "me the invoice", "me a replacement", "the replacement", "a replacement", "me one", "",
)  # fmt: skip

_CORE_ZH = """
嗯|嗯嗯|嗯呐|嗯哪|昂|恩|恩恩|系|系啊|系呀|系嘅|系噶|系㗎|得|得㗎|得啦|得嘅|得嘞|得咧|冇问题|冇错|冇异议|啱|啱啊|啱嘅|好㗎|好噶|好喇|好啦|好嘅|可以㗎|可以嘅|搞啦|做啦|照做|没有问题|没有意见|没有异议|没异议|没问题的|对头|安排|安排吧|安排上|整吧|妥妥的|欧克|我没意见|我没问题|我冇问题|我冇意见|尽管|是|是的|是啊|是呀|是滴|是哒|对|对的|对啊|对呀|对哒|对滴|对对|好|好的|好啊|好呀|好嘞|好滴|好哒|好吧|好哇|好好|行|行的|行啊|行呀|行吧|行嘞|中|成|可|可以|可以的|可以啊|可以呀|可以吧|确认|确定|我确认|我确定|没错|没问题|没意见|无误|正确|同意|我同意|当然|当然可以|当然了|必须|必须的|要|要的|我要|需要|需要的|批准|允许|授权|办|办吧|办理|办理吧|你办|您办|弄|弄吧|搞|搞吧|来|来吧|处理|处理吧|就这样|就这样吧|就这么办|就这么定|就这么着|就这么来|就按这个|按这个|按这个来|按你说的|按您说的|按你说的办|按您说的办|照办|就是这个|就是它|就它|是这个|是它|就行|这样就行|这样可以|这样行|这样好|听你的|听您的|没毛病|妥|妥了|ok|okay|yes|这回对了|这次对了|这下对了|现在对了|信息正确|信息无误|内容无误|地址正确|地址无误|地址没错|地址对|地址对的|核对无误|确认无误
"""
_FILLER_ZH = """
啊|呀|吧|呢|唔该|唔该晒|麻烦晒|多谢晒|啦|喇|㗎|嘅|噶|咯|啰|佢|张单|嗰张单|呢张单|单|单子|那单|那个单|那个订单|这张单|帮手|同我|就好|就可以|镑|英镑|块|块钱|元|号|编号|那笔|赶紧的|快点吧|麻溜的|哦|噢|喔|的|了|滴|哒|哈|呗|嘞|啦|哟|哇|就|直接|它|这个|这样|这单|这笔|这件|这个订单|这个地址|订单|地址|帮我|给我|帮忙|您|你|我|请|麻烦|麻烦你|麻烦您|麻烦了|麻烦你了|麻烦您了|谢谢|谢谢你|谢谢您|谢谢啦|谢谢了|谢了|谢谢亲|多谢|感谢|非常感谢|辛苦|辛苦了|辛苦你了|辛苦您了|尽快|赶紧|赶快|快|快点|快些|马上|立刻|立即|现在|那就|那|去|这下|这回|这次|你好|您好|亲|客服|一下|掉|那行|那好|那好的|那可以|拜托|拜托了|有劳|有劳了|帮我办|祝好
"""
_ACTS_ZH: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("取消", "撤", "撤销", "撤单", "取消订单", "取消掉", "取消咗", "取消佢", "退订", "退单"), ("取消", "撤", "cancel")),
    (("退", "退款", "退货", "退掉", "退钱", "退货退款", "退回", "退回来", "退给我", "退返", "退返俾我", "退回给我"), ("退", "refund", "return")),
    (("换", "换货", "更换", "调换", "换掉"), ("换", "exchange", "replace", "swap")),
    (("改", "修改", "更改", "改掉", "改地址", "改成这个", "改成这样", "更新"), ("改", "换", "地址", "change", "address", "update")),
    (("发", "补发", "寄", "送", "寄送", "发送", "发过来", "寄过来"), ("发", "寄", "送", "send", "ship")),
    (("开", "开票", "开具", "开发票", "发发票"), ("开", "发票", "invoice")),
    (("提交", "申请", "报修", "登记", "提交申请"), ("申请", "提交", "报", "登记", "claim", "open", "submit")),
    (("查", "追查", "查一查", "查找", "催", "查件", "追踪"), ("查", "追", "找", "search", "trace", "ask")),
)  # fmt: skip

# What these say is meant otherwise, or bound to something, even where each word is known.
_NEVER = (
    "oh great", "oh sure", "oh fine", "oh perfect", "oh right", "oh lovely", "oh wonderful", "oh brilliant", "oh good", "oh nice", "oh cool",
    "oh excellent", "oh super", "oh awesome", "oh yeah right", "yeah right", "yeah yeah", "sure sure", "ya right", "yea right", "ok right",
    "yes great", "yeah great", "great thanks", "great great", "so so", "right then", "then right", "well done", "i do it", "please just", "please confirm", "just perfect", "just great", "just lovely", "just brilliant", "just wonderful", "just fine",
    "啊对对", "好好好", "行行行", "是是是", "好好行", "就你", "就你们", "要是", "再",
    "先", "等", "才", "如果", "若", "的话", "除非", "前提", "只要", "只有", "万一", "看看", "你行", "您行", "你可以", "您可以", "你就", "我就", "是你", "是您", "你要", "您要", "确认一下", "确定一下", "核对一下", "确认下", "我来", "我去", "我弄", "我办", "我搞",
    "我处理", "我改", "我退", "我取消了", "好啦好啦", "行啦行啦", "得得", "但",
)  # fmt: skip
_NEVER_ZH = frozenset({"行了", "好了", "可以了", "对了", "够了", "算了", "成了", "得了", "嗯了"})
_OPEN = frozenset(
    tuple(phrase.split())
    for phrase in [
        "and",
        "so",
        "just",
        "i want to",
        "i'd like to",
        "i would like to",
        "i do want to",
        "i'm happy to",
        "i am happy to",
        "want to",
        "i'm happy for you to",
        "i am happy for you to",
        "feel free to",
        "go ahead and",
        "please go ahead and",
        "can you",
        "could you",
        "would you",
    ]
)
"""Beginnings: an answer that ends with one has broken off."""
_ASKS = (
    "?",
    "吗",
    "是不是",
    "行不行",
    "好不好",
    "能不能",
    "可不可",
    "对不对",
    "要不要",
    "有没有",
    "会不会",
)
_DOUBTS = ("...", "..", "。。")
_PUNCTUATION = frozenset(
    "#£$€¥&+ \t\r\n.,!:;-~()*、。，！：；—–～（）·\u3000\ufe0f\u200d🏻🏼🏽🏾🏿"
)
_SIMPLE = str.maketrans(
    "對確認沒錯問題個這樣辦謝煩請幫給換發開處單訂當麼嗎罷貨過來無誤係張囉聽繼續讓願應該馬盡趕緊準進號關閉費錢歡決終執為後點還會說時們嘍嘅佢將樂願決麵",
    "对确认没错问题个这样办谢烦请帮给换发开处单订当么吗罢货过来无误系张啰听继续让愿应该马尽赶紧准进号关闭费钱欢决终执为后点还会说时们喽嘅佢将乐愿决面",
)
_LONG = {
    "yess": "yes",
    "yees": "yes",
    "okk": "ok",
    "okayy": "okay",
    "yeahh": "yeah",
    "yepp": "yep",
    "pleasee": "please",
    "pls": "please",
    "plz": "please",
    "thankss": "thanks",
    "yesss": "yes",
}


def _phrases(text: str) -> set[tuple[str, ...]]:
    return {
        tuple(phrase.split()) for line in text.split("\n") for phrase in line.split("|") if phrase
    }


_CORES, _FILLERS = _phrases(_CORE), _phrases(_FILLER)
_ACTING = {
    tuple(f"{verb} {thing}".split()): named
    for _, verbs, named in _ACTS
    for verb in verbs
    for thing in _THINGS
}
_MOST_WORDS = max(map(len, (*_CORES, *_FILLERS, *_ACTING)))
_CORES_ZH = {word for line in _CORE_ZH.split("\n") for word in line.split("|") if word}
_FILLERS_ZH = {word for line in _FILLER_ZH.split("\n") for word in line.split("|") if word}
_ACTING_ZH = {verb: named for verbs, named in _ACTS_ZH for verb in verbs}
_NAMED = {act for named in (*_ACTING.values(), *_ACTING_ZH.values()) for act in named}
_MOST_CHARS = max(map(len, (*_CORES_ZH, *_FILLERS_ZH, *_ACTING_ZH)))


def simplified(text: str) -> str:
    """Return a text in compatibility form, lower case and, mostly, simplified characters."""
    normal = folded(text.replace("…", "..")).lower()
    shown = "".join(
        char for char in normal if unicodedata.category(char) != "Cf" or char == "\u200d"
    )
    return shown.replace("’", "'").replace("‘", "'").replace("`", "'").translate(_SIMPLE)


class _Asked(msgspec.Struct, frozen=True):
    """What a question names: its text, its numbers, and the act that it names first."""

    text: str
    codes: frozenset[str]
    main: str

    def names(self, acts: tuple[str, ...]) -> bool:
        """Return whether the question names one of these acts; each does where none is known."""
        return not self.text or any(act in self.text for act in acts)

    def means(self, acts: tuple[str, ...]) -> bool:
        """Return whether the question is about one of these acts."""
        return not self.text or self.main in acts


def _asked(question: str) -> _Asked:
    text = simplified(question)
    codes = (word for word in _words(text, strict=False) or () if any(map(str.isdigit, word)))
    sentence = text.partition("?")[0]
    for stop in (". ", "。", "\n"):
        sentence = sentence.rpartition(stop)[2]
    main = _first_act(sentence) or _first_act(text)
    return _Asked(text, frozenset(codes), main)


def _first_act(text: str) -> str:
    found = [(at, -len(act), act) for act in _NAMED if (at := text.find(act)) >= 0]
    return min(found)[2] if found else ""


def agrees(text: str, question: str = "") -> bool:
    """Return whether a text is nothing but a yes.

    Parameters
    ----------
    text : the answer, at most `LONGEST_CHARS` characters of which can be a yes.
    question : what was asked. Its numbers may be repeated, and acts that it names; the one that
        it names first says yes by itself. Without a question any act may be named.
    """
    said = _unquoted(simplified(text).strip())
    if not said or len(said) > LONGEST_CHARS or asks(said) or any(d in said for d in _DOUBTS):
        return False
    words = _words(said)
    if words is None:
        return False
    spaced = f" {' '.join(words)} "
    if any((f" {never} " if never.isascii() else never) in spaced for never in _NEVER):
        return False
    asked = _asked(question)
    core, at, step = False, 0, 0
    while at < len(words):
        word = words[at]
        if not word.isascii() and len(word) > 1 and _is_chinese(word[0]):
            found = _agrees_in_chinese(word, asked)
            if found is None:
                return False
            core, at, step = core or found, at + 1, 1
            continue
        step, counts = _longest(words, at, asked)
        if not step:
            if word in asked.codes:
                step = 1
            elif _is_chinese(word[0]) and (found := _agrees_in_chinese(word, asked)) is not None:
                step, counts = 1, found
            else:
                return False
        core, at = core or counts, at + step
    return core and tuple(words[len(words) - step :]) not in _OPEN


def asks(text: str) -> bool:
    """Return whether a text is a question."""
    return any(mark in text for mark in _ASKS) or text.rstrip(" .。!！~～").endswith(("么", "嘛"))


def _longest(words: list[str], at: int, asked: _Asked) -> tuple[int, bool]:
    """Return how many words from a place are known together, and whether they say yes."""
    for length in range(min(_MOST_WORDS, len(words) - at), 0, -1):
        phrase = tuple(words[at : at + length])
        if phrase in _CORES:
            return length, True
        named = _ACTING.get(phrase)
        if named is not None and asked.names(named):
            return length, asked.means(named)
        if phrase in _FILLERS:
            return length, False
    return 0, False


def _agrees_in_chinese(run: str, asked: _Asked) -> bool | None:
    """Return whether a run of Chinese characters says yes; None if it says something else too."""
    core, at = False, 0
    while at < len(run):
        for length in range(min(_MOST_CHARS, len(run) - at), 0, -1):
            word = run[at : at + length]
            if word in _NEVER_ZH:
                return None
            named = _ACTING_ZH.get(word)
            if named is not None and asked.names(named):
                core = core or asked.means(named)
                break
            if word in _CORES_ZH or word in _FILLERS_ZH:
                core = core or word in _CORES_ZH
                break
        else:
            return None
        at += length
    return core


def _words(text: str, *, strict: bool = True) -> list[str] | None:
    """Return the words of a text, runs of Chinese characters each as one.

    None if a character is neither part of a word nor known punctuation.
    """
    found: list[str] = []
    word: list[str] = []
    kind = ""
    for char in f"{text} ":
        now = _kind(char)
        if now == "other" and strict:
            return None
        if now != kind or now in ("gap", "sign"):
            if word:
                found.append("".join(word))
            word = []
        if now in ("latin", "chinese", "sign"):
            word.append(char)
        kind = now
    return [_LONG.get(one, one) for one in _joined(found)]


def _joined(words: Iterable[str]) -> Iterable[str]:
    return (bare for word in words if (bare := word.strip("-'")))


def _kind(char: str) -> str:
    if char in _PUNCTUATION and char != "-":
        return "gap"
    if _is_chinese(char):
        return "chinese"
    if (char.isascii() and (char.isalnum() or char in "'-%")) or char.isalpha():
        return "latin"
    if (char,) in _CORES or (char,) in _FILLERS:
        return "sign"
    return "gap" if char == "-" else "other"


def _is_chinese(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff"


def _unquoted(text: str) -> str:
    """Return a text without quotation marks around the whole of it."""
    pairs = ('""', "''", "“”", "「」", "『』")
    quoted = len(text) > 2 and f"{text[0]}{text[-1]}" in pairs
    return text[1:-1] if quoted else text
