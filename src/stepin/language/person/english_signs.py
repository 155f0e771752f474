"""English: other signs of a request: who is there, the machine refused, passed on, called back."""

from __future__ import annotations

from collections.abc import Sequence

from stepin.language.person.english_words import denied, may_follow, moves_a_thing, person_at
from stepin.language.person.words import words_of

_WORDS = {name: frozenset(words) for name, words in words_of("english").items()}
PERSON = _WORDS["person"]
_NAMED = _WORDS["named"]
"""Words for a person who serves, where a bare word has to say it all."""
_ANYBODY = _WORDS["anybody"]
_AFTER = _WORDS["after"]
_SERVE = _WORDS["serve"]
_CONTACT = _WORDS["contact"]
_WISH = _WORDS["wish"]
_OTHERS = _WORDS["others"]
_PAST = _WORDS["past"]
_BOT = _WORDS["bot"]
_AUTOMATED = _WORDS["automated"]
_AUTOMATIC_THING = _WORDS["automatic_thing"]
_REFUSE = _WORDS["refuse"]
_HARD_REFUSE = _WORDS["hard_refuse"]
_TALKING = _WORDS["talking"]
_THINGS_AFTER_MACHINE = _WORDS["things_after_machine"]
_CASE = _WORDS["case"]
_CALL_AFTER = _WORDS["call_after"]
_CALL_BEFORE = _WORDS["call_before"]
_HERE = _WORDS["here"]


def exists(words: Sequence[str], at: int) -> bool:
    """Return whether somebody is asked after.

    *Is anyone there*, *is there a human I can talk to*, *do you have real people*.
    """
    word = words[at]
    if word == "there":
        return _must_be(words, at)
    if word in _WORDS["first_anybody"]:
        return _anybody_around(words, at)
    if word == "where":
        return _where_is(words, at)
    if word.startswith(("is", "are")):
        return _is_there(words, at)
    if word == "any":
        return _any(words, at)
    return word == "have" and _you_have(words, at)


def _must_be(words: Sequence[str], at: int) -> bool:
    """Return whether somebody is said to be there for sure: *there must be a human here*."""
    if words[at + 1 : at + 3] not in (["must", "be"], ["should", "be"]):
        return False
    end = person_at(words, at + 3)
    return end > 0 and (end >= len(words) or _is_here(words, end))


def _anybody_around(words: Sequence[str], at: int) -> bool:
    """Return whether next to nothing is said but *anybody there*."""
    after = at + 1
    if at > 1 or after >= len(words) or words[after] not in _WORDS["around_anybody"]:
        return False
    return len(words) <= after + 3


def _where_is(words: Sequence[str], at: int) -> bool:
    """Return whether it is asked where the people are: *where is a human*."""
    end = person_at(words, at + 2)
    named = end > 0 and words[end - 1] in _WORDS["humans"]
    return named and words[at + 1] in ("is", "are") and end >= len(words)


def _is_there(words: Sequence[str], at: int) -> bool:
    """Return whether it is asked if somebody is here: *is there a human I can talk to*."""
    after = at + 1
    if after < len(words) and words[after] in _ANYBODY:
        return _is_here(words, after + 1)
    if after >= len(words) or words[after] not in _WORDS["existing_after"]:
        return False
    end = person_at(words, after + 1 if words[after] == "there" else after)
    if end < 0 or denied(words, at) or (at > 0 and words[after] in ("a", "an")):
        return False
    if end >= len(words):
        return words[after] == "there" and words[end - 1] in PERSON
    return _is_here(words, end)


def _any(words: Sequence[str], at: int) -> bool:
    """Return whether it is asked for any person near the beginning: *any humans here*."""
    end = person_at(words, at + 1)
    if end < 0 or words[end - 1] not in PERSON or at > 2:
        return False
    return end >= len(words) or _is_here(words, end)


def _you_have(words: Sequence[str], at: int) -> bool:
    """Return whether it is asked whom the service has: *do you have real people*."""
    if not any(w in ("do", "you") for w in words[max(0, at - 12) : at]):
        return False
    end = person_at(words, at + 1)
    if end < 0:
        return False
    people = any(w in _WORDS["people_you_have"] or w in _ANYBODY for w in words[at + 1 : end])
    return people and (end >= len(words) or _is_here(words, end))


