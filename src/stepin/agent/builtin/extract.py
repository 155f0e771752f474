"""Facts in what a customer writes: addresses, e-mails, phones, codes, amounts, dates, yes and no.

Pure functions on normalised text. Each returns None where it isn't sure.
"""

# ruff: noqa: E501
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_CODE = re.compile(r"\S*[\w-]*\d[\w-]*|\S+@\S+", re.ASCII)
_PHONE = re.compile(r"(?<![\w-])\+?\d(?:[\s()-]{0,2}\d){6,14}(?![\w-])", re.ASCII)
_DENIED = re.compile(r"(?:\bnot|n['’]t|不是|不要|别)\s*(?:the |order |订单|那个|这个)*$", re.I)
_AMOUNT = re.compile(
    r"(?:[£$€¥￥]\s*(\d+(?:[.,]\d{1,2})?))|(\d+(?:[.,]\d{1,2})?)\s*(?:元|块|镑|pounds?|euros?|dollars?)"
)
_ISO = re.compile(r"(\d{4})[-/年.](\d{1,2})[-/月.](\d{1,2})")
_MONTH_DAY_ZH = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?([a-z]{3})[a-z]*", re.I)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPANS = (
    (("last week", "a week ago", "上周", "上个星期", "上礼拜", "上个礼拜", "一周前"), 14, 5),
    (("this week", "这周", "这个星期", "本周", "这礼拜"), 7, 0),
    (("last month", "a month ago", "上个月", "上月", "一个月前"), 62, 20),
    (("months ago", "last year", "半年前", "几个月前", "去年"), 800, 45),
)
_STREET = re.compile(
    r"\b(street|st|road|rd|lane|ln|avenue|ave|drive|dr|close|court|ct|square|sq|way|place|pl|walk|"
    r"house|flat|apt|apartment|suite|unit|floor|terrace|crescent|boulevard|blvd|row|gardens?|hill|"
    r"park|mews|grove)\b",
    re.I,
)
_POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}|\d{5,6})\b", re.I)
_ADDRESS = re.compile(
    r"(?<![\w-])(?:(?:flat|apt|apartment|unit|suite|room|floor|building|block|house)\.?\s*\w{1,4}\b,?\s*)?"
    r"\d{1,5}[A-Za-z]?,?\s+(?:[\w'’.-]+\s+){0,4}?(?:street|st|road|rd|lane|ln|avenue|ave|drive|dr|close|court|ct|square|sq|way|place|pl|walk|"
    r"terrace|crescent|boulevard|blvd|row|gardens?|hill|park|mews|grove|quay|green|rise|view|parade)\b[^?!\n]*",
    re.I,
)
_AFTER = re.compile(
    r"(?:[.;](?=\s|$)|,?\s+(?:instead|please|thanks|thank you|rather|if (?:that|it|you)|and (?:i|also|where|could|can|send|one|what|the other)|"
    r"because|since|as i|not (?:the|to)|asap|before|where i|that['’]?s|from now)\b).*$",
    re.I | re.S,
)
_ADDRESS_ZH = re.compile(
    r"[\u4e00-\u9fff]{2}[\u4e00-\u9fff\w]*?(?:省|市|区|县|镇|乡|村|路|街|道|巷|弄|小区|花园|大厦|广场|苑|园|号|栋|楼)"
    r"[\u4e00-\u9fff\w\s.#（）()-]*(?:[,，][\u4e00-\u9fff\w\s#-]*(?:号|栋|楼|室|单元|座|层|户|\d{3,4})[\u4e00-\u9fff\w#-]*)*"
)
_BEFORE_ZH = re.compile(
    r"^.*(?:改寄到|寄送到|改送到|送到|寄到|发到|改到|换到|改成|改为|换成|地址是|地址为|应该是|应为|写成|填成|就是|搬到了?|搬去了?|到|为|是|给)(?=[\u4e00-\u9fff]{2})"
)
_AFTER_ZH = re.compile(
    r"(?:[，,。;；].*|(?:谢谢|麻烦|拜托|可以吗|行吗|好吗|行不|行不行|吧|吗|呢|啊|哦|就行|就好|这里|这边|去)+[!！。?？]*)$"
)
_PLACE_ZH = re.compile(r"[省市区县镇乡村路街道巷弄苑园楼室座厦]")
_DETAIL_ZH = re.compile(r"\d|[一二三四五六七八九十]+[号栋楼室单]")
_LEAD = re.compile(
    r"^(?:(?:ok|okay|sure|yes|well|so|hi|please|oh|uh|um|sorry)[,.!\s]+)*"
    r"(?:(?:can|could|would)\s+you\s+)?(?:please\s+)?"
    r"(?:(?:it['’]?s|it is|that['’]?s|this is|the\s+\w+\s+is|my(?:\s+\w+){1,4}\s+(?:is|should be)|"
    r"(?:the\s+)?(?:new|correct|right|full|delivery|shipping)(?:\s+\w+){0,2}\s+(?:is|should be)|"
    r"(?:send|ship|deliver)\s+(?:it|that|them|everything)\s+to|change\s+it\s+to|make\s+it(?:\s+out)?\s+to|"
    r"put|use|for|to)\b[:\s]*)+",
    re.I,
)
_LEAD_ZH = re.compile(
    r"^(?:好的?|嗯+|哦|那就?|麻烦|请|帮我|就|您?好|你好)*[,，。!！\s]*"
    r"(?:(?:我的|新的?|正确的?|完整的?|收货|详细)*(?:地址|抬头|公司|单位|邮箱|手机号?|电话|号码|名字|问题)?"
    r"(?:是|应该是|为|改成|改为|改到|换成|换到|写成?|开成?|寄到|送到|发到|开给|:|：))[:：\s]*"
)


