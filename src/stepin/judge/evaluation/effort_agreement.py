"""How far coders of effort agree: accuracy and Cohen's kappa, by dimension, and reruns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import msgspec

from stepin.errors import Invalid, Missing
from stepin.judge.effort import DIMENSIONS, Coder, Effort, LightCoder


class Coded(msgspec.Struct, frozen=True, kw_only=True):
    """One message and the codes that people gave it, by coder."""

    text: str
    context: str
    codes: dict[str, Effort]


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Two coders on one dimension; kappa is None when both always gave the same code."""

    one: str
    other: str
    dimension: str
    n: int
    accuracy_share: float
    kappa: float | None


def kappa(one: Sequence[int], other: Sequence[int]) -> float | None:
    """Return Cohen's kappa (1960) of two codings; None where chance agreement is certain."""
    n = len(one)
    if not n:
        return None
    observed = sum(a == b for a, b in zip(one, other, strict=True)) / n
    by_chance = sum(
        (list(one).count(code) / n) * (list(other).count(code) / n) for code in {*one, *other}
    )
    return None if by_chance == 1.0 else (observed - by_chance) / (1.0 - by_chance)


def read_coded(path: Path) -> list[Coded]:
    """Return the coded messages of a JSONL file.

    Raises
    ------
    Missing
        If there is no such file.
    Invalid
        If a line isn't a message with at least one coder.
    """
    if not path.is_file():
        raise Missing(
            f"There is no file {path}.", code="no_file", hint="Check the path.", path=str(path)
        )
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            raw = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
            text = msgspec.json.decode(raw.pop("text"), type=str)
            context = msgspec.json.decode(raw.pop("context", msgspec.Raw(b'""')), type=str)
            codes = {name: msgspec.json.decode(code, type=Effort) for name, code in raw.items()}
        except (msgspec.DecodeError, UnicodeDecodeError, KeyError) as error:
            why = "there is no text" if isinstance(error, KeyError) else error
            raise Invalid(
                f"{path}, line {number}: {why}.",
                code="bad_coding",
                hint="A line has text and, by coder, the four dimensions as 0 or 1.",
                line=number,
            ) from error
        found.append(Coded(text=text, context=context, codes=codes))
    if not found or not any(coded.codes for coded in found):
        raise Invalid(
            f"{path} holds no coded message.", code="bad_coding", hint="Add coders to the lines."
        )
    return found


def agree(messages: Sequence[Coded], coder: Coder | None = None) -> list[Agreement]:
    """Return the agreement of `coder` with each person, of the people, and of a rerun.

    Without a coder the light one is taken. A rerun codes every message a second time.
    """
    machine = LightCoder() if coder is None else coder
    again = f"{machine.name} again"
    coded = []
    for message in messages:
        codes = dict(message.codes)
        codes[machine.name] = machine.code(message.text, message.context)
        codes[again] = machine.code(message.text, message.context)
        coded.append(codes)
    people = sorted({name for message in messages for name in message.codes})
    pairs = [(machine.name, name) for name in people]
    pairs += list(combinations(people, 2))
    pairs.append((machine.name, again))
    found = []
    for one, other in pairs:
        both = [codes for codes in coded if one in codes and other in codes]
        for dimension in DIMENSIONS if both else ():
            left = [int(getattr(codes[one], dimension)) for codes in both]
            right = [int(getattr(codes[other], dimension)) for codes in both]
            same = sum(a == b for a, b in zip(left, right, strict=True))
            found.append(
                Agreement(
                    one=one,
                    other=other,
                    dimension=dimension,
                    n=len(both),
                    accuracy_share=same / len(both),
                    kappa=kappa(left, right),
                )
            )
    return found
