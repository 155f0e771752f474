CREATE TABLE IF NOT EXISTS stream (
    id   INTEGER PRIMARY KEY,
    name TEXT    NOT NULL UNIQUE
) STRICT;

CREATE TABLE IF NOT EXISTS event (
    position INTEGER PRIMARY KEY,
    stream   INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    at_us    INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    basis    INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    ref      TEXT,
    meta     BLOB    NOT NULL,
    data     BLOB    NOT NULL,
    private  BLOB,
    hash     BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS event_stream ON event (stream, seq);
CREATE INDEX IF NOT EXISTS event_ref ON event (ref, position) WHERE ref IS NOT NULL;

CREATE TABLE IF NOT EXISTS command (
    stream    INTEGER NOT NULL,
    id        TEXT    NOT NULL,
    digest    BLOB    NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq  INTEGER NOT NULL,
    PRIMARY KEY (stream, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS work (
    id       TEXT    PRIMARY KEY,
    kind     TEXT    NOT NULL,
    stream   TEXT    NOT NULL,
    due_us   INTEGER NOT NULL,
    attempt  INTEGER NOT NULL DEFAULT 0,
    lease_us INTEGER NOT NULL DEFAULT 0,
    holder   TEXT    NOT NULL DEFAULT '',
    body     BLOB    NOT NULL,
    unended  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS work_due ON work (kind, due_us);
CREATE INDEX IF NOT EXISTS work_stream ON work (stream);

CREATE TABLE IF NOT EXISTS journal (
    work_id TEXT NOT NULL,
    step    TEXT NOT NULL,
    body    BLOB NOT NULL,
    PRIMARY KEY (work_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS record (
    name       TEXT NOT NULL,
    key        TEXT NOT NULL,
    body       BLOB NOT NULL,
    expires_us INTEGER,
    PRIMARY KEY (name, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS claim (
    key    TEXT PRIMARY KEY,
    stream TEXT NOT NULL
) STRICT, WITHOUT ROWID;
