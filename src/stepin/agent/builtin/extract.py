"""Facts in what a customer writes: addresses, e-mails, phones, codes, amounts, dates, yes and no.

Pure functions on normalised text. Each returns None where it isn't sure, and takes time in
proportion to the text: where something repeats, the pattern says how often at most, or gives back
nothing that it has once taken (``*+``).
"""

# ruff: noqa: E501
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta

from stepin.agent.builtin.days import spoken_days
from stepin.language.given import given
from stepin.language.patterns import phrases, sign
from stepin.language.reading import folded

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.ASCII)
_PHONE = re.compile(r"(?<![\w-])\+?\d(?:[\s()-]{0,2}\d){6,14}(?![\w-])", re.ASCII)
_TOPIC = "values"
_DENIED_WITHIN = 48
_AMOUNT = re.compile(
    r"[£$€¥￥]\s{0,3}(\d{1,12}(?:[.,]\d{1,2})?)"
    r"|(?<!\d)(\d{1,12}(?:[.,]\d{1,2})?)\s{0,3}(?:元|块|镑|pounds?|euros?|dollars?)"
)
_ISO = re.compile(r"(\d{4})[-/年.](\d{1,2})[-/月.](\d{1,2})")
_MONTH_DAY_ZH = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s{1,3}(?:of\s{1,3})?([a-z]{3})[a-z]{0,9}", re.I)
_MONTH_DAY = re.compile(
    r"(?<![a-z])([a-z]{3})[a-z]{0,9}\.?\s{1,3}(?:the\s{1,3})?(\d{1,2})(?:st|nd|rd|th)?(?!\d)", re.I
)
_DAYS = (("day_before_yesterday", 2), ("yesterday", 1), ("today", 0))
_SPANS = (("this_week", 7, 0), ("months_ago", 800, 45))
_IN_A_YEAR = 12
_HAN_FOUR = re.compile(r"[\u4e00-\u9fff]{4}")
_DIGIT = re.compile(r"\d")
_STREET = re.compile(
    r"\b(street|st|road|rd|lane|ln|avenue|ave|drive|dr|close|court|ct|square|sq|way|place|pl|walk|"
    r"house|flat|apt|apartment|suite|unit|floor|terrace|crescent|boulevard|blvd|row|gardens?|hill|"
    r"park|mews|grove)\b",
    re.I,
)
_POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?\s{0,3}\d[A-Z]{2}|\d{5,6})\b", re.I)
_ADDRESS = re.compile(
    r"(?<![\w-])(?:(?:flat|apt|apartment|unit|suite|room|floor|building|block|house)\.?\s{0,3}\w{1,4}\b,?\s{0,3})?"
    r"\d{1,5}[A-Za-z]?,?\s{1,3}(?:[\w'’.-]{1,30}\s{1,3}){0,4}?(?:street|st|road|rd|lane|ln|avenue|ave|drive|dr|close|court|ct|square|sq|way|place|pl|walk|"
    r"terrace|crescent|boulevard|blvd|row|gardens?|hill|park|mews|grove|quay|green|rise|view|parade)\b[^?!\n]*",
    re.I,
)
_AFTER = re.compile(
    r"(?:[.;](?=\s|$)|,?\s{1,3}(?:instead|please|thanks|thank you|rather|if (?:that|it|you)|and (?:i|also|where|could|can|send|one|what|the other)|"
    r"because|since|as i|not (?:the|to)|asap|before|where i|that['’]?s|from now)\b).*$",
    re.I | re.S,
)
_RUN_ZH = re.compile(r"[\u4e00-\u9fff\w]{3,}")
_PAIR_ZH = re.compile(r"[\u4e00-\u9fff]{2}")
_PLACE_NAME_ZH = re.compile(
    r"省|市|区|县|镇|乡|村|路|街|道|巷|弄|小区|花园|大厦|广场|苑|园|号|栋|楼"
)
_REST_ZH = re.compile(
    r"[\u4e00-\u9fff\w\s.#（）()-]*+"
    r"(?:[,，][\u4e00-\u9fff\w\s#-]{0,60}(?:号|栋|楼|室|单元|座|层|户|\d{3,4})[\u4e00-\u9fff\w#-]{0,60}){0,12}"
)
_BEFORE_ZH = re.compile(
    r"\A.*(?:改寄到|寄送到|改送到|送到|寄到|发到|改到|换到|改成|改为|换成|地址是|地址为|应该是|应为|写成|填成|就是|搬到了?|搬去了?|到|为|是|给)(?=[\u4e00-\u9fff]{2})"
)
_CUT_ZH = re.compile(r"[，,。;；]")
_POLITE_ZH = (
    *("可以吗", "行不行", "谢谢", "麻烦", "拜托", "行吗", "好吗", "就行", "就好", "这里", "这边"),
    *("吧", "吗", "呢", "啊", "哦", "去"),
)
_PLACE_ZH = re.compile(r"[省市区县镇乡村路街道巷弄苑园楼室座厦]")
_DETAIL_ZH = re.compile(r"\d|[一二三四五六七八九十][号栋楼室单]")
_LEAD = re.compile(
    r"\A(?:(?:ok|okay|sure|yes|well|so|hi|please|oh|uh|um|sorry)[,.!\s]++)*"
    r"(?:(?:can|could|would)\s{1,3}you\s{1,3})?(?:please\s{1,3})?"
    r"(?:(?:it['’]?s|it is|that['’]?s|this is|the\s{1,3}\w{1,30}\s{1,3}is|my(?:\s{1,3}\w{1,30}){1,4}\s{1,3}(?:is|should be)|"
    r"(?:the\s{1,3})?(?:new|correct|right|full|delivery|shipping)(?:\s{1,3}\w{1,30}){0,2}\s{1,3}(?:is|should be)|"
    r"(?:send|ship|deliver)\s{1,3}(?:it|that|them|everything)\s{1,3}to|change\s{1,3}it\s{1,3}to|make\s{1,3}it(?:\s{1,3}out)?\s{1,3}to|"
    r"put|use|for|to)\b[:\s]*+)++",
    re.I,
)
_LEAD_ZH = re.compile(
    r"\A(?:好的?|嗯|哦|那|麻烦|请|帮我|就|您好|你好)*+[,，。!！\s]*+"
    r"(?:我的|新的?|正确的?|完整的?|收货|详细)*+(?:地址|抬头|公司|单位|邮箱|手机号?|电话|号码|名字|问题)?"
    r"(?:是|应该是|为|改成|改为|改到|换成|换到|写成?|开成?|寄到|送到|发到|开给|:|：)[:：\s]*+"
)


