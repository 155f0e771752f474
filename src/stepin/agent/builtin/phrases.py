"""The built-in brain's own sentences, in the languages that it speaks."""

from __future__ import annotations

from typing import Literal

from stepin.agent.shop.procedure import Text

Language = Literal["en", "zh"]

DISCLOSED: Text = {
    "en": "Hello, I'm the AI assistant of {shop}. You can ask for a person at any time.",
    "zh": "您好，我是{shop}的 AI 助手。您可以随时要求转人工。",
}
HELLO: Text = {"en": "What can I do for you?", "zh": "请问有什么可以帮您？"}
ROBOT: Text = {
    "en": "I'm an AI, and people of our team follow this chat. What can I do for you?",
    "zh": "我是 AI 助手，我们的同事会关注这个对话。请问有什么可以帮您？",
}
MORE: Text = {
    "en": "Is there anything else that I can do for you?",
    "zh": "请问还有别的可以帮您吗？",
}
BYE: Text = {"en": "You're welcome. Have a good day!", "zh": "不客气，祝您生活愉快！"}
UNCLEAR: Text = {
    "en": "I'm sorry, I didn't understand that. I can help with {titles}. What is it about?",
    "zh": "抱歉，我没有听明白。我可以帮您处理：{titles}。请问是关于什么？",
}
WHICH: Text = {
    "en": "Is it about {several} or {last}?",
    "zh": "请问是关于{several}，还是{last}？",
}
WHETHER: Text = {"en": "Is it about {title}?", "zh": "请问是关于{title}吗？"}
LOST: Text = {
    "en": "I'm sorry, I can't help with this. I'm handing the chat on to a colleague.",
    "zh": "抱歉，这个问题我处理不了，我为您转给同事。",
}
PERSON: Text = {
    "en": "Of course. I'm handing the chat on to a colleague.",
    "zh": "好的，我为您转接人工客服。",
}
UPSET: Text = {
    "en": "I'm sorry that this has been so upsetting. A colleague will take care of it; I'm "
    "handing the chat on now.",
    "zh": "非常抱歉给您带来这么不愉快的体验。我现在就转给同事，由专人为您处理。",
}
SHALL_I: Text = {
    "en": "Shall I look into {title} for you now?",
    "zh": "需要我现在为您办理{title}吗？",
}
ALREADY: Text = {
    "en": "This has been done already, so I haven't done it again.",
    "zh": "这件事之前已经办理过，所以没有重复办理。",
}
TROUBLE: Text = {
    "en": "I'm sorry, something on our side doesn't work right now. I'm handing the chat on to a "
    "colleague.",
    "zh": "抱歉，我们的系统暂时出了问题，我为您转给同事。",
}
BEYOND: Text = {
    "en": "This needs a decision by a colleague, so I'm handing the chat on.",
    "zh": "这需要同事来决定，我为您转接。",
}
NOT_SIGNED_IN: Text = {
    "en": "I can only look into orders of customers who are signed in. Please sign in, or a "
    "colleague will help you; I'm handing the chat on.",
    "zh": "只有登录后我才能查看订单。请您先登录，或由同事协助您，我现在为您转接。",
}
WAITING: Text = {
    "en": "A colleague has to approve this; I'll tell you as soon as it is decided.",
    "zh": "这一步需要同事批准，有结果我会马上告诉您。",
}
STILL_WAITING: Text = {
    "en": "It is still waiting for a colleague's approval; I'll tell you as soon as it is decided.",
    "zh": "还在等同事批准，有结果我会马上告诉您。",
}
HOW_TO_STOP: Text = {
    "en": "If you don't want it any more, write “stop”, and I take it back.",
    "zh": "如果不想办了，请回复“停止”，我马上撤回。",
}
WITHDRAWN: Text = {
    "en": "I have stopped this: it was not done, and nobody will be asked to approve it any more.",
    "zh": "好的，已经停止：这一步没有办理，也不会再提交审批。",
}
MAYBE_LATE: Text = {
    "en": "A colleague has decided about this already, so it may be too late to stop it. I'll tell "
    "you what became of it as soon as I know.",
    "zh": "同事已经对这一步作出决定，可能来不及停止了。一有结果我会马上告诉您。",
}
TOO_LATE: Text = {
    "en": "I'm sorry, this was too late to stop: it has been done.",
    "zh": "抱歉，已经来不及停止，这一步已经办理了。",
}
DENIED: Text = {
    "en": "A colleague has decided not to approve this, so nothing was changed. I'm handing the "
    "chat on so that they can explain.",
    "zh": "同事没有批准这一步，所以没有做任何改动。我为您转给同事说明原因。",
}
UNKNOWN_OUTCOME: Text = {
    "en": "I can't tell yet whether this went through; a colleague checks it before anything is "
    "tried again.",
    "zh": "目前还无法确认是否办理成功，同事会先核实，不会重复操作。",
}
ELSEWHERE: Text = {
    "en": "I can only see this account, so I can't do anything there. If it belongs to another "
    "account, please sign in with that one.",
    "zh": "我只能查看当前账户，所以无法处理。如果属于别的账户，请用那个账户登录。",
}
DECLINED: Text = {"en": "Fine, I've changed nothing.", "zh": "好的，没有做任何改动。"}
DROPPED: Text = {"en": "Fine, let's leave that.", "zh": "好的，那就先不办了。"}
NEXT: Text = {"en": "Now about {title}.", "zh": "接下来是{title}。"}
AGAIN: Text = {"en": "Please answer yes or no.", "zh": "请回答“是”或“否”。"}
SORRY: Text = {"en": "I'm sorry for the trouble.", "zh": "给您添麻烦了，非常抱歉。"}
SOURCE: Text = {"en": "From our page “{title}”: {text}", "zh": "摘自“{title}”：{text}"}
OR: Text = {"en": " or ", "zh": "或"}
COMMA: Text = {"en": ", ", "zh": "、"}
CORRECTED: Text = {"en": "All right.", "zh": "好的。"}
