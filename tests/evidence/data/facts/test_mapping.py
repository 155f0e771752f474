"""Somebody else's tables become facts, and every mistake in the mapping is named."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from stepin.errors import Invalid, Missing
from stepin.evidence.data.facts.check import check_facts
from stepin.evidence.data.facts.mapping import build_mapped, read_mapping
from tests.evidence.data.facts.test_build import read

TICKETS = """ticket,person,topic,agent,start,end,state,stars,bot
1,ann,bill,w1,2026-03-01 09:00:00,2026-03-01 09:10:00,solved,5,yes
2,ann,bill,w2,2026-03-01 09:15:00,2026-03-01 09:20:00,left,,no
3,ann,parcel,w1,2026-03-01 09:21:00,2026-03-01 09:30:00,solved,2,yes
4,bob,bill,w2,2026-03-20 10:00:00,2026-03-20 10:01:00,solved,,no
"""
MAPPING = """
[chats]
source = "tickets*.csv"
[chats.columns]
chat_id = "ticket"
customer_id = "person"
issue_class = "topic"
first_owner_id = "agent"
opened_at = "start"
closed_at = "end"
close_reason = "state"
rating = "stars"
eligible = { sql = "bot = 'yes'" }
channel = { value = "mail" }
[chats.translate.close_reason]
solved = "resolved"
left = "abandoned"
[workers]
source = "people.csv"
[workers.columns]
worker_id = "id"
arm = "group"
"""


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    (tmp_path / "tickets.csv").write_text(TICKETS)
    (tmp_path / "people.csv").write_text("id,group\nw1,ai\nw2,people\n")
    return tmp_path


def test_their_tickets_become_chats(theirs: Path) -> None:
    done = build_mapped(read_mapping(MAPPING), theirs, theirs / "facts")
    assert done.rows == {"chats": 4, "workers": 2}
    assert "chats.language" in done.unmapped
    assert "chats.day" not in done.unmapped
    chats = {r["chat_id"]: r for r in read(theirs / "facts", "chats")}
    assert chats["1"]["duration_s"] == 600
    assert chats["1"]["day"] == dt.date(2026, 3, 1)
    assert [chats[k]["close_reason"] for k in "12"] == ["resolved", "abandoned"]
    assert [chats[k]["eligible"] for k in "1234"] == [True, False, True, False]
    assert {r["channel"] for r in chats.values()} == {"mail"}
    assert [chats[k]["retrial_10m"] for k in "1234"] == [True, False, False, None]
    assert [chats[k]["retrial_7d"] for k in "1234"] == [True, False, False, None]
    assert {f.analysis for f in check_facts(theirs / "facts") if f.supported} >= {"duration"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("[chats]", "[tickets]", "mapping"),
        ('chat_id = "ticket"', "", "mapping"),
        ('rating = "stars"', 'ratings = "stars"', "mapping"),
        ('rating = "stars"', 'rating = "stras"', "mapping"),
        ('rating = "stars"', 'rating = { sql = "stars +" }', "mapping"),
        ('rating = "stars"', 'rating = "topic"', "mapping_value"),
        ('left = "abandoned"', 'left = "gone"', "mapping_value"),
        ('left = "abandoned"', "", "mapping_value"),
        ('chat_id = "ticket"', 'chat_id = "person"', "mapping_key"),
        ("[chats]", "[[chats]]", "mapping"),
    ],
)
def test_a_mistake_is_named(theirs: Path, old: str, new: str, code: str) -> None:
    assert old in MAPPING
    with pytest.raises(Invalid) as caught:
        build_mapped(read_mapping(MAPPING.replace(old, new)), theirs, theirs / "facts")
    assert caught.value.code == code


def test_a_source_without_files_is_missing(theirs: Path) -> None:
    (theirs / "tickets.csv").unlink()
    with pytest.raises(Missing):
        build_mapped(read_mapping(MAPPING), theirs, theirs / "facts")
