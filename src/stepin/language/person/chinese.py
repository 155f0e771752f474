"""Chinese, in either script, Mandarin and Cantonese: a person near a word for getting one."""

from __future__ import annotations

_PAIRS = (
    "轉转專专員员經经領领導导負负責责闆板話话說说講讲談谈聯联繫系係系請请讓让給给幫帮換换個个這这為为麼么"
    "嗎吗處处務务沒没電电機机腦脑動动復复覆复應应對对現现煩烦頭头傾倾聽听與与無无須须來来過过還还時时點点"
    "誰谁問问題题實实顧顾師师職职號号線线進进開开關关謝谢該该訴诉態态親亲業业喚唤總总監监級级協协組组處处"
    "裡里裏里搵揾嘅的啦啦佢他哋们們们邊边緊紧塊块後后臺台檯台嚟来畀给俾给睇看識识傢家夥伙樓楼長长據据視视"
    "頻频訊讯誤误擾扰厭厌討讨絕绝夠够倉仓庫库貨货訂订單单發发優优見见認认識识間间別别啓启會会當当兒儿"
)
_FOLD = {ord(_PAIRS[i]): _PAIRS[i + 1] for i in range(0, len(_PAIRS), 2)}
_SAME = (
    ("机械人", "机器人"), ("唔该", "麻烦"), ("智慧", "智能"), ("人功", "人工"), ("仁工", "人工"),
    ("赚人工", "转人工"), ("专人工", "转人工"), ("砖人工", "转人工"), ("客符", "客服"), ("客fu", "客服"),
    ("zhuanrengong", "转人工"), ("zhuan人工", "转人工"), ("rengong", "人工"), ("ren gong", "人工"),
    ("zhenren", "真人"), ("kefu", "客服"), ("人gong", "人工"), ("real person", "真人"),
    ("human", "真人"), ("live agent", "真人"), ("agent", "客服"), ("manager", "经理"),
    ("supervisor", "主管"), ("operator", "人工"), ("customer service", "客服"),
)  # fmt: skip
_STOPS = "。!?;！？；\n…~～"
_PAUSES = ",，、 :："

_SERVES = (
    "人工客服", "人工服务", "人工坐席", "真人客服", "工作人员", "客服人员", "客服专员", "客服代表", "服务人员",
    "人工", "真人", "活人", "客服", "专员", "坐席", "座席", "接线员", "话务员", "专人", "小二", "同事", "员工",
    "店员", "顾问", "职员", "客户经理", "客户服务",
)  # fmt: skip
_LEADS = (
    "经理", "主管", "领导", "负责人", "店长", "老板", "上级", "管事的", "能做主的", "可以做主的", "做主的人",
    "做得主", "话事人", "话事的", "说了算的", "懂行的", "组长", "主任", "总监", "管理人员", "高层", "上头",
)  # fmt: skip
_ASKS = (
    "转", "找", "换", "叫", "要", "接", "联系", "联络", "呼叫", "呼唤", "喊", "让", "请", "给我", "帮我", "想",
    "需要", "能不能", "可不可以", "可以", "可唔可以", "可否", "能否", "有没有", "有冇", "揾", "麻烦", "求", "派",
    "安排", "改", "切换", "换成", "跟", "和", "同", "与", "由", "来个", "来一个", "来一位", "来位", "快来", "见",
    "speak", "talk", "chat", "need", "want", "transfer", "connect", "please", "find", "call", "get",
)  # fmt: skip
_NOT = (
    "不用", "不需要", "不必", "无需", "无须", "不要", "不想", "别", "唔使", "唔洗", "唔好", "唔需要", "唔想",
    "唔要", "没必要", "用不着", "未找", "没找", "没有找", "不是要",
)  # fmt: skip
_NOT_MEANT = (
    "别再",
    "要不要",
    "不得不",
    "不要不",
    "别的",
    "个别",
    "特别",
    "别人",
    "区别",
    "性别",
    "级别",
)
_TALKS = ("说", "聊", "谈", "讲", "沟通", "对话", "倾", "回", "打交道", "联系", "交流", "处理", "解决", "听电话",
          "接电话", "通话", "敷衍", "糊弄", "绕", "啰嗦", "兜圈", "忽悠", "浪费", "服务")  # fmt: skip
