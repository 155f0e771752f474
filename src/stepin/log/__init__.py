"""The append-only log: one protocol, a SQLite and a PostgreSQL adapter, export and verification."""
