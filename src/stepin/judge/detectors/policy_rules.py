"""A team's own rules that ask for a person whatever the models say.

A rule names words and stems; it fires when one of them stands in a turn of the roles it watches.
``stem*`` matches every word that begins so, a phrase matches its words in a row, ideographs match
anywhere; case, full-width forms and traditional characters don't matter. What tells of danger is
no team's to edit: see `stepin.language.safety`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Final

import msgspec

from stepin.core.events.base import Cause
from stepin.errors import Invalid
from stepin.judge.chat import Role, Turn
from stepin.judge.models.chat_features import Shape
from stepin.language.safety.folding import fold
from stepin.language.safety.rulebook import RuleWords

SHORTEST_STEM = 3


class PolicyRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that bring a person; ``name`` is the reason that is logged."""

    name: str
    phrases: tuple[str, ...]
    roles: tuple[Role, ...] = ("customer",)


DEFAULT_RULES = (
    PolicyRule(
        name="press",
        phrases=(
            "journalist*", "the press", "to the newspaper*", "the newspapers", "the media",
            "reporter*", "记者", "媒体", "曝光", "电视台", "上热搜",
        ),
    ),
)  # fmt: skip
"""What a shop starts with; ``[rules]`` in the desk's policy file replaces or adds to it."""


def rules_of(named: Mapping[str, tuple[str, ...]]) -> tuple[PolicyRule, ...]:
    """Return the rules that a policy file's ``[rules]`` leaves in force.

    Each name holds its words; a name of `DEFAULT_RULES` replaces that rule, an empty list takes it
    away.

    Raises
    ------
    Invalid
        As `check_rules`.
    """
    kept = [rule for rule in DEFAULT_RULES if rule.name not in named]
    own = [PolicyRule(name=name, phrases=words) for name, words in named.items() if words]
    check_rules(rules := (*kept, *own))
    return rules


@lru_cache(maxsize=256)
def _words(phrases: tuple[str, ...]) -> RuleWords:
    words = RuleWords()
    for phrase in phrases:
        words.id_of(phrase.strip().casefold())
    return words


def check_rules(rules: Sequence[PolicyRule]) -> None:
    """Refuse rules that could never fire or would always.

    Raises
    ------
    Invalid
        ``empty_rule``, ``short_stem`` or ``rule_twice``.
    """
    names = [rule.name for rule in rules]
    for rule in rules:
        if not rule.phrases or not all(fold(p.replace("*", "")).tokens for p in rule.phrases):
            raise Invalid(
                f"Policy rule {rule.name!r} has no words, or an empty one.",
                code="empty_rule",
                hint="Give it words or remove it.",
                rule=rule.name,
            )
        for phrase in rule.phrases:
            stem = phrase.strip().removesuffix("*")
            if "*" in stem or (phrase.strip().endswith("*") and not _is_stem(stem)):
                raise Invalid(
                    f"Policy rule {rule.name!r} has {phrase!r}: a * stands behind one word of at "
                    f"least {SHORTEST_STEM} letters.",
                    code="short_stem",
                    hint="Write a longer stem, or the words themselves.",
                    rule=rule.name,
                )
        if names.count(rule.name) > 1:
            raise Invalid(
                f"Two policy rules are called {rule.name!r}.",
                code="rule_twice",
                hint="Join them.",
                rule=rule.name,
            )


def _is_stem(stem: str) -> bool:
    last = fold(stem).tokens[-1:]
    return bool(last) and len(last[0]) >= SHORTEST_STEM


def broken(rules: Sequence[PolicyRule], role: Role, text: str) -> tuple[str, ...]:
    """Return the names of the rules that the turn fires, in the order of `rules`."""
    watching = [rule for rule in rules if role in rule.roles]
    if not watching:
        return ()
    folded = fold(text)
    return tuple(rule.name for rule in watching if _words(rule.phrases).find(folded))


class PolicyDetector:
    """Speaks of the last turn alone, names the rules that it fires and scores 0 or 1.

    Raises
    ------
    Invalid
        As `check_rules`.
    """

    name: Final = "policy"
    cause: Final[Cause] = "policy"
    threshold: Final = 1.0

    def __init__(self, rules: Sequence[PolicyRule]) -> None:
        check_rules(rules)
        self.rules = tuple(rules)
        self.version = f"policy-2-{sha256(msgspec.json.encode(self.rules)).hexdigest()[:8]}"

    def start(self) -> tuple[str, ...]:
        """Return that no rule fires."""
        return ()

    def update(self, state: tuple[str, ...], turn: Turn, shape: Shape) -> tuple[str, ...]:
        """Return the rules that this turn fires."""
        return broken(self.rules, turn.role, turn.text)

    def score(self, state: tuple[str, ...]) -> tuple[float, tuple[str, ...]]:
        """Return 1 and the rules if any fires."""
        return float(bool(state)), state
