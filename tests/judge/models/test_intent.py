"""The intent classifier: few examples, two languages, calibrated, the same every time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stepin.errors import Invalid, Missing
from stepin.judge.models import intent, store
from tests.judge.examples import PAIRS

UNSEEN = [
    ("where has my package got to", "parcel"),
    ("快递到哪了", "parcel"),
    ("could i have a refund please", "refund"),
    ("申请退款", "refund"),
    ("please correct the address", "address"),
    ("地址错了要改", "address"),
]


@pytest.fixture(scope="module")
def model() -> intent.IntentModel:
    return intent.fit(PAIRS)


@pytest.mark.parametrize(("text", "expected"), UNSEEN)
def test_it_recognises_what_it_has_not_seen(
    model: intent.IntentModel, text: str, expected: str
) -> None:
    assert model.predict(text)[0][0] == expected


def test_confidences_are_shares_in_falling_order(model: intent.IntentModel) -> None:
    found = model.predict("where is my refund")
    assert {name for name, _ in found} == {"parcel", "refund", "address"}
    shares = [share for _, share in found]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1.0)


@pytest.mark.parametrize("text", ["", "?!", "zxqv wvut", "今晚月色真美呀啊"])
def test_a_text_that_says_nothing_known_is_not_sure(model: intent.IntentModel, text: str) -> None:
    assert model.predict(text)[0][1] < 0.6


def test_the_same_examples_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        intent.fit(PAIRS, seed=3).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_saved_model_predicts_exactly_the_same(model: intent.IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path / "intent")
    loaded = intent.IntentModel.load(tmp_path / "intent")
    assert loaded.version == model.version
    assert loaded.card == model.card
    for text, _ in UNSEEN:
        assert loaded.predict(text) == model.predict(text)


def test_another_example_is_another_version(model: intent.IntentModel) -> None:
    other = intent.fit([*PAIRS, ("give it back", "refund")])
    assert other.version != model.version


def test_two_intents_are_enough() -> None:
    model = intent.fit([pair for pair in PAIRS if pair[1] != "address"])
    assert model.predict("我要退款")[0][0] == "refund"
    assert model.predict("我的快递呢")[0][0] == "parcel"


def test_one_example_each_still_fits() -> None:
    model = intent.fit([("where is my parcel", "parcel"), ("my money back", "refund")])
    assert model.card.accuracy_share is None
    assert model.predict("money back please")[0][0] == "refund"


def test_confidence_matches_accuracy_on_left_out_folds(model: intent.IntentModel) -> None:
    assert model.card.accuracy_share is not None
    assert model.card.calibration_error_share is not None
    assert model.card.accuracy_share > 0.7
    assert model.card.calibration_error_share < 0.2


@pytest.mark.parametrize(
    ("examples", "code"),
    [
        ([], "too_few_intents"),
        ([("hello", "greet")], "too_few_intents"),
        ([("hello", "greet"), ("...", "bye")], "empty_example"),
    ],
)
def test_bad_examples_are_refused(examples: list[tuple[str, str]], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        intent.fit(examples)
    assert caught.value.code == code


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        intent.IntentModel.load(tmp_path / "absent")
    (tmp_path / "text").write_text("hello")
    with pytest.raises(Invalid, match="isn't a model"):
        intent.IntentModel.load(tmp_path / "text")
    store.save(tmp_path / "other", store.StoredModel(kind="x", header={}, arrays={"a": np.ones(1)}))
    with pytest.raises(Invalid, match="of kind x"):
        intent.IntentModel.load(tmp_path / "other")


def test_scoring_imports_neither_scikit_learn_nor_scipy(
    model: intent.IntentModel, tmp_path: Path
) -> None:
    model.save(tmp_path / "intent")
    program = (
        "import sys; from stepin.judge.models.intent import IntentModel; "
        f"print(IntentModel.load({str(tmp_path / 'intent')!r}).predict('我要退款')[0][0]); "
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'sklearn', 'scipy'}))"
    )
    source = Path(intent.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(source)},
    )
    assert done.stdout.split("\n")[:2] == ["refund", "[]"]
