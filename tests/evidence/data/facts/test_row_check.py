"""What own tables must keep: every value that can't be is refused by column, value and count."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from stepin.core.facts import Chats
from stepin.errors import Invalid
from stepin.evidence.data.facts.mapping import build_mapped, read_mapping
from stepin.evidence.data.facts.origin import read_origin
from stepin.evidence.data.facts.value_check import bounds
from tests.evidence.data.facts.test_build import read
from tests.evidence.data.facts.test_mapping import MAPPING, TICKETS

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
PEOPLE = "id,group\nw1,ai\nw2,people\n"
TIMED = MAPPING.replace('channel = { value = "mail" }', 'duration_s = "secs"')


def build(folder: Path, tickets: str, *, mapping: str = MAPPING, people: str = PEOPLE):
    (folder / "tickets.csv").write_text(tickets)
    (folder / "people.csv").write_text(people)
    return build_mapped(read_mapping(mapping), folder, folder / "facts", now=NOW)


def seconds(*values: str) -> str:
    """The tickets with these durations as a column of their own."""
    head, *rows = TICKETS.splitlines()
    cells = [*values, *["60"] * (len(rows) - len(values))]
    return "\n".join([f"{head},secs", *(f"{r},{c}" for r, c in zip(rows, cells, strict=True))])


@pytest.mark.parametrize(
    ("tickets", "mapping", "said"),
    [
        (TICKETS.replace("solved,5", "solved,4.5"), MAPPING, ("chats.rating", "4.5", "1 row")),
        (TICKETS.replace("solved,5", "solved,9"), MAPPING, ("chats.rating", "9", "1 row")),
        (TICKETS.replace("solved,5", "solved,0"), MAPPING, ("chats.rating", "0", "1 to 5")),
        (seconds("inf", "nan"), TIMED, ("chats.duration_s", "inf", "2 rows")),
        (seconds("-5"), TIMED, ("chats.duration_s", "-5", "0 or more")),
        (seconds("1,5").replace("1,5\n", '"1,5"\n'), TIMED, ("chats.duration_s", "1,5")),
        (seconds("n/a"), TIMED, ("chats.duration_s", "n/a", "1 row")),
        (
            TICKETS.replace("2026-03-01 09:10:00", "2026-03-01 08:10:00"),
            MAPPING,
            ("chats.duration_s", "-3000", "chat_id '1'"),
        ),
        (
            TICKETS.replace("2026-03-20 10:00:00", "2062-03-20 10:00:00").replace(
                "2026-03-20 10:01:00", "2062-03-20 10:01:00"
            ),
            MAPPING,
            ("chats.opened_at", "2062-03-20"),
        ),
        (TICKETS.replace(",bill,w2", ",,w2"), MAPPING, ("chats.issue_class", "empty", "2 rows")),
        (TICKETS.replace(",w2,", ",,"), MAPPING, ("chats.first_owner_id", "empty", "2 rows")),
        (
            TICKETS,
            MAPPING.replace("{ sql = \"bot = 'yes'\" }", "{ sql = \"nullif(bot, 'no') = 'yes'\" }"),
            ("chats.eligible", "empty", "2 rows"),
        ),
        (
            TICKETS,
            MAPPING.replace("{ sql = \"bot = 'yes'\" }", '{ sql = "2" }'),
            ("chats.eligible", "'2'", "4 rows"),
        ),
        (
            "\n".join(
                line if i == 0 else line.replace(line[line.index(" 0") : line.index(" 0") + 9], "")
                for i, line in enumerate(TICKETS.splitlines())
                if i == 0 or " 09:" in line
            ).replace(" 09:10:00", "").replace(" 09:20:00", "").replace(" 09:30:00", ""),
            MAPPING,
            ("opened_at", "without a time of day", "3 rows"),
        ),
    ],
)  # fmt: skip
def test_a_value_that_cant_be_is_refused_by_column_value_and_count(
    tmp_path: Path, tickets: str, mapping: str, said: tuple[str, ...]
) -> None:
    with pytest.raises(Invalid) as caught:
        build(tmp_path, tickets, mapping=mapping)
    assert caught.value.code == "mapping_value"
    assert not [word for word in said if word not in caught.value.message], caught.value.message
    assert caught.value.hint != caught.value.hint_default
    assert not (tmp_path / "facts").exists()


def test_ids_that_never_meet_are_the_cause_that_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"e\.g\. 'w1' and '1'") as caught:
        build(tmp_path, TICKETS, people="id,group\n1,ai\n2,people\n")
    assert caught.value.code == "mapping_ids"


def test_what_may_be_missing_is_counted_and_what_nobody_knows_too(tmp_path: Path) -> None:
    done = build(tmp_path, seconds("", "7"), mapping=TIMED, people="id,group\nw1,ai\n")
    assert done.empty == {"chats.duration_s": 1}
    assert done.strangers == 2
    assert [r["duration_s"] for r in read(tmp_path / "facts", "chats")] == [None, 7, 60, 60]
    origin = read_origin(tmp_path / "facts")
    assert origin is not None
    assert origin.source == "tables"


def test_one_retrial_may_be_mapped_alone(tmp_path: Path) -> None:
    mapping = MAPPING.replace('rating = "stars"', 'rating = "stars"\nretrial_7d = { sql = "true" }')
    build(tmp_path, TICKETS, mapping=mapping)
    rows = read(tmp_path / "facts", "chats")
    assert [r["retrial_7d"] for r in rows] == [True] * 4
    assert [r["retrial_10m"] for r in rows] == [True, False, False, None]


def test_a_folder_that_was_there_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "facts").mkdir()
    with pytest.raises(Invalid):
        build(tmp_path, TICKETS.replace("solved,5", "solved,4.5"))
    assert list((tmp_path / "facts").iterdir()) == []


def test_every_time_count_share_and_rating_has_bounds() -> None:
    free = {
        c.name
        for c in Chats.columns
        if c.kind.name in ("real", "whole") and bounds(c)[0] == float("-inf")
    }
    # Amounts of money may be negative; the others are numbers of something without a unit.
    assert free == {"customer_value", "switch_aways", "takeover_round", "suggestions_used"}
