"""The log on SQLite: one writer thread with group commit, WAL, synchronous=FULL."""

from stepin.log.sqlite.log import SqliteLog

__all__ = ["SqliteLog"]
