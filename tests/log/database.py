"""Changing a log behind its back, as somebody with the database in hands could."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import asyncpg

from stepin.log.open import postgres_address, sqlite_path


async def tamper(url: str, *statements: str) -> None:
    """Run SQL on the database of a log; `event` is the table of events."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(sqlite_path(url))) as conn:
            for statement in statements:
                conn.execute(statement)
            conn.commit()
        return
    dsn, schema = postgres_address(url)
    conn = await asyncpg.connect(dsn, server_settings={"search_path": schema})
    for statement in statements:
        await conn.execute(statement)
    await conn.close()
