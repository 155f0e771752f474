"""How the shop's customers say what they feel, in English and Chinese.

`sour` is worry before anger, `angry` and `glad` say a mood, `again` asks the same thing once more,
`odd` are requests that no procedure covers.
"""

from __future__ import annotations

from random import Random
from typing import Literal

Feeling = Literal["sour", "angry", "glad", "again"]
Language = Literal["en", "zh"]

SAYS: dict[Feeling, dict[Language, tuple[str, ...]]] = {
    "sour": {
        "en": (
            "hmm, that's not what I asked", "you said that already", "I don't think you got it",
            "is this going to take long?", "that doesn't really help me", "ok but when?",
            "I've been waiting for a while now", "are you sure about that?", "not quite, no",
            "I already gave you that", "can you please read what I wrote", "still the same problem",
            "so what now?", "I explained this last week too", "that's a bit confusing",
            "why do you keep asking me this", "I was hoping for a straight answer", "really?",
        ),
        "zh": (
            "不是这个意思", "你刚才已经说过了", "你好像没看懂", "还要多久", "这没什么用啊",
            "那到底什么时候", "我等了好一会儿了", "你确定吗", "不太对吧", "我已经说过了",
            "麻烦看一下我写的", "还是老问题", "那现在怎么办", "上周我也说过一遍了", "有点搞不明白",
            "怎么一直问同样的", "能不能直接回答我", "真的假的",
        ),
    },
    "angry": {
        "en": (
            "this is ridiculous", "I'm really fed up", "worst service I've ever had",
            "what a waste of my time", "you people are useless", "this is unacceptable",
            "I am so angry right now", "are you kidding me?!", "nobody here has a clue!",
            "never buying here again", "this is a joke", "terrible, just terrible",
            "I'm furious", "absolutely disgusting service", "stop giving me the same nonsense",
            "how hard can it be!!", "I've had enough of this", "totally incompetent",
            "you keep ignoring me!", "this is a disgrace", "I'm going to leave a bad review",
            "so disappointed with you", "what kind of shop is this?!", "I'm losing my patience",
        ),
        "zh": (
            "太离谱了", "我真的受够了", "从没遇到过这么差的服务", "浪费我时间", "你们一点用都没有",
            "无法接受", "我现在非常生气", "你在逗我吗！", "没一个靠谱的！", "再也不买了",
            "简直是笑话",
            "太差劲了", "气死我了", "什么垃圾服务", "别再重复这些废话了", "有这么难吗！！",
            "我忍不了了", "一点都不专业", "你们根本不理人！", "太过分了", "我要给差评",
            "太让人失望了", "这是什么店啊！", "我没耐心了",
        ),
    },
    "glad": {
        "en": (
            "great, thank you", "perfect, thanks a lot", "that was quick, thanks", "lovely",
            "awesome, cheers", "thanks so much for the help", "you're very kind", "brilliant",
        ),
        "zh": (
            "太好了，谢谢", "非常感谢", "好快，谢谢", "太棒了", "辛苦了", "谢谢你帮忙", "真不错",
            "服务真好",
        ),
    },
    "again": {
        "en": ("like I said: ", "again: ", "once more, ", "I asked: ", "my question was: "),
        "zh": ("我说的是：", "再说一遍，", "还是那句，", "我问的是：", "我的问题是："),
    },
}  # fmt: skip

ODD: dict[Language, tuple[str, ...]] = {
    "en": (
        "the app shows error 7 when I open {order}", "can two parcels be sent as one? {order}",
        "my neighbour signed for {order} and moved away", "the {item} smells strange",
        "I was charged for {order} in another currency", "is the {item} fine for a dog?",
        "you sent {order} to my old job and they threw it away", "half of {order} is missing",
        "the colour of the {item} isn't the one in the picture", "I lost the box of the {item}",
    ),
    "zh": (
        "打开 {order} 的时候 app 显示错误 7", "两个包裹能不能合并寄？{order}",
        "邻居签收了 {order}，人已经搬走了", "{item}味道怪怪的", "{order} 扣了别的币种",
        "{item}狗能用吗", "{order} 寄到我以前的公司，被扔了", "{order} 少了一半",
        "{item}颜色和图片不一样", "{item}的盒子我弄丢了",
    ),
}  # fmt: skip

WORKER: dict[Literal["helps", "stalls"], dict[Language, tuple[str, ...]]] = {
    "helps": {
        "en": (
            "I'm sorry about that. I've looked into {order} and put it right for you just now.",
            "I can see {order} here. May I ask when you last heard from the carrier?",
            "Thank you for your patience. I'd suggest that we send a new {item} today. All right?",
            "Let me check that for you. Which of the two would you prefer?",
            "Done: you will find the confirmation for {order} in your mail.",
        ),
        "zh": (
            "很抱歉，{order} 我已经核实并处理好了。",
            "我看到 {order} 了，请问上次物流更新是什么时候？",
            "感谢您的耐心，建议今天给您补发一件{item}，可以吗？", "我帮您查一下，您更想要哪一种？",
            "已经办好，{order} 的确认信已发送。",
        ),
    },
    "stalls": {
        "en": ("ok", "one moment", "please wait", "noted", "I can't see it", "as the AI told you"),
        "zh": ("好的", "稍等", "请等待", "知道了", "我这边看不到", "就像刚才机器人说的"),
    },
}  # fmt: skip


def say(feeling: Feeling, language: Language, random: Random) -> str:
    """Return how a customer says a feeling; now and then with two breaths or marks of anger."""
    bank = SAYS[feeling][language]
    text = random.choice(bank)
    if feeling == "angry":
        if random.random() < 0.3:
            text += ("! " if language == "en" else "，") + random.choice(bank)
        if random.random() < 0.2:
            text = text.upper() + "!!"
    return text
