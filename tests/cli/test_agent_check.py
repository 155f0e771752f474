"""`stepin agent check` says what a shop's languages lack."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stepin.cli.agent import check
from tests.agent.conftest import SHOP


def test_the_check_says_what_a_language_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = tmp_path / "shop"
    shutil.copytree(SHOP, shop)
    domain = shop / "domain.toml"
    text = domain.read_text("utf-8")
    domain.write_text(text.replace('"Hearth & Wire", ', '"Hearth & Wire", xx = "H", '), "utf-8")
    assert check(shop) == 1
    told = capsys.readouterr().out
    assert "sentences/xx.toml, line 1: it is missing, so nothing is said in `xx`" in told
    assert "patterns/xx/answers.toml, line 1: it is missing" in told
    assert "safety/xx.txt, line 1: it is missing, so no danger is seen in `xx`" in told
