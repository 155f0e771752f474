from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stepin.log.open import open_log
from stepin.log.protocol import Log


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def log_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a log that does not exist yet, on each adapter."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'log.sqlite'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def log(log_url: str) -> AsyncIterator[Log]:
    opened = await open_log(log_url)
    yield opened
    await opened.close()
