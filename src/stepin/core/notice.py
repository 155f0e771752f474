"""What the desk itself tells a customer: honest, short, and in the customer's language."""

from __future__ import annotations

from stepin.core.events.chat import MessagePosted

TEXTS: dict[str, tuple[str, str]] = {
    "waiting": (
        "All of our team are in other chats at the moment. You are number {place} in the queue; "
        "you can stay here, we will answer in this chat.",
        "客服人员目前都在忙，您排在第 {place} 位，请稍候，我们会在此对话中回复您。",
    ),
    "nobody_here": (
        "Nobody of our team is online at the moment. Your message is kept, and the first person "
        "who comes back will answer here.",
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
        "We are sorry that nobody could come in time. This chat is closed now; please come back.",
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
}


def notice(template: str, language: str, *, place: int = 0) -> MessagePosted:
    """Return the desk's message under a template; other languages than Chinese read English."""
    english, chinese = TEXTS[template]
    text = chinese if language.lower().startswith("zh") else english
    return MessagePosted(author="system", text=text.format(place=place), template=template)
