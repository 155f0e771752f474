"""The tables and functions of a log in its schema: made, checked, migrated."""

from __future__ import annotations

import secrets
from importlib.resources import files

import asyncpg

from stepin.core.events import Event
from stepin.core.events.floor import LogNoted, LogOpened
from stepin.core.record import NewEvent
from stepin.errors import Invalid, Missing
from stepin.log.codec import encode
from stepin.log.postgres.batch import Ask, parameters
from stepin.log.postgres.database import Connection, Database
from stepin.log.protocol import Append

SCHEMA = 3
DESK = "desk"

MIGRATIONS: dict[int, str] = {
    2: """
        CREATE TABLE IF NOT EXISTS {schema}.claim (key text PRIMARY KEY, stream text NOT NULL);
        CREATE INDEX IF NOT EXISTS work_stream ON {schema}.work (stream);
    """,
    3: "ALTER TABLE {schema}.work ADD COLUMN IF NOT EXISTS unended bigint NOT NULL DEFAULT 0",
}
"""What brings a log from the version before to each version."""


async def check(conn: Connection, db: Database) -> None:
    """Look whether the log is there and of this version, without writing anything.

    Raises
    ------
    Missing
        ``no_log`` if there is none.
    Invalid
        If the schema holds something else, or another version of the log.
    """
    version = await _version(conn, db)
    if version is None:
        raise _no_log(db)
    _not_newer(db, version)
    if version < SCHEMA:
        raise Invalid(
            f"The log in schema {db.schema} has schema {version}, this version reads {SCHEMA}.",
            hint="Start `stepin serve` once: it brings the log to this version.",
            code="older_schema",
        )


def _no_log(db: Database) -> Missing:
    return Missing(
        f"There is no log in schema {db.schema}.",
        hint="Check the URL; `stepin serve` makes a new log.",
        code="no_log",
        schema=db.schema,
    )


def _not_newer(db: Database, version: int) -> None:
    if version > SCHEMA:
        raise Invalid(
            f"The log in schema {db.schema} was written by a newer version "
            f"(schema {version}, this one knows {SCHEMA}).",
            hint="Upgrade Stepin.",
            code="newer_schema",
        )


async def prepare(
    conn: Connection, db: Database, *, scale: float, offset_us: int, create: bool
) -> None:
    """Make the log if there is none, or bring it to this version.

    Raises
    ------
    Missing
        ``no_log`` if there is none and none may be made.
    Invalid
        If the schema holds something else, or was written by a newer version.
    """
    encoding = await conn.fetchval("SHOW server_encoding")
    if encoding != "UTF8":
        raise Invalid(f"The database's encoding is {encoding}.", hint="Use UTF8.", code="encoding")
    async with conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", db.schema)
        version = await _version(conn, db)
        if version is not None:
            _not_newer(db, version)
            for n in range(version + 1, SCHEMA + 1):
                await conn.execute(db.sql(MIGRATIONS[n]))
            if version < SCHEMA:
                await conn.execute(db.sql("UPDATE {schema}.log SET schema_version = $1"), SCHEMA)
        else:
            if not create:
                raise _no_log(db)
            await conn.execute(f"CREATE SCHEMA IF NOT EXISTS {db.schema}")
            await conn.execute(db.sql(_text("schema.sql")))
            await conn.execute(
                db.sql("INSERT INTO {schema}.log VALUES (true, $1, $2, $3)"),
                SCHEMA,
                scale,
                offset_us,
            )
        await _make_functions(conn, db)
        if version is None:
            opened = LogOpened(log_id=secrets.token_hex(8), scale=scale, offset_us=offset_us)
            await _note(conn, db, opened)
        elif version < SCHEMA:
            await _note(conn, db, LogNoted(what=f"migrated from schema {version} to {SCHEMA}"))


async def _note(conn: Connection, db: Database, event: Event) -> None:
    item = Append(stream=DESK, events=(NewEvent(event=event),))
    code = encode(item.events[0], command_id=None, salt=secrets.token_bytes)
    await append(conn, db, secrets.token_hex(8), 1, [Ask(item, (code,))])


async def _version(conn: Connection, db: Database) -> int | None:
    if await conn.fetchval("SELECT to_regclass($1)", f"{db.schema}.log") is None:
        if await conn.fetchval(
            "SELECT 1 FROM pg_class WHERE relnamespace = to_regnamespace($1) LIMIT 1", db.schema
        ):
            raise Invalid(
                f"The schema {db.schema} holds something that is not a Stepin log.",
                hint="Name another schema.",
                code="not_a_log",
            )
        return None
    try:
        found = await conn.fetchval(db.sql("SELECT schema_version FROM {schema}.log"))
    except asyncpg.UndefinedColumnError as error:
        raise Invalid(
            f"The schema {db.schema} is not a Stepin log.",
            hint="Name another schema.",
            code="not_a_log",
        ) from error
    return int(found)


async def _make_functions(conn: Connection, db: Database) -> None:
    key = await conn.fetchval("SELECT hashtextextended($1, 0)", f"stepin:{db.schema}")
    text = db.sql(_text("functions.sql")).replace("{lock_key}", str(key))
    digest = await conn.fetchval("SELECT md5($1)", text)
    known = await conn.fetchval(
        "SELECT obj_description(to_regnamespace($1), 'pg_namespace')", db.schema
    )
    if known != f"stepin {digest}":
        await conn.execute(text)
        await conn.execute(f"COMMENT ON SCHEMA {db.schema} IS 'stepin {digest}'")


def _text(name: str) -> str:
    return files("stepin.log.postgres").joinpath(name).read_text()


async def append(
    conn: Connection, db: Database, writer: str, batch: int, asks: list[Ask]
) -> asyncpg.Record:
    """Return the answer of the append function. See `functions.sql` for what it promises."""
    given = parameters(asks)
    marks = ",".join(f"${n}" for n in range(1, len(given) + 3))
    return await conn.fetchrow(
        f"SELECT * FROM {db.schema}.append({marks})",  # noqa: S608
        writer,
        batch,
        *given,
    )
