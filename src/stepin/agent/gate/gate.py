"""The one gate between a brain and the customer: what isn't a finished answer doesn't go out.

A model's text may hold its reasoning, a tool call that was written down instead of made, a link
from nowhere or a gap that nobody filled. Reasoning that ends is taken out; everything else that
doesn't belong into an answer refuses the whole text, because what is left of it would be half
an answer. Every scan goes forward over the text once and looks ahead a bounded number of
characters, so the work grows with the text's length and no faster.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator
from typing import Literal

import msgspec

from stepin.agent.gate.material import Material, links_in
from stepin.language.reading import folded

LONGEST_CHARS = 16_000
_AHEAD, _TAG_CHARS = 96, 32
Reason = Literal[
    "", "empty", "too_long", "reasoning", "markers", "tool_call", "link", "template", "claim",
    "amount",
]  # fmt: skip


def _words(text: str, apart: str | None = None) -> frozenset[str]:
    if apart is None:
        return frozenset(text.split())
    return frozenset(word for word in text.replace("\n", "").split(apart) if word)


_REASONING = _words("""
think thinking thought thoughts reasoning reason reasoning_content analysis reflection
scratchpad inner_monologue internal_monologue monologue deliberation chain_of_thought
""")
_TOOLS = _words("""
tool tools tool_call tool_calls toolcall tool_use tool_code tool_input tool_response tool_result
tool_results function functions function_call function_calls invoke call arg_key arg_value
parameter parameters arguments action_input
""")
_MARKUP = _words("""
a img script iframe object embed form input link meta style svg base
""")
_BRACKETED = ("[tool_call", "[/tool_call", "[tool_request", "[function_call", "[inst]", "[/inst]")
_END_MARKS = (
    "<|end|>", "<|return|>", "<|im_end|>", "<|endoftext|>", "<|end_of_text|>", "<|eot_id|>",
    "<|end▁of▁sentence|>", "<|eom_id|>", "</s>", "<eos>", "<end_of_turn>",
)  # fmt: skip
_FINAL, _LEAKED = "<|channel|>final<|message|>", "assistantfinal"
_KEYS = ("arguments", "parameters", "tool_calls", "tool_call_id", "function", "tool", "action")
_LINES = ("action input:", "tool input:", "tool call:", "function call:", "observation:")
_CODE_LANGUAGES = _words("""
json tool_code tool_call tool python xml js javascript
""")
OWN_TOOLS = frozenset({"start_procedure", "search_articles", "hand_over", "close_chat"})
_PLACEHOLDERS = _words(
    """
your name|name|customer name|customer's name|order number|order id|order no|date|
amount|link|url|insert link|insert date|insert name|company|company name|agent name|
shop name|email|tracking number|phone number|address|object object|订单号|姓名|客户姓名|您的姓名|
金额|日期|链接|公司名称|店铺名称
""",
    "|",
)


class Gated(msgspec.Struct, frozen=True):
    """What the gate makes of a text: the text that may go out, or the reason why none may."""

    text: str
    refused: Reason = ""


def outgoing(
    text: str, material: Material, *, said: str = "", tools: Collection[str] = ()
) -> Gated:
    """Return what of a brain's text a customer may read.

    Parameters
    ----------
    material : what the shop's own texts, and the results of this chat's tools, hold.
    said : what the customer wrote in this chat: their own e-mail address may be said back.
    tools : names of tools, which no answer speaks of.
    """
    if len(text) > LONGEST_CHARS:
        return Gated("", "too_long")
    answer = _answer(text)
    if answer is None:
        return Gated("", "reasoning")
    plain = plain_of(answer)
    if not plain.strip():
        return Gated("", "empty")
    if "<|" in plain or "|>" in plain or "◁" in plain or "✿" in plain:
        return Gated("", "markers")
    if _calls_a_tool(plain, {*tools, *OWN_TOOLS}):
        return Gated("", "tool_call")
    if _is_unfilled(plain, material):
        return Gated("", "template")
    if not _links_are_known(plain, material, said):
        return Gated("", "link")
    return Gated(answer.strip())


def visible(text: str, *, thinks: bool = False) -> str:
    """Return what of a text that is still being written a worker may see: no reasoning.

    Parameters
    ----------
    thinks : whether this model is known to begin with reasoning that has no opening mark; then
        nothing is shown before the closing one.
    """
    text = text[:LONGEST_CHARS]
    marked = _without_marks(text)
    if marked is None:
        return ""
    kept, opened, closed = _kept(marked)
    if thinks and not closed:
        return ""
    if not opened:
        # A mark may be on its way: what could still become one waits for its next characters.
        for at in range(max(len(kept) - _TAG_CHARS, 0), len(kept)):
            ends = any(last in kept[at:] for last in (">", "]", "▷", "&gt;"))
            if kept[at] in "<[◁&" and not ends:
                kept = kept[:at]
                break
        if "analysis".startswith(kept.strip().lower()):
            return ""
    return kept.strip()


def closes_unopened(text: str) -> bool:
    """Return whether a text closes reasoning that it never opened."""
    for opens, _, _ in _reasoning_tags(text[:LONGEST_CHARS]):
        return not opens
    return False


def plain_of(text: str) -> str:
    """Return a text in compatibility form, without characters that don't show."""
    normal = folded(text)
    return "".join(char for char in normal if unicodedata.category(char) != "Cf")


