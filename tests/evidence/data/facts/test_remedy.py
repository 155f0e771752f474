"""Every hint of the door is followed, on the input that was refused, and passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepin.errors import Invalid
from tests.evidence.data.facts.own_tables import build, lines, mapping, rows, told
from tests.evidence.data.facts.test_build import read


def with_(column: str, *values: str) -> list[dict[str, str]]:
    chats = rows()
    for i, value in enumerate(values):
        chats[3 * i][column] = value
    return chats


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("stars", ("0", "6"), "chats.rating is 0 (2 rows"),
        ("stars", ("4.5",), "'4.5' can't be read as a whole (1 row)"),
        ("stars", ("NA", "NA"), "'NA' can't be read as a whole (2 rows)"),
        ("stars", ("NA", "-", "null"), "(3 rows)"),
        ("stars", (" ",), "' ' can't be read as a whole"),
        ("secs", ("inf", "nan", "-1"), "(3 rows"),
        ("secs", ("1e300",), "1e+300 (1 row"),
        ("secs", ("12,5",), "'12,5' can't be read as a real"),
        ("secs", ("1,234,567",), "1,234,567"),
        ("secs", ("00:10:05",), "00:10:05"),
        ("secs", ("n/a", "3,5"), "(2 rows)"),
        ("end", ("2026-01-01 10:00:00",), "chats.duration_s is -"),
        ("end", ("-",), "'-' can't be read as a moment"),
        ("topic", ("",), "chats.issue_class is empty (1 row"),
        ("bot", ("",), "chats.eligible is empty (1 row"),
        ("bot", ("ja",), "'ja' can't be read as a truth"),
    ],
)
def test_a_hint_passes_when_it_is_followed(
    tmp_path: Path, column: str, values: tuple[str, ...], said: str
) -> None:
    of = lines() if column != "secs" else lines(without=("closed_at",), duration_s="secs")
    chats = with_(column, *values)
    with pytest.raises(Invalid) as caught:
        build(tmp_path, chats, mapping(of))
    assert caught.value.code == "mapping_value"
    assert said in caught.value.message
    followed = told(caught.value.hint)
    assert followed, caught.value.hint
    for i, line in enumerate(followed):
        folder = tmp_path / str(i)
        folder.mkdir()
        build(folder, chats, mapping(of | line))
        assert len(read(folder / "facts", "chats")) == 40


@pytest.mark.parametrize("value", ["★★★", "4/5"])
def test_no_expression_is_told_that_would_not_pass(tmp_path: Path, value: str) -> None:
    with pytest.raises(Invalid) as caught:
        build(tmp_path, with_("stars", value))
    for i, line in enumerate(told(caught.value.hint)):
        (tmp_path / str(i)).mkdir()
        build(tmp_path / str(i), with_("stars", value), mapping(lines() | line))


@pytest.mark.parametrize(("name", "value"), [("hour", "30"), ("concurrency", "-1")])
def test_what_is_known_before_is_never_emptied_by_a_hint(
    tmp_path: Path, name: str, value: str
) -> None:
    chats = [c | {"own": "1"} for c in rows()]
    chats[5]["own"] = value
    with pytest.raises(Invalid, match=f"chats.{name} is {value}") as caught:
        build(tmp_path, chats, mapping(lines(**{name: "own"})))
    assert not told(caught.value.hint)
    assert f"leave {name} unmapped" in caught.value.hint
    build(tmp_path, chats)


def test_a_word_of_a_vocabulary_is_told_with_its_translation(tmp_path: Path) -> None:
    chats = [c | {"state": "solved"} for c in rows()]
    with pytest.raises(Invalid, match=r"'solved'.*40 rows") as caught:
        build(tmp_path, chats, mapping(lines(close_reason="state")))
    assert "[chats.translate.close_reason]" in caught.value.hint
    head = '[chats.translate.close_reason]\n"solved" = "resolved"'
    build(tmp_path, chats, mapping(lines(close_reason="state")) + head)


@pytest.mark.parametrize(
    ("chats", "said"),
    [
        ([*rows(), *rows()[:3], rows()[0]], "4 of 44 rows repeat a key"),
        ([*rows(), rows()[0], rows()[0]], "chat_id c000 stands 3 times"),
        ([*rows(), rows()[0] | {"chat": ""}], "the key chat_id is empty in 1 row"),
    ],
)
def test_a_key_that_is_empty_or_stands_twice_is_said_apart(
    tmp_path: Path, chats: list[dict[str, str]], said: str
) -> None:
    with pytest.raises(Invalid) as caught:
        build(tmp_path, chats)
    assert caught.value.code == "mapping_key"
    assert said in caught.value.message


def test_ids_that_people_would_take_for_the_same_are_shown(tmp_path: Path) -> None:
    people = "id,group\nW0 ,control\nw1,ai\n"
    done = build(tmp_path, rows(), people=people)
    assert (done.strangers, done.alike) == (20, ("w0", "W0 "))
