from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stepin.agent.shop.article import read_articles
from stepin.agent.shop.help_centre import (
    MOST_PASSAGE_CHARS,
    Article,
    HelpCentre,
    read_help_centre,
    write_articles,
)
from stepin.errors import Invalid, Missing


def _read(folder: Path, name: str, text: str | Any, language: str = "en") -> HelpCentre:
    told = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(told, "utf-8")
    return read_help_centre(folder, language=language)


def _zendesk(**more: Any) -> dict[str, Any]:
    given = {"id": 7, "title": "How do I return?", "body": "<p>Within 30 days.</p>"}
    return {"count": 1, "articles": [given | {"locale": "en-us", "draft": False} | more]}


def _intercom(**more: Any) -> dict[str, Any]:
    given = {"type": "article", "id": "9", "title": "Refunds", "body": "<p>Five days.</p>"}
    return {"type": "list", "data": [given | {"state": "published"} | more]}


def _only(centre: HelpCentre) -> Article:
    (article,) = centre.articles
    return article


def test_zendesk_tells_title_body_and_language(tmp_path: Path) -> None:
    article = _only(_read(tmp_path, "z.json", _zendesk()))
    assert (article.name, article.language) == ("how-do-i-return", "en")
    assert article.sections[0].text == "Within 30 days."


def test_intercom_has_a_page_for_each_language(tmp_path: Path) -> None:
    more = {
        "type": "article_translated_content",
        "zh-CN": {"title": "退款", "body": "<p>五天。</p>", "state": "published"},
        "de": {"title": "Rückzahlung", "body": "<p>x</p>", "state": "draft"},
        "fr": {"title": "Vide", "body": ""},
    }
    centre = _read(tmp_path, "i.json", _intercom(default_locale="en", translated_content=more))
    assert [(one.name, one.language) for one in centre.articles] == [
        ("refunds", "en"),
        ("退款", "zh"),
    ]
    assert [(one.what, one.why) for one in centre.skipped] == [("Rückzahlung", "it is a draft")]


@pytest.mark.parametrize(
    ("exported", "why"),
    [
        (_zendesk(draft=True), "it is a draft"),
        (_intercom(state="draft"), "it is a draft"),
        (_zendesk(body="<p> </p>"), "it has no text"),
        (_zendesk(body=None), "it has no text"),
        (_zendesk(body="x" * 1_000_001), "it is far too long"),
    ],
)
def test_what_is_left_out_is_named(tmp_path: Path, exported: dict[str, Any], why: str) -> None:
    (tmp_path / "good.md").write_text("# Good\n\nText.\n")
    centre = _read(tmp_path, "export.json", exported)
    assert [one.why for one in centre.skipped] == [why]
    assert len(centre.articles) == 1


def test_pages_of_several_exports_in_one_file_are_all_read(tmp_path: Path) -> None:
    pages = [_zendesk(), _zendesk(id=8), _intercom()]
    centre = _read(tmp_path, "pages.jsonl", "\n".join(map(json.dumps, pages)))
    assert [one.name for one in centre.articles] == [
        "how-do-i-return",
        "how-do-i-return-8",
        "refunds",
    ]


@pytest.mark.parametrize(
    ("name", "text", "language"),
    [
        ("versand.de.md", "# V\n\nText", "de"),
        ("pt-BR/frete.md", "# V\n\nText", "en"),
        ("de/versand.md", "# V\n\nText", "de"),
        ("versand.md", "---\nlang: de-AT\n---\n# V\n\nText", "de"),
        ("v.html", '<html lang="de-CH"><h1>V</h1>Text</html>', "de"),
        ("v.html", "<h1>V</h1>Text", "en"),
    ],
)
def test_where_a_page_tells_its_language(
    tmp_path: Path, name: str, text: str, language: str
) -> None:
    assert _only(_read(tmp_path, name, text)).language == language


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a.json", "{", "import_unreadable"),
        ("a.json", "[" * 100_000, "import_unreadable"),
        ("a.json", '{"tickets": []}', "import_unknown"),
        ("a.json", '{"articles": []}', "import_unknown"),
        ("a.json", '{"articles": [{"title": 3}]}', "import_unknown"),
        ("a.md", "", "import_empty"),
    ],
)
def test_what_cannot_be_read_is_a_clear_error(
    tmp_path: Path, name: str, text: str, code: str
) -> None:
    with pytest.raises(Invalid) as caught:
        _read(tmp_path, name, text)
    assert caught.value.code == code


def test_another_file_and_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "b.md").write_bytes(b"\xff\xfe\xff")
    for name, code in (("a.pdf", "import_unknown"), ("b.md", "import_unreadable")):
        with pytest.raises(Invalid) as caught:
            read_help_centre(tmp_path / name, language="en")
        assert caught.value.code == code
    with pytest.raises(Missing):
        read_help_centre(tmp_path / "none", language="en")


def test_what_is_written_is_read_as_articles(tmp_path: Path) -> None:
    page = "# T\n\nFirst.\n\n## Costs\n> what does it cost\n\nFree.\n\\# no heading\n"
    centre = _read(tmp_path / "from", "t.md", page)
    write_articles(centre.articles, tmp_path / "articles", replace=False)
    passages = read_articles(tmp_path / "articles")
    assert [(one.source, one.heading) for one in passages] == [("t#1", "T"), ("t#2", "Costs")]
    assert passages[1].questions == ("what does it cost",)


def test_a_text_that_looks_like_a_heading_is_none(tmp_path: Path) -> None:
    body = "<p># First</p><p>&gt; a quotation</p><p>## x</p><p>##</p>"
    centre = _read(tmp_path / "from", "z.json", _zendesk(body=body))
    write_articles(centre.articles, tmp_path / "articles", replace=False)
    (passage,) = read_articles(tmp_path / "articles")
    assert passage.text == "First a quotation x"
    assert passage.questions == ()


def test_nothing_is_written_over_unless_asked(tmp_path: Path) -> None:
    centre = _read(tmp_path / "from", "t.md", "# T\n\nNew.\n")
    (tmp_path / "t.en.md").write_text("# T\n\nOld.\n")
    with pytest.raises(Invalid) as caught:
        write_articles(centre.articles, tmp_path, replace=False)
    assert caught.value.code == "import_exists"
    assert read_articles(tmp_path)[0].text == "Old."
    write_articles(centre.articles, tmp_path, replace=True)
    assert read_articles(tmp_path)[0].text == "New."


def test_no_name_leaves_the_folder(tmp_path: Path) -> None:
    exported = _zendesk(title="../../etc/passwd", locale="../x")
    centre = _read(tmp_path / "from", "z.json", exported)
    (file,) = write_articles(centre.articles, tmp_path / "articles", replace=False)
    assert file == tmp_path / "articles" / "etc-passwd.en.md"


def test_a_long_section_is_told_in_parts(tmp_path: Path) -> None:
    body = "".join(f"<p>{'word ' * 60}{n}</p>" for n in range(6))
    sections = _only(_read(tmp_path, "z.json", _zendesk(body=body))).sections
    assert len(sections) == 3
    assert all(len(one.text) <= MOST_PASSAGE_CHARS for one in sections)
