"""What counts as a lost connection to PostgreSQL: a kind, not a list."""

from __future__ import annotations

import asyncio
import sys

import asyncpg
import pytest

from stepin.core.events.chat import MessagePosted
from stepin.errors import Invalid, Unavailable
from stepin.log.postgres import PostgresLog
from stepin.log.postgres.database import lost, over, refused
from stepin.log.protocol import Appended
from stepin.log.verify import verify
from tests.log.samples import put

pytestmark = pytest.mark.postgres


def _all(kind: type[BaseException]) -> list[type[BaseException]]:
    return [kind, *(deeper for below in kind.__subclasses__() for deeper in _all(below))]


@pytest.mark.parametrize(
    "kind",
    [k for k in _all(asyncpg.InterfaceError) + _all(asyncpg.InternalClientError)],
    ids=lambda k: k.__name__,
)
def test_whatever_the_client_library_raises_is_lost_but_a_value_that_can_not_be_sent(
    kind: type[BaseException],
) -> None:
    assert lost(kind("x")) == (not issubclass(kind, ValueError))


@pytest.mark.parametrize(
    "kind",
    [k for k in _all(OSError) if k.__module__ in sys.stdlib_module_names],
    ids=lambda k: k.__name__,
)
def test_whatever_the_line_does_is_lost(kind: type[BaseException]) -> None:
    assert lost(kind.__new__(kind)) == (not issubclass(kind, ValueError))


def _server(kind: type[asyncpg.PostgresError], severity: str = "ERROR") -> asyncpg.PostgresError:
    error = kind("the server's words, with a customer's in them")
    error.severity_en = severity
    return error


def test_what_the_server_says_is_lost_when_the_session_is_over() -> None:
    for kind in _all(asyncpg.PostgresError):
        state: str = kind.sqlstate or ""  # type: ignore[attr-defined]
        for_good = state.startswith(("28", "3D", "42"))
        assert lost(_server(kind, "FATAL")) != for_good, kind  # type: ignore[arg-type]
        expected = state.startswith(("08", "57P"))
        assert lost(_server(kind)) == expected, kind  # type: ignore[arg-type]


def test_no_word_of_the_server_reaches_whoever_asked() -> None:
    for kind in _all(asyncpg.PostgresError):
        error = refused(_server(kind))  # type: ignore[arg-type]
        told = repr(error.as_dict())
        assert "words" not in told, kind
        values = (kind.sqlstate or "").startswith(("22", "54"))  # type: ignore[attr-defined]
        assert isinstance(error, Invalid) == values, kind
        assert isinstance(error.__cause__, kind)


class Closed:
    def is_closed(self) -> bool:
        return True


def test_any_error_of_a_connection_that_is_closed_is_lost() -> None:
    odd = AttributeError("'NoneType' object has no attribute 'decode'")
    assert lost(over(odd, Closed()))
    known = Unavailable("Stop.", code="x")
    assert over(known, Closed()) is known


async def test_sessions_that_are_ended_under_load_are_never_a_bug(
    postgres_dsn: str, postgres_schema: str
) -> None:
    log = await PostgresLog.open(postgres_dsn, schema=postgres_schema, patience_s=20)
    killer = await asyncpg.connect(postgres_dsn)
    done = asyncio.Event()
    trouble: list[BaseException] = []
    acked: list[str] = []

    async def write(writer: int) -> None:
        n = 0
        while not done.is_set():
            n += 1
            text = f"{writer}-{n}"
            try:
                out = await log.append(
                    put(f"chat/{writer}", MessagePosted(author="worker", text=text))
                )
                assert isinstance(out, Appended)
                acked.append(text)
                await log.read(f"chat/{writer}", after_seq=max(n - 2, 0))
                await log.record_put("t", str(writer), text.encode())
                await log.record_add("u", text, b"")
            except Unavailable:
                continue
            except BaseException as error:
                trouble.append(error)
                raise

    async def kill() -> None:
        for _ in range(20):
            await killer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND query LIKE $1",
                f"%{postgres_schema}%",
            )
            before = len(acked)
            async with asyncio.timeout(60):
                while len(acked) < before + 20:
                    await asyncio.sleep(0)
        done.set()

    writers = [asyncio.create_task(write(n)) for n in range(12)]
    await kill()
    await asyncio.gather(*writers, return_exceptions=True)
    assert trouble == []
    for writer in range(12):
        texts = [e.event.text for e in await log.read(f"chat/{writer}")]  # type: ignore[union-attr]
        assert len(texts) == len(set(texts))
        assert {t for t in acked if t.startswith(f"{writer}-")} <= set(texts)
    assert (await verify(log)).whole
    await killer.close()
    await log.close()
