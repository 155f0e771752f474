"""A shop's handbook with whatever encoder there is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepin.agent import open as opening
from stepin.agent.open import VECTORS, open_book
from stepin.errors import Unavailable
from stepin.vectors.port import Encoder
from tests.agent.conftest import SHOP
from tests.vectors.hashed import HashedEncoder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    for name in ("procedures", "articles"):
        shutil.copytree(SHOP / name, tmp_path / name)
    shutil.copy(SHOP / "domain.toml", tmp_path)
    opening._encoder.cache_clear()
    yield tmp_path
    opening._encoder.cache_clear()


def test_articles_are_encoded_once_for_all_starts(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = HashedEncoder()
    monkeypatch.setattr(opening, "load_encoder", lambda: encoder)
    first = open_book(folder)
    assert (folder / VECTORS).exists()
    assert len(encoder.asked) > 30
    encoder.asked.clear()
    again = open_book(folder)
    assert encoder.asked == []
    assert again.version == first.version
    assert again.ranking.floor("en") == first.ranking.floor("en")


def test_the_version_tells_with_which_vectors_articles_were_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoders: list[Encoder | None] = [None, HashedEncoder()]
    monkeypatch.setattr(opening, "load_encoder", lambda: encoders.pop(0))
    without = open_book(folder)
    assert not (folder / VECTORS).exists()
    opening._encoder.cache_clear()
    assert open_book(folder).version != without.version


def test_an_endpoint_that_is_gone_at_the_start_leaves_the_words(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> Encoder:
        raise Unavailable("gone", code="embed_endpoint")

    monkeypatch.setattr(opening, "load_encoder", gone)
    book = open_book(folder)
    assert book.ranking.encoder_id == ""
    assert book.ranking.find("when do refunds reach my account", "en")
