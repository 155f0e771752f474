"""Whether the customer asks for a person, in any phrasing, in English or Chinese.

Rules, because a request is never to be missed for want of training: a word for a person near a
word for wanting, reaching or being passed on; a refusal to go on with a machine; the usual short
forms. A negated wish (*I don't need an agent*) and talk about a person (*the agent said …*)
aren't requests.
"""

from __future__ import annotations

import re
import unicodedata

_PERSON = (
    r"(?:(?:real|actual|live|human|living|customer service|support|service) )*"
    r"(?:human(?: being)?|person|people|agent|representative|rep|operator|advis[eo]r|manager"
    r"|supervisor|somebody|someone|staff|specialist|colleague|employee"
    r"|customer (?:service|support))"
)
_REACH = (
    r"(?:speak|talk|chat|connect|transfer|pass|put|hand|escalate|switch|redirect|forward|refer"
    r"|get|give|bring|need|want|like|prefer|reach|call|find|see|have|contact|send|demand)"
)
_REQUESTS_EN = re.compile(
    rf"\b{_REACH}(?:ing|ed)?\b(?:\W+\w+){{0,5}}?\W+{_PERSON}\b"
    rf"|\b(?:is|are) there\b(?:\W+\w+){{0,3}}?\W+(?:human|person|people|agent|someone|somebody"
    rf"|anyone|anybody)\b"
    rf"|\b(?:can|could|may|let) (?:i|me|someone|somebody|anyone|anybody|a human|a person"
    rf"|an agent)\b"
    rf"(?:\W+\w+){{0,2}}?\W+(?:speak|talk|help me|call me|(?:be )?(?:transferred|connected))\b"
    rf"|^\W*(?:h(?:ello|i|ey)\W+)?(?:(?:an?|any|some|the|another)\W+)?{_PERSON}"
    rf"(?:\W+(?:help|support|please|pls|plz|now|asap))*\W*$"
    rf"|^\W*(?:please )?(?:transfer|connect|escalate) me\b(?!\W+the)"
    rf"|^\W*(?:please )?transfer(?:\W+(?:please|pls|plz|now|asap))*\W*$"
    rf"|^\W*(?:(?:please|pls|just|can you|could you)\W+)*call me"
    rf"(?:\W+(?:back|please|now|asap))*\W*$"
    rf"|(?<!n't )(?<!not )\bescalate(?:\W+(?:this|it|my|the)(?:\W+\w+)?)?"
    rf"(?:\W+(?:please|pls|plz|now|asap))*\W*$"
    rf"|\b(?:can|could|may|would|will)\W+(?:an?|any|another)\W+{_PERSON}\W+"
    rf"(?:(?:please|just)\W+)?(?:look|help|check|take|handle|read|answer|call|deal|review|explain)\b"
    rf"|\b(?:get|give|fetch|call)\W+(?:me\W+)?(?:your|the|a) boss\b"
    rf"|\bany(?:one|body)\W+(?:there|here)\b"
    rf"|\b(?:not|no|don'?t want|stop|hate|sick of|tired of|enough|rather than|instead of)\b"
    rf"(?:\W+\w+){{0,5}}?\W+(?:(?:bot|robot|machine|chatbot|computer)s?|ai|automated)\b",
    re.IGNORECASE,
)
_RATHER_EN = re.compile(r"\b(?:rather|would prefer to)\b", re.IGNORECASE)
_REAL_PERSON_EN = re.compile(
    r"\b(?:real|actual|live) (?:human|person|people|agent|one)\b", re.IGNORECASE
)
_NEGATED_EN = re.compile(
    rf"\b(?:don'?t|do not|doesn'?t|no longer|never|not|without)\b(?:\W+\w+){{0,4}}?\W+{_REACH}?"
    rf"(?:ing)?(?:\W+\w+){{0,3}}?\W*\b{_PERSON}\b|\bno need\b",
    re.IGNORECASE,
)
_REFUSES_MACHINE_EN = re.compile(
    r"\b(?:(?:bot|robot|machine|chatbot|computer)s?|ai|automated)\b", re.IGNORECASE
)
_ABOUT_EN = re.compile(
    rf"\b(?:the|your|an?|another|last|that) {_PERSON} (?:said|told|promised|sent|wrote|was|had|has"
    rf"|did|already|from yesterday)\b"
    rf"|\b(?:sen[dt]|gave|give|giving|gift|present|ordered|bought|see|have|want|need|get|like)\b"
    rf"(?:\W+(?!(?:speak|talk|chat|connect|transfer|put|pass|hand|switch|redirect|forward|write)"
    rf"(?:ed|ing|red|ting)?\b)\w+){{0,4}}?"
    rf"\W+(?:for|from|of|to) (?:some(?:one|body)|another person|a person|people)"
    rf"(?: else)?\b|\bsome(?:one|body) (?:else|stole|took|has|used|signed|is|was|in my)\b"
    rf"|\b(?:are|r) (?:you|u) an?\b|\boperator manual|\bper person\b|\bpeople say\b",
    re.IGNORECASE,
)

