from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stepin.vectors.kept import KeptVectors
from tests.vectors.hashed import HashedEncoder


def test_another_process_computes_what_is_new_alone(tmp_path: Path) -> None:
    path, first = tmp_path / "v.npz", HashedEncoder()
    kept = KeptVectors(first, path)
    rows = kept.encode(["a text", "b text", "a text"])
    kept.save()
    assert first.asked == ["a text", "b text"]
    second = HashedEncoder()
    again = KeptVectors(second, path)
    assert np.array_equal(again.encode(["a text", "b text", "a text"]), rows)
    again.encode(["c text"])
    assert second.asked == ["c text"]


def test_what_is_not_used_any_more_leaves_the_file(tmp_path: Path) -> None:
    path = tmp_path / "v.npz"
    for text in ("old text", "new text"):
        kept = KeptVectors(HashedEncoder(), path)
        kept.encode([text])
        kept.save()
    last = HashedEncoder()
    KeptVectors(last, path).encode(["new text", "old text"])
    assert last.asked == ["old text"]


def test_the_file_holds_no_text(tmp_path: Path) -> None:
    kept = KeptVectors(HashedEncoder(), tmp_path / "v.npz")
    kept.encode(["a secret text"])
    kept.save()
    assert b"secret" not in (tmp_path / "v.npz").read_bytes()
    assert [file.name for file in tmp_path.iterdir()] == ["v.npz"]


@pytest.mark.parametrize("broken", [b"", b"no archive", b"PK\x03\x04 cut"])
def test_a_broken_file_counts_as_none(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / "v.npz").write_bytes(broken)
    inner = HashedEncoder()
    kept = KeptVectors(inner, tmp_path / "v.npz")
    kept.encode(["a text"])
    kept.save()
    assert inner.asked == ["a text"]
    assert KeptVectors(HashedEncoder(), tmp_path / "v.npz").encode(["a text"]).any()


def test_vectors_of_another_encoder_are_not_taken(tmp_path: Path) -> None:
    class Other(HashedEncoder):
        id = "other/1"

    kept = KeptVectors(HashedEncoder(), tmp_path / "v.npz")
    kept.encode(["a text"])
    kept.save()
    inner = Other()
    KeptVectors(inner, tmp_path / "v.npz").encode(["a text"])
    assert inner.asked == ["a text"]


def test_a_folder_that_is_not_there_is_left_alone(tmp_path: Path) -> None:
    kept = KeptVectors(HashedEncoder(), tmp_path / "none" / "v.npz")
    assert kept.encode(["a text"]).any()
    kept.save()
    assert list(tmp_path.iterdir()) == []
