"""The how-to on one's own tables, its two files and its commands taken from the page itself."""

from __future__ import annotations

import csv
import datetime as dt
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from stepin.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "facts-from-your-own-tables.md"


def tables(folder: Path) -> None:
    """Write tickets of four weeks and their people, as the page's mapping names them."""
    rng = np.random.default_rng(5)
    people = [f"a{i:02d}" for i in range(24)]
    with (folder / "people.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [(p, "ai" if i % 2 else "control") for i, p in enumerate(people)]
        csv.writer(file).writerows([("id", "group"), *rows])
    start, n = dt.datetime(2025, 3, 1, 8, tzinfo=dt.UTC), 0
    heads = ("ticket", "person", "topic", "agent", "start", "end", "state", "stars", "bot")
    for half in (0, 1):
        with (folder / f"tickets-{half}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(heads)
            for day in range(14 * half, 14 * half + 14):
                for i, owner in enumerate(people):
                    for k in range(4):
                        n += 1
                        bot = k < 2
                        begun = start + dt.timedelta(days=day, minutes=60 * k + i)
                        effect = 0.6 if bot and half and i % 2 else 1.0
                        took = dt.timedelta(seconds=float(rng.lognormal(6, 0.5)) * effect)
                        writer.writerow(
                            (
                                f"t{n}",
                                f"p{rng.integers(400)}",
                                ("refund", "delivery")[n % 2],
                                owner,
                                f"{begun:%Y-%m-%d %H:%M:%S}",
                                f"{begun + took:%Y-%m-%d %H:%M:%S.%f}",
                                ("solved", "left")[n % 5 == 0],
                                rng.integers(1, 6) if n % 3 == 0 else "",
                                ("no", "yes")[bot],
                            )
                        )


def test_the_page_can_be_followed_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = PAGE.read_text(encoding="utf-8")
    mapping, plan, *_ = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    tables(tmp_path)
    Path("ours.toml").write_text(mapping, encoding="utf-8")
    Path("plan.toml").write_text(plan, encoding="utf-8")
    commands = re.findall(r"^stepin (.*)$", text, re.MULTILINE)
    assert [c.split()[:2] for c in commands] == [
        ["evidence", "facts"],
        ["evidence", "check"],
        ["evidence", "run"],
    ]
    said = every = ""
    for command in commands:
        with pytest.raises(SystemExit) as ended:
            main(shlex.split(command))
        said = capsys.readouterr().out
        every += said
        assert not ended.value.code, said
    assert "time to close down" in said
    assert "Returns count as known until 2025-03-28 11:23:00" in every
    page = Path("report/report.html").read_text(encoding="utf-8")
    # No column of the people tells of their past, so the balance is that of their earlier chats.
    assert "earlier duration, s" in page
    assert Path("report/numbers.csv").is_file()