_MACHINES = ("机器人", "机器", "ai", "智能客服", "智慧客服", "自动回复", "自动答复", "电脑", "程序", "程式",
             "人机", "系统回复", "chatbot", "bot")  # fmt: skip
_REFUSES = ("不要", "不想", "别", "拒绝", "讨厌", "受够", "受不了", "不和", "不跟", "不同", "懒得", "唔想", "唔好",
            "唔要", "烦死", "烦", "唔同", "唔跟", "没法", "停止", "够了", "不愿", "再也不", "退出", "关掉",
            "厌倦", "不接受", "不信")  # fmt: skip
_NOT_A_TALKER = ("扫地", "擦窗", "玩具", "送餐", "拖地", "洗碗", "遥控", "编程", "变形", "擦玻璃", "炒菜", "收音",
                 "咖啡", "洗衣", "缝纫")  # fmt: skip
_ENDS_PERSON = frozenset("吧啊呢吗呀在谢帮接回来跟和同行可嘛快好服坐处解沟对介咨审台出给看管了与哦喔哈唷啦喇得未倾听"
                         "讲说聊谈协跟先就否么联打热怎如点通立马赶急吖呐哇阿,，。!?！？;；、 :：~～…)）'\"“”「」")  # fmt: skip
_MEETS = ("说", "讲", "告诉", "答应", "承诺", "态度", "回复我说", "骗", "挂")
_EARLIER = ("上次", "昨天", "之前", "刚才", "前面", "那个", "前天", "上回", "刚刚", "早上", "已经", "琴日", "头先",
            "上星期", "上周")  # fmt: skip
_TO_WHOM = frozenset("给送为替被对")
_ANYBODY = (
    "有人吗", "有人在吗", "有人在不在", "有人管", "有人理", "有没人", "有冇人", "有没有人", "有人可以帮", "有人能帮",
    "有人在么", "有人么",
)  # fmt: skip
_GETS_ONE = (
    "找",
    "换",
    "叫",
    "来",
    "派",
    "让",
    "请",
    "揾",
    "安排",
    "要",
    "想",
    "喊",
    "揾翻",
    "揾番",
    "帮我找",
)
_A = ("个", "一个", "位", "一位", "翻个", "番个", "")
_ONE_DOES = ("来", "跟", "和", "同", "帮", "处理", "管", "说", "谈", "解决", "聊", "讲", "沟通", "对接", "出来",
             "回我", "联系", "打给", "答", "倾", "接", "听", "睇", "看", "给我", "吧", "行", "啊", "好",
             "可以")  # fmt: skip
_NOT_SERVICE = ("取件", "上门", "安装", "送货", "拿货", "取货", "维修", "送来", "签收", "修", "拿快递", "收货",
                "代收", "搬")  # fmt: skip
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
        rest = said[place : place + 6]
        if any(rest.startswith(name) for name in _SERVES) and _served(said, place):
            return True
        if any(rest.startswith(name) for name in _LEADS) and _led(said, place):
            return True
        if any(rest.startswith(name) for name in _MACHINES) and _refused(said, place):
            return True
        if rest[0] == "人" and _anybody(said, place):
            return True
        if rest[0] == "电" and _called(said, place):
            return True
    return False


def _asks_identity(said: str) -> bool:
    """*Are you a person or a robot* is another question."""
    who = any(w in said for w in ("真人", "人工", "活人", "客服", "机器人"))
    asks_it = "还是" in said or said.rstrip("啊呀的").endswith(("吗", "么", "吧", "呢", "嘛"))
    is_it = any(w in said for w in ("是机器", "是真人", "是人工", "系真人", "系机器", "系咪", "是不是", "是ai",
                                    "是活人", "是客服"))  # fmt: skip
    wants = any(w in said for w in ("转", "找", "换", "叫", "揾", "接", "要", "想"))
    return who and is_it and (asks_it or "是不是" in said or "系咪" in said) and not wants


_ALONE = ("在吗", "在不在", "谢谢", "你好", "您好", "快点", "快", "吧", "啊", "呢", "呀", "请", "麻烦", "了", "服务",
          "人呢", "在", "唔该", "喂", "嘛", "急", "出来", "来", "谢", "!", ",", "，", "、", " ", "~", "在哪",
          "有吗", "我要", "我想", "给我")  # fmt: skip


