"""Facts in what a customer writes: addresses, e-mails, phones, codes, amounts, dates, yes and no.

Pure functions on normalised text. Each returns None where it isn't sure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_PHONE = re.compile(r"(?<![\w-])\+?\d(?:[\s()-]{0,2}\d){6,14}(?![\w-])", re.ASCII)
_DENIED = re.compile(r"(?:\bnot|n['’]t|不是|不要|别)\s*(?:the |order |订单|那个|这个)*$", re.I)
_AMOUNT = re.compile(
    r"(?:[£$€¥￥]\s*(\d+(?:[.,]\d{1,2})?))|(\d+(?:[.,]\d{1,2})?)\s*(?:元|块|镑|pounds?|euros?|dollars?)"
)
_ISO = re.compile(r"(\d{4})[-/年.](\d{1,2})[-/月.](\d{1,2})")
_MONTH_DAY_ZH = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?([a-z]{3})[a-z]*", re.I)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_STREET = re.compile(
    r"\b(street|st|road|rd|lane|ln|avenue|ave|drive|dr|close|court|ct|square|sq|way|place|pl|walk|"
    r"house|flat|apt|apartment|suite|unit|floor|terrace|crescent|boulevard|blvd|row|gardens?|hill|"
    r"park|mews|grove)\b",
    re.I,
)
_POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}|\d{5,6})\b", re.I)
_ADDRESS_ZH = re.compile(
    r"[\u4e00-\u9fff][\u4e00-\u9fff\w\s,，-]*?(?:省|市|区|县|镇|乡|村|路|街|道|巷|弄|小区|花园|大厦|广场|苑|园)"
    r"[\u4e00-\u9fff\w\s,，.#（）()-]*"
)
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
    words = len(re.findall(r"[A-Za-z]{2,}", text))
    if chinese == words == 0:
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


def _latest(month: int, number: int, today: date) -> date:
    this = date(today.year, month, number)
    return this if this <= today else date(today.year - 1, month, number)


def address(text: str, *, asked: bool) -> str | None:
    """Return a postal address; more is taken for one when it was asked for."""
    if language_of(text, "en") == "zh":
        body = after_lead(text)
        match = _ADDRESS_ZH.search(body)
        if match and _DETAIL_ZH.search(match[0]) and len(match[0]) >= 6:
            return match[0].strip(" ,，。") if not asked else body.strip(" ,，。!！")
        return (
            body.strip(" ,，。") if asked and len(body) >= 8 and _DETAIL_ZH.search(body) else None
        )
    body = after_lead(text)
    digits = bool(re.search(r"\d", body))
    strong = digits and bool(_STREET.search(body)) and len(body) >= 10
    if asked:
        fits = strong or (digits and (bool(_POSTCODE.search(body)) or body.count(",") >= 1))
        return body.strip(" ,.!") if fits and len(body) >= 8 else None
    if not strong:
        return None
    match = re.search(r"\b(?:to|is|at|:)\s+((?:flat|apt|unit|suite)?\s*\d[^?!]*)", text, re.I)
    found = match[1].strip(" ,.") if match and _STREET.search(match[1]) else None
    return found


def after_lead(text: str) -> str:
    """Return a text without the words that lead up to an answer ("it should be ...")."""
    for lead in (_LEAD, _LEAD_ZH):
        text = lead.sub("", text, count=1).strip()
    return text


def choice(text: str, options: Iterable[tuple[str, Iterable[str]]]) -> str | None:
    """Return the option whose words stand in a text; None if several do or none."""
    lowered = text.lower()
    found = []
    for value, words in options:
        at = [place for word in words if (place := _place(lowered, word.lower())) >= 0]
        if at:
            found.append((min(at), value))
    return min(found)[1] if len(found) == 1 else None


def _place(text: str, word: str) -> int:
    if not word.isascii() or not word[0].isalnum():
        return text.find(word)
    match = re.search(rf"\b{re.escape(word)}", text)
    return -1 if match is None else match.start()
