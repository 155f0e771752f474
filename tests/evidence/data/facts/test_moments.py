"""Moments of own tables: a time of day in each, between 1990 and the export, in a settled order."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from stepin.errors import Invalid
from stepin.evidence.data.facts.origin import read_origin
from tests.evidence.data.facts.own_tables import build, lines, mapping, rows, told
from tests.evidence.data.facts.test_build import read

Rows = list[dict[str, str]]


def with_(column: str, value: str, *, of: int = 40, first: int = 0) -> Rows:
    chats = rows()
    for chat in chats[first : first + of]:
        chat[column] = value
    return chats


def dates(column: str, where: str = "w0w1") -> Rows:
    """Dates without a time in one column, of the workers in `where`."""
    chats = rows()
    for chat in chats:
        if chat["agent"] in where:
            chat[column] = chat[column][:10]
    return chats


@pytest.mark.parametrize("column", ["start", "end"])
@pytest.mark.parametrize("where", ["w0w1", "w0", "w1"])
def test_dates_in_one_column_or_one_arm_make_no_duration(
    tmp_path: Path, column: str, where: str
) -> None:
    with pytest.raises(Invalid) as caught:
        build(tmp_path, dates(column, where))
    name = {"start": "chats.opened_at", "end": "chats.closed_at"}[column]
    count = 40 if where == "w0w1" else 20
    assert caught.value.code == "mapping_value"
    assert f"{name} in {count} of 40 rows" in caught.value.message
    assert "duration_s" in caught.value.message
    for line in told(caught.value.hint):
        of = mapping(lines(without=("closed_at",)) | line)
        build(tmp_path, dates(column, where), of)
        known = [r["duration_s"] for r in read(tmp_path / "facts", "chats")]
        assert known.count(600.0) == 40 - count
        assert known.count(None) == count


def test_dates_in_one_small_arm_are_seen_though_few_of_all_rows(tmp_path: Path) -> None:
    chats = [r | {"chat": f"d{i}{r['chat']}"} for i in range(12) for r in rows()]
    people = "id,group\nw0,control\nw1,control\nw9,ai\n"
    for chat in chats[:4]:
        chat["agent"], chat["start"] = "w9", chat["start"][:10]
    with pytest.raises(Invalid, match=r"chats.opened_at in 4 of 4 rows of 'ai'"):
        build(tmp_path, chats, people=people)


def test_a_midnight_now_and_then_is_a_moment_like_others(tmp_path: Path) -> None:
    chats = [r | {"chat": f"d{i}{r['chat']}"} for i in range(5) for r in rows()]
    chats[7]["start"] = chats[7]["start"][:10] + " 00:00:00"
    done = build(tmp_path, chats)
    assert done.midnight == {"chats.opened_at": 1}


def test_hours_follow_from_no_dates(tmp_path: Path) -> None:
    of = mapping(lines(without=("closed_at",), duration_s="secs"))
    done = build(tmp_path, dates("start", "w0"), of)
    assert "chats.hour" in done.unmapped
    assert {r["hour"] for r in read(tmp_path / "facts", "chats")} == {None}


@pytest.mark.parametrize(
    ("column", "value", "count"),
    [
        ("end", "2099-01-01 00:00:01", 3),
        ("end", "9999-12-31 00:00:00", 3),
        ("end", "1970-01-01 00:00:00", 3),
        ("end", "infinity", 1),
        ("end", "-infinity", 2),
        ("end", "294247-01-10 04:00:54", 1),
        ("start", "infinity", 1),
        ("start", "1970-01-01 00:00:01", 3),
        ("start", "2099-01-01 00:00:01", 1),
        ("start", "294247-01-10 04:00:54", 2),
    ],
)
def test_a_moment_lies_between_1990_and_the_export(
    tmp_path: Path, column: str, value: str, count: int
) -> None:
    with pytest.raises(Invalid) as caught:
        build(tmp_path, with_(column, value, of=count, first=5))
    name = {"start": "opened_at", "end": "closed_at"}[column]
    assert caught.value.fields["column"] == name
    assert caught.value.fields["rows"] == count
    assert value.partition(" ")[0] in caught.value.message
    assert "from 1990-01-01 to 2026-06-02" in caught.value.message
    for line in told(caught.value.hint):
        build(tmp_path, with_(column, value, of=count, first=5), mapping(lines() | line))
    assert bool(told(caught.value.hint)) == (column == "end")


def test_the_rule_of_moments_holds_for_workers_too(tmp_path: Path) -> None:
    of = mapping(lines(), people='arm = "group"\njoined_at = "since"')
    with pytest.raises(Invalid, match=r"workers.joined_at is 1900-01-01"):
        build(tmp_path, rows(), of, people="id,group,since\nw0,control,1900-01-01\nw1,ai,\n")


@pytest.mark.parametrize(
    "form", ["%m/%d/%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S.%f"]
)
def test_an_order_of_day_and_month_that_both_fit_is_asked_for(tmp_path: Path, form: str) -> None:
    chats = rows()[:20]
    for chat in chats:
        for column in ("start", "end"):
            chat[column] = f"{dt.datetime.fromisoformat(chat[column]):{form}}"
    with pytest.raises(Invalid, match=r"fits both orders of day and month.*20 rows") as caught:
        build(tmp_path, chats)
    assert caught.value.fields["column"] == "opened_at"
    both = told(caught.value.hint)
    assert len(both) == 2
    first = f"strptime(start, '{form}')"
    line = next(x for x in both if first in x["opened_at"])
    end = {"closed_at": line["opened_at"].replace("opened_at", "closed_at").replace(
        "start", '\\"end\\"')}  # fmt: skip
    build(tmp_path, chats, mapping(lines() | line | end))
    assert min(r["day"] for r in read(tmp_path / "facts", "chats")) == dt.date(2026, 3, 1)


@pytest.mark.parametrize("form", ["%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d.%m.%Y %H:%M:%S"])
def test_an_order_that_the_days_after_the_twelfth_settle_is_read(tmp_path: Path, form: str) -> None:
    chats = rows()
    for chat in chats:
        for column in ("start", "end"):
            chat[column] = f"{dt.datetime.fromisoformat(chat[column]):{form}}"
    build(tmp_path, chats)
    days = [r["day"] for r in read(tmp_path / "facts", "chats")]
    assert (min(days), max(days)) == (dt.date(2026, 3, 1), dt.date(2026, 3, 20))
    assert {r["duration_s"] for r in read(tmp_path / "facts", "chats")} == {600.0}


def test_orders_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    chats = rows()
    chats[3]["start"], chats[4]["start"] = "03/25/2026 09:05:10", "25/03/2026 09:05:10"
    for chat in [*chats[:3], *chats[5:]]:
        chat["start"] = f"{dt.datetime.fromisoformat(chat['start']):%d/%m/%Y %H:%M:%S}"
    with pytest.raises(Invalid, match="day or the month first"):
        build(tmp_path, chats)


@pytest.mark.parametrize("some", [3, 40])
def test_years_of_two_digits_are_no_years(tmp_path: Path, some: int) -> None:
    chats = rows()
    for chat in chats[:some]:
        chat["start"] = f"{dt.datetime.fromisoformat(chat['start']):%m/%d/%y %H:%M}"
    with pytest.raises(Invalid, match=rf"two digits for the year.*{some} rows") as caught:
        build(tmp_path, chats)
    (line, *_) = told(caught.value.hint)
    build(tmp_path, chats, mapping(lines() | line))
    days = [r["day"] for r in read(tmp_path / "facts", "chats")]
    assert (min(days), max(days)) == (dt.date(2026, 3, 1), dt.date(2026, 3, 20))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (lambda t: f"{t.timestamp():.0f}", "to_timestamp"),
        (lambda t: f"{t.timestamp() * 1000:.0f}", "1000.0"),
        (lambda t: f"{(t - dt.datetime(1899, 12, 30, tzinfo=dt.UTC)) / dt.timedelta(days=1):.9f}",
         "1899-12-30"),
        (lambda t: f"{t:%Y-%m-%d %H:%M:%S},000", "replace"),
        (lambda t: f"{t:%d %b %Y %H:%M:%S}", "strptime"),
        (lambda t: f"{t:%Y%m%d%H%M%S}", "strptime"),
        (lambda t: f"{t:%Y%m%dT%H%M%SZ}", "AT TIME ZONE"),
        (lambda t: f"{t:%y-%m-%d %H:%M:%S}", "%y-%m-%d"),
        (lambda t: f"{t.timestamp():.0f}" if t.day == 3 else f"{t:%Y-%m-%d %H:%M:%S}", "coalesce"),
        (lambda t: f"{(t - dt.datetime(1899, 12, 30, tzinfo=dt.UTC)) / dt.timedelta(days=1):.9f}"
         if t.day == 3 else f"{t:%Y-%m-%d %H:%M:%S}", "coalesce"),
    ],
)  # fmt: skip
def test_moments_in_other_units_or_words_have_a_hint_that_works(
    tmp_path: Path, form, said: str
) -> None:
    chats = rows()
    for chat in chats:
        chat["start"] = form(dt.datetime.fromisoformat(chat["start"]).replace(tzinfo=dt.UTC))
    with pytest.raises(Invalid, match=r"chats.opened_at: .*\(\d+ rows") as caught:
        build(tmp_path, chats)
    of = lines() | next(x for x in told(caught.value.hint) if said in x["opened_at"])
    if said in ("to_timestamp", "1000.0", "AT TIME ZONE") or "to_timestamp" in of["opened_at"]:
        with pytest.raises(Invalid, match=r"chats.closed_at says one in 0 and none") as caught:
            build(tmp_path, chats, mapping(of))
        of |= told(caught.value.hint)[0]
    build(tmp_path, chats, mapping(of))
    assert {round(r["duration_s"]) for r in read(tmp_path / "facts", "chats")} == {600}


def test_a_late_close_makes_no_return_known(tmp_path: Path) -> None:
    chats = rows()
    chats[5]["end"] = "2026-04-20 12:00:00"
    done = build(tmp_path, chats)
    last = dt.datetime(2026, 3, 20, 10, 5, 10)  # noqa: DTZ001 - as the facts hold it: UTC, no zone
    assert done.known_until == last
    for chat in read(tmp_path / "facts", "chats"):
        over = chat["closed_at"] + dt.timedelta(days=7) <= last
        assert (chat["retrial_7d"] is not None) == over
    origin = read_origin(tmp_path / "facts")
    assert origin is not None
    assert (origin.known_until, origin.exported) == (last, False)


def test_the_end_of_the_export_says_how_far_returns_are_known(tmp_path: Path) -> None:
    of = mapping(lines(), head="exported_at = 2026-03-31T00:00:00Z")
    done = build(tmp_path, rows(), of)
    assert done.known_until == dt.datetime(2026, 3, 31)  # noqa: DTZ001 - as above
    assert None not in {r["retrial_7d"] for r in read(tmp_path / "facts", "chats")}
    late = with_("end", "2026-04-02 00:10:00", of=1)
    with pytest.raises(Invalid, match="from 1990-01-01 to 2026-04-01"):
        build_again(tmp_path, late, of)


def build_again(folder: Path, chats: Rows, of: str) -> None:
    other = folder / "again"
    other.mkdir()
    build(other, chats, of)


def test_an_export_in_the_future_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"exported_at.*future"):
        build(tmp_path, rows(), mapping(lines(), head="exported_at = 2027-03-31T00:00:00Z"))


def test_a_day_that_isnt_that_of_the_opening_is_refused(tmp_path: Path) -> None:
    chats = [c | {"date": "2026-03-05"} for c in rows()]
    with pytest.raises(Invalid, match=r"chats.day is 2026-03-05 \(38 rows.*2026-03-01"):
        build(tmp_path, chats, mapping(lines(day="date")))


def test_a_duration_that_isnt_the_time_to_the_close_is_counted(tmp_path: Path) -> None:
    chats = with_("secs", "9000", of=4)
    assert build(tmp_path, chats, mapping(lines(duration_s="secs"))).apart == 4