def _answer(text: str) -> str | None:
    """Return a text without its reasoning, None if the reasoning has no end."""
    marked = _without_marks(text)
    if marked is None:
        return None
    kept, opened, _ = _kept(marked)
    if opened or _may_become_a_tag(kept[kept.rfind("<") :] if "<" in kept[-24:] else ""):
        return None
    return None if _thinks_aloud(kept) else kept


def _thinks_aloud(text: str) -> bool:
    return any(
        line.lstrip(" *#").lower().startswith(("thought:", "thoughts:")) for line in _rows(text)
    )


def _without_marks(text: str) -> str | None:
    """Return the final part of a text with channels, and no marks of its end; None if none came."""
    text = text.replace("\uff5c", "|")
    at = text.rfind(_FINAL)
    if at >= 0:
        text = text[at + len(_FINAL) :]
        end = text.find("<|")
        text = text if end < 0 else text[:end]
    elif "<|channel|>" in text:
        return None
    elif text[:8] == "analysis" and text[8:9].isupper():
        at = text.find(_LEAKED)
        if at < 0:
            return None
        text = text[at + len(_LEAKED) :]
    text = text.rstrip()
    for _ in range(4):
        for mark in _END_MARKS:
            text = text.removesuffix(mark).rstrip()
    return text


def _kept(text: str) -> tuple[str, bool, bool]:
    """Return what stands outside of reasoning, whether one is still open, whether one ended.

    A closing mark without an opening one makes reasoning of all before it.
    """
    parts: list[str] = []
    at, opened, closed = 0, False, False
    for opens, start, end in _reasoning_tags(text):
        if opens and not opened:
            parts.append(text[at:start])
            opened = True
        elif not opens:
            if not opened:
                parts.clear()
            opened, closed, at = False, True, end
    if not opened:
        parts.append(text[at:])
    return "".join(parts), opened, closed


def _reasoning_tags(text: str) -> Iterator[tuple[bool, int, int]]:
    """Yield the marks of reasoning: whether it opens, where it starts and ends."""
    for name, closes, start, end in _tags(text):
        if name in _REASONING:
            yield not closes, start, end


def _tags(text: str) -> Iterator[tuple[str, bool, int, int]]:
    """Yield what looks like a tag: ``<name …>``, ``[NAME]``, ``◁name▷``; name in lower case."""
    for at, char in enumerate(text):
        if char == "<":
            opening, ending = 1, ">"
        elif char == "[":
            opening, ending = 1, "]"
        elif char == "◁":
            opening, ending = 1, "▷"
        elif char == "&" and text[at : at + 4].lower() == "&lt;":
            opening, ending = 4, "&gt;"
        else:
            continue
        end = text.find(ending, at, at + _AHEAD)
        inner = text[at + opening : end if end >= 0 else at + _AHEAD].lower()
        closes = inner.lstrip().startswith("/")
        words = inner.lstrip(" /").split()
        if not words or (end < 0 and len(words) < 2):
            continue
        if inner[0].isspace() and (end < 0 or len(words) > 1):
            continue
        name = words[0].partition("=")[0].rpartition(":")[2].rstrip("/")
        yield name, closes, at, end + len(ending) if end >= 0 else at + 1


def _may_become_a_tag(tail: str) -> bool:
    """Return whether a text's last characters are the beginning of a mark of reasoning."""
    if not tail or len(tail) > 24 or ">" in tail or "]" in tail or "▷" in tail:
        return False
    name = tail[1:].lstrip("/ ").lower()
    return any(known.startswith(name) for known in _REASONING) or "<|".startswith(tail[:2])


def _rows(text: str) -> list[str]:
    return text.split("\n")


def _calls_a_tool(text: str, tools: Collection[str]) -> bool:
    lowered = text.lower()
    if any(name in _TOOLS for name, _, start, _ in _tags(text) if text[start] != "["):
        return True
    if any(mark in lowered for mark in _BRACKETED) or "to=functions." in lowered:
        return True
    if any(row.lstrip(" *#").startswith(_LINES) for row in _rows(lowered)):
        return True
    if any(word in tools for word in _names(text)):
        return True
    return _holds_json(text) or _holds_code(lowered) or _holds_a_call(text)


