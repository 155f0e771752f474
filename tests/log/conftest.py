from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stepin.log.protocol import Log
from stepin.log.sqlite import SqliteLog


@pytest.fixture(params=["sqlite"])
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Log]:
    opened = await SqliteLog.open(tmp_path / "log.sqlite")
    yield opened
    await opened.close()