def normal(text: str) -> str:
    """Return the text in compatibility form (full-width digits become digits), spaces trimmed."""
    cleaned = "".join(
        " " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char
        for char in folded(text)
        if unicodedata.category(char) != "Cf"
    )
    return " ".join(cleaned.split())


def email(text: str) -> str | None:
    """Return the e-mail address in a text."""
    found = _EMAIL.findall(text)
    return found[-1].rstrip(".") if found else None


def phone(text: str) -> str | None:
    """Return the phone number in a text, digits only with a leading plus."""
    found = [match for match in _PHONE.findall(text) if 7 <= sum(map(str.isdigit, match)) <= 15]
    return "".join(char for char in found[-1] if char in "+0123456789") if found else None


def code(text: str, pattern: str, form: str = "{0}") -> str | None:
    """Return the last value of a file's pattern in its normal form."""
    found = [form.format(*one.groups) for one in given(pattern).values(text)]
    return found[-1] if found else None


def codes(text: str, pattern: str, form: str = "{0}") -> list[str]:
    """Return the values of a pattern in normal form, each once, in order; "not X" doesn't count."""
    denied = sign(_TOPIC, "denied")
    found = [
        form.format(*one.groups)
        for one in given(pattern).values(text)
        if not denied.stands_in(text[max(0, one.start - _DENIED_WITHIN) : one.start])
    ]
    return list(dict.fromkeys(found))


def amount(text: str) -> str | None:
    """Return an amount of money."""
    found = _AMOUNT.search(text)
    return (found[1] or found[2]).replace(",", ".") if found else None


def day(text: str, today: date) -> str | None:
    """Return a day as an ISO date; without a year it is the latest such day up to today."""
    lowered = text.lower()
    for name, ago in _DAYS:
        if any(word in lowered for word in phrases(_TOPIC, name)):
            return str(today - timedelta(days=ago))
    try:
        if match := _ISO.search(text):
            return str(date(int(match[1]), int(match[2]), int(match[3])))
        if match := _MONTH_DAY_ZH.search(text):
            return str(_latest(int(match[1]), int(match[2]), today))
        months = phrases(_TOPIC, "months")
        if (match := _DAY_MONTH.search(text)) and match[2].lower() in months:
            month = months.index(match[2].lower()) % _IN_A_YEAR + 1
            return str(_latest(month, int(match[1]), today))
        if (match := _MONTH_DAY.search(text)) and match[1].lower() in months:
            month = months.index(match[1].lower()) % _IN_A_YEAR + 1
            return str(_latest(month, int(match[2]), today))
    except ValueError:
        return None
    return None


def days(text: str, today: date) -> tuple[date, date] | None:
    """Return the first and the last day that a text speaks of ("last week", "上个月")."""
    if (one := day(text, today)) is not None:
        return date.fromisoformat(one), date.fromisoformat(one)
    lowered = text.lower()
    if any(word in lowered for word in phrases(_TOPIC, "last_week")):
        monday = today - timedelta(days=today.weekday() + 7)
        return monday, monday + timedelta(days=6)
    if any(word in lowered for word in phrases(_TOPIC, "last_month")):
        last = today.replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last
    for name, since, until in _SPANS:
        if any(word in lowered for word in phrases(_TOPIC, name)):
            return today - timedelta(days=since), today - timedelta(days=until)
    return spoken_days(text, today)


