"""The shop's helplines: read whole, or refused with the place and the field."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepin.agent.shop.helplines import read_helplines
from stepin.errors import Invalid

FINE = {
    "country": "Utopia",
    "name": "The Listeners",
    "number": "012 345",
    "source": "https://listeners.example",
    "checked": "2026-11-30",
    "languages": ["en", "zh"],
}


def written(folder: Path, **changes: object) -> Path:
    fields = {**FINE, **changes}
    text = "\n".join(f"{name} = {value!r}" for name, value in fields.items() if value is not None)
    (folder / "helplines.toml").write_text(f"[[helpline]]\n{text}\n", "utf-8")
    return folder


def test_no_file_names_no_number(tmp_path: Path) -> None:
    assert read_helplines(tmp_path) == ()


def test_every_field_is_read(tmp_path: Path) -> None:
    (line,) = read_helplines(written(tmp_path))
    assert (line.number, line.languages) == ("012 345", ("en", "zh"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"number": ""}, "number is empty"),
        ({"number": "call us"}, "no digit"),
        ({"number": None}, "number"),
        ({"checked": "last week"}, "2026-11-30"),
        ({"languages": []}, "languages"),
        ({"hours": "day"}, "hours"),
        ({"name": "{name}"}, "plain words"),
        ({"source": " "}, "source is empty"),
    ],
)
def test_what_can_t_be_used_is_refused(
    tmp_path: Path, changes: dict[str, object], told: str
) -> None:
    with pytest.raises(Invalid, match=r"helplines\.toml") as refused:
        read_helplines(written(tmp_path, **changes))
    assert told in refused.value.message
    assert refused.value.code == "helplines_invalid"