_ME_ON = (["me", "over"], ["me", "off"], ["me", "on"], ["me", "through"], ["me", "across"])


def until(words: Sequence[str], at: int) -> bool:
    """Return whether the customer waits for somebody: *not until a person replies*."""
    end = person_at(words, at + 1)
    return end > 0 and end < len(words) and words[end] in _WORDS["come"]


def who_leads(words: Sequence[str], at: int) -> bool:
    """Return whether it is asked who leads: *who is your manager*, *who's in charge there*."""
    rest = list(words[at + 1 : at + 4])
    if words[at] == "who":
        if rest[:1] != ["is"]:
            return False
        rest = list(words[at + 2 : at + 5])
    if rest[:2] == ["in", "charge"]:
        return True
    leads = rest[1:2] in (["manager"], ["supervisor"], ["boss"])
    return leads and (rest[0] == "your" or (rest[0] == "the" and rest[2:3] in ([], ["here"])))


def _is_here(words: Sequence[str], at: int) -> bool:
    """Return whether somebody's being here is asked for, not that of somebody elsewhere."""
    if at >= len(words) or words[at] not in _HERE:
        return False
    if words[at] in _WORDS["where_words"]:
        rest = words[at : at + 5]
        return any(w in _WORDS["at_your_side"] for w in rest)
    if words[at] == "else":
        return words[at + 1 : at + 2] in (["here"], ["there"], ["available"], ["around"])
    if words[at] in _WORDS["who_words"]:
        rest = words[at : at + 5]
        return any(w in _SERVE or w in _CONTACT for w in rest)
    return True


def refuses(words: Sequence[str], at: int) -> bool:
    """Return whether the machine is refused.

    *I don't want to talk to a bot*, *no more robots*, *get me out of this chatbot*.
    """
    word, before = words[at], words[max(0, at - 8) : at]
    if not _is_machine(words, at) or "mind" in before or "bother" in before:
        return False
    if _told_of(before):
        return False
    if any(w in _REFUSE for w in before) and any(w in _TALKING for w in before):
        return not (before and before[0] in ("was", "were"))
    if word not in _BOT and word not in _AUTOMATED:
        return False
    if any(w in _HARD_REFUSE for w in before):
        return True
    # The nearest word that says something about the machine decides.
    for back in range(at - 1, max(-1, at - 7), -1):
        turned = _turns_away(words, back, at)
        if turned is not None:
            return turned
    return False


def _is_machine(words: Sequence[str], at: int) -> bool:
    """Return whether the machine itself is meant, not *an automated payment* or *the bot rules*."""
    after = at + 1
    if words[at] in _AUTOMATED:
        return after < len(words) and words[after] in _AUTOMATIC_THING
    return after >= len(words) or words[after] not in _THINGS_AFTER_MACHINE


def _told_of(before: Sequence[str]) -> bool:
    """Return whether something is said about a machine without a refusal: *this is a bot*."""
    if not any(w in _WORDS["is_words"] for w in before[-4:]):
        return False
    if not any(w in _HARD_REFUSE or w in _WORDS["talks_or_not"] for w in before):
        return True
    if before and before[-1] in ("a", "an") and before[-2:-1] == ["not"]:
        return True
    return any(w in _WORDS["you_are"] for w in before[-3:]) and "not" not in before


def _turns_away(words: Sequence[str], back: int, at: int) -> bool | None:
    """Return whether an earlier word turns the machine away, None where it says nothing."""
    near, after = words[back], at + 1
    if near in ("no", "not"):
        before = words[back - 1 if back else back]
        return _ends(words, after) and before not in ("i'm", "im", "am")
    if near in _WORDS["wont_words"] and any(w in _WORDS["machine_wants"] for w in words[back:at]):
        return _ends(words, after)
    away = (
        (near == "out" and words[back + 1] == "of")
        or (near == "off" and any(w in ("get", "me") for w in words[max(0, back - 2) : back]))
        or (near in ("past", "around", "beyond") and _ends(words, after))
        or (near in ("instead", "rather") and any(w in ("of", "than") for w in words[back:at]))
    )
    return True if away else None


