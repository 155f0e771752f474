"""Chinese, in either script, Mandarin and Cantonese: a person near a word for getting one."""

from __future__ import annotations

from stepin.language.person.words import words_of

_WORDS = words_of("chinese")
_PAIRS = (
    "轉转專专員员經经領领導导負负責责闆板話话說说講讲談谈聯联繫系係系請请讓让給给幫帮換换個个這这為为麼么"
    "嗎吗處处務务沒没電电機机腦脑動动復复覆复應应對对現现煩烦頭头傾倾聽听與与無无須须來来過过還还時时點点"
    "誰谁問问題题實实顧顾師师職职號号線线進进開开關关謝谢該该訴诉態态親亲業业喚唤總总監监級级協协組组處处"
    "裡里裏里搵揾嘅的啦啦佢他哋们們们邊边緊紧塊块後后臺台檯台嚟来畀给俾给睇看識识傢家夥伙樓楼長长據据視视"
    "頻频訊讯誤误擾扰厭厌討讨絕绝夠够倉仓庫库貨货訂订單单發发優优見见認认識识間间別别戶户啓启會会當当兒儿"
)
_FOLD = {ord(_PAIRS[i]): _PAIRS[i + 1] for i in range(0, len(_PAIRS), 2)}
_SAME = (
    ("机械人", "机器人"),
    ("唔该", "麻烦"),
    ("智慧", "智能"),
    ("人功", "人工"),
    ("仁工", "人工"),
    ("赚人工", "转人工"),
    ("专人工", "转人工"),
    ("砖人工", "转人工"),
    ("客符", "客服"),
    ("客fu", "客服"),
    ("zhuanrengong", "转人工"),
    ("zhuan ", "转"),
    ("rengong", "人工"),
    ("ren gong", "人工"),
    ("zhenren", "真人"),
    ("kefu", "客服"),
    ("人gong", "人工"),
    ("real person", "真人"),
    ("human", "真人"),
    ("live agent", "真人"),
    ("agent", "客服"),
    ("manager", "经理"),
    ("supervisor", "主管"),
    ("operator", "人工"),
    ("customer service", "客服"),
)
PINYIN = ("rengong", "ren gong", "zhenren", "kefu")
"""Chinese words that are written in Latin letters too."""
_STOPS = "。!?;！？；\n…~～"
_PAUSES = ",，、 :："

_SERVES = _WORDS["serves"]
_LEADS = _WORDS["leads"]
_ASKS = _WORDS["asks"]
_NOT = _WORDS["not"]
_NOT_MEANT = _WORDS["not_meant"]
_TALKS = _WORDS["talks"]
_MACHINES = _WORDS["machines"]
_REFUSES = _WORDS["refuses"]
_NOT_A_TALKER = _WORDS["not_a_talker"]
_ENDS_PERSON = frozenset(
    "吧啊呢吗呀在谢帮接回来跟和同行可嘛快好服坐处解沟对介咨审台出给看管了与哦喔哈唷啦喇得未倾听"
    "讲说聊谈协跟先就否么联打热怎如点通复我你立马赶急吖呐哇阿,，。!?！？;；、 :：~～…)）'\"“”「」"
)
_MEETS = _WORDS["meets"]
_EARLIER = _WORDS["earlier"]
_TO_WHOM = frozenset("给送为替被对")
_ANYBODY = _WORDS["anybody"]
_GETS_ONE = _WORDS["gets_one"]
_A = ("个", "一个", "位", "一位", "翻个", "番个", "")
_ONE = tuple(gets + a for gets in _GETS_ONE for a in _A)
_FIRSTS = frozenset(name[0] for name in (*_SERVES, *_LEADS, *_MACHINES)) | {"人", "电"}
_ONE_DOES = _WORDS["one_does"]
_NOT_SERVICE = _WORDS["not_service"]
_WINDOW = 9


def asks(text: str) -> bool:
    """Return whether a Chinese text asks for a person."""
    folded = text.translate(_FOLD)
    for written, means in _SAME:
        folded = folded.replace(written, means)
    for sentence in _split(folded, _STOPS):
        said = "".join(c for c in sentence if c not in " \t'\"“”「」()（）")
        if said and _sentence_asks(said):
            return True
    return False


def _split(text: str, at: str) -> list[str]:
    parts: list[list[str]] = [[]]
    for letter in text:
        if letter in at:
            parts.append([])
        else:
            parts[-1].append(letter)
    return ["".join(part) for part in parts]