def _alone(said: str) -> bool:
    """Return whether hardly anything is said but whom somebody wants."""
    left, named = said, False
    for name in (*_SERVES, "经理", "主管", "店长", "负责人", "领导"):
        if name in ("小二", "同事", "员工", "店员", "顾问", "职员", "专人"):
            continue
        if name in left:
            left, named = left.replace(name, ""), True
    if not named:
        return said in ("人呢", "人在吗", "人在哪", "有人吗", "来人", "来人啊", "来人呀")
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
            other in between
            for other in ("机器", "ai", "我要", "我想", "自动", "智能", "敷衍", "糊弄", "绕")
        ):
            return True
    return False


def _served(said: str, place: int) -> bool:
    """Return whether a word for the people of a desk, at a place, is what is asked for."""
    end = _behind(said, place, _SERVES)
    name = said[place:end]
    follows = said[end : end + 1]
    before, after = _before(said, place), said[end : end + 6]
    if name == "客服" and after.startswith(
        ("电话", "热线", "号码", "工作时间", "时间", "几点", "微信", "邮箱")
    ):
        return "打" in after
    if follows == "的":
        if end + 1 < len(said) and said[end + 1] not in _ENDS_PERSON:
            return False
    elif follows and follows not in _ENDS_PERSON and not follows.isascii():
        return after.startswith(
            (
                "人呢",
                "专",
                "人员",
                "代表",
                "小姐",
                "姐",
                "电话",
                "员",
                "马上",
                "尽快",
                "直接",
                "现在",
            )
        )
    if before[-1:] in _TO_WHOM and not before.endswith(("转给", "接给", "交给", "换给", "我给")):
        return False
    if any(w in before for w in _EARLIER) and any(w in after for w in _MEETS):
        return False
    if name in ("客服", "真人", "人工") and any(after.startswith(w) for w in _MEETS):
        if not any(w in before for w in ("和", "跟", "同", "与", "找", "要", "想", "转", "让")):
            return False
    if before.endswith(("不是", "没有", "没", "是", "问过", "联系过", "打过", "找过", "问了", "联系了", "找了",
                        "唔系", "冇")) and not before.endswith(("有没有", "还是", "有冇")):  # fmt: skip
        return False
    if _denied(before):
        return False
    if name in ("同事", "员工", "店员", "顾问", "职员", "专人", "小二"):
        asked = any(
            w in before
            for w in ("转", "找", "让", "叫", "换", "派", "安排", "请", "揾", "跟", "和", "给")
        )
        return asked and (not after or any(w in after for w in _ONE_DOES) or "转" in before)
    if any(word in before for word in _ASKS):
        return True
    if after.startswith(
        ("怎么联系", "怎么转", "如何联系", "怎么找", "怎么接", "点联系", "点样", "通话")
    ):
        return True
    if after.startswith(("在吗", "在不在", "人呢", "在么", "在唔在", "呢", "快", "有吗", "处理", "服务", "来",
                         "回复", "帮")) and name != "客服":  # fmt: skip
        return True
    return name in ("客服", "真人客服", "人工客服") and after.startswith(("在吗", "在不在", "人呢", "在么", "呢",
                                                                    "在唔在"))  # fmt: skip


def _led(said: str, place: int) -> bool:
    """Return whether somebody in charge is asked for."""
    end = _behind(said, place, _LEADS)
    before, after = _before(said, place), said[end : end + 6]
    if before[-1:] in _TO_WHOM and not before.endswith(("转给", "交给", "反映给", "换给")):
        return False
    if any(w in before for w in _EARLIER) and any(w in after for w in _MEETS):
        return False
    if before.endswith(("我是", "是", "我们", "我", "当", "做")) and not before.endswith(
        ("找我", "还是")
    ):
        return False
    if _denied(before):
        return False
    asked = ("转", "找", "换", "叫", "要见", "见", "联系", "联络", "喊", "让", "请", "揾", "接", "要你们", "要跟",
             "要和", "要同", "想跟", "想和", "想同", "跟你们", "和你们", "同你", "跟", "给我接", "安排", "上报",
             "反映给", "我要", "给我", "投诉到", "speak", "talk")  # fmt: skip
    if any(word in before for word in asked):
        return not after.startswith(("签", "买", "的礼物", "推荐", "用的", "生日", "办公", "椅"))
    return after.startswith(("呢", "在哪", "在不在", "在吗", "出来", "来", "听电话", "接电话", "联系我", "给我",
                             "打给我", "跟我", "和我", "同我", "讲", "处理"))  # fmt: skip


