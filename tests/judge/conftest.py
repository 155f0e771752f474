"""Detectors fitted once on invented dialogues."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stepin.judge.chat import LabelledChat, read_jsonl
from stepin.judge.detectors.learned import ChatModel
from stepin.judge.fitting.fit import fit
from stepin.judge.fitting.tasks import Task
from tests.fitted import FittedModels
from tests.judge.dialogues import dialogues, write

Detected = Callable[..., ChatModel]


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
def detector(fitted: FittedModels, train: list[LabelledChat]) -> Detected:
    """Return the detector of a task that is fitted on `train`, with an inner one or without."""

    def of(task: Task, inner: ChatModel | None = None) -> ChatModel:
        made_from = (task, train, None if inner is None else inner.version)
        return fitted.get(ChatModel, made_from, lambda: fit(task, train, features_from=inner))

    return of


@pytest.fixture(scope="session")
def sentiment(detector: Detected) -> ChatModel:
    return detector("sentiment")


@pytest.fixture(scope="session")
def models(detector: Detected, sentiment: ChatModel) -> dict[str, ChatModel]:
    """One of every kind: turn task, stacked, three classes, chat tasks."""
    return {
        "sentiment": sentiment,
        "handoff": detector("handoff", sentiment),
        "hazard": detector("hazard"),
        "rating": detector("rating", sentiment),
        "risk": detector("risk"),
    }
