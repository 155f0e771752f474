"""Where a person stands among English words, and whether the wish for one is meant."""

from __future__ import annotations

from collections.abc import Sequence

from stepin.language.person.words import words_of

_WORDS = {name: frozenset(words) for name, words in words_of("english").items()}
PERSON = _WORDS["person"]
_TEAM = _WORDS["team"]
_TEAM_BEFORE = _WORDS["team_before"]
_FILLER = _WORDS["filler"]
_AFTER = _WORDS["after"]
_WISH = _WORDS["wish"]
_NEVER = _WORDS["never"]
_THROUGH_NO = _WORDS["through_no"]
_OTHERS = _WORDS["others"]
_PAST = _WORDS["past"]


def person_at(words: Sequence[str], at: int) -> int:
    """Return the place behind a person that begins at a place, -1 if none does."""
    end = min(len(words), at + 8)
    found = -1
    while at < end:
        word = words[at]
        if word in PERSON or _belongs(words, at):
            found = at + 1
            if word in ("human",) and at + 1 < len(words) and words[at + 1] == "being":
                found = at + 2
            if word not in _FILLER and not (at + 1 < end and words[at + 1] in PERSON):
                break
        elif word not in _FILLER:
            break
        at += 1
    return found


def _belongs(words: Sequence[str], at: int) -> bool:
    """Return whether a word is a person or a group together with the word before it."""
    before = words[at - 1] if at else ""
    if words[at] in _TEAM:
        return before in _TEAM_BEFORE
    return before in _WORDS["crew"] and words[at] in _WORDS["of_crew"]


def may_follow(words: Sequence[str], at: int) -> bool:
    """Return whether a person can end before this word; *the staff discount* is no person."""
    return at >= len(words) or words[at] in _AFTER or words[at].isdigit()


def denied(words: Sequence[str], at: int) -> bool:
    """Return whether the wish that begins at a place is turned down."""
    for back in range(at - 1, max(-1, at - 9), -1):
        word = words[back]
        if word in ("no", "not") and back + 1 < len(words) and words[back + 1] in ("longer",):
            return True
        if word == "no" and words[back + 1] == "need":
            return True
        if word in _NEVER and word not in ("no", "nor", "neither"):
            before = words[back - 1] if back else ""
            return before not in _WORDS["no_denial_before"] and word != "cant"
        if word not in _THROUGH_NO:
            return False
    return False


def other_speaks(words: Sequence[str], at: int) -> bool:
    """Return whether somebody else than the customer is to speak."""
    near = words[max(0, at - 5) : at]
    return any(w in _OTHERS for w in near)


def wishes(words: Sequence[str], at: int) -> bool:
    """Return whether a word of wishing or of asking stands shortly before a place."""
    near = words[max(0, at - 8) : at]
    return any(w in _WISH for w in near)


def past(words: Sequence[str], at: int) -> bool:
    """Return whether what stands at a place was said to be over."""
    return any(w in _PAST for w in words[max(0, at - 4) : at])


def moves_a_thing(words: Sequence[str], at: int) -> bool:
    """Return whether money is moved, not the chat: *cancel my transfer*, *money transferred*."""
    if words[at] not in ("transfer", "transferred", "move", "moved"):
        return False
    thing = words[at] == "transfer" and words[max(0, at - 1)] in _WORDS["makes_it_a_thing"]
    return thing or any(w in _WORDS["moved_things"] for w in words[max(0, at - 4) : at])