def _sentence_asks(said: str) -> bool:
    if _asks_identity(said):
        return False
    whole = said.strip(_PAUSES + "的了请")
    if _alone(whole):
        return True
    for place in range(len(said)):
        first = said[place]
        if first not in _FIRSTS:
            continue
        if said.startswith(_SERVES, place) and _served(said, place):
            return True
        if said.startswith(_LEADS, place) and _led(said, place):
            return True
        if said.startswith(_MACHINES, place) and _refused(said, place):
            return True
        if first == "人" and _anybody(said, place):
            return True
        if first == "电" and _called(said, place):
            return True
    return False


def _asks_identity(said: str) -> bool:
    """*Are you a person or a robot* is another question."""
    who = any(w in said for w in _WORDS["who_words"])
    asks_it = "还是" in said or said.rstrip("啊呀的").endswith(_WORDS["question_ends"])
    is_it = any(w in said for w in _WORDS["identity_words"])
    wants = any(w in said for w in _WORDS["identity_wants"])
    return who and is_it and (asks_it or "是不是" in said or "系咪" in said) and not wants


_ALONE = (
    "在吗",
    "在不在",
    "谢谢",
    "你好",
    "您好",
    "快点",
    "快",
    "吧",
    "啊",
    "呢",
    "呀",
    "请",
    "麻烦",
    "了",
    "服务",
    "人呢",
    "在",
    "唔该",
    "喂",
    "嘛",
    "急",
    "出来",
    "来",
    "谢",
    "!",
    ",",
    "，",
    "、",
    " ",
    "~",
    "在哪",
    "有吗",
    "please",
    "pls",
    "now",
    "我要",
    "我想",
    "给我",
)


def _alone(said: str) -> bool:
    """Return whether hardly anything is said but whom somebody wants."""
    left, named = said, False
    for name in (*_SERVES, "经理", "主管", "店长", "负责人", "领导"):
        if name in _WORDS["not_alone"]:
            continue
        if name in left and not (name == "客服" and ("谢" in left or "好" in left)):
            left, named = left.replace(name, ""), True
    if not named:
        return said in _WORDS["alone_asks"]
    for word in _ALONE:
        left = left.replace(word, "")
    return len(left.strip("转接找换叫我要想你们个一位下")) == 0


def _before(said: str, place: int) -> str:
    return said[max(0, place - _WINDOW) : place]


def _behind(said: str, place: int, names: tuple[str, ...]) -> int:
    longest = max((len(n) for n in names if said.startswith(n, place)), default=0)
    return place + longest


def _denied(before: str) -> bool:
    """Return whether the nearest word for getting somebody is turned down."""
    for no in _NOT:
        place = before.rfind(no)
        if place < 0 or any(
            before.startswith(ok, max(0, place - 1)) or before.startswith(ok, place)
            for ok in _NOT_MEANT
        ):
            continue
        between = before[place + len(no) :]
        if not any(stop in between for stop in _PAUSES) and not any(
            other in between for other in _WORDS["between_denials"]
        ):
            return True
    return False


def _served(said: str, place: int) -> bool:
    """Return whether a word for the people of a desk, at a place, is what is asked for."""
    end = _behind(said, place, _SERVES)
    name = said[place:end]
    follows = said[end : end + 1]
    before, after = _before(said, place), said[end : end + 6]
    if name == "客服" and after.startswith(_WORDS["contact_details"]):
        return "打" in after
    if follows == "的":
        if end + 1 < len(said) and said[end + 1] not in _ENDS_PERSON:
            return False
    elif follows and follows not in _ENDS_PERSON and not follows.isascii():
        return after.startswith(_WORDS["may_follow"])
    if before[-1:] in _TO_WHOM and not before.endswith(_WORDS["given_to"]):
        return False
    if any(w in before for w in _EARLIER) and any(w in after for w in _MEETS):
        return False
    meets = name in ("客服", "真人", "人工") and after.startswith(_MEETS)
    if meets and not any(w in before for w in _WORDS["meets_asks"]):
        return False
    asks_whether = before.endswith(("有没有", "还是", "有冇")) or said.endswith(("吗", "么"))
    if before.endswith(_WORDS["not_wished_before"]) and not asks_whether:
        return False
    if _denied(before):
        return False
    if asks_whether and before.endswith(("有", "没有", "冇")):
        return True
    if name in _WORDS["colleagues"]:
        asked = any(w in before for w in _WORDS["colleague_asks"])
        return asked and (not after or any(w in after for w in _ONE_DOES) or "转" in before)
    if any(word in before for word in _ASKS):
        return True
    if after.startswith(_WORDS["how_to_reach"]):
        return True
    if after.startswith(_WORDS["there_or_do"]) and name != "客服":
        return True
    return name in ("客服", "真人客服", "人工客服") and after.startswith(_WORDS["there"])


