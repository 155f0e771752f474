"""A demo's first screen: the same facts in a terminal and on the page."""

from __future__ import annotations

from stepin.web.welcome import Guide

GUIDE = Guide(
    about="A shop with <many> customers. " * 6,
    worker="demo",
    password="pass & word",
    ways=(("Write", "stepin chat --url URL"),),
    steps=(("step in", "press T " * 30),),
    report=True,
    end="Stop with Ctrl-C.",
)


def test_the_terminal_reads_every_address_in_full_and_no_line_is_too_wide() -> None:
    text = GUIDE.text("http://localhost:8123")
    for told in (
        "http://localhost:8123/console/  as demo, the password is pass & word",
        "http://localhost:8123/shop",
        "http://localhost:8123/console/evidence",
        "stepin chat --url http://localhost:8123",
    ):
        assert told in text
    assert "URL" not in text
    assert max(map(len, text.splitlines())) <= 100
    assert text.endswith("Stop with Ctrl-C.")


def test_the_page_links_where_to_go_and_escapes_what_it_says() -> None:
    page = GUIDE.page()
    for path in ("/console/", "/shop", "/console/evidence"):
        assert f'href="{path}"' in page
    assert "&lt;many&gt;" in page
    assert "pass &amp; word" in page
    assert "<code>stepin chat</code>" in page


def test_without_a_finished_trial_no_report_is_offered() -> None:
    bare = Guide(about="Nobody but you.", worker="demo", password="word", ways=())
    assert "evidence" not in bare.page()
    assert "evidence" not in bare.text("http://localhost:8000")
    assert "Try this" not in bare.text("http://localhost:8000")
