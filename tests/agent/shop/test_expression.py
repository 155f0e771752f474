from __future__ import annotations

import pytest

from stepin.agent.shop.expression import Expression
from stepin.errors import Invalid

SCOPE = {"o": {"status": "paid", "total": 10.0}, "days": 3}


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("o.status == 'paid' and days < 5", True),
        ("not o.status in ('paid', 'shipped')", False),
        ("o.total - 4 + days", 9.0),
        ("1 < days <= 3", True),
    ],
)
def test_it_reads_fields_and_compares(text: str, worth: object) -> None:
    assert Expression(text).value(SCOPE) == worth


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "o.__class__",
        "[x for x in o]",
        "o['status']",
        "lambda: 1",
        "2 ** 99",
        "f'{o}'",
        "",
    ],
)
def test_nothing_acts_and_no_object_is_reached(text: str) -> None:
    with pytest.raises(Invalid):
        Expression(text).value(SCOPE)


def test_its_names_are_known_before_it_runs() -> None:
    assert Expression("o.status == x and o.status").paths == (("o", "status"), ("x",))
