"""The generated reference pages say what the code says, and name everything there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepin.cli.pages import pages
from stepin.cli.struct_reference import all_keys
from stepin.core.events import KINDS
from stepin.core.policy import Policy
from stepin.settings import KEYS
from stepin.web.routing.table import ENDPOINTS

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGES = pages()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_page_is_what_the_code_says(name: str) -> None:
    assert (REFERENCE / name).read_text("utf-8") == PAGES[name], "run: stepin docs build"


def test_nothing_is_left_out() -> None:
    assert all(f"`{key}`" in PAGES["settings.md"] for key in KEYS)
    assert all(f"## {kind}\n" in PAGES["events.md"] for kind in KINDS)
    assert all(f"### {e.method} {e.path}\n" in PAGES["http-api.md"] for e in ENDPOINTS)


def test_every_key_of_the_policy_has_a_meaning_and_every_number_a_unit() -> None:
    keys = list(all_keys(Policy))
    assert len(keys) > 60
    assert [key.name for key in keys if not key.meaning] == []
    assert [key.name for key in keys if "number" in key.kind and not key.unit] == []
