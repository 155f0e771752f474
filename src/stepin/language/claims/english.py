"""English: a participle is a claim by the verbs and the subject that stand before it."""

from __future__ import annotations

from collections.abc import Sequence

from stepin.language.claims.claim import (
    Claim,
    Kind,
    kinds_by_word,
    phrases_by_kind,
    words,
)

_TAILS = ("'s", "'ve", "'re", "'ll", "'d", "'m")
_APART = frozenset(',;:–—()"“”-')
_AHEAD = 6
_ORDERED = frozenset({"placed"})


def _are(name: str) -> frozenset[str]:
    return words("en", "verbs", name)


def claims_of(sentence: str) -> list[Claim]:
    """Return the claims of one sentence."""
    tokens = _tokens(sentence)
    asked = sentence.rstrip().endswith("?")
    found: list[Claim] = []
    goes_on = False
    for at, token in enumerate(tokens):
        start = _clause_start(tokens, at)
        if asked and (start == _last_clause(tokens) or tokens[start] in _are("ask")):
            continue
        if token in kinds_by_word("en", "done"):
            told = _is_told(tokens, at, start) or (goes_on and _is_joined(tokens, at))
            goes_on = told or goes_on
            if told and not _is_excused(tokens, at, token):
                found.append(Claim(_kinds(tokens, at, token), sentence))
        elif token in kinds_by_word("en", "now") and _goes_on_now(tokens, at, start):
            found.append(Claim(kinds_by_word("en", "now")[token], sentence, going_on=True))
    return found or _by_phrase(sentence, tokens, asked)


def _tokens(sentence: str) -> list[str]:
    found: list[str] = []
    word: list[str] = []
    for char in f"{sentence.lower().replace('’', chr(39))} ":
        if char.isalnum() or char == "'" or (char == "-" and word):
            word.append(char)
            continue
        if word:
            found += _parted("".join(word).strip("'-"))
            word = []
        if char in _APART:
            found.append(char)
    return found


def _parted(word: str) -> list[str]:
    if word.endswith("n't"):
        return [word[:-3], "n't"]
    for tail in _TAILS:
        if word.endswith(tail) and len(word) > len(tail):
            return [word[: -len(tail)], tail]
    return [word] if word else []


def _clause_start(tokens: Sequence[str], at: int) -> int:
    start = at
    while start and tokens[start - 1] not in _APART:
        start -= 1
    return start


def _last_clause(tokens: Sequence[str]) -> int:
    return _clause_start(tokens, len(tokens))


def _is_told(tokens: Sequence[str], at: int, start: int) -> bool:
    """Return whether the verbs before a participle tell of a fact."""
    group, stop = list[str](), at - 1
    while stop >= start and _helps(tokens[stop]):
        group.append(tokens[stop])
        stop -= 1
    before = tokens[stop] if stop >= start else ""
    if _is_denied(tokens, at, start) or before in _are("modal"):
        return False
    if before == "you" and "been" not in group and not {"were", "'re", "are"} & set(group):
        return False
    if before in _are("relative") and stop > start:
        return False
    if {"have", "has", "'ve", "had"} & set(group) or ("'s" in group and "been" in group):
        return True
    if {"was", "were", "being", "got", "'s", "is", "are", "'re", "get", "gets"} & set(group):
        if stop > start and tokens[stop - 1] in _are("ask") and tokens[stop - 1] == tokens[start]:
            return False
        return _is_about_them(tokens, at, stop, start, group)
    if before in ("and", "then") and tokens[start] in _are("us"):
        return not any(one in _are("modal") for one in tokens[start:at])
    if before in _are("us"):
        inverted = stop > start and tokens[stop - 1] in _are("ask")
        return not inverted
    return _is_headline(tokens, at, start, stop)


def _helps(token: str) -> bool:
    return (
        token in _are("have")
        or token in _are("be")
        or token in _are("between")
        or (token.endswith("ly") and len(token) > 4)
    )


def _is_denied(tokens: Sequence[str], at: int, start: int) -> bool:
    before = tokens[start:at]
    close = before[-_AHEAD:]
    if any(one in _are("no") for one in close) or any(one in _are("conditions") for one in before):
        return True
    if any(one in _are("says") and "you" in before[:n] for n, one in enumerate(before)):
        return True
    return any(one in _are("nothing") for one in tokens[at + 1 : at + 3])