def _led(said: str, place: int) -> bool:
    """Return whether somebody in charge is asked for."""
    end = _behind(said, place, _LEADS)
    before, after = _before(said, place), said[end : end + 6]
    if before[-1:] in _TO_WHOM and not before.endswith(_WORDS["lead_given_to"]):
        return False
    if any(w in before for w in _EARLIER) and any(w in after for w in _MEETS):
        return False
    if before.endswith(_WORDS["lead_is_me"]) and not before.endswith(("找我", "还是")):
        return False
    if _denied(before):
        return False
    asked = _WORDS["lead_asks"]
    if any(word in before for word in asked):
        return not after.startswith(_WORDS["lead_not"])
    return after.startswith(_WORDS["lead_does"])


def _refused(said: str, place: int) -> bool:
    """Return whether the customer doesn't want the machine."""
    end = _behind(said, place, _MACHINES)
    name, before, after = said[place:end], said[max(0, place - 10) : place], said[end : end + 8]
    if before.endswith(_NOT_A_TALKER) or (
        name == "ai" and (before[-1:].isascii() and before[-1:].isalpha())
    ):
        return False
    talked = any(w in after for w in _TALKS) or any(w in before for w in _TALKS)
    with_it = before.endswith(_WORDS["with_whom"])
    if not any(w in before for w in _REFUSES):
        return False
    if any(ok in before for ok in ("别的", "特别", "别人")):
        return False
    if name in _WORDS["things_machines"]:
        return talked and (with_it or name == "机器")
    if name in _WORDS["automatic"]:
        return True
    ended = not after or after[0] in _ENDS_PERSON or after[0] in "了的再" or "再叫" in before
    return talked or with_it or ended


def _anybody(said: str, place: int) -> bool:
    """Return whether *a person*, said with the plainest word, is asked for (找个人跟我说)."""
    before, after = said[max(0, place - 6) : place], said[place + 1 : place + 9]
    around = before + "人" + after
    if any(phrase in around for phrase in _ANYBODY):
        if any(w in after for w in _WORDS["not_here"]):
            return False
        return (
            place > 0
            and said[place - 1] in "有冇没"
            and (not after or after.startswith(_WORDS["anybody_follows"]))
        )
    if any(w in after for w in _NOT_SERVICE):
        return False
    if before.endswith(_WORDS["with_a_person"]):
        return any(after.startswith(w) for w in _WORDS["talks_with"])
    if not before.endswith(_ONE):
        return _who_can(said, place, before)
    for gets in _GETS_ONE:
        for a in _A:
            if not before.endswith(gets + a):
                continue
            if gets in ("要", "想", "来") and not a:
                return gets == "来" and not after.strip("啊呀,，吧")
            if _denied(before) or before.endswith(_WORDS["not_one"]):
                return False
            if not after:
                return gets in _WORDS["bare_gets"] and bool(a or gets in ("换", "揾", "找"))
            return any(after.startswith(w) for w in _ONE_DOES) and not after.startswith(
                _WORDS["not_looks"]
            )
    return False


def _who_can(said: str, place: int, before: str) -> bool:
    """Return whether somebody who can help is asked for (找个能解决问题的人)."""
    if before.endswith(_WORDS["who_can"]):
        return any(w in said[max(0, place - 12) : place] for w in _WORDS["who_can_asks"])
    if before.endswith(_WORDS["who_solves"]):
        return any(w in said[max(0, place - 12) : place] for w in _WORDS["who_solves_asks"])
    return False


def _called(said: str, place: int) -> bool:
    """Return whether a call from the desk is asked for (请给我回个电话)."""
    if not said.startswith("电话", place):
        return False
    before, after = said[max(0, place - 9) : place], said[place + 2 : place + 8]
    nobody = any(w in before[-6:] for w in _WORDS["nobody_calls"])
    if nobody or any(w in said for w in _WORDS["callers"]):
        return False
    back = before.endswith(_WORDS["calls_back"])
    asked = any(w in before for w in _WORDS["call_asks"])
    if back and asked and not _denied(before):
        return not after.startswith(("前", "之前", "通知"))
    return False
