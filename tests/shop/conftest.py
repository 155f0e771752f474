from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from examples.shop.database import Shop
from examples.shop.seed import seed

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def shop() -> Iterator[Shop]:
    opened = Shop(":memory:", now=lambda: NOW)
    seed(opened, today=date(2026, 3, 2))
    yield opened
    opened.close()
