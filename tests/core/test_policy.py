"""Policies are frozen data: read from TOML, refused with a word about what to do, known by hash."""

from __future__ import annotations

import pytest

from stepin.core.policy import Policy, load_policy
from stepin.errors import Invalid

GOOD = """
name = "night"
timezone = "Europe/Berlin"

[hours]
mon = ["09:00-12:00", "13:00-17:30"]

[ai]
enabled = false
"""


def test_a_policy_is_what_its_file_says_and_the_defaults() -> None:
    policy = load_policy(GOOD)
    assert (policy.name, policy.ai.enabled) == ("night", False)
    assert policy.hours == {"mon": ("09:00-12:00", "13:00-17:30")}
    assert policy.times == Policy().times


def test_its_version_is_its_content() -> None:
    again = load_policy(GOOD.replace("# ", "#"))
    assert load_policy(GOOD).version == again.version
    assert load_policy(GOOD).version.startswith("night@")
    assert load_policy(GOOD.replace("17:30", "17:31")).version != again.version


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[ai", "policy: "),
        ("colour = 'red'", "colour"),
        ("[ai]\nenabled = 'yes'", "$.ai.enabled"),
        ("[hours]\nmon = ['nine to five']", "'nine to five' is not a span"),
        ("[hours]\nmon = ['09:00-25:00']", "'09:00-25:00' is not a span"),
        ("[hours]\nmonday = ['09:00-17:00']", "hours.monday"),
        ("timezone = 'Atlantis/Centre'", "there is no 'Atlantis/Centre'"),
        ("[ai]\ndisclosed = false", "ai.undisclosed_because"),
    ],
)
def test_what_can_t_be_a_policy_is_refused_with_its_place(text: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        load_policy(text)
    assert told in refused.value.message
    assert refused.value.code == "policy_invalid"


def test_who_hides_the_ai_says_why() -> None:
    text = "[ai]\ndisclosed = false\nundisclosed_because = 'the law here forbids it'"
    assert load_policy(text).ai.undisclosed_because == "the law here forbids it"
