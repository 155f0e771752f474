"""A shop's texts are read again while a desk runs; what a turn began with stays."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from stepin.agent.brain import Brain, Hands, TurnContext
from stepin.agent.editions import BrainsNow, Edition, Editions
from stepin.agent.gate.material import material_of_shop
from stepin.agent.shop.handbook import Handbook, read_handbook
from stepin.agent.suggestions.suggestions import HandbookAdvice

PROCEDURE = """
name = "{0}"
title = {{ en = "the {0}" }}
summary = "Does it."
{1}
[examples]
en = ["{0} it"]
[[steps]]
done = "done"
"""


def _limit(times: int) -> str:
    return f'[[limits]]\ntool = "cancel_order"\ntimes = {times}'


class Reader:
    """A brain that only knows its edition."""

    def __init__(self, book: Handbook) -> None:
        self.version = f"reader-{book.version}"

    async def turn(self, context: TurnContext, hands: Hands) -> None:
        """Do nothing."""


class Bench:
    """A shop's folder, and the editions over it; every save is a later one."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._at = folder, 0
        (folder / "articles").mkdir()
        (folder / "procedures").mkdir()
        self.save("domain.toml", '[name]\nen = "Shop"\n[money]\nen = "{0}"\n')
        self.save("procedures/cancel.toml", PROCEDURE.format("cancel", ""))
        self.save("articles/a.en.md", "# A\n\nOld text https://old.example\n")
        self.editions = Editions(folder, self.read)

    def read(self) -> Edition:
        book = read_handbook(self.folder)
        brains: dict[str, Brain] = {"builtin": Reader(book)}
        return Edition(book, brains, HandbookAdvice(book), material_of_shop(book))

    def save(self, name: str, text: str) -> None:
        self._at += 1
        path = self.folder / name
        path.write_text(text)
        os.utime(path, (self._at, self._at))

    @property
    def text(self) -> str:
        return self.editions.current.book.passages[0].text


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_a_changed_article_is_in_force_at_the_next_look(bench: Bench) -> None:
    told: list[Edition] = []
    bench.editions.listen(told.append)
    assert not await bench.editions.look()
    bench.save("articles/a.en.md", "# A\n\nNew text https://new.example\n")
    bench.save("articles/b.en.md", "# B\n\nMore\n")
    assert await bench.editions.look()
    assert bench.text.startswith("New")
    assert len(bench.editions.current.book.passages) == 2
    assert told == [bench.editions.current]
    assert not await bench.editions.look()
    (bench.folder / "articles" / "b.en.md").unlink()
    assert await bench.editions.look()
    assert len(bench.editions.current.book.passages) == 1


async def test_what_a_turn_took_stays_one_version(bench: Bench) -> None:
    brains = BrainsNow(lambda: bench.editions.current.brains)
    taken = brains["builtin"]
    version = taken.version
    bench.save("articles/a.en.md", "# A\n\nNew\n")
    await bench.editions.look()
    assert taken.version == version
    assert brains["builtin"].version != version
    assert set(brains) == {"builtin"}


async def test_a_mistake_leaves_the_edition_before_in_force(bench: Bench) -> None:
    before = bench.editions.current
    bench.save("articles/a.en.md", "# A\n\n## Empty\n")
    assert not await bench.editions.look()
    assert bench.editions.current is before
    bench.save("articles/a.en.md", "# A\n\nMended\n")
    assert await bench.editions.look()
    assert bench.text == "Mended"


async def test_a_change_that_changes_nothing_is_no_edition(bench: Bench) -> None:
    before = bench.editions.current
    bench.save("articles/a.en.md", "# A\n\nOld text https://old.example\n")
    assert not await bench.editions.look()
    assert bench.editions.current is before


async def test_a_procedure_is_read_again_too(bench: Bench) -> None:
    bench.save("procedures/refund.toml", PROCEDURE.format("refund", ""))
    assert await bench.editions.look()
    assert sorted(bench.editions.current.book.procedures) == ["cancel", "refund"]


async def test_limits_wait_for_a_restart(bench: Bench) -> None:
    before = bench.editions.current
    bench.save("procedures/cancel.toml", PROCEDURE.format("cancel", _limit(1)))
    assert not await bench.editions.look()
    assert bench.editions.current is before
    restarted = Editions(bench.folder, bench.read)
    bench.save("procedures/cancel.toml", PROCEDURE.format("cancel", _limit(2)))
    assert not await restarted.look()
    assert restarted.current.book.limits[0].times == 1


async def test_brains_are_wrapped_once_for_each_edition(bench: Bench) -> None:
    made: list[Brain] = []

    def wrap(brain: Brain) -> Brain:
        made.append(brain)
        return brain

    brains = BrainsNow(lambda: bench.editions.current.brains).wrapped(wrap)
    assert brains["builtin"] is brains["builtin"]
    assert len(made) == 1
    bench.save("articles/a.en.md", "# A\n\nNew\n")
    await bench.editions.look()
    assert brains["builtin"] is made[-1]
    assert len(made) == 2


async def test_the_watch_looks_again_and_again_until_it_is_stopped(tmp_path: Path) -> None:
    bench, waits = Bench(tmp_path), list[float]()
    seen: list[str] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) <= 3:
            bench.save("articles/a.en.md", f"# A\n\nText {len(waits)}\n")
            return
        seen.append(editions.current.book.passages[0].text)
        await stopped()

    async def stopped() -> None:
        done.set()
        await asyncio.Event().wait()

    done = asyncio.Event()
    editions = Editions(tmp_path, bench.read, every_s=7.0, wait=wait)
    editions.start()
    await done.wait()
    await editions.stop()
    assert waits == [7.0] * 4
    assert seen == ["Text 3"]
