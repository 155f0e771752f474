"""Rules of a team's policy that ask for a person whatever the models say.

A rule names phrases; it fires when one of them stands in a turn of the roles it watches. A
phrase of letters matches whole words, a phrase of ideographs anywhere; case and full-width
forms don't matter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from stepin.errors import Invalid
from stepin.judge.chat import Role


class PolicyRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Phrases that bring a person; ``name`` is the reason that is logged."""

    name: str
    phrases: tuple[str, ...]
    roles: tuple[Role, ...] = ("customer",)


DEFAULT_RULES = (
    PolicyRule(
        name="legal",
        phrases=(
            "lawyer", "attorney", "sue", "lawsuit", "legal action", "small claims", "solicitor",
            "律师", "起诉", "法院", "法律途径", "消费者协会", "12315",
        ),
    ),
    PolicyRule(
        name="safety",
        phrases=(
            "caught fire", "on fire", "electric shock", "exploded", "smoke", "burned me",
            "burnt me", "injured", "hospital", "着火", "起火", "冒烟", "爆炸", "触电", "漏电",
            "受伤", "烫伤", "医院",
        ),
    ),
    PolicyRule(
        name="self_harm",
        phrases=("kill myself", "suicide", "end my life", "自杀", "不想活", "轻生"),
    ),
    PolicyRule(
        name="press",
        phrases=("journalist", "the press", "newspaper", "记者", "媒体", "曝光"),
    ),
    PolicyRule(
        name="fraud",
        phrases=(
            "fraud", "hacked", "unauthorized", "unauthorised", "stolen card", "phishing",
            "盗刷", "被盗", "诈骗", "骗子",
        ),
    ),
)  # fmt: skip
"""What a shop starts with; a team edits its own list."""


@lru_cache(maxsize=256)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    parts = []
    for phrase in phrases:
        plain = re.escape(_plain(phrase))
        parts.append(rf"(?<![^\W_]){plain}(?![^\W_])" if phrase.isascii() else plain)
    return re.compile("|".join(parts))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def check_rules(rules: Sequence[PolicyRule]) -> None:
    """Refuse rules that could never fire or would always.

    Raises
    ------
    Invalid
        If a rule has no phrases or an empty one, or two rules share a name.
    """
    names = [rule.name for rule in rules]
    for rule in rules:
        if not rule.phrases or not all(phrase.strip() for phrase in rule.phrases):
            raise Invalid(
                f"Policy rule {rule.name!r} has no phrase, or an empty one.",
                code="empty_rule",
                hint="Give it phrases or remove it.",
                rule=rule.name,
            )
        if names.count(rule.name) > 1:
            raise Invalid(
                f"Two policy rules are called {rule.name!r}.",
                code="rule_twice",
                hint="Join them.",
                rule=rule.name,
            )


def broken(rules: Sequence[PolicyRule], role: Role, text: str) -> tuple[str, ...]:
    """Return the names of the rules that the turn fires, in the order of `rules`."""
    plain = _plain(text)
    return tuple(
        rule.name for rule in rules if role in rule.roles and _pattern(rule.phrases).search(plain)
    )
