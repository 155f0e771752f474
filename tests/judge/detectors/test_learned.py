"""A learned detector is causal to the last bit, whichever way it is asked."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from stepin.judge.chat import LabelledChat
from stepin.judge.detectors import batch
from stepin.judge.detectors.fold import Fold
from stepin.judge.detectors.learned import ChatModel
from stepin.judge.fitting.corpus import lay_out
from stepin.judge.fitting.fit import fit

KINDS = ("sentiment", "handoff", "hazard", "rating", "risk")


def turn_by_turn(model: ChatModel, chat: LabelledChat) -> np.ndarray:
    fold = Fold([model])
    state = fold.start()
    found = []
    for turn in chat.turns:
        state = fold.update(state, turn)
        found.append(fold.shares(state)[0])
    return np.array(found)


def prefixes_differ(model: ChatModel, chats: list[LabelledChat]) -> bool:
    """Say whether any score of a turn changes when later turns are appended."""
    whole = batch.score_chats(model, chats)
    for chat, scores in zip(chats, whole, strict=True):
        for length in range(1, len(chat.turns) + 1):
            cut = msgspec.structs.replace(chat, turns=chat.turns[:length])
            if not np.array_equal(batch.score_chats(model, [cut])[0], scores[:length]):
                return True
    return False


@pytest.mark.parametrize("kind", KINDS)
def test_a_prefix_scores_the_same(
    models: dict[str, ChatModel], unseen: list[LabelledChat], kind: str
) -> None:
    assert not prefixes_differ(models[kind], unseen[:8])


def test_mutant_a_model_that_sees_the_length_of_the_chat_fails_the_prefix_test(
    models: dict[str, ChatModel], unseen: list[LabelledChat], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = batch.shapes

    def peeking(corpus: batch.Corpus) -> batch.Floats:
        shaped = real(corpus)
        shaped[:, 3] = np.diff(corpus.start)[corpus.chat]
        return shaped

    monkeypatch.setattr(batch, "shapes", peeking)
    assert any(prefixes_differ(models[kind], unseen[:8]) for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_turn_by_turn_and_batch_agree_exactly(
    models: dict[str, ChatModel], unseen: list[LabelledChat], kind: str
) -> None:
    batched = batch.score_chats(models[kind], unseen)
    for chat, scores in zip(unseen, batched, strict=True):
        assert np.array_equal(turn_by_turn(models[kind], chat), scores)


def test_models_folded_together_score_exactly_as_they_do_alone(
    models: dict[str, ChatModel], unseen: list[LabelledChat]
) -> None:
    corpus = lay_out(unseen)
    together = batch.shares_of_all(list(models.values()), corpus)
    for model, shares in zip(models.values(), together, strict=True):
        assert np.array_equal(batch.shares(model, corpus), shares)


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_model_scores_exactly_the_same(
    models: dict[str, ChatModel], unseen: list[LabelledChat], kind: str, tmp_path: Path
) -> None:
    models[kind].save(tmp_path / "model")
    loaded = ChatModel.load(tmp_path / "model")
    assert loaded.version == models[kind].version
    assert loaded.card == models[kind].card
    for one, other in zip(
        batch.score_chats(models[kind], unseen), batch.score_chats(loaded, unseen), strict=True
    ):
        assert np.array_equal(one, other)


def test_the_same_chats_and_seed_give_the_same_bytes(
    train: list[LabelledChat], tmp_path: Path
) -> None:
    first, second = fit("risk", train, seed=5), fit("risk", train, seed=5)
    first.save(tmp_path / "a")
    second.save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert fit("risk", train, seed=6).version != first.version


def test_shares_are_probabilities(models: dict[str, ChatModel], unseen: list[LabelledChat]) -> None:
    for model in models.values():
        for scores in batch.score_chats(model, unseen):
            assert np.all((scores >= 0) & (scores <= 1))
            assert scores.sum(axis=1) == pytest.approx(1.0)


def test_a_turn_of_the_system_changes_nothing(models: dict[str, ChatModel]) -> None:
    fold = Fold([models["handoff"]])
    said = fold.update(fold.start(), _turn("customer", "where is my parcel ?"))
    assert fold.update(said, _turn("system", "ticket opened")) is said


def test_unreadable_and_empty_texts_are_scored(models: dict[str, ChatModel]) -> None:
    fold = Fold(list(models.values()))
    state = fold.start()
    for text in ("", "   ", "\u0000\ud7ff🙂", "x" * 20_000):
        state = fold.update(state, _turn("customer", text))
        for shares in fold.shares(state):
            assert np.all((shares >= 0.0) & (shares <= 1.0))


def _turn(role: str, text: str) -> object:
    from stepin.judge.chat import Turn

    return Turn(role=role, text=text)  # type: ignore[arg-type]
