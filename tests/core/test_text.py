"""Texts that show nothing, and characters that no text needs."""

from __future__ import annotations

import pytest

from stepin.core.decide.decision import must_have_text
from stepin.core.text import controls, is_blank
from stepin.errors import Invalid, Refused

BLANK = [
    "",
    " \t\n",
    "\u200b\u200c\u200d",
    "\u2060 \ufeff",
    "\u00ad",
    "\u202e\u202c",
    "\u3164",
    "\u115f\u1160",
    "\u2800\u2800",
    "\ufe0f",
    "\U000e0041",
    "\u0301",
]
SHOWN = ["a", "嗯", "👍", "👩\u200d👩", "?", "…", "0\u200b", "e\u0301", "\ue000", "ﷺ"]


@pytest.mark.parametrize("text", BLANK, ids=ascii)
def test_a_text_that_shows_nothing_is_empty(text: str) -> None:
    assert is_blank(text)
    with pytest.raises(Refused) as refused:
        must_have_text(text, "message")
    assert refused.value.code == "empty_text"


@pytest.mark.parametrize("text", SHOWN, ids=ascii)
def test_a_text_that_shows_something_is_not(text: str) -> None:
    assert not is_blank(text)
    assert must_have_text(text, "message") == text


def test_every_control_character_but_breaks_and_tabs_is_refused() -> None:
    refused = [n for n in range(0x110000) if controls(f"a{chr(n)}b", lines=True)]
    assert [n for n in refused if not 0xD800 <= n <= 0xDFFF] == [
        *range(0x09),
        *range(0x0E, 0x20),
        0x7F,
    ]
    assert sum(0xD800 <= n <= 0xDFFF for n in refused) == 0x800
    with pytest.raises(Invalid, match=r"U\+0000") as told:
        must_have_text("a\x00b", "message")
    assert told.value.code == "control_character"


def test_a_name_has_no_control_character_at_all() -> None:
    refused = [n for n in range(0x100) if controls(f"a{chr(n)}b", lines=False)]
    assert refused == [*range(0x20), *range(0x7F, 0xA0)]
