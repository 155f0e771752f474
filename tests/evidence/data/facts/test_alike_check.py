"""Ids and arms that differ only in what nobody sees are never counted as two without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepin.errors import Invalid
from tests.evidence.data.facts.own_tables import build, lines, mapping, rows, told
from tests.evidence.data.facts.test_build import read

ODD = [" ", "\u200b", "\u00a0", "\ufeff"]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("column", ["person", "agent"])
def test_ids_of_the_chats_that_look_the_same_are_refused_and_can_be_made_one(
    tmp_path: Path, column: str, odd: str
) -> None:
    chats = rows()
    for chat in chats[:7]:
        chat[column] += odd
    with pytest.raises(Invalid) as caught:
        build(tmp_path, chats)
    assert caught.value.code == "mapping_ids"
    name = {"person": "customer_id", "agent": "first_owner_id"}[column]
    assert caught.value.fields["column"] == name
    (line,) = told(caught.value.hint)
    build(tmp_path, chats, mapping(lines() | line))
    found = {r[name] for r in read(tmp_path / "facts", "chats")}
    assert found == {r[column] for r in rows()}


def test_a_chat_that_stands_twice_with_and_without_a_space_is_not_two(tmp_path: Path) -> None:
    chats = rows()
    chats.append(chats[0] | {"chat": chats[0]["chat"] + " "})
    with pytest.raises(Invalid) as caught:
        build(tmp_path, chats)
    assert caught.value.code == "mapping_ids"
    (line,) = told(caught.value.hint)
    with pytest.raises(Invalid) as twice:
        build(tmp_path, chats, mapping(lines() | line))
    assert twice.value.code == "mapping_key"


@pytest.mark.parametrize(
    "people",
    [
        "id,group\nw0,control\nw1,ai\nw2,AI\n",
        "id,group\nw0,control\nw1,ai\nw2,ai \n",
        "id,group\nw0,control\nw1,ai\nw2,a\u200bi\n",
        "id,group\nw0,control\nw1,ai\nW1,ai\n",
        "id,group\nw0,control\nw1,ai\nw1 ,ai\n",
    ],
)
def test_workers_and_arms_that_look_the_same_are_refused(tmp_path: Path, people: str) -> None:
    with pytest.raises(Invalid) as caught:
        build(tmp_path, rows(), people=people)
    assert caught.value.code == "mapping_ids"
    assert caught.value.fields["table"] == "workers"
    assert told(caught.value.hint)


def test_what_differs_for_people_too_is_left_alone(tmp_path: Path) -> None:
    chats = rows()
    chats[0]["person"], chats[1]["person"] = "Pq1", "pQ1"
    chats[2]["person"], chats[3]["person"] = "Ann Lee", "AnnLee"
    chats[4]["person"] = " lonely"
    build(tmp_path, chats)
    found = {r["customer_id"] for r in read(tmp_path / "facts", "chats")}
    assert {"Pq1", "pQ1", "Ann Lee", "AnnLee", " lonely"} <= found
