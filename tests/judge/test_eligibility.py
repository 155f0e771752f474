"""Who may have a chat is decided once, by rules and a frozen version."""

from __future__ import annotations

import pytest

from stepin.errors import Conflict
from stepin.judge.eligibility import EligibilityClassifier, OpeningMessage, Rules, check_change
from stepin.judge.models import intent
from tests.judge.examples import PAIRS

REFUSED = [(text, "ineligible") for text in (
    "my lawyer will write to you", "the charger caught fire", "we want 500 pieces for our firm",
    "我要起诉你们", "充电器着火了", "我们公司要采购五百件",
)]  # fmt: skip


@pytest.fixture(scope="module")
def model() -> intent.IntentModel:
    return intent.fit([*PAIRS, *REFUSED])


def assess(model: intent.IntentModel, opening: OpeningMessage, **limits: object) -> str:
    found = EligibilityClassifier(Rules(least_confidence=0.3, **limits), model).assess(opening)  # type: ignore[arg-type]
    assert found.eligible == (found.reason == "eligible")
    assert 0.0 <= found.score <= 1.0
    return found.reason


TEXT = "where is my parcel"


@pytest.mark.parametrize(
    ("opening", "limits", "reason"),
    [
        (OpeningMessage(text=TEXT), {}, "eligible"),
        (OpeningMessage(text=TEXT), {"intents": ("refund",)}, "intent"),
        (OpeningMessage(text="我要起诉你们"), {}, "intent"),
        (OpeningMessage(text=TEXT, channel="email"), {"channels": ("web",)}, "channel"),
        (OpeningMessage(text=TEXT), {"channels": ("web",)}, "channel_unknown"),
        (OpeningMessage(text=TEXT), {"channels": ("web",), "allow_unknown": True}, "eligible"),
        (
            OpeningMessage(text=TEXT, customer_group="vip"),
            {"refused_groups": ("vip",)},
            "customer_group",
        ),
        (OpeningMessage(text=TEXT, amount=300.0), {"most_amount": 200.0}, "amount"),
        (OpeningMessage(text=TEXT, amount=200.0), {"most_amount": 200.0}, "eligible"),
        (OpeningMessage(text=TEXT, hour=23), {"hours": (22, 6)}, "eligible"),
        (OpeningMessage(text=TEXT, hour=6), {"hours": (22, 6)}, "hour"),
        (OpeningMessage(text=TEXT, hour=9), {"hours": (9, 17)}, "eligible"),
        (OpeningMessage(text=TEXT, hour=17), {"hours": (9, 17)}, "hour"),
        (OpeningMessage(text=""), {}, "confidence"),
    ],
)
def test_rules(
    model: intent.IntentModel, opening: OpeningMessage, limits: dict[str, object], reason: str
) -> None:
    assert assess(model, opening, **limits) == reason


def test_the_version_follows_rules_and_model(model: intent.IntentModel) -> None:
    one = EligibilityClassifier(Rules(), model)
    assert one.version == EligibilityClassifier(Rules(), model).version
    assert one.version != EligibilityClassifier(Rules(most_amount=9.0), model).version
    assert one.version != EligibilityClassifier(Rules(), intent.fit(PAIRS)).version


def test_a_running_trial_freezes_the_version() -> None:
    check_change("a", "a", trial="t1", breaks_trial=False)
    check_change("a", "b", trial=None, breaks_trial=False)
    check_change("a", "b", trial="t1", breaks_trial=True)
    with pytest.raises(Conflict) as caught:
        check_change("a", "b", trial="t1", breaks_trial=False)
    assert caught.value.code == "eligibility_frozen"
