"""The connections to one schema of a PostgreSQL database, and what is done when they break."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import asyncpg

from stepin.errors import Invalid, StepinError, Unavailable

T = TypeVar("T")
Connection = Any

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 1.0


def lost(error: BaseException) -> bool:
    """Return whether an error means that the server could not be reached or went away."""
    return isinstance(error, _LOST) and not isinstance(error, ValueError)


def unavailable(error: BaseException, *, code: str = "log_unavailable") -> StepinError:
    """Return the error of a database that does not answer, or will not write."""
    return Unavailable(
        f"The log's database can't be used now: {error or type(error).__name__}.",
        hint="Check that PostgreSQL runs, has disk space and accepts connections.",
        code=code,
    )


def refused(error: asyncpg.PostgresError) -> StepinError:
    """Return what a statement that the server has refused means to the caller."""
    if isinstance(error, asyncpg.DiskFullError | asyncpg.ReadOnlySQLTransactionError):
        return unavailable(error, code="log_unwritable")
    return Invalid(f"The log's database refused a statement: {error}.", code="log_refused")


class Database:
    """A pool of connections whose statements name the log's schema.

    Parameters
    ----------
    dsn : how to reach the database.
    schema : the schema of this log; a plain lower-case name.
    patience_s : for how long a database that went away is waited for.
    readonly : whether every transaction is read-only.
    """

    def __init__(self, dsn: str, schema: str, *, patience_s: float, readonly: bool = False) -> None:
        if not _NAME.fullmatch(schema):
            raise Invalid(
                f"{schema!r} can't name a schema.",
                hint="Use lower-case letters, digits and underscores.",
                code="schema_name",
            )
        self.dsn, self.schema, self.patience_s = dsn, schema, patience_s
        self._how: dict[str, Any] = {
            "command_timeout": 60.0,
            "timeout": 10.0,
            "server_settings": {
                "application_name": "stepin",
                "jit": "off",
                "default_transaction_read_only": "on" if readonly else "off",
            },
        }
        self._pool: Any = None

    async def open(self) -> None:
        """Make the pool."""
        self._pool = await self.patiently(
            lambda: asyncpg.create_pool(
                self.dsn, min_size=1, max_size=4, init=_durable, reset=_nothing, **self._how
            )
        )

    async def connect(self) -> Connection:
        """Return a connection of one's own."""
        conn = await asyncpg.connect(self.dsn, **self._how)
        try:
            await _durable(conn)
        except BaseException:
            conn.terminate()
            raise
        return conn

    def sql(self, text: str) -> str:
        """Return a statement with `{schema}` filled in."""
        return text.replace("{schema}", self.schema)

    async def run(self, work: Callable[[Connection], Awaitable[T]], *, again: bool = True) -> T:
        """Return what a piece of work does on a connection of the pool.

        Parameters
        ----------
        work : what to do.
        again : whether it may be done twice if the connection breaks; if not, the break is
            reported as `Unavailable` with code ``outcome_unknown``.
        """

        async def once() -> T:
            async with self._pool.acquire() as conn:
                return await work(conn)

        if again:
            return await self.patiently(once)
        try:
            return await once()
        except asyncpg.PostgresError as error:
            if lost(error):
                raise unavailable(error, code="outcome_unknown") from error
            raise refused(error) from error
        except _LOST as error:
            raise unavailable(error, code="outcome_unknown") from error

    async def patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return what a repeatable piece of work does, waiting for a server that went away.

        Raises
        ------
        Unavailable
            If the server is not back within the patience.
        Invalid
            If the server refuses the statement.
        """
        clock = asyncio.get_running_loop().time
        until, pause_s = clock() + self.patience_s, _FIRST_PAUSE_S
        while True:
            try:
                return await work()
            except (asyncpg.PostgresError, *_LOST) as error:
                if not lost(error):
                    if isinstance(error, asyncpg.PostgresError):
                        raise refused(error) from error
                    raise
                if clock() + pause_s > until:
                    raise unavailable(error) from error
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def close(self) -> None:
        """Let go of the pool."""
        if self._pool is not None:
            try:
                async with asyncio.timeout(2.0):
                    await self._pool.close()
            except (TimeoutError, *_LOST):
                self._pool.terminate()


async def _durable(conn: Connection) -> None:
    """Make an acknowledged append durable, whatever the server's default says."""
    await conn.execute(
        "SELECT set_config('synchronous_commit', 'on', false) "
        "WHERE current_setting('synchronous_commit') = 'off'"
    )


async def _nothing(conn: Connection) -> None:
    """Leave the session as it is: nothing here changes it."""
