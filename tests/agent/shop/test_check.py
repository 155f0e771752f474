from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stepin.agent.shop.check import check
from stepin.agent.shop.handbook import Handbook, read_handbook
from stepin.agent.shop.language_check import language_problems, languages_of
from stepin.agent.tools.tool import Tool
from stepin.errors import Invalid
from tests.agent.conftest import SHOP


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("procedures", "articles"):
        shutil.copytree(SHOP / name, tmp_path / name)
    shutil.copy(SHOP / "domain.toml", tmp_path)
    return tmp_path


def test_the_sample_shop_has_no_problems(handbook: Handbook, tools: dict[str, Tool]) -> None:
    assert check(handbook, tools, SHOP) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("cancel", 'call = "get_order"', 'call = "get_ordr"', "there is no tool 'get_ordr'"),
        ("cancel", "{c.reference}", "{c.number}", "`c.number` is known to no step before"),
        ("refund", 'need = "item"', 'say = { en = "a", zh = "b" }', "`picked.item`"),
        ("parcel", "p.days_silent < 5", "p.days < 5", "`p.days` is known"),
        ("address", 'say.zh = "已修改', 'say.fr = "已修改', "the text in zh is missing"),
        ("cancel", "confirm.en", "say.en", "changes something and nothing was confirmed"),
        ("refund", 'start = "cancel"', 'start = "cancle"', "there is no procedure cancle"),
        ("account", 'value = "email"', 'vlaue = "email"', "takes no 'vlaue'"),
        ("coupon", 'done = "told"\n', "", "has to end the procedure"),
    ],
)
def test_a_mistake_is_found_with_its_file_and_line(
    folder: Path, tools: dict[str, Tool], file: str, old: str, new: str, message: str
) -> None:
    path = folder / "procedures" / f"{file}.toml"
    text = path.read_text("utf-8")
    assert old in text
    broken = text[::-1].replace(old[::-1], new[::-1], 1)[::-1]
    if file == "cancel" and old == "confirm.en":
        broken = text.replace("confirm.", "say.")
    path.write_text(broken, "utf-8")
    problems = check(read_handbook(folder), tools, folder)
    found = [problem for problem in problems if message in problem.message]
    assert found, problems
    assert found[0].file == f"{file}.toml"
    assert found[0].line > 1


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("[examples]", "[examples", 5),
        ("times = 3", "tmies = 3", None),
        ('name = "cancel"', 'name = "cancle"', 1),
    ],
)
def test_a_file_that_is_no_procedure_says_where(
    folder: Path, old: str, new: str, line: int | None
) -> None:
    path = folder / "procedures" / "cancel.toml"
    text = path.read_text("utf-8").replace(old, new, 1)
    path.write_text(text, "utf-8")
    with pytest.raises(Invalid, match=r"cancel\.toml, line") as found:
        read_handbook(folder)
    where = text[: text.index(new)].count("\n") + 1
    assert abs(int(str(found.value.fields["line"])) - (line or where)) <= 2


def test_the_sample_shop_speaks_its_languages(handbook: Handbook) -> None:
    assert languages_of(handbook) == ("en", "zh")
    assert language_problems(handbook) == []


def test_a_language_of_the_shop_without_files_is_a_problem(folder: Path) -> None:
    domain = folder / "domain.toml"
    text = domain.read_text("utf-8")
    domain.write_text(text.replace("zh = ", "xx = ", 1), "utf-8")
    book = read_handbook(folder)
    assert languages_of(book) == ("en", "xx")
    files = [problem.file for problem in language_problems(book)]
    assert files[0] == "sentences/xx.toml"
    assert {"patterns/xx/agreement.toml", "patterns/xx/answers.toml"} < set(files)
    assert files[-1] == "safety/xx.txt"
