"""Opening the database file: pragmas, schema, and a version that is checked and migrated."""

from __future__ import annotations

import os
import sqlite3
from importlib.resources import files
from pathlib import Path

from stepin.errors import Invalid, StepinError, Unavailable

SCHEMA = 4
_APPLICATION_ID = 0x53746570  # "Step"

MIGRATIONS: dict[int, str] = {
    2: """
        CREATE TABLE IF NOT EXISTS claim (key TEXT PRIMARY KEY, stream TEXT NOT NULL)
            STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS work_stream ON work (stream);
    """,
    3: """
        CREATE TABLE stream (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
        INSERT INTO stream (name) SELECT stream FROM event GROUP BY stream ORDER BY min(position);
        DROP INDEX event_stream;
        DROP INDEX event_ref;
        ALTER TABLE event RENAME TO event_before;
        CREATE TABLE event (
            position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, seq INTEGER NOT NULL,
            at_us INTEGER NOT NULL, epoch INTEGER NOT NULL, basis INTEGER NOT NULL,
            kind TEXT NOT NULL, ref TEXT, meta BLOB NOT NULL, data BLOB NOT NULL, private BLOB,
            hash BLOB NOT NULL
        ) STRICT;
        INSERT INTO event SELECT position, id, seq, at_us, epoch, basis, kind, ref, meta, data,
            private, hash FROM event_before JOIN stream ON name = stream ORDER BY position;
        DROP TABLE event_before;
        CREATE UNIQUE INDEX event_stream ON event (stream, seq);
        CREATE INDEX event_ref ON event (ref, position) WHERE ref IS NOT NULL;
        ALTER TABLE command RENAME TO command_before;
        CREATE TABLE command (
            stream INTEGER NOT NULL, id TEXT NOT NULL, digest BLOB NOT NULL,
            first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, PRIMARY KEY (stream, id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO command SELECT s.id, c.id, digest, first_seq, last_seq
            FROM command_before AS c JOIN stream AS s ON s.name = c.stream ORDER BY s.id, c.id;
        DROP TABLE command_before;
    """,
    4: """
        ALTER TABLE work ADD COLUMN unended INTEGER NOT NULL DEFAULT 0;
    """,
}
"""What brings a file from the version before to each version."""


def connect(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """Return a connection with the pragmas of the log; transactions are explicit.

    Raises
    ------
    Invalid
        ``not_a_log`` if the file is no database.
    Unavailable
        ``log_unavailable`` if the file can't be opened.
    """
    if not readonly:
        _make_private(path)
    address = f"{path.absolute().as_uri()}?mode={_mode(path) if readonly else 'rwc'}"
    conn: sqlite3.Connection | None = None
    try:
        conn = sqlite3.connect(
            address,
            timeout=30.0,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
            uri=True,
        )
        if not readonly:
            conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("PRAGMA synchronous=FULL")
        conn.execute("PRAGMA busy_timeout=30000")
        conn.execute("PRAGMA temp_store=MEMORY")
        conn.execute("PRAGMA cache_size=-65536")
        conn.execute("PRAGMA secure_delete=ON")
        if readonly:
            conn.execute("PRAGMA query_only=ON")
            conn.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error as error:
        if conn is not None:
            conn.close()
        raise _cannot_open(path, error) from error
    return conn


def _make_private(path: Path) -> None:
    """Make the file so that only its owner reads it; SQLite gives its companions the same mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError:
        return  # it is there, or opening it will say what is wrong


def _mode(path: Path) -> str:
    """Return how to open a log only to read it: shared memory needs a folder that is writable."""
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return "rw"
    return "ro" if path.with_name(f"{path.name}-wal").exists() else "ro&immutable=1"


def _cannot_open(path: Path, error: sqlite3.Error) -> StepinError:
    if error.sqlite_errorname == "SQLITE_NOTADB":
        return Invalid(f"{path} is not a Stepin log.", hint="Name another file.", code="not_a_log")
    return Unavailable(
        f"Can't open the log {path}: {error}.",
        hint="Check that the file and its folder exist and may be written.",
        code="log_unavailable",
        path=str(path),
    )


def prepare(conn: sqlite3.Connection, path: Path, *, readonly: bool = False) -> int | None:
    """Create the tables in an empty file, or bring a log to this version.

    Returns the version that it had if it was migrated, else None.

    Raises
    ------
    Invalid
        ``not_a_log`` if the file is something else, ``newer_schema`` if it was written by a newer
        version, ``older_schema`` if it has to be migrated and may not be written.
    Unavailable
        ``log_unwritable`` if the file can't be written.
    """
    try:
        application, version, tables = _identity(conn)
        _check(path, application, version, tables)
        if version == SCHEMA:
            return None
        if readonly:
            raise Invalid(
                f"{path} has schema {version}, this version reads {SCHEMA}.",
                hint="Start `stepin serve` once: it brings the log to this version.",
                code="older_schema",
            )
        return _migrate(conn)
    except sqlite3.DatabaseError as error:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        if error.sqlite_errorname == "SQLITE_NOTADB":
            raise _cannot_open(path, error) from error
        raise Unavailable(
            f"The log {path} can't be written: {error}.",
            hint="Check its permissions and the space on its disk.",
            code="log_unwritable",
            path=str(path),
        ) from error


def _identity(conn: sqlite3.Connection) -> tuple[int, int, int]:
    return (
        conn.execute("PRAGMA application_id").fetchone()[0],
        conn.execute("PRAGMA user_version").fetchone()[0],
        conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0],
    )


def _check(path: Path, application: int, version: int, tables: int) -> None:
    if tables and application != _APPLICATION_ID:
        raise Invalid(f"{path} is not a Stepin log.", hint="Name another file.", code="not_a_log")
    if version > SCHEMA:
        raise Invalid(
            f"{path} was written by a newer version (schema {version}, this one knows {SCHEMA}).",
            hint="Upgrade Stepin.",
            code="newer_schema",
        )


def _migrate(conn: sqlite3.Connection) -> int | None:
    """Make the tables or change them, whoever else opens the file at the same moment."""
    conn.execute("BEGIN IMMEDIATE")
    _, version, tables = _identity(conn)
    steps = (
        [files("stepin.log.sqlite").joinpath("schema.sql").read_text()]
        if not tables
        else [MIGRATIONS[n] for n in range(version + 1, SCHEMA + 1)]
    )
    for step in steps:
        for statement in step.split(";"):
            conn.execute(statement)
    conn.execute(f"PRAGMA application_id={_APPLICATION_ID}")
    conn.execute(f"PRAGMA user_version={SCHEMA}")
    conn.execute("COMMIT")
    return version if tables and version < SCHEMA else None
