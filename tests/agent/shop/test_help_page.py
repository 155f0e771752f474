from __future__ import annotations

import time

import pytest

from stepin.agent.shop.help_page import page_of_html, page_of_markdown


def test_html_is_what_is_seen_of_it() -> None:
    page = page_of_html(
        "<html lang=fr><head><title>Retours | Shop</title><style>p{}</style></head><body>"
        "<nav>Menu</nav><h1>Retours</h1><p>Sous <b>30</b> jours&nbsp;!</p>"
        "<h2>Frais</h2><ul><li>Gratuit</li><li>Rapide</li></ul>"
        "<table><tr><td>FR</td><td>0 €</td></tr></table><script>x()</script><footer>©</footer>"
    )
    assert (page.title, page.language) == ("Retours", "fr")
    assert [(one.heading, one.text) for one in page.sections] == [
        ("", "Sous 30 jours !"),
        ("Frais", "Gratuit\nRapide\nFR · 0 €"),
    ]


def test_a_link_keeps_its_address_and_a_picture_is_left_out() -> None:
    html = '<p>See <a href="https://x.example/r">here</a>, <a href="#top">up</a><img alt="no">.</p>'
    assert page_of_html(html).sections[0].text == "See here (https://x.example/r), up."
    markdown = "See [here](https://x.example/r), [up](#a)![](a.png), [mail](mailto:a@x.example)."
    text = "See here (https://x.example/r), up, mail (a@x.example)."
    assert page_of_markdown(markdown).sections[0].text == text


def test_markdown_has_front_matter_headings_questions_and_code() -> None:
    page = page_of_markdown(
        '---\ntitle: "T"\nlocale: de\ndraft: true\n---\nBefore **all**.\n\n## A ##\n> asked?\n\n'
        "Text\n> quoted\n\n```\n# no heading\n```\n### B\nMore\n#hash\n"
    )
    assert (page.title, page.language, page.draft) == ("T", "de", True)
    assert [(one.heading, one.text, one.questions) for one in page.sections] == [
        ("", "Before all.", ()),
        ("A", "Text\nquoted\n# no heading", ("asked?",)),
        ("B", "More\n#hash", ()),
    ]


@pytest.mark.parametrize(
    "text", ["", "---\nno end", "[[[[](", "# ", "</p></a></nav></h1>", "<", "<!", "<!--", "<a href"]
)
def test_broken_pages_are_read_as_far_as_they_go(text: str) -> None:
    page_of_html(text)
    page_of_markdown(text)


@pytest.mark.parametrize("unit", ["<div>", "</div>", "[", "[a](b", "![", "<a href=x>", "&amp", "#"])
def test_heaps_take_time_in_proportion(unit: str) -> None:
    def cpu_s(times: int) -> float:
        began = time.thread_time()
        page_of_html(unit * times)
        page_of_markdown(unit * times)
        return time.thread_time() - began

    cpu_s(1_000)
    assert cpu_s(40_000) < 40 * max(cpu_s(4_000), 0.002)