def _ends(words: Sequence[str], at: int) -> bool:
    return at >= len(words) or words[at] in _AFTER or words[at] in _WORDS["after_machine"]


def real(words: Sequence[str], at: int) -> bool:
    """Return whether a real person is wished for.

    *A real person*, said with a wish or as almost all that is said.
    """
    after = at + 1
    if after >= len(words):
        return words[at] == "human" and False
    then = words[after]
    if words[at] == "human":
        fits = then in _WORDS["after_human"]
    else:
        fits = then in _NAMED or then in _WORDS["after_real"]
    if not fits or (
        words[at] in ("real", "actual", "living") and then in ("chat", "support", "help")
    ):
        return False
    before = words[max(0, at - 7) : at]
    tells = any(w in _WORDS["telling_before_real"] for w in before)
    if tells and not any(w in _WORDS["wanting_before_real"] for w in before):
        return False
    if not may_follow(words, after + 1) or denied(words, at) or "not" in before or "no" in before:
        return False
    if any(w in _PAST for w in before):
        return False
    if any(w in _WISH for w in words[max(0, at - 8) : at + 6]):
        return True
    return len(words) <= 6


def escalates(words: Sequence[str], at: int) -> bool:
    """Return whether the chat is to be passed on.

    *Escalate this*, *transfer me*, *I demand to be transferred*.
    """
    word, rest = words[at], words[at + 1 : at + 12]
    if denied(words, at) or "without" in words[max(0, at - 3) : at]:
        return False
    if word in _WORDS["pass_on"] and list(rest[:2]) in _ME_ON:
        return all(w in _AFTER for w in rest[2:])
    if moves_a_thing(words, at):
        return False
    if word in ("transferred", "connected", "escalated"):
        before = words[max(0, at - 3) : at]
        wish = any(w in _WISH or w in ("be", "get") for w in before)
        if not wish or "wasn't" in before or "not" in before or "never" in before:
            return False
        return not rest or rest[0] in _WORDS["after_transferred"]
    if word in ("transfer", "connect"):
        if not rest:
            return at <= 2
        if rest[0] in ("me", "us"):
            if len(rest) > 1 and rest[1] in ("to", "with") and len(rest) > 2:
                end = person_at(words, at + 3)
                return end > 0 and may_follow(words, end)
            return len(rest) == 1 or rest[1] not in _WORDS["not_transfer_me"]
        return at <= 1 and all(w in _AFTER for w in rest) and rest[0] in _WORDS["after_transfer"]
    return all(w in _CASE for w in rest[:8]) and all(w in _CASE for w in words[max(0, at - 6) : at])


def calls(words: Sequence[str], at: int) -> bool:
    """Return whether a call is asked for.

    *Please call me back*, *I'd like a callback*, *who can I call*.
    """
    before, rest = words[max(0, at - 6) : at], words[at + 1 : at + 6]
    if denied(words, at) or any(w in _OTHERS for w in before):
        return False
    if words[at] in ("callback", "callbacks") or (words[at] == "call" and rest[:1] == ["back"]):
        called = any(w in _WORDS["wanting_a_call"] for w in before)
        if called:
            return "got" not in before
    if words[at] == "call" and before[-1:] == ["a"] and any(w in ("give", "gimme") for w in before):
        return any(w in ("me", "us") for w in before)
    if before[-1:] in (["i"], ["we"]) and any(w in ("who", "whom") for w in before):
        return not any(w in ("told", "was", "did") for w in before)
    if words[at] in ("speak", "talk", "contact"):
        return False
    if rest[:1] not in (["me"], ["us"]):
        return False
    if any(w in _WORDS["when_words"] for w in (*before, *rest)):
        return False
    return all(w in _CALL_BEFORE or w in PERSON for w in before) and (
        len(rest) == 1 or rest[1] in _CALL_AFTER
    )
