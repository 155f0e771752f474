CREATE TABLE {schema}.log (
    only_row       boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    schema_version integer NOT NULL,
    scale          double precision NOT NULL,
    offset_us      bigint NOT NULL
);

CREATE TABLE {schema}.event (
    position bigint  PRIMARY KEY,
    stream   text    NOT NULL,
    seq      bigint  NOT NULL,
    at_us    bigint  NOT NULL,
    epoch    bigint  NOT NULL,
    basis    bigint  NOT NULL,
    kind     text    NOT NULL,
    ref      text,
    meta     bytea   NOT NULL,
    data     bytea   NOT NULL,
    private  bytea,
    hash     bytea   NOT NULL
);
CREATE UNIQUE INDEX event_stream ON {schema}.event (stream, seq);
CREATE INDEX event_ref ON {schema}.event (ref, position) WHERE ref IS NOT NULL;

CREATE TABLE {schema}.command (
    stream    text   NOT NULL,
    id        text   NOT NULL,
    digest    bytea  NOT NULL,
    first_seq bigint NOT NULL,
    last_seq  bigint NOT NULL,
    PRIMARY KEY (stream, id)
);

CREATE TABLE {schema}.work (
    id       text   PRIMARY KEY,
    kind     text   NOT NULL,
    stream   text   NOT NULL,
    due_us   bigint NOT NULL,
    attempt  bigint NOT NULL DEFAULT 0,
    lease_us bigint NOT NULL DEFAULT 0,
    holder   text   NOT NULL DEFAULT '',
    body     bytea  NOT NULL,
    unended  bigint NOT NULL DEFAULT 0
);
CREATE INDEX work_due ON {schema}.work (kind, due_us);
CREATE INDEX work_stream ON {schema}.work (stream);

CREATE TABLE {schema}.journal (
    work_id text  NOT NULL,
    step    text  NOT NULL,
    body    bytea NOT NULL,
    PRIMARY KEY (work_id, step)
);

CREATE TABLE {schema}.record (
    name       text NOT NULL,
    key        text NOT NULL,
    body       bytea NOT NULL,
    expires_us bigint,
    PRIMARY KEY (name, key)
);

CREATE TABLE {schema}.claim (
    key    text PRIMARY KEY,
    stream text NOT NULL
);

-- The last batch of each writing process and what became of it, so that a batch whose answer was
-- lost can be sent again without being carried out twice.
CREATE TABLE {schema}.writer (
    id       text   PRIMARY KEY,
    batch    bigint NOT NULL,
    position bigint NOT NULL,
    now_us   bigint NOT NULL,
    verdicts text   NOT NULL,
    seen_us  bigint NOT NULL
) WITH (fillfactor = 40);
