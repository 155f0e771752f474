"""All detectors together, turn by turn."""

from __future__ import annotations

import numpy as np
import pytest

from stepin.errors import Invalid
from stepin.judge.chat import LabelledChat, Turn
from stepin.judge.detectors import batch
from stepin.judge.detectors.detector import Score
from stepin.judge.detectors.learned import ChatModel
from stepin.judge.detectors.opinions import named_scores, opinions
from stepin.judge.detectors.panel import Panel, PanelState
from stepin.judge.detectors.policy_rules import PolicyRule, broken, rules_of
from stepin.judge.models.chat_features import Shape


def play(panel: Panel, *turns: Turn) -> tuple[PanelState, dict[str, Score]]:
    state = panel.start()
    for turn in turns:
        state = panel.update(state, turn)
    return state, {score.detector: score for score in panel.score(state)}


def customer(text: str) -> Turn:
    return Turn(role="customer", text=text)


def ai(text: str, **more: float) -> Turn:
    return Turn(role="ai", text=text, **more)  # type: ignore[arg-type]


def test_models_in_a_panel_score_as_they_do_alone(
    models: dict[str, ChatModel], unseen: list[LabelledChat]
) -> None:
    panel = Panel([models["handoff"], models["risk"]])
    for chat in unseen[:5]:
        _, scores = play(panel, *chat.turns)
        for name in ("handoff", "risk"):
            alone = batch.score_chats(models[name], [chat])[0][-1, models[name].headline]
            assert np.array_equal(scores[name].score, alone)
            assert scores[name].version == models[name].version


def test_a_state_is_never_changed(models: dict[str, ChatModel]) -> None:
    panel = Panel([models["handoff"]])
    before, first = play(panel, customer("where is my parcel ?"))
    panel.update(before, ai("please rephrase", n_tools=1, n_tools_failed=1))
    assert {score.detector: score for score in panel.score(before)} == first


def test_a_request_and_a_rule_speak_of_the_last_turn() -> None:
    panel = Panel()
    _, scores = play(panel, customer("my lawyer will call, get me a real person"))
    assert scores["requested"].flagged
    assert scores["safety"].reasons == ("safety.legal",)
    assert not scores["policy"].flagged
    _, scores = play(panel, customer("a journalist will hear of this"))
    assert scores["policy"].reasons == ("press",)
    _, scores = play(panel, customer("转人工"), ai("one moment"), customer("谢谢"))
    assert not scores["requested"].flagged
    assert not scores["policy"].flagged


def test_the_ai_naming_a_lawyer_is_no_threat() -> None:
    _, scores = play(Panel(), ai("please ask a lawyer, or a journalist"))
    assert not scores["policy"].flagged
    assert not scores["safety"].flagged


def test_signs_of_a_stuck_ai_add_up_and_are_named() -> None:
    panel = Panel()
    _, calm = play(panel, customer("where is my parcel ?"), ai("it ships tomorrow"))
    assert calm["stuck"].score == 0.0
    turns = [customer("where is my parcel ?"), ai("sorry i did not get that")]
    _, once = play(panel, *turns, customer("where is my parcel ?"))
    failing = ai("sorry i did not get that", n_tools=2, n_tools_failed=2, confidence=0.2)
    _, worse = play(panel, *turns, customer("where is my parcel ?"), failing)
    assert 0.0 < once["stuck"].score < worse["stuck"].score
    assert worse["stuck"].flagged
    assert set(worse["stuck"].reasons) == {
        "ai_repeats", "customer_repeats", "tools_fail", "low_confidence",
    }  # fmt: skip


def test_a_tool_that_works_again_clears_the_row_of_failures() -> None:
    panel = Panel()
    turns = [customer("hi"), ai("a b c", n_tools=1, n_tools_failed=1), ai("d e f", n_tools=1)]
    _, scores = play(panel, *turns)
    assert "tools_fail" not in scores["stuck"].reasons


@pytest.mark.parametrize(
    "rules",
    [
        (PolicyRule(name="a", phrases=()),),
        (PolicyRule(name="a", phrases=("x", " ")),),
        (PolicyRule(name="a", phrases=("x",)), PolicyRule(name="a", phrases=("y",))),
        (PolicyRule(name="a", phrases=("...",)),),
        (PolicyRule(name="a", phrases=("*",)),),
        (PolicyRule(name="a", phrases=("a*",)),),
        (PolicyRule(name="a", phrases=("a*b*",)),),
    ],
)
def test_rules_that_make_no_sense_are_refused(rules: tuple[PolicyRule, ...]) -> None:
    with pytest.raises(Invalid):
        Panel(rules=rules)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Your RECALLED kettle", ("recall",)),
        ("我要召回這個產品", ("recall",)),
        ("I talk to the Press Council", ("council",)),
        ("the press counsels", ()),
        ("a journalist", ()),
        ("recal", ()),
    ],
)
def test_a_team_s_rules_are_words_and_stems_and_replace_a_rule_of_the_same_name(
    text: str, names: tuple[str, ...]
) -> None:
    own = {"press": (), "recall": ("recall*", "召回"), "council": ("press council",)}
    assert broken(rules_of(own), "customer", text) == names


class Shouting:
    """A team's own detector: how much of the customer's last message is in capitals."""

    name, cause, threshold = "shouting", "emotional", 0.8

    def __init__(self, version: str = "1") -> None:
        self.version = version

    def start(self) -> float:
        return 0.0

    def update(self, state: float, turn: Turn, shape: Shape) -> float:
        letters = [c for c in turn.text if c.isalpha()] if turn.role == "customer" else []
        return sum(c.isupper() for c in letters) / len(letters) if letters else 0.0

    def score(self, state: float) -> tuple[float, tuple[str, ...]]:
        return state, ("capitals",) if state else ()


def test_a_team_s_own_detector_raises_its_cause() -> None:
    panel = Panel(own=[Shouting()])
    state, scores = play(panel, customer("WHERE IS IT"))
    assert scores["shouting"].flagged
    assert [o.reason for o in opinions(panel.score(state)) if o.cause == "emotional"] == [
        "capitals"
    ]
    assert named_scores(panel.score(state))["emotional"] == 1.0


def test_the_version_changes_with_any_member() -> None:
    rule = PolicyRule(name="a", phrases=("recall*",))
    panels = [
        Panel(),
        Panel(stuck_threshold=0.5),
        Panel(rules=(rule,)),
        Panel(own=[Shouting()]),
        Panel(own=[Shouting("2")]),
    ]
    assert len({panel.version for panel in panels}) == len(panels)
    assert Panel().version == Panel().version


def test_two_detectors_of_one_name_are_refused() -> None:
    with pytest.raises(Invalid, match="shouting"):
        Panel(own=[Shouting(), Shouting()])


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -0.1, 7.5])
def test_a_score_that_is_none_is_left_out_and_the_others_count(odd: float) -> None:
    class Odd(Shouting):
        def score(self, state: float) -> tuple[float, tuple[str, ...]]:
            return odd, ()

    panel = Panel(own=[Odd()])
    state, scores = play(panel, customer("get me a real person"))
    assert "shouting" not in scores
    assert scores["requested"].flagged
    assert panel.left_out(panel.score(state)) == ("shouting",)


@pytest.mark.parametrize("name", ["technical", "requested", "sentiment", "", "A b", "x" * 300])
def test_a_name_that_can_t_stand_in_the_log_is_refused(name: str) -> None:
    named = Shouting()
    named.name = name  # type: ignore[misc]
    with pytest.raises(Invalid):
        Panel(own=[named])
