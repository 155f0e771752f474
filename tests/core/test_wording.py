"""Every text of every command is refused where it can't be read, shows nothing or never ends."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from stepin.core.command import AnyCommand, ChangeLabels, Command, CustomerCommand, WorkerCommand
from stepin.core.decide.wording import LABEL_CHARS, MOST_LABELS, WORDINGS, must_be_worded
from stepin.errors import StepinError

KINDS = tuple(dict.fromkeys(get_args(CustomerCommand) + get_args(WorkerCommand)))
OURS = set(Command.__struct_fields__)
CHOICES = {"reason": ("resolved", "abandoned", "timed_out", "transferred")}


def texts() -> list[tuple[type[Any], str]]:
    """Every field that takes text, of every command; numbers, choices and arguments take none."""
    found = []
    for kind in KINDS:
        for one in msgspec.structs.fields(kind):
            told = str(one.type)
            if one.name in OURS or "Literal" in told or "dict" in told:
                continue
            if one.type is str or "str" in told:
                found.append((kind, one.name))
    return found


def made(kind: type[Any], name: str, text: str) -> AnyCommand:
    """The command with good words everywhere but in one field."""
    values: dict[str, Any] = {"chat_id": "c"}
    for one in msgspec.structs.fields(kind):
        if one.required and one.name != "chat_id":
            told = str(one.type)
            values[one.name] = {} if "dict" in told else 3 if one.type is int else "words"
    many = "tuple" in str(next(f.type for f in msgspec.structs.fields(kind) if f.name == name))
    command: AnyCommand = kind(**(values | {name: (text,) if many else text}))
    return command


def code_of(command: AnyCommand) -> str:
    try:
        must_be_worded(command)
    except StepinError as error:
        return error.code
    return ""


def test_the_walk_reaches_what_workers_and_customers_write() -> None:
    names = {(kind.__name__, name) for kind, name in texts()}
    assert {
        ("Reply", "text"),
        ("AddNote", "text"),
        ("Whisper", "text"),
        ("ChangeLabels", "add"),
        ("HandBack", "note"),
        ("Transfer", "note"),
        ("DeclineEscalation", "reason"),
        ("DenyAction", "reason"),
        ("EndWrapUp", "disposition"),
        ("Rate", "comment"),
    } <= names
    assert {name for _, name in names} == set(WORDINGS)


@pytest.mark.parametrize(("kind", "name"), texts())
def test_a_text_is_readable_shows_something_and_ends(kind: type[Any], name: str) -> None:
    assert code_of(made(kind, name, "words")) == ""
    assert code_of(made(kind, name, "x" * 9_000)) == "text_too_long"
    assert code_of(made(kind, name, "\u200b")) == "empty_text"
    assert code_of(made(kind, name, "a\x00b")) == "control_character"
    lines = code_of(made(kind, name, "a\nb"))
    assert lines == ("" if WORDINGS[name].lines else "control_character")


def test_labels_are_short_and_few() -> None:
    assert code_of(ChangeLabels(chat_id="c", add=("x" * LABEL_CHARS,))) == ""
    assert code_of(ChangeLabels(chat_id="c", add=("x" * (LABEL_CHARS + 1),))) == "text_too_long"
    assert code_of(ChangeLabels(chat_id="c", add=("",))) == "empty_text"
    many = tuple(map(str, range(MOST_LABELS + 1)))
    assert code_of(ChangeLabels(chat_id="c", add=many)) == "too_many_labels"
