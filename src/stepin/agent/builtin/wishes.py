"""What a customer says that they don't want: no procedure starts on a wish that is denied.

"Please don't cancel anything" speaks of cancelling as "please cancel it" does; a model of words
can't tell the two apart, so the denied part is taken out of the text before the model reads it.
"Don't send it" stays: to deny a sending is to wish for a cancellation. Tokens are read one after
the other with a bounded look behind; nothing here is a pattern.
"""

from __future__ import annotations

import msgspec

from stepin.language.patterns import HAN, SPACED, phrases, word_set

_TOPIC = "wishes"
_REACH = 8
_KEPT_CHARS = 12
_APART = frozenset(",.;!?:\n，。；！？：、")


class Wished(msgspec.Struct, frozen=True):
    """What is left of a text without its denied parts; `denied` if there were any."""

    text: str
    denied: bool = False


def wished(text: str) -> Wished:
    """Return a text without the parts that say what isn't wanted."""
    parts = parts_of(text)
    kept = [(part, mark) for part, mark in parts if not denies(part, mark)]
    if len(kept) == len(parts):
        return Wished(text)
    left = "".join(part + mark for part, mark in kept if not _keeps(part))
    return Wished(left.strip(), True)


def parts_of(text: str) -> list[tuple[str, str]]:
    """Return the parts of a text between marks, each with the mark after it.

    An English "but", "instead" or "just" begins a part too: what follows it may be wanted.
    """
    found: list[tuple[str, str]] = []
    start = 0
    for at, char in enumerate(text):
        inside = char in ".,:" and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()
        if char in _APART and not inside:
            found += _halves(text[start:at], char)
            start = at + 1
    return found + _halves(text[start:], "") if text[start:].strip() else found


def _halves(part: str, mark: str) -> list[tuple[str, str]]:
    words = part.split(" ")
    for at, word in enumerate(words):
        if at and word.lower() in ("but", "and") and len(words) - at > 2:
            return [(" ".join(words[:at]), " "), (" ".join(words[at:]), mark)]
    return [(part, mark)]


def denies(part: str, mark: str) -> bool:
    """Return whether a part of a text, with the mark after it, says what isn't wanted."""
    lowered = part.lower().replace("’", "'").strip()
    if mark in ("?", "？") or lowered.endswith(phrases(_TOPIC, "asks_at_end")):
        return False
    if lowered.startswith(phrases(_TOPIC, "not_but")):
        return True
    return _denies_in_words(lowered) or _denies_unspaced(lowered)


def _denies_in_words(lowered: str) -> bool:
    words = [word.strip("\"'()*_-“”") for word in lowered.split()]
    words = [word for word in words if word]
    acts, denies, between = _said("acts"), _said("denies"), _said("between")
    for at, word in enumerate(words):
        if word not in acts:
            continue
        for back in range(at - 1, max(at - _REACH, -1), -1):
            if words[back] in denies or (words[back] == "do" and words[back + 1] == "not"):
                if words[back] == "no" and words[back + 1 : back + 2] == ["longer"]:
                    return words[back + 2 : back + 3] == ["want"] and at - back > 2
                return not _complains(words, back, at)
            named = words[back] in _said("does") and words[at - 1] in _said("names")
            if words[back] not in between and words[back] not in acts and not named:
                break
    return False


def _complains(words: list[str], denial: int, act: int) -> bool:
    """Return whether a denial is somebody else's, a question, or about something else."""
    word, last = words[denial], words[denial - 1] if denial else ""
    next_, after = words[denial + 1], " ".join(words[denial + 1 : denial + 3])
    if any(one in _said("complains") for one in words[max(denial - 3, 0) : denial]):
        return True
    if word in _said("is_not") and last in ("is", "was"):
        return True
    if word in _said("mine"):
        return last not in ("i", "we")
    if word in ("never", "not") and act - denial == 1 and last and last not in _said("bids"):
        return True
    if word == "no" and (
        last in _said("lacks") or (act - denial > 1 and next_ not in _said("needs"))
    ):
        return True
    if next_ in _said("gets") and words[denial + 2] != "to":
        return True
    # "I don't want it, refund me" has the act in another part; "I don't want this order" none.
    return next_ in ("way", "able") or after in _said("this")


def _keeps(part: str) -> bool:
    """Return whether a part says no more than that something is kept."""
    said = part.lower().replace("’", "'")
    words = said.split()
    if not _said("keeps").isdisjoint(words):
        return all(word in _said("keeping") for word in words)
    kept_as_it_is = any(word in said for word in phrases(_TOPIC, "keeps", HAN))
    return len(said) <= _KEPT_CHARS and kept_as_it_is


def _said(name: str) -> frozenset[str]:
    return word_set(_TOPIC, name, SPACED)


def _denies_unspaced(text: str) -> bool:
    # The number of an order may stand between the denial and the act.
    text = "".join(c for c in text if not (c.isascii() and (c.isalnum() or c in "-# ")))
    for act in phrases(_TOPIC, "acts", HAN):
        at = text.find(act)
        while at >= 0:
            if _is_denied_at(text, at, at + len(act)):
                return True
            at = text.find(act, at + 1)
    return False


def _is_denied_at(text: str, start: int, end: int) -> bool:
    while text[end : end + 1] in tuple("款货钱单掉"):
        end += 1
    before = text[max(start - 12, 0) : start]
    for _ in range(4):
        for denial in phrases(_TOPIC, "denies", HAN):
            if before.endswith(denial):
                lead = before[: -len(denial)]
                after = text[end : end + 3]
                complains = any(lead.endswith(word) for word in phrases(_TOPIC, "complains", HAN))
                return not complains and not after.startswith(phrases(_TOPIC, "threatens", HAN))
        between = phrases(_TOPIC, "between", HAN)
        shorter = next((before[: -len(w)] for w in between if before.endswith(w)), None)
        if shorter is None:
            return False
        before = shorter
    return False
