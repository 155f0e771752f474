"""Coders of effort, and how far they agree."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from stepin.errors import Invalid, Unavailable
from stepin.judge.effort import AskedCoder, Effort, LightCoder
from stepin.judge.evaluation.effort_agreement import agree, kappa, read_coded

NOTHING = Effort(information_seeking=0, solution_provision=0, empathy=0, proactivity=0)


@pytest.mark.parametrize(
    ("text", "present"),
    [
        ("Could you send me the order number?", {"information_seeking"}),
        ("请问您的订单号是多少？", {"information_seeking"}),
        ("I will refund the item today.", {"solution_provision"}),
        ("已经帮您申请退款了", {"solution_provision"}),
        ("I am so sorry, that must be annoying.", {"empathy"}),
        ("非常理解您的心情", {"empathy"}),
        ("I will also keep an eye on it.", {"proactivity"}),
        ("后续我会跟进", {"proactivity"}),
        ("ok", set()),
        ("好的", set()),
    ],
)
def test_the_light_coder(text: str, present: set[str]) -> None:
    found = LightCoder().code(text)
    assert {name for name in found.__struct_fields__ if getattr(found, name)} == present


def test_an_asked_coder_reads_the_answer() -> None:
    answer = json.dumps({"information_seeking": 1, "solution_provision": 0, "empathy": 1,
                         "proactivity": 0})  # fmt: skip
    coder = AskedCoder(lambda instruction, message: f"Here: {answer}", name="m-1")
    assert coder.code("why?").empathy == 1


@pytest.mark.parametrize("answer", ["no idea", "{}", '{"information_seeking": 7}'])
def test_an_answer_that_is_no_code_is_refused(answer: str) -> None:
    with pytest.raises(Unavailable):
        AskedCoder(lambda instruction, message: answer, name="m-1").code("why?")


def test_kappa_agrees_with_scikit_learn() -> None:
    draw = np.random.default_rng(0)
    for _ in range(20):
        one, other = draw.integers(0, 2, (2, 30))
        assert kappa(one.tolist(), other.tolist()) == pytest.approx(cohen_kappa_score(one, other))
    assert kappa([1, 1], [1, 1]) is None


def test_agreement_with_people_and_reruns(tmp_path: Path) -> None:
    yes = {"information_seeking": 1, "solution_provision": 0, "empathy": 0, "proactivity": 0}
    no = {**yes, "information_seeking": 0}
    lines = [
        {"text": "what is the order number?", "ann": yes, "bo": yes},
        {"text": "ok", "ann": no, "bo": yes},
    ]
    path = tmp_path / "coded.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    found = {(a.one, a.other, a.dimension): a for a in agree(read_coded(path))}
    assert found["light", "ann", "information_seeking"].kappa == 1.0
    assert found["light", "bo", "information_seeking"].accuracy_share == 0.5
    assert found["ann", "bo", "information_seeking"].n == 2
    assert found["light", "light again", "empathy"].accuracy_share == 1.0


def test_a_line_that_is_no_coding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "coded.jsonl"
    path.write_text('{"text": "a", "ann": {"empathy": 1}}\n')
    with pytest.raises(Invalid, match="line 1"):
        read_coded(path)
