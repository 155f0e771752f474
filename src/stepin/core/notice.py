"""What the desk itself tells a customer: honest, short, and in the customer's language."""

from __future__ import annotations

from collections.abc import Sequence

from stepin.core.danger import Helpline
from stepin.core.events.chat import MessagePosted

TEXTS: dict[str, tuple[str, str]] = {
    "waiting": (
        "All of our team are in other chats at the moment. You are number {place} in the queue; "
        "you can stay here, we will answer in this chat.",
        "客服人员目前都在忙，您排在第 {place} 位，请稍候，我们会在此对话中回复您。",
    ),
    "nobody_here": (
        "Nobody on our team is online at the moment. Your message is kept, and the first person "
        "who is back will answer here.",
        "目前没有客服在线。您的留言已保存，客服上线后会在此对话中回复您。",
    ),
    "outside_hours": (
        "We are outside our opening hours. Your message is kept and will be answered here when "
        "we are back.",
        "现在不在服务时间内。您的留言已保存，我们会在服务时间内在此对话中回复您。",
    ),
    "still_there": (
        "Are you still there? This chat will be closed if we don't hear from you.",
        "您还在吗？如果一段时间内没有收到您的回复，本次对话将会关闭。",
    ),
    "timed_out": (
        "We haven't heard from you, so this chat is now closed. You are welcome to come back.",
        "由于长时间没有收到您的回复，本次对话已关闭，欢迎您随时再来咨询。",
    ),
    "abandoned": (
        "We are sorry nobody was available in time. This chat is now closed; please come back.",
        "很抱歉未能及时为您接通客服，本次对话已关闭，欢迎您随时再来咨询。",
    ),
    "person_asked": (
        "We have asked a member of our team to join this chat.",
        "我们已通知客服人员加入本次对话。",
    ),
    "person_queued": (
        "The assistant has stopped, because you asked for a person. You are in the queue now, and "
        "the next free person will answer here.",
        "您要求人工服务，AI 助手已停止回复。您已进入排队，下一位空闲的客服会在此回复您。",
    ),
    "person_declined": (
        "No member of our team can join just now, so the assistant goes on. You can ask for a "
        "person again at any time.",
        "目前没有客服人员可以加入，将由 AI 助手继续为您服务，您可以随时再次要求转人工。",
    ),
    "still_looking": (
        "Nobody was free to join yet. You are in the queue now, and the next free person will "
        "answer here.",
        "暂时没有空闲的客服人员。您已进入排队，下一位空闲的客服会在此回复您。",
    ),
    "person_joining": (
        "The assistant has stopped; a member of our team takes over from here.",
        "AI 助手已停止服务，接下来由客服人员为您服务。",
    ),
    "person_left": (
        "The person you were talking to had to leave. Somebody else will go on from here.",
        "刚才的客服人员已离开，稍后将由其他客服继续为您服务。",
    ),
    "ai_stuck": (
        "Our assistant can't go on. We have asked a member of our team to join this chat.",
        "AI 助手暂时无法继续处理，我们已通知客服人员加入本次对话。",
    ),
    "caution_self_harm": (
        "Thank you for telling us. What you write worries us, and you matter more than anything "
        "else we talk about here. A person of our team is being asked to come to this chat right "
        "now. If you may be in danger at this moment, please call the emergency services, or ask "
        "somebody near you to stay with you.",
        "谢谢您告诉我们。您写的话让我们很担心，您本人比这里的任何事情都重要。我们正在请一位客服人员马上"
        "加入本次对话。如果您此刻有危险，请立即拨打急救或报警电话，或者请身边的人陪着您。",
    ),
    "caution_accident": (
        "Please look after yourselves first. If somebody is hurt, has swallowed something or can't "
        "breathe well, call the emergency services or a doctor at once. Don't use the product any "
        "more; if it is safe to do so, unplug it, and keep away from it. A person of our team is "
        "being asked to come to this chat right now.",
        "请先确保人身安全。如果有人受伤、误吞异物或呼吸困难，请立即拨打急救电话或就医。请不要再使用该商品；"
        "在确保安全的情况下断开电源，并远离它。我们正在请一位客服人员马上加入本次对话。",
    ),
    "caution_threat": (
        "We take this seriously. If somebody is in danger now, please go to a safe place and call "
        "the police or the emergency services. A person of our team is being asked to come to "
        "this chat right now.",
        "我们非常重视这件事。如果现在有人身处危险，请先到安全的地方，并报警或拨打急救电话。我们正在请一位"
        "客服人员马上加入本次对话。",
    ),
    "caution_fraud": (
        "Please don't give anybody passwords, codes or card numbers, and don't follow links or "
        "make payments that somebody asks you for. If a card or an account is affected, ask your "
        "bank to block it. A person of our team is being asked to come to this chat right now.",
        "请不要把密码、验证码或卡号告诉任何人，也不要点击链接或按他人要求转账。如果银行卡或账户受到影响，"
        "请联系银行冻结。我们正在请一位客服人员马上加入本次对话。",
    ),
    "caution_legal": (
        "We have noted what you write. A person of our team is being asked to come to this chat "
        "and will answer you.",
        "您写的内容我们已经记录。我们正在请一位客服人员加入本次对话，由客服人员答复您。",
    ),
}
_HELPLINE = (
    " {name} ({country}) answers calls on {number}.",
    "您也可以拨打{name}（{country}）：{number}。",
)
_HELPLINES_AT_MOST = 3
_CAUTIONS = {
    "safety.self_harm": "caution_self_harm",
    "safety.threat": "caution_threat",
    "safety.fraud": "caution_fraud",
    "safety.legal": "caution_legal",
}


def caution_template(kind: str) -> str:
    """Return the template of the careful sentence for a kind of danger."""
    return _CAUTIONS.get(kind, "caution_accident")


def caution(kind: str, language: str, helplines: Sequence[Helpline]) -> MessagePosted:
    """Return the careful sentence to somebody who may be in danger.

    It names a number only if the shop has named helplines, and only to somebody who may harm
    themselves: those whose language is spoken there, else all, three at most.
    """
    said = notice(caution_template(kind), language)
    told = numbers_for(kind, language, helplines)
    return MessagePosted(author="system", text=said.text + told, template=said.template)


def numbers_for(kind: str, language: str, helplines: Sequence[Helpline]) -> str:
    """Return the numbers that follow a sentence to somebody who may be in danger."""
    if kind != "safety.self_harm":
        return ""
    chinese = language.lower().startswith("zh")
    spoken = [one for one in helplines if any(_same(code, language) for code in one.languages)]
    lines = (spoken or list(helplines))[:_HELPLINES_AT_MOST]
    return "".join(
        _HELPLINE[chinese].format(name=one.name, country=one.country, number=one.number)
        for one in lines
    )


def _same(code: str, language: str) -> bool:
    return code.lower().partition("-")[0] == language.lower().partition("-")[0]


def notice(template: str, language: str, *, place: int = 0) -> MessagePosted:
    """Return the desk's message under a template; other languages than Chinese read English."""
    english, chinese = TEXTS[template]
    text = chinese if language.lower().startswith("zh") else english
    return MessagePosted(author="system", text=text.format(place=place), template=template)