def _names(text: str) -> Iterator[str]:
    """Yield the words of a text that have an underscore in them."""
    word = []
    for char in f"{text} ":
        if char == "_" or (char.isascii() and char.isalnum()):
            word.append(char)
        elif word:
            if "_" in word:
                yield "".join(word)
            word = []


def _holds_json(text: str) -> bool:
    """Return whether an object with a key, or a list of objects, stands in a text."""
    body = text.lstrip()
    if body.startswith("[") and body[1:_AHEAD].lstrip()[:1] in ('"', "{", "["):
        return True
    for at, char in enumerate(text):
        if char in "{[":
            after = text[at + 1 : at + _AHEAD].lstrip()
            if char == "[" and after[:1] == "{":
                return True
            if char == "{" and _begins_with_a_key(after):
                return True
        elif char == '"':
            end = text.find('"', at + 1, at + 24)
            key = text[at + 1 : end] if end > 0 else ""
            if key in _KEYS and text[end + 1 : end + 8].lstrip()[:1] == ":":
                return True
    return False


def _begins_with_a_key(inner: str) -> bool:
    quote = inner[:1]
    if quote in ('"', "'"):
        end = inner.find(quote, 1)
        return end > 0 and inner[end + 1 :].lstrip()[:1] == ":"
    name, colon, rest = inner.partition(":")
    name = name.strip()
    return bool(colon) and name.isidentifier() and rest.lstrip()[:1] in tuple("\"'{[0123456789")


def _holds_code(lowered: str) -> bool:
    at = lowered.find("```")
    while at >= 0:
        after = lowered[at + 3 : at + 3 + _AHEAD]
        word = after.partition("\n")[0].strip()
        if word in _CODE_LANGUAGES or after.lstrip()[:1] in ("{", "[", "<"):
            return True
        at = lowered.find("```", at + 3)
    return False


def _holds_a_call(text: str) -> bool:
    """Return whether a call such as ``get_order(order="1")`` stands in a text."""
    for at, char in enumerate(text):
        if char != "(" or not at:
            continue
        start = at
        while start and at - start < 48 and _in_a_name(text[start - 1]):
            start -= 1
        name = text[start:at]
        if not name or not name[0].isalpha():
            continue
        inner = text[at + 1 : at + _AHEAD].lstrip()
        argument, equals, value = inner.partition("=")
        named = bool(equals) and argument.strip().isidentifier()
        if named and value.lstrip()[:1] in tuple("\"'{[0123456789TFN"):
            return True
        if "_" in name.strip("_") and (named or inner[:1] in tuple("\"'{)")):
            return True
    return False


def _in_a_name(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char in "_.")


def _is_unfilled(text: str, material: Material) -> bool:
    """Return whether a gap stands in a text that the shop's own texts don't hold as it is."""
    for at, char in enumerate(text):
        if char == "{":
            end = text.find("}", at, at + _AHEAD)
            inner = text[at + 1 : end].strip() if end > 0 else ""
            filled = end < 0 or text[at : end + 1] in material.gaps
            if not filled and (not inner or _is_a_gap(inner)):
                return True
        elif char == "[":
            end = text.find("]", at, at + 32)
            inner = text[at + 1 : end].strip() if end > 0 else ""
            bare = text[end + 1 : end + 2] != "("
            if inner and bare and text[at : end + 1] not in material.gaps:
                spelt = inner.lower().replace("_", " ")
                if spelt in _PLACEHOLDERS or ("_" in inner and inner.replace("_", "").isupper()):
                    return True
        elif char == "%" and text[at + 1 : at + 2] == "(":
            end = text.find(")", at, at + _AHEAD)
            if (
                end > 0
                and text[end + 1 : end + 2] in ("s", "d")
                and text[at + 2 : end].isidentifier()
            ):
                return True
    return False


def _is_a_gap(inner: str) -> bool:
    named = any(char.isalpha() for char in inner)
    return named and all(char.isalnum() or char in "_.|:- '[]{$" for char in inner)


def _links_are_known(text: str, material: Material, said: str) -> bool:
    if "](/" in text or "](#" in text or any(name in _MARKUP for name, *_ in _html(text)):
        return False
    found = links_in(text)
    if not found:
        return True
    own = links_in(plain_of(said)) if said else ()
    return all(
        material.holds(link) or (link.harmless and any(link == other for other in own))
        for link in found
    )


def _html(text: str) -> Iterator[tuple[str, int]]:
    for name, _, start, _ in _tags(text):
        if text[start] == "<":
            yield name, start
