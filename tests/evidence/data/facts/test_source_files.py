"""A file that can't be read as a table is refused by its name and by what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepin.errors import Invalid
from tests.evidence.data.facts.own_tables import build, lines, mapping, rows, text
from tests.evidence.data.facts.test_build import read

LONG = text(rows()).splitlines()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "chats.csv is empty"),
        ("\n".join([*LONG[:7], LONG[7] + ",more", *LONG[8:]]), "10 fields in line 8, and 9 in its"),
        ("\n".join([*LONG[:7], "c,d", *LONG[8:]]), "2 fields in line 8"),
        ("\n".join(LONG[1:]), "no header"),
    ],
)
def test_a_file_that_breaks_says_where(tmp_path: Path, written: str, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        build(tmp_path, written)
    assert caught.value.code == "source_unreadable"
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-16", "is UTF-16"), ("latin-1", "line 3 holds the byte 0xE4")],
)
def test_an_encoding_is_named_with_the_command_that_converts_it(
    tmp_path: Path, encoding: str, said: str
) -> None:
    chats = rows()
    chats[1]["topic"] = "ärger"
    (tmp_path / "chats-1.csv").write_bytes(text(chats).encode(encoding))
    with pytest.raises(Invalid) as caught:
        build(tmp_path, rows())
    assert said in caught.value.message
    assert "iconv -f" in caught.value.hint


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="holds no rows") as caught:
        build(tmp_path, LONG[0] + "\n")
    assert caught.value.code == "no_rows"


@pytest.mark.parametrize("renamed", ["score", ""])
def test_a_file_without_a_column_of_the_others_is_named(tmp_path: Path, renamed: str) -> None:
    second = [{renamed if k == "stars" else k: v for k, v in c.items()} for c in rows()]
    for chat in second:
        chat["chat"] = "d" + chat["chat"]
        if not renamed:
            del chat[""]
    (tmp_path / "chats-2.csv").write_text(text(second))
    with pytest.raises(Invalid) as caught:
        build(tmp_path, rows())
    assert "chats-2.csv has no column stars" in caught.value.message
    assert (renamed in caught.value.message) or not renamed


def test_columns_in_another_order_are_the_same_columns(tmp_path: Path) -> None:
    second = [dict(reversed((c | {"chat": "d" + c["chat"]}).items())) for c in rows()]
    (tmp_path / "chats-2.csv").write_text(text(second))
    build(tmp_path, rows())
    chats = {r["chat_id"]: r for r in read(tmp_path / "facts", "chats")}
    assert all(chats["d" + k]["rating"] == chats[k]["rating"] for k in chats if k[0] == "c")


def test_two_columns_of_one_name_are_refused_where_the_mapping_needs_it(tmp_path: Path) -> None:
    written = text(rows()).replace(",secs", ",stars")
    with pytest.raises(Invalid, match="2 columns of the name stars") as caught:
        build(tmp_path, written)
    assert "stars_1" in caught.value.hint
    of = mapping(lines(without=("rating",), duration_s="stars_1"))
    build(tmp_path, written, of)
    assert {r["duration_s"] for r in read(tmp_path / "facts", "chats")} == {600.0}


def test_a_word_far_down_in_a_column_of_numbers_is_named(tmp_path: Path) -> None:
    chats = [r | {"chat": f"{i}-{r['chat']}"} for i in range(700) for r in rows()]
    chats[-3]["stars"] = "none"
    with pytest.raises(Invalid, match=r"chats.rating: 'none' can't be read as a whole \(1 row\)"):
        build(tmp_path, chats)


def test_chats_without_a_time_belong_nowhere(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"chats\.columns\.opened_at"):
        build(tmp_path, rows(), mapping(lines(without=("opened_at", "closed_at"))))
