"""The customer side of real dialogues, in the three forms that files have."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from stepin.demo.replayed import read_dialogues
from stepin.errors import Invalid

DATA = Path(os.environ.get("STEPIN_TEST_DATA", "../shared/data"))


def write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows), "utf-8")
    return path


def test_the_three_forms_say_the_same(tmp_path: Path) -> None:
    turns = [("customer", "Hi"), ("agent", "Hello?"), ("customer", "My parcel\nis late: again")]
    rows = (
        {"turns": [{"role": r, "text": t} for r, t in turns]},
        {"messages": [{"role": r.replace("customer", "user"), "content": t} for r, t in turns]},
        {"messages_display": "user: Hi\nassistant: Hello?\nuser: My parcel\nis late: again"},
    )
    people = read_dialogues(write(tmp_path / "d.jsonl", *rows))
    assert len(people) == 3
    names = set()
    for _ in rows:
        one = people.draw(frozenset())
        assert one is not None
        names.add(one.customer_id)
        assert one.opening() == ("Hi",)
        assert not one.content
        assert one.answer("Hello?", "ai") == ("My parcel\nis late: again",)
        assert one.content
        assert one.answer("Where to?", "worker") == ()
    assert len(names) == 3
    assert people.draw(frozenset()) is None


def test_one_who_was_talking_goes_on_and_comes_only_once(tmp_path: Path) -> None:
    rows = [{"turns": [{"role": "customer", "text": f"{n}{m}"} for m in "ab"]} for n in "xy"]
    path = write(tmp_path / "d.jsonl", *rows)
    first = read_dialogues(path).draw(frozenset())
    assert first is not None
    first.opening()
    people = read_dialogues(path)
    again = people.restored(json.loads(json.dumps(first.saved())))
    assert again is not None
    assert again.answer("?", "ai") == ("xb",)
    other = people.draw(frozenset())
    assert other is not None
    assert other.opening() == ("ya",)
    assert len(people) == 0


@pytest.mark.parametrize(
    ("row", "place"),
    [("{", "line 2"), ('{"rows": []}', "line 2"), ('{"turns": 3}', "line 2"), ("[]", "line 2")],
)
def test_a_line_that_is_no_dialogue_is_named(tmp_path: Path, row: str, place: str) -> None:
    good = {"turns": [{"role": "customer", "text": "Hi"}]}
    with pytest.raises(Invalid, match=place) as caught:
        read_dialogues(write(tmp_path / "d.jsonl", good, row))
    assert caught.value.code == "dialogue_invalid"


def test_real_dialogues_are_read() -> None:
    path = DATA / "tau_fewshot/retail.jsonl"
    if not path.exists():
        pytest.skip("STEPIN_TEST_DATA has no tau_fewshot")
    people = read_dialogues(path)
    assert len(people) == 69
    while (one := people.draw(frozenset())) is not None:
        assert all(line and "\nassistant:" not in line for line in one.lines)