def _refused(said: str, place: int) -> bool:
    """Return whether the customer doesn't want the machine."""
    end = _behind(said, place, _MACHINES)
    name, before, after = said[place:end], said[max(0, place - 10) : place], said[end : end + 8]
    if before.endswith(_NOT_A_TALKER) or (
        name == "ai" and (before[-1:].isascii() and before[-1:].isalpha())
    ):
        return False
    talked = any(w in after for w in _TALKS) or any(w in before for w in _TALKS)
    with_it = before.endswith(
        ("跟", "和", "同", "与", "对着", "跟个", "和个", "跟一个", "同个", "用", "跟这个")
    )
    if not any(w in before for w in _REFUSES):
        return False
    if any(ok in before for ok in ("别的", "特别", "别人")):
        return False
    if name in ("电脑", "程序", "程式", "机器"):
        return talked and (with_it or name == "机器")
    if name in ("自动回复", "自动答复", "智能客服", "智慧客服", "系统回复"):
        return True
    ended = not after or after[0] in _ENDS_PERSON or after[0] in "了的再" or "再叫" in before
    return talked or with_it or ended


def _anybody(said: str, place: int) -> bool:
    """Return whether *a person*, said with the plainest word, is asked for (找个人跟我说)."""
    before, after = said[max(0, place - 6) : place], said[place + 1 : place + 9]
    around = before + "人" + after
    if any(phrase in around for phrase in _ANYBODY):
        if any(
            w in after for w in ("签收", "收货", "在家", "买过", "用过", "收到", "试过", "知道")
        ):
            return False
        return place > 0 and said[place - 1] in "有冇没" and (
            not after or after.startswith(("吗", "在", "管", "理", "可以", "能", "帮", "么", "啊", "呀", "来", "回",
                                           "喺", "应", "得", "处理", "跟", "同", "接", ",", "，", "嘛"))
        )  # fmt: skip
    if any(w in after for w in _NOT_SERVICE):
        return False
    if before.endswith(
        ("跟", "和", "同", "与", "跟个", "和个", "同个", "跟真", "想同", "跟活", "跟一个", "和一个")
    ):
        return any(
            after.startswith(w)
            for w in ("说", "聊", "讲", "谈", "沟通", "对话", "倾", "交流", "联系", "通话")
        )
    for gets in _GETS_ONE:
        for a in _A:
            if not before.endswith(gets + a):
                continue
            if gets in ("要", "想", "来") and not a:
                return gets == "来" and not after.strip("啊呀,，吧")
            if _denied(before) or before.endswith(("请个", "想个", "要请", "都来")):
                return False
            if not after:
                return gets in ("找", "换", "叫", "来", "揾", "派", "喊") and bool(
                    a or gets in ("换", "揾", "找")
                )
            return any(after.startswith(w) for w in _ONE_DOES) and not after.startswith(("来取", "来拿", "来收",
                                                                                   "看看这"))  # fmt: skip
    if before.endswith(
        ("来个能解决问题的", "懂的", "管事的", "负责的", "做主的", "话事的", "懂行的")
    ):
        return any(
            w in said[max(0, place - 12) : place]
            for w in ("找", "叫", "换", "来个", "让", "揾", "要")
        )
    if before.endswith(("解决的", "问题的", "处理的", "解决问题的")):
        return any(
            w in said[max(0, place - 12) : place]
            for w in ("找个", "找一", "叫个", "换个", "来个", "揾个")
        )
    return False


def _called(said: str, place: int) -> bool:
    """Return whether a call from the desk is asked for (请给我回个电话)."""
    if not said.startswith("电话", place):
        return False
    before, after = said[max(0, place - 9) : place], said[place + 2 : place + 8]
    if any(
        w in said
        for w in ("快递", "小哥", "骑手", "司机", "师傅", "配送", "送货", "驿站", "没有打", "没打")
    ):
        return False
    back = before.endswith(("回", "回个", "回一个", "打", "打个", "来", "来个", "打一个", "打通"))
    asked = any(
        w in before
        for w in ("请", "能", "可以", "让人", "麻烦", "安排", "希望", "给我", "畀", "帮我")
    )
    if back and asked and not _denied(before):
        return not after.startswith(("前", "之前", "通知"))
    return False
