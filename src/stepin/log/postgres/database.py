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
_NOT_LET_IN = ("28", "3D", "42")
"""Classes of SQLSTATE that no waiting mends: a wrong password, no such database."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 1.0


def lost(error: BaseException) -> bool:
    """Return whether an error means that the server could not be reached or went away.

    That is the kind, not a list of names: the server says that the session is over, the operating
    system says that the line is, or the client library finds itself in a state that it doesn't
    know, as it does when a session ends in the middle of an answer. A value that can't be sent is
    the caller's fault, not the line's.
    """
    if isinstance(error, ValueError):
        return False
    if isinstance(error, asyncpg.PostgresError):
        state: str = error.sqlstate or ""
        grave = getattr(error, "severity_en", None) or getattr(error, "severity", None)
        over_now = grave in ("FATAL", "PANIC") and not state.startswith(_NOT_LET_IN)
        return over_now or state.startswith(("08", "57P"))
    return isinstance(error, OSError | EOFError) or _of_the_client(error)


def _of_the_client(error: BaseException) -> bool:
    return any(kind.__module__.partition(".")[0] == "asyncpg" for kind in type(error).__mro__)


def over(error: Exception, conn: Connection) -> Exception:
    """Return the error of a piece of work, as a lost connection if the connection is closed."""
    if lost(error) or isinstance(error, StepinError) or not conn.is_closed():
        return error
    closed = ConnectionError(f"the connection was closed ({type(error).__name__})")
    closed.__cause__ = error
    return closed


def unavailable(error: BaseException, *, code: str = "log_unavailable") -> StepinError:
    """Return the error of a database that does not answer, or will not write.

    The database's own words stay out of it: they may reach a customer. They are its cause.
    """
    found = Unavailable(
        "The log's database can't be used now.",
        hint="Try again in a moment; nothing that was acknowledged is lost. Whoever runs the desk: "
        "check that PostgreSQL runs, has disk space and accepts connections.",
        code=code,
    )
    found.__cause__ = error
    return found


def refused(error: asyncpg.PostgresError) -> StepinError:
    """Return what a statement that the server has refused means to the caller.

    Only values that it can't take are the caller's fault (SQLSTATE classes 22 and 54).
    """
    state: str = error.sqlstate or ""
    found: StepinError
    if state.startswith(("22", "54")):
        found = Invalid(
            "The log can't take one of the values.",
            hint="Send plain text without control characters, and numbers of a usual size.",
            code="log_refused",
        )
    elif state.startswith("53") or state == "25006":
        return unavailable(error, code="log_unwritable")
    else:
        found = Unavailable(
            f"The log's database refused a statement (SQLSTATE {state or 'unknown'}).",
            hint="Whoever runs the desk: see PostgreSQL's log; the user needs the whole schema.",
            code="log_refused",
        )
    found.__cause__ = error
    return found


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
                try:
                    return await work(conn)
                except Exception as error:  # noqa: BLE001 - it is raised again
                    raise over(error, conn) from error.__cause__

        if again:
            return await self.patiently(once)
        try:
            return await once()
        except Exception as error:
            if lost(error):
                raise unavailable(error, code="outcome_unknown") from error
            if isinstance(error, asyncpg.PostgresError):
                raise refused(error) from error
            raise

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
            except Exception as error:
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
            except Exception as error:
                self._pool.terminate()
                if not lost(error):
                    raise


async def _durable(conn: Connection) -> None:
    """Make an acknowledged append durable, whatever the server's default says."""
    await conn.execute(
        "SELECT set_config('synchronous_commit', 'on', false) "
        "WHERE current_setting('synchronous_commit') = 'off'"
    )


async def _nothing(conn: Connection) -> None:
    """Leave the session as it is: nothing here changes it."""
