"""Detectors fitted once on invented dialogues."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepin.judge.chat import LabelledChat, read_jsonl
from stepin.judge.detectors.learned import ChatModel
from stepin.judge.fitting.fit import fit
from tests.judge.dialogues import dialogues, write


@pytest.fixture(scope="session")
def train_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("judge") / "train.jsonl", dialogues(40, seed=1))


@pytest.fixture(scope="session")
def test_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    chats = dialogues(30, seed=2)
    for chat in chats:
        chat["chat_id"] = "t" + chat["chat_id"]
    return write(tmp_path_factory.mktemp("judge") / "test.jsonl", chats)


@pytest.fixture(scope="session")
def train(train_file: Path) -> list[LabelledChat]:
    return read_jsonl(train_file)


@pytest.fixture(scope="session")
def unseen(test_file: Path) -> list[LabelledChat]:
    return read_jsonl(test_file)


@pytest.fixture(scope="session")
def sentiment(train: list[LabelledChat]) -> ChatModel:
    return fit("sentiment", train)


@pytest.fixture(scope="session")
def models(train: list[LabelledChat], sentiment: ChatModel) -> dict[str, ChatModel]:
    """One of every kind: turn task, stacked, three classes, chat tasks."""
    return {
        "sentiment": sentiment,
        "handoff": fit("handoff", train, features_from=sentiment),
        "hazard": fit("hazard", train),
        "rating": fit("rating", train, features_from=sentiment),
        "risk": fit("risk", train),
    }
