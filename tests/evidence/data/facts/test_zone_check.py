"""Moments with a time zone beside moments without one are never taken for each other's like."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from stepin.errors import Invalid
from tests.evidence.data.facts.own_tables import build, lines, mapping, rows, told
from tests.evidence.data.facts.test_build import read

Rows = list[dict[str, str]]


def said(columns: tuple[str, ...], zone: str, *, where: str = "all") -> Rows:
    """Chats some of whose moments say a zone: in all rows, every other one, or one worker's."""
    chats = rows()
    for i, chat in enumerate(chats):
        if where == "all" or (where == "half" and i // 2 % 2) or where == chat["agent"]:
            for column in columns:
                chat[column] += zone
    return chats


def durations(folder: Path) -> list[float | None]:
    return [r["duration_s"] for r in read(folder / "facts", "chats")]


@pytest.mark.parametrize(
    ("zone", "named", "column", "where"),
    [
        ("+05:30", "Asia/Kolkata", "start", "all"),
        ("+05:30", "Asia/Kolkata", "start", "half"),
        ("-02", "Etc/GMT+2", "end", "w1"),
        ("-02", "Etc/GMT+2", "end", "all"),
        ("Z", "UTC", "end", "half"),
        (" UTC", "UTC", "start", "w1"),
        (" Europe/Berlin", "Europe/Berlin", "end", "all"),
        (" Europe/Berlin", "Europe/Berlin", "start", "half"),
    ],
)
def test_a_zone_at_one_end_alone_is_refused_with_what_to_write(
    tmp_path: Path, zone: str, named: str, column: str, where: str
) -> None:
    chats = said((column,), zone, where=where)
    with pytest.raises(Invalid) as caught:
        build(tmp_path, chats)
    assert caught.value.code == "mapping_zones"
    name = {"start": "chats.opened_at", "end": "chats.closed_at"}[column]
    count = 40 if where == "all" else 20
    assert f"{name} says one in {count} and none in {40 - count} rows" in caught.value.message
    followed = told(caught.value.hint)
    assert len(followed) == (1 if where == "all" else 2)
    own = {c: line.replace("'UTC'", f"'{named}'") for one in followed for c, line in one.items()}
    build(tmp_path, chats, mapping(lines() | own))
    assert durations(tmp_path) == [600.0] * 40


@pytest.mark.parametrize(("zone", "hours"), [("+0200", {7, 8}), (" -02:00", {11, 12})])
def test_a_zone_that_is_written_otherwise_is_read_or_refused_and_never_dropped(
    tmp_path: Path, zone: str, hours: set[int]
) -> None:
    with pytest.raises(Invalid) as caught:
        build(tmp_path, said(("start",), zone, where="half"))
    assert caught.value.code in ("mapping_value", "mapping_zones")
    assert not (tmp_path / "facts").exists()
    form = f"%Y-%m-%d %H:%M:%S{' ' if zone[0] == ' ' else ''}%z"
    start = f"{{ sql = \"strptime(start::VARCHAR, '{form}')\" }}"
    end = f'{{ sql = "strptime(\\"end\\"::VARCHAR, \'{form}\')" }}'
    chats = said(("start", "end"), zone)
    of = mapping(lines() if zone == "+0200" else lines(opened_at=start, closed_at=end))
    build(tmp_path, chats, of)
    assert durations(tmp_path) == [600.0] * 40
    assert {r["hour"] for r in read(tmp_path / "facts", "chats")} == hours


@pytest.mark.parametrize("where", ["half", "w0"])
def test_both_ends_with_a_zone_in_some_rows_are_refused(tmp_path: Path, where: str) -> None:
    with pytest.raises(Invalid) as caught:
        build(tmp_path, said(("start", "end"), "+05:30", where=where))
    assert caught.value.code == "mapping_zones"
    assert caught.value.fields["rows"] == 20


@pytest.mark.parametrize("zone", ["+05:30", "-02", "Z", " Europe/Berlin"])
def test_zones_in_every_row_are_converted(tmp_path: Path, zone: str) -> None:
    chats = said(("start", "end"), zone)
    chats[0]["end"] = "2026-03-01 09:15:10Z"
    chats[0]["start"] = "2026-03-01 10:05:10+01:00"
    build(tmp_path, chats)
    assert durations(tmp_path) == [600.0] * 40


def test_zones_of_texts_are_converted(tmp_path: Path) -> None:
    """A word among the dates leaves the column a text; what it says of its zone still counts."""
    chats = said(("start", "end"), "+05:30")
    chats[0]["end"], chats[1]["end"] = "-", "2026-03-01 10:15:10Z"
    chats[1]["start"] = "2026-03-01 15:35:10+05:30"
    build(tmp_path, chats, mapping(lines(closed_at='{ sql = "nullif(\\"end\\", \'-\')" }')))
    assert durations(tmp_path) == [None, *[600.0] * 39]
    assert read(tmp_path / "facts", "chats")[1]["hour"] == 10


def test_seconds_since_1970_are_moments_with_a_zone(tmp_path: Path) -> None:
    chats = rows()
    for chat in chats:
        moment = dt.datetime.fromisoformat(chat["end"]).replace(tzinfo=dt.UTC)
        chat["end"] = str(int(moment.timestamp()))
    of = lines(closed_at='{ sql = "to_timestamp(\\"end\\")" }')
    with pytest.raises(Invalid) as caught:
        build(tmp_path, chats, mapping(of))
    assert caught.value.code == "mapping_zones"
    assert caught.value.fields["column"] == "opened_at"
    (line,) = told(caught.value.hint)
    build(tmp_path, chats, mapping(of | line))
    assert durations(tmp_path) == [600.0] * 40


def test_a_column_of_parquet_with_a_zone_beside_one_without_is_refused(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,group\nw0,control\nw1,ai\n", "utf-8")
    listed = ", ".join(
        f"('{r['chat']}', '{r['agent']}', TIMESTAMPTZ '{r['start']}+00', TIMESTAMP '{r['end']}')"
        for r in rows()
    )
    with duckdb.connect() as con:
        con.execute(
            f'COPY (FROM (VALUES {listed}) v(chat, agent, start, "end")) '
            f"TO '{tmp_path}/chats.parquet' (FORMAT parquet)"
        )
    named = lines(without=("customer_id", "issue_class", "rating", "eligible"))
    of = mapping(named).replace("chats*.csv", "chats*.parquet")
    with pytest.raises(Invalid) as caught:
        build(tmp_path, "", of)
    assert caught.value.code == "mapping_zones"
    (line,) = told(caught.value.hint)
    build(tmp_path, "", mapping(named | line).replace("chats*.csv", "chats*.parquet"))
    assert durations(tmp_path) == [600.0] * 40


def test_a_zone_that_the_mapping_states_is_one(tmp_path: Path) -> None:
    chats = said(("start",), "+01:00")
    stated = '{ sql = "\\"end\\" AT TIME ZONE \'+01:00\'" }'
    stated = stated.replace("'+01:00'", "'Europe/Berlin'")
    build(tmp_path, chats, mapping(lines(closed_at=stated)))
    assert durations(tmp_path) == [600.0] * 40


def test_moments_without_any_zone_and_dates_are_left_as_they_are(tmp_path: Path) -> None:
    of = mapping(lines(), people='arm = "group"\njoined_at = "since"')
    build(tmp_path, rows(), of, people="id,group,since\nw0,control,2026-02-01\nw1,ai,2026-02-02\n")
    assert durations(tmp_path) == [600.0] * 40


def test_the_morning_and_the_afternoon_are_no_zones(tmp_path: Path) -> None:
    chats = rows()
    for chat in chats:
        moment = dt.datetime.fromisoformat(chat["start"])
        chat["start"] = f"{moment:%d/%m/%Y %I:%M:%S %p}"
    build(tmp_path, chats)
    assert durations(tmp_path) == [600.0] * 40
