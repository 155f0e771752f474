"""Slips of the fingers in the few words that a request is made of."""

from __future__ import annotations

from functools import lru_cache

_KNOWN = (
    "human", "person", "people", "agent", "agents", "representative", "operator", "advisor",
    "manager", "supervisor", "somebody", "someone", "anybody", "specialist", "colleague", "employee",
    "associate", "customer", "service", "support", "speak", "speaking", "talking", "transfer",
    "connect", "escalate", "assistant", "please", "robot", "chatbot", "real",
    "talk", "want", "need", "with",
)  # fmt: skip
_ANOTHER = frozenset(
    [
        "humane",
        "parson",
        "prison",
        "urgent",
        "aren",
        "steak",
        "sneak",
        "speck",
        "spear",
        "peak",
        "freak",
        "spoke",
        "stalk",
        "tall",
        "take",
        "walk",
        "tale",
        "task",
        "wait",
        "went",
        "won't",
        "wont",
        "wind",
        "wint",
        "pant",
        "rant",
        "vent",
        "weed",
        "feed",
        "knead",
        "read",
        "deal",
        "rear",
        "seal",
        "pleased",
        "serves",
        "server",
        "sport",
        "sports",
        "support",
        "supports",
        "supporter",
        "manger",
        "manage",
        "managed",
        "manages",
        "wish",
        "wit",
        "within",
        "width",
        "white",
        "operate",
        "operated",
        "operation",
        "connects",
        "connected",
        "transfers",
        "transferred",
        "escalated",
        "customers",
        "custom",
        "persona",
        "persons",
        "personal",
        "humans",
        "peoples",
        "services",
        "serviced",
        "specialists",
        "special",
        "employees",
        "employed",
        "colleagues",
        "associates",
        "associated",
        "managers",
        "supervisors",
        "representatives",
        "operators",
        "advisors",
        "assistants",
        "assistance",
        "robots",
        "chatbots",
        "reel",
        "ream",
        "reap",
        "wants",
        "needs",
        "talks",
        "talked",
        "speaks",
        "speaker",
        "speakers",
        "walking",
        "taking",
        "stalking",
        "tanking",
        "real",
        "really",
        "rely",
        "heal",
        "meal",
        "deal",
        "zeal",
        "veal",
        "leal",
        "teal",
        "wang",
        "wand",
        "wane",
        "wan",
        "what",
        "nerd",
        "seed",
        "deed",
        "heed",
        "reed",
        "nee",
        "newed",
        "balk",
        "calk",
        "tank",
        "tack",
        "anti",
        "event",
        "aunt",
        "giant",
        "recent",
    ]
)
_SHORT = 5


@lru_cache(maxsize=4096)
def corrected(word: str) -> str:
    """Return the word that was meant, if one slip away: a letter more, less, wrong or swapped.

    Of words with fewer than five letters only two swapped letters are put right.
    """
    if len(word) < 4 or len(word) > 16 or word in _ANOTHER or word in _KNOWN:
        return word
    for known in _KNOWN:
        if abs(len(known) - len(word)) > 1 or known[0] != word[0]:
            continue
        if _swapped(word, known) or (len(known) >= _SHORT and _one_slip(word, known)):
            return known
    return word


def _swapped(word: str, known: str) -> bool:
    if len(word) != len(known):
        return False
    apart = [at for at in range(len(word)) if word[at] != known[at]]
    return (
        len(apart) == 2
        and apart[1] == apart[0] + 1
        and word[apart[0]] == known[apart[1]]
        and word[apart[1]] == known[apart[0]]
    )


def _one_slip(word: str, known: str) -> bool:
    at = 0
    while at < min(len(word), len(known)) and word[at] == known[at]:
        at += 1
    if len(word) == len(known):
        return word[at + 1 :] == known[at + 1 :]
    longer, shorter = (word, known) if len(word) > len(known) else (known, word)
    return longer[at + 1 :] == shorter[at:]
