"""English: somebody is wished for, asked for, or asked to do something."""

from __future__ import annotations

from collections.abc import Sequence

from stepin.language.person.english_words import (
    denied,
    may_follow,
    moves_a_thing,
    other_speaks,
    past,
    person_at,
    wishes,
)
from stepin.language.person.words import words_of

_WORDS = {name: frozenset(words) for name, words in words_of("english").items()}
_NAMED = _WORDS["named"]
"""Words for a person who serves, where a bare word has to say it all."""
_ANYBODY = _WORDS["anybody"]
_SERVE = _WORDS["serve"]
_SERVE_BARE = _WORDS["serve_bare"]
"""What somebody is asked to do where the wish is *could someone …*."""
_LOOK_ON = _WORDS["look_on"]
_CONTACT = _WORDS["contact"]
_PASSIVE = _WORDS["passive"]
_MINE = _WORDS["mine"]
_ASKING = _WORDS["asking"]


def reaches(words: Sequence[str], at: int) -> bool:
    """Return whether somebody is to be reached.

    *Speak to an agent*, *in touch with a member of the team*, *hand this to a colleague*.
    """
    end = person_at(words, at + 1)
    if end < 0 and at + 1 < len(words) and words[at + 1] in _WORDS["offices"]:
        near = words[max(0, at - 4) : at]
        passed = "through" in near or any(w in _PASSIVE for w in near)
        return passed and not denied(words, at - 1)
    if end < 0 or not may_follow(words, end):
        return False
    if end < len(words) and words[end] == "to" and not _to_serve(words, end):
        return False
    if words[end - 1] == "assistant" and "virtual" in words[at:end]:
        return False
    if words[at] == "of" and (at == 0 or words[at - 1] != "hold"):
        return False
    if words[at] == "for" and words[at - 1] not in ("arrange", "escalation"):
        return False
    for back in range(at - 1, max(-1, at - 7), -1):
        word = words[back]
        if word in _WORDS["not_to_whom"] and back > at - 4:
            return False
        if word not in _CONTACT or moves_a_thing(words, back):
            continue
        if word == "over" and not any(
            w in ("hand", "put", "pass") for w in words[max(0, back - 8) : back]
        ):
            continue
        if word == "up" and not any(w in ("hook", "set") for w in words[max(0, back - 8) : back]):
            continue
        if word in _WORDS["hand_over_verbs"] and not _mine(words, back, at):
            continue
        if denied(words, back) or other_speaks(words, back):
            return False
        if past(words, back) and not wishes(words, back):
            return False
        near = words[max(0, back - 3) : back]
        return not ("am" in near or "i'm" in near or "im" in near or "are" in near) or wishes(
            words, back
        )
    return False


def _mine(words: Sequence[str], back: int, at: int) -> bool:
    between = words[back + 1 : at]
    if words[back] in ("get", "move"):
        return any(w in ("me", "us", "through", "touch", "hold") for w in between)
    return any(w in _MINE for w in between) or any(
        w in _WORDS["between_hand_over"] for w in between
    )


def _to_serve(words: Sequence[str], at: int) -> bool:
    """Return whether what follows *to* is something that a person in a chat does."""
    return any(w in _SERVE for w in words[at + 1 : at + 3]) or at + 1 >= len(words)


def gets(words: Sequence[str], at: int) -> bool:
    """Return whether somebody is wished for.

    *I need a human*, *get me your manager*, *how do I reach a person*.
    """
    word, start = words[at], at + 1
    if not _verb_wishes(words, at):
        return False
    while start < min(len(words), at + 8) and words[start] in _WORDS["before_object"]:
        start += 1
    if word in ("for", "from"):
        return _help_from(words, at)
    end = person_at(words, start)
    if end < 0 or not may_follow(words, end) or not _is_wished(words, at, start, end):
        return False
    if denied(words, at) or other_speaks(words, at):
        return False
    if words[end : end + 1] in (["who"], ["that"]):
        return not any(w in _WORDS["not_service_verbs"] for w in words[end : end + 4])
    if end < len(words) and not _goes_on(words, at, end):
        return False
    return not (word == "get" and past(words, at) and not wishes(words, at))


def _verb_wishes(words: Sequence[str], at: int) -> bool:
    """Return whether the verb wishes for what follows: *give me*, but not *give him*."""
    word, start = words[at], at + 1
    if word in _WORDS["give_verbs"] and not (
        word == "gimme" or (start < len(words) and words[start] in ("me", "us"))
    ):
        return False
    if word in _WORDS["verbs_needing_a_wish"] and not wishes(words, at):
        return False
    earlier = words[max(0, at - 12) : at]
    if word == "have" and not any(w in _WORDS["have_needs"] for w in earlier):
        return False
    return word != "like" or any(w in _WORDS["would"] for w in earlier)


def _is_wished(words: Sequence[str], at: int, start: int, end: int) -> bool:
    """Return whether the person is one of a desk, as strictly as the verb needs it."""
    word, person = words[at], words[end - 1]
    named = [w for w in words[start:end] if w in _NAMED]
    if word == "see" and not any(w in _WORDS["seen_people"] for w in named):
        return False
    if word == "have" and not (named or person in _ANYBODY or person in ("staff",)):
        return False
    if person in _WORDS["plain_people"] and not any(
        w in _WORDS["people_of_a_desk"] for w in words[at:end]
    ):
        return False
    return not (word in _WORDS["contact_verbs"] and end == at + 2 and person in _NAMED)