_PERSON_ZH = (
    r"(?:人工|真人|活人|客服|专员|经理|主管|领导|负责人|店长|老板|工作人员|小二|坐席"
    r"|人(?=来|跟|和|帮|处理|接|吗|管|$|[!?。,]))"
)
_REQUESTS_ZH = re.compile(
    rf"(?:转|找|换|叫|要|接|联系|呼叫|喊|让|请|给我|帮我|想|需要|能不能|可以|可不可以|有没有|有)"
    rf"[^。!?;,,]{{0,6}}?{_PERSON_ZH}"
    r"|^[\W_]*(?:人工|真人|人工客服|人工服务|转人工|客服|找客服)(?:[\W_]|谢谢|吧|啊|呢|在吗)*$"
    r"|^[\W_]*(?:快?来|换)(?:一?个|位)(?:人|真人|活人|人工|客服)(?:[\W_]|吧|啊|呀|行吗|好吗)*$"
    r"|^[\W_]*人呢(?:[\W_]|啊|呀)*$"
    r"|人工(?:在吗|服务|在不在|呢|客服|处理|吧)|客服(?:人呢|在吗|在不在)|有人(?:吗|在吗|在不在|管吗)"
    r"|(?:不要|不想|别|不是|拒绝|讨厌|受够)[^。!?]{0,6}(?:机器人|机器|ai|智能客服|自动回复)"
    r"|(?:跟|和|同)(?:人|真人|活人)(?:说|聊|讲|谈|沟通|对话)",
    re.IGNORECASE,
)
_NEGATED_ZH = re.compile(
    r"(?:不用|不需要|不必|无需|不要|不想|别)[^。!?,]{0,3}(?:转|找|叫|联系)?[^。!?,]{0,2}"
    r"(?:人工|真人|客服|经理|主管|领导)"
)
_ABOUT_ZH = re.compile(
    r"(?:上次|昨天|之前|刚才|前面|那个|你们的?|你们家)[^。!?,]{0,3}(?:客服|人工|经理|主管)"
    r"[^。!?,]{0,4}(?:说|讲|告诉|答应|承诺|态度)|人工费|人工智能|人工(?:植|合成|宝石)"
)


def asks_for_person(text: str) -> bool:
    """Return whether the message asks for a person."""
    said = unicodedata.normalize("NFKC", text).replace("\u2019", "'").strip()
    return any(_asks(part) for part in re.split(r"(?<=[.;\n。!?])\s*|,\s*(?=but\b|just\b)", said))


def _asks(part: str) -> bool:
    if not part:
        return False
    return _asks_english(part) or _asks_chinese(part)


def _asks_english(part: str) -> bool:
    if _ABOUT_EN.search(part):
        return False
    part = _RATHER_EN.sub(" want ", part)
    wants_real = bool(_REAL_PERSON_EN.search(part))
    if not _REQUESTS_EN.search(part) and not wants_real:
        return False
    refuses = bool(_REFUSES_MACHINE_EN.search(part))
    return refuses or not _NEGATED_EN.search(part)


def _asks_chinese(part: str) -> bool:
    if _ABOUT_ZH.search(part) or _NEGATED_ZH.search(part):
        return False
    return bool(_REQUESTS_ZH.search(part))