def normal(text: str) -> str:
    """Return the text in compatibility form (full-width digits become digits), spaces trimmed."""
    cleaned = "".join(
        " " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char
        for char in unicodedata.normalize("NFKC", text)
        if unicodedata.category(char) != "Cf"
    )
    return " ".join(cleaned.split())


def language_of(text: str, otherwise: str) -> str:
    """Return the language that a text is written in; `otherwise` where it shows none."""
    chinese = len(re.findall(r"[\u3400-\u9fff]", text))
    words = len(re.findall(r"[A-Za-z]{2,}", _CODE.sub(" ", text)))
    if chinese == words == 0 or (not chinese and words < 2 and otherwise == "zh"):
        return otherwise
    return "zh" if chinese * 2 >= words else "en"


def email(text: str) -> str | None:
    """Return the e-mail address in a text."""
    found = _EMAIL.findall(text)
    return found[-1].rstrip(".") if found else None


def phone(text: str) -> str | None:
    """Return the phone number in a text, digits only with a leading plus."""
    found = [match for match in _PHONE.findall(text) if 7 <= len(re.sub(r"\D", "", match)) <= 15]
    return re.sub(r"[^\d+]", "", found[-1]) if found else None


def code(text: str, pattern: str, form: str = "{0}") -> str | None:
    """Return the last value of a pattern in its normal form."""
    found = list(re.finditer(pattern, text))
    return form.format(*found[-1].groups()) if found else None


def codes(text: str, pattern: str, form: str = "{0}") -> list[str]:
    """Return the values of a pattern in normal form, each once, in order; "not X" doesn't count."""
    found = [
        form.format(*match.groups())
        for match in re.finditer(pattern, text)
        if not _DENIED.search(text[: match.start()])
    ]
    return list(dict.fromkeys(found))


def amount(text: str) -> str | None:
    """Return an amount of money."""
    found = _AMOUNT.search(text)
    return (found[1] or found[2]).replace(",", ".") if found else None


def day(text: str, today: date) -> str | None:
    """Return a day as an ISO date; without a year it is the latest such day up to today."""
    lowered = text.lower()
    for words, ago in (
        (("day before yesterday", "前天"), 2),
        (("yesterday", "昨天"), 1),
        (("today", "今天"), 0),
    ):
        if any(word in lowered for word in words):
            return str(today - timedelta(days=ago))
    try:
        if match := _ISO.search(text):
            return str(date(int(match[1]), int(match[2]), int(match[3])))
        if match := _MONTH_DAY_ZH.search(text):
            return str(_latest(int(match[1]), int(match[2]), today))
        if (match := _DAY_MONTH.search(text)) and match[2].lower() in _MONTHS:
            return str(_latest(_MONTHS.index(match[2].lower()) + 1, int(match[1]), today))
    except ValueError:
        return None
    return None


def days(text: str, today: date) -> tuple[date, date] | None:
    """Return the first and the last day that a text speaks of ("last week", "上个月")."""
    if (one := day(text, today)) is not None:
        return date.fromisoformat(one), date.fromisoformat(one)
    lowered = text.lower()
    for words, since, until in _SPANS:
        if any(word in lowered for word in words):
            return today - timedelta(days=since), today - timedelta(days=until)
    return None


def _latest(month: int, number: int, today: date) -> date:
    this = date(today.year, month, number)
    return this if this <= today else date(today.year - 1, month, number)


def address(text: str, *, asked: bool) -> str | None:
    """Return a postal address; more is taken for one when it was asked for."""
    if re.search(r"[\u4e00-\u9fff]{4}", text):
        return _address_zh(text, asked=asked)
    body = after_lead(text)
    digits = bool(re.search(r"\d", body))
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
    found = [match[0] for match in _ADDRESS_ZH.finditer(text)]
    for one in sorted(found, key=len, reverse=True):
        told = _BEFORE_ZH.sub("", one).strip(" ,，。.!！")
        if len(told) >= 6 and _DETAIL_ZH.search(told):
            return _AFTER_ZH.sub("", told)
    detail = asked and len(body) >= 6 and (_DETAIL_ZH.search(body) or _PLACE_ZH.search(body))
    return _AFTER_ZH.sub("", body.strip(" ,，。!！")) if detail else None


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
    spans = [
        (place, place + len(word), value)
        for value, words in options
        for word in words
        for place in _places(lowered, word.lower())
    ]
    found = {
        value
        for start, end, value in spans
        if not any(
            first <= start and end <= last and (last - first) > (end - start)
            for first, last, _ in spans
        )
    }
    return found.pop() if len(found) == 1 else None


def _places(text: str, word: str) -> list[int]:
    edge = r"\b" if word.isascii() and word[0].isalnum() else ""
    return [match.start() for match in re.finditer(edge + re.escape(word), text)]