def _goes_on(words: Sequence[str], at: int, end: int) -> bool:
    """Return whether the wish may go on as it does behind the person."""
    then, person = words[end], words[end - 1]
    if then == "to":
        return _to_serve(words, end)
    if then == "else":
        return words[at] in ("need", "want", "get")
    return not (then in ("for", "of") and person in ("individual", "expert", "professional"))


def _help_from(words: Sequence[str], at: int) -> bool:
    """Return whether help from somebody is wished for.

    *Help from a human*, *an answer from somebody*, *ask for a manager*.
    """
    end = person_at(words, at + 1)
    if end < 0 or not may_follow(words, end):
        return False
    before = words[max(0, at - 3) : at]
    if words[at] == "from":
        wanted = any(w in _WORDS["help_words"] for w in before)
        strong = any(w in _WORDS["wanting_help"] for w in words[max(0, at - 12) : at])
        return (
            wanted
            and strong
            and not denied(words, at - 1)
            and "got" not in words[max(0, at - 12) : at]
        )
    return False


def asks_for(words: Sequence[str], at: int) -> bool:
    """Return whether somebody is asked for.

    *Ask for a manager*, *rather a person*, *get a human on the line*.
    """
    word = words[at]
    start = at + 1
    if word in _ASKING:
        if start < len(words) and words[start] in ("for", "to"):
            if words[start] == "for":
                start += 1
        elif word != "ask":
            return False
    elif word in ("prefer", "rather"):
        while start < min(len(words), at + 8) and words[start] in _WORDS["after_rather"]:
            start += 1
            if start > at + 4:
                break
        start -= 0
    else:
        return False
    end = person_at(words, start)
    if end < 0 or denied(words, at) or past(words, at):
        return False
    if word == "rather" and words[end : end + 1] in (["dealt"], ["handled"], ["looked"], ["did"]):
        return True
    if not may_follow(words, end):
        return False
    if word == "ask":
        return words[end - 1] not in _WORDS["plain_people_rather"]
    if word in ("wait", "waiting", "looking") and words[end - 1] in (
        "someone",
        "somebody",
        "people",
    ):
        return end < len(words) and words[end] in ("to", "who", "that") and _to_serve(words, end)
    return words[end - 1] not in _WORDS["plain_people_asked"]


def puts_on(words: Sequence[str], at: int) -> bool:
    """Return whether somebody is to be put on: *put a human on the line*."""
    end = person_at(words, at + 1)
    if end < 0 or denied(words, at):
        return False
    rest = list(words[end : end + 2])
    return rest[:1] == ["on"] or rest == ["else", "on"] or rest == ["through", "to"]


def would_do(words: Sequence[str]) -> bool:
    """Return whether somebody is said to be welcome: *a human would be great*."""
    end = person_at(words, 0)
    return end > 0 and words[end - 1] in _NAMED and words[end : end + 2] in (
        ["would", "be"], ["would", "help"], ["would", "do"], ["will", "do"],
    )  # fmt: skip


def serves(words: Sequence[str], at: int) -> bool:
    """Return whether somebody is asked to do something.

    *Could someone call me*, *let a human handle it*, *have your manager ring me*.
    """
    word, start = words[at], at + 1
    if word == "for" and "possible" not in words[max(0, at - 2) : at]:
        return False
    while start < min(len(words), at + 8) and words[start] in _WORDS["before_server"]:
        start += 1
    if start < len(words) and words[start] == "one" and words[start + 1 : start + 2] == ["of"]:
        start += 2
    end = person_at(words, start)
    if end < 0 or end >= len(words):
        return False
    if word in _WORDS["weak_asks"] and words[end] not in _WORDS["after_weak_ask"]:
        return False
    then = _service_verb(words, end)
    return (
        then > 0 and _serves(words, then) and not denied(words, at) and not other_speaks(words, at)
    )


def _service_verb(words: Sequence[str], end: int) -> int:
    """Return the place of what the person is asked to do, -1 where that is nothing of a desk."""
    then = end
    if words[then] in ("from", "in"):
        while then < min(len(words), end + 7) and words[then] in _WORDS["from_where"]:
            then += 1
    while then < len(words) and words[then] in _WORDS["before_service_verb"]:
        then += 1
        if then > end + 10:
            return -1
    return then if then < len(words) and words[then] in _SERVE_BARE else -1


_SERVES_WITH = {
    "look": _LOOK_ON,
    "take": _WORDS["after_take"],
    "come": _WORDS["after_come"],
    "step": _WORDS["after_come"],
    "join": _WORDS["after_come"],
    "explain": frozenset(("to", "this", "it")),
    "read": _WORDS["after_read"],
}
"""Verbs that serve only with one of these words soon after: *look into it*, *take over*."""


def _serves(words: Sequence[str], then: int) -> bool:
    verb, rest = words[then], words[then + 1 : then + 4]
    if verb == "get":
        return rest[:1] in (["back"], ["in"], ["on"])
    return verb not in _SERVES_WITH or any(w in _SERVES_WITH[verb] for w in rest)
