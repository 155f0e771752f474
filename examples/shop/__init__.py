"""A sample shop: electronics and household goods, its tools, procedures and articles.

`open_tools` is what a domain folder has to offer; see the how-to on connecting a shop.
`open_people` and `Clerk` let a demo live: its simulated customers, and what its workers do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from stepin.agent.tools.tool import Tool

from .changing import changing_tools
from .clerk import Clerk as Clerk
from .database import Shop
from .reading import reading_tools
from .seed import seed
from .visitors import Visitors


def open_shop(data: Path, now: Callable[[], datetime]) -> Shop:
    """Return the shop whose data stands in `data`, made and seeded at the first time."""
    shop = Shop(data / "shop.sqlite", now=now)
    if shop.empty():
        seed(shop, today=now().date())
    return shop


def open_tools(data: Path, now: Callable[[], datetime]) -> list[Tool]:
    """Return the shop's tools on the data in a folder."""
    return tools_of(open_shop(data, now))


def tools_of(shop: Shop) -> list[Tool]:
    """Return every tool of an open shop."""
    return [*reading_tools(shop), *changing_tools(shop)]


def open_people(data: Path, now: Callable[[], datetime], seed: int) -> Visitors:
    """Return the shop's simulated customers, who know the orders in a folder's data."""
    return Visitors(open_shop(data, now), seed=seed)