def _latest(month: int, number: int, today: date) -> date:
    this = date(today.year, month, number)
    return this if this <= today else date(today.year - 1, month, number)


def address(text: str, *, asked: bool) -> str | None:
    """Return a postal address; more is taken for one when it was asked for."""
    if _HAN_FOUR.search(text):
        return _address_zh(text, asked=asked)
    body = after_lead(text)
    digits = bool(_DIGIT.search(body))
    strong = digits and bool(_STREET.search(body)) and len(body) >= 10
    if asked:
        fits = strong or (digits and (bool(_POSTCODE.search(body)) or body.count(",") >= 1))
        long = len(body.split()) >= 3
        fits = fits or body.count(",") >= 2 or (long and (digits or bool(_STREET.search(body))))
        found = _ADDRESS.search(body)
        body = found[0] if found is not None and strong else body
        return _AFTER.sub("", body).strip(" ,.!") if fits and len(body) >= 8 else None
    if not strong:
        return None
    found = _ADDRESS.search(text)
    return None if found is None else _AFTER.sub("", found[0]).strip(" ,.!")


def _address_zh(text: str, *, asked: bool) -> str | None:
    body = after_lead(text)
    for one in sorted(_places_zh(text), key=len, reverse=True):
        told = _BEFORE_ZH.sub("", one).strip(" ,，。.!！")
        if len(told) >= 6 and _DETAIL_ZH.search(told):
            return _without_ending_zh(told)
    detail = asked and len(body) >= 6 and (_DETAIL_ZH.search(body) or _PLACE_ZH.search(body))
    return _without_ending_zh(body.strip(" ,，。!！")) if detail else None


def _places_zh(text: str) -> list[str]:
    """Return the parts of a text that begin like an address: two characters, then a place's name.

    Run by run: where the first two characters of a run have no such name behind them, no later
    ones have.
    """
    found, at = [], 0
    while (run := _RUN_ZH.search(text, at)) is not None:
        at = run.end()
        pair = _PAIR_ZH.search(text, run.start(), run.end())
        name = None if pair is None else _PLACE_NAME_ZH.search(text, pair.end(), run.end())
        if pair is None or name is None:
            continue
        rest = _REST_ZH.match(text, name.end())
        at = max(at, name.end() if rest is None else rest.end())
        found.append(text[pair.start() : at])
    return found


def _without_ending_zh(text: str) -> str:
    """Return an address without what follows a comma or a stop, or the polite words at its end."""
    end = len(text.rstrip("!！。?？"))
    polite = end
    while word := next((one for one in _POLITE_ZH if text.endswith(one, 0, polite)), ""):
        polite -= len(word)
    cut = _CUT_ZH.search(text)
    stop = len(text) if cut is None else cut.start()
    return text[: min(polite if polite < end else len(text), stop)]


def after_lead(text: str) -> str:
    """Return a text without the words that lead up to an answer ("it should be ...")."""
    for lead in (_LEAD, _LEAD_ZH):
        text = lead.sub("", text, count=1).strip()
    return text


def choice(text: str, options: Iterable[tuple[str, Iterable[str]]]) -> str | None:
    """Return the option whose words stand in a text; None if several do or none.

    A word inside a longer one doesn't count: who says "not needed" doesn't say "needed".
    """
    lowered = text.lower()
    spans = sorted(
        (place, -(place + len(word)), value)
        for value, words in options
        for word in words
        for place in _places(lowered, word.lower())
    )
    found: set[str] = set()
    longest = (-1, -1)
    for start, minus_end, value in spans:
        if -minus_end <= longest[1] and (start, -minus_end) != longest:
            continue
        found.add(value)
        longest = (start, -minus_end)
    return found.pop() if len(found) == 1 else None


def stands(word: str, lowered: str) -> bool:
    """Return whether a word stands in a text; one of letters is no part of another one there.

    Both in lower case. A letter or a digit beside Chinese has an edge there.
    """
    at = lowered.find(word) if word else -1
    while at >= 0:
        end = at + len(word)
        if not word.isascii() or not (
            (_in_word(word[0]) and _in_word(lowered[at - 1 : at]))
            or (_in_word(word[-1]) and _in_word(lowered[end : end + 1]))
        ):
            return True
        at = lowered.find(word, at + 1)
    return False


def _in_word(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_")


def _places(text: str, word: str) -> list[int]:
    """Return where a word stands; one of letters begins there, it is no part of another one."""
    bounded = word.isascii() and word[:1].isalnum()
    found, at = [], text.find(word) if word else -1
    while at >= 0:
        before = text[at - 1 : at]
        if not (bounded and (before.isalnum() or before == "_")):
            found.append(at)
        at = text.find(word, at + len(word))
    return found
