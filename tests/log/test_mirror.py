"""The log's events as files: every one once, in order, whoever adds them, whatever was lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pyarrow.parquet as pq

from stepin.log import mirror as module
from stepin.log.mirror import Mirror
from tests.evidence.analysis.metrics.weeks import weeks


def positions(folder: Path) -> list[int]:
    return [
        int(p)
        for path in sorted(folder.glob("*.parquet"))
        for p in pq.read_table(path, columns=["position"])["position"].to_pylist()
    ]


async def test_every_event_stands_once_and_in_order(tmp_path: Path) -> None:
    async with weeks(tmp_path) as told:
        mirror, another = (Mirror(told.log, tmp_path / "mirror") for _ in range(2))
        for _ in range(4):
            await told.day(2)
            folder, same = await asyncio.gather(mirror.refresh(), another.refresh())
        assert folder == same
        assert folder is not None
        last = await told.log.position()
        assert positions(folder) == list(range(1, last + 1))


async def test_small_files_are_put_together(tmp_path: Path) -> None:
    async with weeks(tmp_path) as told:
        mirror = Mirror(told.log, tmp_path / "mirror")
        for _ in range(module._MANY + 2):
            await told.chat()
            folder = await mirror.refresh()
        assert folder is not None
        assert len(list(folder.glob("*.parquet"))) < module._MANY
        assert positions(folder) == list(range(1, await told.log.position() + 1))
        assert not list(folder.glob("*.part"))


async def test_a_half_written_file_costs_one_refresh(tmp_path: Path) -> None:
    async with weeks(tmp_path) as told:
        mirror = Mirror(told.log, tmp_path / "mirror")
        await told.day(2)
        folder = await mirror.refresh()
        assert folder is not None
        (folder / "0000000000000000900-0000000000000000999.part").write_bytes(b"PAR1")
        await told.day(2)
        await mirror.refresh()
        assert positions(folder) == list(range(1, await told.log.position() + 1))


async def test_another_log_has_another_folder(tmp_path: Path) -> None:
    found = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        async with weeks(tmp_path / name) as told:
            if name == "b":
                told.clock[0] += 1
            await told.chat()
            found.append(await Mirror(told.log, tmp_path / "mirror").refresh())
    assert found[0] != found[1]


async def test_no_text_leaves_with_it(tmp_path: Path) -> None:
    async with weeks(tmp_path) as told:
        await told.chat()
        folder = await Mirror(told.log, tmp_path / "mirror").refresh()
        assert folder is not None
        held = b"".join(p.read_bytes() for p in folder.glob("*.parquet"))
        rows = [str(pq.read_table(p).to_pylist()) for p in folder.glob("*.parquet")]
    assert b"Let me look" not in held
    assert not any("I am here" in row or "Let me look" in row for row in rows)


async def test_what_is_read_stays_while_files_are_put_together(tmp_path: Path) -> None:
    async with weeks(tmp_path) as told:
        mirror = Mirror(told.log, tmp_path / "mirror")
        for _ in range(module._MANY - 1):
            await told.chat()
            await mirror.refresh()
        last = await told.log.position()
        async with mirror.reading() as files:
            assert files is not None
            await told.chat()
            await mirror.refresh()
            assert len(list(files.kept.glob("*.parquet"))) < module._MANY - 1
            assert positions(files.events) == list(range(1, last + 1))
        assert not files.events.exists()
