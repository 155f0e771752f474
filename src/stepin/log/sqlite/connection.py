"""Opening the database file: pragmas, schema, and a version that is checked."""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from pathlib import Path

from stepin.errors import Invalid, Unavailable

SCHEMA = 1
_APPLICATION_ID = 0x53746570  # "Step"


def connect(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """Return a connection with the pragmas of the log; transactions are explicit.

    Raises
    ------
    Unavailable
        If the file can't be opened.
    """
    try:
        conn = sqlite3.connect(
            path, timeout=30.0, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("PRAGMA synchronous=FULL")
        conn.execute("PRAGMA busy_timeout=30000")
        conn.execute("PRAGMA temp_store=MEMORY")
        conn.execute("PRAGMA cache_size=-65536")
        if readonly:
            conn.execute("PRAGMA query_only=ON")
    except sqlite3.Error as error:
        raise Unavailable(
            f"Can't open the log {path}: {error}.",
            hint="Check that the folder exists and may be written.",
            code="log_unavailable",
        ) from error
    return conn


def prepare(conn: sqlite3.Connection, path: Path) -> None:
    """Create the tables in an empty file, or check that the file is a log of ours.

    Raises
    ------
    Invalid
        If the file is something else, or was written by a newer version.
    """
    try:
        application = conn.execute("PRAGMA application_id").fetchone()[0]
        version = conn.execute("PRAGMA user_version").fetchone()[0]
        tables = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise Invalid(
            f"{path} is not a Stepin log: {error}.", hint="Name another file.", code="not_a_log"
        ) from error
    if tables and application != _APPLICATION_ID:
        raise Invalid(f"{path} is not a Stepin log.", hint="Name another file.", code="not_a_log")
    if version > SCHEMA:
        raise Invalid(
            f"{path} was written by a newer version (schema {version}, this one knows {SCHEMA}).",
            hint="Upgrade Stepin.",
            code="newer_schema",
        )
    if version < SCHEMA:
        sql = files("stepin.log.sqlite").joinpath("schema.sql").read_text()
        conn.executescript(
            f"BEGIN IMMEDIATE; {sql} PRAGMA application_id={_APPLICATION_ID}; "
            f"PRAGMA user_version={SCHEMA}; COMMIT;"
        )
