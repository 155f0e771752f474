"""Eligibility by topic: rules first, then a classifier; the same answer in every arm."""

from __future__ import annotations

import pytest

from stepin.core.command import OpenChat
from stepin.core.policy import EligibilityPolicy
from stepin.desk.alerts.topics import TopicEligibility
from stepin.desk.state.identity import CustomerIdentity
from stepin.judge.models.intent import fit

PARCEL = ("where is my parcel", "has my order shipped", "track my delivery", "parcel is late")
WHOLESALE = (
    "we want to buy two hundred lamps",
    "do you have prices for companies",
    "we need a quote",
)
WHO = CustomerIdentity(customer_id="c", asserted=True)


@pytest.fixture(scope="module")
def topics() -> TopicEligibility:
    model = fit([*((t, "parcel") for t in PARCEL), *((t, "wholesale") for t in WHOLESALE)])
    return TopicEligibility(model, frozenset({"wholesale"}), frozenset({"parcel", "wholesale"}))


def test_a_topic_of_the_ais_is_eligible_and_named(topics: TopicEligibility) -> None:
    said = topics.assess(OpenChat(text="where is my parcel?"), WHO, EligibilityPolicy(), now_us=0)
    assert (said.eligible, said.issue_class) == (True, "parcel")
    assert said.classifier_version == topics.version


def test_a_topic_of_peoples_is_not(topics: TopicEligibility) -> None:
    said = topics.assess(
        OpenChat(text="do you have a quote for companies"), WHO, EligibilityPolicy(), now_us=0
    )
    assert (said.eligible, said.reason, said.issue_class) == (False, "topic:wholesale", "wholesale")
    assert said.score < said.threshold


def test_the_policys_rules_come_first(topics: TopicEligibility) -> None:
    policy = EligibilityPolicy(languages=("zh",))
    said = topics.assess(OpenChat(text="where is my parcel?"), WHO, policy, now_us=0)
    assert (said.eligible, said.reason, said.score) == (False, "language", 0.0)


def test_what_the_customer_site_names_wins_over_the_guess(topics: TopicEligibility) -> None:
    command = OpenChat(text="where is my parcel?", issue_class="delivery")
    assert topics.assess(command, WHO, EligibilityPolicy(), now_us=0).issue_class == "delivery"
