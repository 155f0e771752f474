"""The page is whole in itself, well formed, and drawn in colours that follow light and dark."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from stepin.evidence.report import svg
from stepin.evidence.report.document import Document, Picture
from stepin.evidence.report.figures.forest import Mark, forest
from stepin.evidence.report.page import html

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Tree(HTMLParser):
    """Checks that tags close in order and collects ids and links."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src", "xlink:href", "action"):
                self.links.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_closes_its_tags_and_asks_for_nothing_outside(document: Document) -> None:
    page = html(document)
    tree = Tree()
    tree.feed(page)
    assert tree.open == []
    assert all(link.startswith("#") for link in tree.links)
    assert not {"script", "link", "iframe", "img", "object"} & tree.tags
    assert "url(http" not in page
    assert "@import" not in page
    assert len(tree.ids) == len(set(tree.ids))
    targets = {f"#{i}" for i in tree.ids}
    assert set(tree.links) <= targets


def test_text_from_outside_is_escaped(document: Document) -> None:
    page = html(document)
    assert "Does &lt;supervised&gt; AI help &amp; not harm?" in page
    assert "<supervised>" not in page


def test_drawings_follow_the_theme_and_come_in_two_widths(document: Document) -> None:
    page = html(document)
    for colour in svg.VARIABLES:
        assert colour not in re.sub(r"(?s)<style>.*?</style>", "", page)
    pictures = [b for s in document.sections for b in s.blocks if isinstance(b, Picture)]
    assert len(pictures) > 12
    assert len({p.name for p in pictures}) == len(pictures)
    assert all(p.wide != p.narrow for p in pictures)
    assert all(p.reading.endswith(".") for p in pictures)
    assert page.count('role="img" aria-label="') >= 2 * len(pictures)


def test_the_same_data_draw_the_same_bytes() -> None:
    marks = [
        Mark(label="a", value=0.1, low=-0.1, high=0.3),
        Mark(label="b", value=None, low=0, high=1),
    ]
    first = svg.draw("x", forest(marks, "points", "difference"))
    second = svg.draw("x", forest(marks, "points", "difference"))
    assert first == second
    assert svg.draw("y", forest(marks, "points", "difference")) != first
