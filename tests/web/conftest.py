"""A served desk for every test of the web."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.served import Served, serving


@pytest.fixture
def store(request: pytest.FixtureRequest) -> str:
    """Which store the served desk stands on; a module that asks for `each_store` gets both."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def log_url(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if store == "sqlite":
        return f"sqlite:///{tmp_path / 'log.sqlite'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def served(tmp_path: Path, log_url: str) -> AsyncIterator[Served]:
    async with serving(tmp_path, log=log_url) as running:
        yield running
