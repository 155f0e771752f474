"""The log on PostgreSQL: the append is one SQL function, decided and chained in the database."""

from stepin.log.postgres.log import PostgresLog

__all__ = ["PostgresLog"]