def _is_about_them(
    tokens: Sequence[str], at: int, stop: int, start: int, group: Sequence[str]
) -> bool:
    """Return whether "is", "are" or "was" speaks of this customer's case, not of everybody's."""
    subject = tokens[start : stop + 1]
    theirs = any(one in _are("yours") or _is_code(one) for one in subject) or "you" in subject
    if {"was", "were", "being"} & set(group):
        return bool(subject)
    rest = [one for one in tokens[at + 1 :][:_AHEAD]]
    if any(one in _are("conditions") for one in tokens[:start]):
        return False
    return theirs and not any(one in _are("policy") for one in rest)


def _is_code(word: str) -> bool:
    return len(word) > 3 and any(char.isdigit() for char in word)


def _is_headline(tokens: Sequence[str], at: int, start: int, stop: int) -> bool:
    """Return whether a participle stands as a sentence of its own: "Refunded.", "Order sent!"."""
    head = [one for one in tokens[start : stop + 1] if one not in _are("yours")]
    rest = tokens[at + 1 : at + 4]
    if any(one in _are("policy") for one in rest):
        return False
    leads = [one for one in tokens[:start] if one not in _APART]
    if any(one not in _are("first") for one in leads):
        return False
    if not head:
        return stop < start and (not rest or _goes_with_it(rest[0]))
    return len(head) <= 2 and head[-1] in _are("fragments") and stop + 1 == at


def _goes_with_it(word: str) -> bool:
    known = word in _are("yours") or word in _are("after") or word.endswith("ly")
    return known or word in _APART or word[0].isdigit()


def _is_joined(tokens: Sequence[str], at: int) -> bool:
    """Return whether a participle goes on a claim: "I've cancelled it and refunded £9"."""
    if not at:
        return False
    back = at - 1
    while back and (tokens[back] in _are("between") or tokens[back].endswith("ly")):
        back -= 1
    return tokens[back] in ("and", "then", ",")


def _is_excused(tokens: Sequence[str], at: int, token: str) -> bool:
    """Return whether what was sent or done is but a word to a colleague, or a payment's way."""
    kinds = kinds_by_word("en", "done")[token]
    if kinds & {"send", "any", "issue", "credit"}:
        near = {*tokens[at + 1 : at + _AHEAD], *tokens[max(at - _AHEAD, 0) : at]}
        if near & _are("people"):
            return True
    if kinds == {"any"} or token in _ORDERED:
        return bool({"order", "payment", "orders"} & set(tokens[max(at - 5, 0) : at + 4]))
    return False


def _kinds(tokens: Sequence[str], at: int, token: str) -> frozenset[Kind]:
    kinds = kinds_by_word("en", "done")[token]
    about = kinds_by_word("en", "about")
    near = tokens[max(at - 5, 0) : at + _AHEAD]
    if "send" in kinds and "replacement" in near:
        return about["replacement"]
    if not kinds & {"any", "issue"}:
        return kinds
    named = frozenset(kind for one in near for kind in about.get(one, ()))
    return named or kinds


def _goes_on_now(tokens: Sequence[str], at: int, start: int) -> bool:
    before = tokens[start:at]
    if _is_denied(tokens, at, start) or not before or before[0] not in ("i", "we", "your", "the"):
        return False
    verbs = {"am", "'m", "are", "'re", "is", "being"}
    near = before[-3:]
    now = any(one in _are("present") for one in (*near, *tokens[at + 1 : at + 10]))
    return bool(verbs & set(near)) and now and not any(one in _are("modal") for one in near)


def _by_phrase(sentence: str, tokens: Sequence[str], asked: bool) -> list[Claim]:
    said = " ".join(tokens).replace(" '", "'").replace(" n't", "n't")
    spaced = f" {said} "
    for kind, known in phrases_by_kind("alone"):
        if not asked and any(_opens(spaced, one) for one in known):
            return [Claim(frozenset({kind}), sentence)]
    for kind, known in phrases_by_kind("phrases"):
        for phrase in known:
            at = spaced.find(f" {phrase} ")
            if at >= 0 and not _is_open(spaced[:at], asked):
                return [Claim(frozenset({kind}), sentence)]
    return []


def _opens(spaced: str, phrase: str) -> bool:
    return spaced.strip(" ,:–—-") == phrase or spaced.startswith(
        tuple(f" {phrase} {mark} " for mark in ",:–—-")
    )


def _is_open(before: str, asked: bool) -> bool:
    """Return whether what stands before a phrase leaves open whether it is so."""
    tokens = _tokens(before)
    start = _clause_start(tokens, len(tokens))
    clause = tokens[start:]
    loose = _are("no") | _are("modal") | _are("conditions")
    if asked and (not start or (clause[:1] and clause[0] in _are("ask"))):
        return True
    said = any(one in _are("says") for one in clause) and "you" in clause
    return said or any(one in loose for one in clause)
