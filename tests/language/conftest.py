"""A folder of languages that a test may change."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from stepin.language import languages

OWN = Path(languages.__file__).parent
MARK = "⟦"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of our languages that a test may change."""
    for part in ("sentences", "patterns"):
        left_out = shutil.ignore_patterns("*.py", "__pycache__")
        shutil.copytree(OWN / part, tmp_path / part, ignore=left_out)
    return tmp_path


@pytest.fixture
def third(folder: Path) -> Path:
    """Return the same with a made-up language: English sentences marked, its own words for yes."""
    text = (folder / "sentences" / "en.toml").read_text("utf-8")
    marked = re.sub(r'^(\w+ = ")', rf"\1{MARK}", text, flags=re.M)
    marked = marked.replace(f'script = "{MARK}', 'script = "')
    (folder / "sentences" / "xx.toml").write_text(marked, "utf-8")
    shutil.copytree(folder / "patterns" / "en", folder / "patterns" / "xx")
    change(folder / "patterns/xx/agreement.toml", ("yes|yeah|", "jawel|yes|yeah|"))
    change(
        folder / "patterns/xx/answers.toml",
        ("no|nope|", "neen|no|nope|"),
        ('"no", "nope"', '"neen", "no", "nope"'),
    )
    return folder


def change(path: Path, *changes: tuple[str, str]) -> None:
    """Replace texts in a file; one of them has to be there."""
    text = before = path.read_text("utf-8")
    for old, new in changes:
        text = text.replace(old, new)
    assert text != before
    path.write_text(text, "utf-8")
