"""What a handbook holds in vain, and a shop whose own code fails: found, and never a traceback."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stepin.agent.shop.handbook import Handbook, load_tools, read_handbook
from stepin.agent.shop.usage_check import unused_tools, usage_problems
from stepin.agent.tools.tool import Tool
from stepin.cli.agent import check as agent_check
from stepin.errors import Invalid
from tests.agent.conftest import NOW, SHOP


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shop = tmp_path / "shop"
    shutil.copytree(SHOP, shop, ignore=shutil.ignore_patterns("__pycache__", ".intents*"))
    return shop


def test_the_sample_shop_holds_nothing_in_vain(handbook: Handbook, tools: dict[str, Tool]) -> None:
    assert usage_problems(handbook, tools, SHOP) == []
    assert unused_tools(handbook, tools) == ["get_account"]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("cancel", "[examples]\n", '[examples]\nfr = ["annuler"]\n', "fr are never reached"),
        ("cancel", "[examples]\nen = [\n", '[examples]\nen = ["my refund",\n', ""),
        ("cancel", '"cancel my order"', '"where is my parcel"', "leads to parcel too"),
        ("coupon", "pattern = '(", "pattern = '\\b券(", "beside a Chinese character"),
        ("refund", 'order = "order", item = "item" }', 'order = "order", item = "\'one\'" }',
         "takes item as integer, and `'one'` is string"),
        ("refund", 'order = "order", item = "item" }', 'order = "item", item = "item" }',
         "takes order as string, and `item` is integer"),
        ("exchange", 'item = "item" }', 'item = "order" }', "takes item as integer"),
    ],
)  # fmt: skip
def test_what_is_in_vain_is_found(
    folder: Path, tools: dict[str, Tool], file: str, old: str, new: str, message: str
) -> None:
    path = folder / "procedures" / f"{file}.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    problems = usage_problems(read_handbook(folder), tools, folder)
    if not message:
        assert problems == []
        return
    assert any(message in one.message for one in problems), problems
    assert {one.file for one in problems} >= {f"{file}.toml"}


def test_an_article_in_a_language_that_nobody_is_answered_in_is_found(
    folder: Path, tools: dict[str, Tool]
) -> None:
    shutil.copy(folder / "articles/returns.en.md", folder / "articles/returns.fr.md")
    problems = usage_problems(read_handbook(folder), tools, folder)
    assert any("nobody is answered in fr" in one.message for one in problems)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def open_tools(data, now:\n", "SyntaxError"),
        ("import nothing_of_this_name\n", "ModuleNotFoundError"),
        ("def open_tools(data, now):\n    return 1 / 0\n", "line 2: ZeroDivisionError"),
        ("def open_tools(data, now):\n    return 5\n", "TypeError"),
    ],
)
def test_a_shop_whose_code_fails_is_told_with_its_line(
    folder: Path, capsys: pytest.CaptureFixture[str], code: str, told: str
) -> None:
    (folder / "__init__.py").write_text(code, "utf-8")
    with pytest.raises(Invalid, match="line"):
        load_tools(folder, folder / "data", lambda: NOW)
    assert agent_check(folder) == 1
    assert told in capsys.readouterr().out
