"""Detectors of a cause on one scale, events as turns, and the detectors that ship."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stepin.core.events.action import ActionFailed, ActionSucceeded
from stepin.core.events.base import Cause
from stepin.core.events.chat import MessagePosted, TurnFinished
from stepin.core.record import Recorded
from stepin.errors import Invalid, Missing
from stepin.judge.chat import Turn
from stepin.judge.detectors.detector import Score
from stepin.judge.detectors.learned import ChatModel
from stepin.judge.detectors.opinions import CAUSES, named_scores, opinions, stretched
from stepin.judge.detectors.panel import Panel
from stepin.judge.shipped import load_detectors, load_opening
from stepin.judge.transcript import Transcript


def score(detector: str, value: float, threshold: float) -> Score:
    causes: dict[str, Cause] = {**CAUSES, "stuck": "technical"}
    return Score(
        detector=detector,
        version="1",
        score=value,
        threshold=threshold,
        cause=causes.get(detector),
    )


def test_the_loudest_detector_speaks_for_its_cause_on_the_scale_of_the_first() -> None:
    found = opinions([score("technical", 0.2, 0.4), score("stuck", 0.8, 0.6)])
    assert [(one.cause, one.detector, one.threshold) for one in found] == [
        ("technical", "stuck@1", 0.4)
    ]
    assert found[0].score == pytest.approx(0.4 + 0.6 * 0.5)
    assert stretched(0.6, 0.6, 0.4) == pytest.approx(0.4)
    assert (stretched(0.0, 0.6, 0.4), stretched(1.0, 0.6, 0.4), stretched(1.0, 1.0, 1.0)) == (
        0.0,
        1.0,
        1.0,
    )


def test_scores_are_logged_by_cause_and_by_detector() -> None:
    named = named_scores(
        [score("technical", 0.2, 0.4), score("stuck", 0.8, 0.6), score("risk", 0.3, 0.5)]
    )
    assert named == {"technical": 0.7, "risk": 0.3, "technical_model": 0.2, "stuck": 0.8}


def test_turns_count_what_the_tools_did_before_them_and_reading_on_is_reading_whole() -> None:
    told: list[Any] = [
        MessagePosted(author="customer", text="hi"),
        ActionFailed(action_id="a", error="down"),
        ActionSucceeded(action_id="b", result={"rows": []}),
        MessagePosted(author="system", text="please wait", template="waiting"),
        MessagePosted(author="worker", text="psst", visibility="note"),
        MessagePosted(author="ai", text="hm"),
        TurnFinished(turn_id="t", attempt=1, outcome="answered", confidence=0.3),
        MessagePosted(author="customer", text="and?"),
    ]
    events = [
        Recorded(position=n, stream="chat/c", seq=n, at_us=n, epoch=0, basis_seq=0, event=e,
                 actor="x")
        for n, e in enumerate(told, start=1)
    ]  # fmt: skip
    whole = Transcript().read(events)
    assert [(s.seq, s.turn.role) for s in whole.turns] == [
        (1, "customer"),
        (6, "ai"),
        (8, "customer"),
    ]
    tools = whole.turns[1].turn
    assert (tools.n_tools, tools.n_tools_failed, tools.n_tools_empty) == (2, 1, 1)
    assert whole.turns[2].turn.confidence == 0.3
    assert Transcript().read(events[:4]).read(events).turns == whole.turns


def test_the_shipped_detectors_tell_anger_from_thanks_in_both_languages() -> None:
    panel = Panel(load_detectors())
    assert [m.name for m in panel.models] == ["technical", "emotional", "hazard", "risk"]
    for model in panel.models:
        assert "generated dialogues of the sample shop" in model.card.data

    def mood(text: str) -> float:
        state = panel.start()
        for turn in (
            Turn(role="customer", text="where is my order"),
            Turn(role="ai", text="It was shipped yesterday."),
            Turn(role="customer", text=text),
        ):
            state = panel.update(state, turn)
        return named_scores(panel.score(state))["emotional"]

    for angry, glad in (
        ("this is unacceptable, I'm furious", "perfect, thanks a lot"),
        ("太离谱了，气死我了", "太好了，谢谢"),
    ):
        assert mood(angry) > 0.5 > mood(glad)


def test_the_opening_model_gives_a_share_to_every_path() -> None:
    model = load_opening()
    assert model is not None
    shares = dict(model.predict("I want to talk to a person"))
    assert sum(shares.values()) == pytest.approx(1.0)
    assert max(shares, key=lambda name: shares[name]) == "requested"


def test_a_folder_of_detectors_is_checked(tmp_path: Path, models: dict[str, ChatModel]) -> None:
    with pytest.raises(Missing, match="There is no detector"):
        load_detectors(tmp_path)
    with pytest.raises(Missing, match="There is no folder"):
        load_detectors(tmp_path / "none")
    models["risk"].save(tmp_path / "one.npz")
    assert [m.name for m in load_detectors(tmp_path)] == ["risk"]
    models["risk"].save(tmp_path / "two.npz")
    with pytest.raises(Invalid, match="two detectors of the task risk"):
        load_detectors(tmp_path)
