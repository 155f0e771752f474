"""The commands that the demo prints run as they are printed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stepin.cli.program import program


def test_a_program_that_the_shell_does_not_find_is_named_by_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / ".venv" / "bin" / "stepin"
    own.parent.mkdir(parents=True)
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(own.with_name("python")))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert program() == ".venv/bin/stepin"
    monkeypatch.setenv("PATH", str(own.parent))
    assert program() == "stepin"
    own.unlink()
    assert program() == "stepin"
