from __future__ import annotations

from pathlib import Path

import pytest

from stepin.agent.shop.article import read_articles
from stepin.errors import Invalid


def test_text_before_the_first_section_stands_under_the_title(tmp_path: Path) -> None:
    (tmp_path / "a.en.md").write_text("# Returns\n\nWithin 30 days.\n\n## Costs\n\nFree.\n")
    assert [(one.source, one.heading, one.text) for one in read_articles(tmp_path)] == [
        ("a#1", "Returns", "Within 30 days."),
        ("a#2", "Costs", "Free."),
    ]


@pytest.mark.parametrize(
    ("name", "text", "line"), [("a.md", "# A\n\nx", 1), ("a.en.md", "# A\n\n## B\n\n## C\n\nx", 3)]
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, name: str, text: str, line: int) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(Invalid) as caught:
        read_articles(tmp_path)
    assert caught.value.fields["line"] == line
