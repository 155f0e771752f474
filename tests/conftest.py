"""Fixtures of every part: a PostgreSQL server and a schema of one's own."""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from stepin.agent.shop.handbook import Handbook
from stepin.agent.shop.intent_training import examples_of, intents_of
from stepin.judge.models.intent import IntentModel
from tests.fitted import FittedModels, of_this_code
from tests.postgres import Server, own_server

REQUIRE_ALL = os.environ.get("STEPIN_TEST_REQUIRE") == "all"


def skip(why: str) -> None:
    """Skip a test for what this machine lacks, or fail it if nothing may be skipped."""
    if REQUIRE_ALL:
        pytest.fail(f"{why} (STEPIN_TEST_REQUIRE=all)")
    pytest.skip(why)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse two tests of one name: run in several processes, only one of them would be run."""
    names = Counter(item.nodeid for item in items)
    if twice := [name for name, times in names.items() if times > 1]:
        raise pytest.UsageError(f"Two tests are called {twice[0]}.")


@pytest.fixture(scope="session")
def fitted(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> FittedModels:
    """Fitted models, kept in pytest's cache; `pytest --cache-clear` fits them anew."""
    cache = getattr(pytestconfig, "cache", None)
    folder = tmp_path_factory.mktemp("fitted") if cache is None else cache.mkdir("fitted")
    return FittedModels(folder, of_this_code())


@pytest.fixture(scope="session")
def intents(fitted: FittedModels) -> Callable[[Handbook], IntentModel]:
    """What `intents_of` returns for a handbook."""

    def of(handbook: Handbook) -> IntentModel:
        return fitted.get(IntentModel, examples_of(handbook), lambda: intents_of(handbook))

    return of


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """The address of a database in which tests may make and drop schemas."""
    named = os.environ.get("STEPIN_TEST_POSTGRES")
    if named:
        yield named
        return
    with own_server() as server:
        if server is None:
            skip("PostgreSQL is not installed and STEPIN_TEST_POSTGRES is not set")
            return
        yield server.dsn


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A server of the tests' own, for those that stop and start it."""
    with own_server() as server:
        if server is None:
            skip("PostgreSQL's binaries are not installed")
            return
        yield server


@pytest.fixture
async def postgres_schema(postgres_dsn: str) -> AsyncIterator[str]:
    """The name of a schema that is dropped after the test."""
    name = f"stepin_test_{secrets.token_hex(6)}"
    yield name
    conn = await asyncpg.connect(postgres_dsn)
    await conn.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
    await conn.close()


@pytest.fixture
def postgres_url(postgres_dsn: str, postgres_schema: str) -> str:
    """The URL of a log that does not exist yet, in a schema of this test's own."""
    mark = "&" if urlsplit(postgres_dsn).query else "?"
    return f"{postgres_dsn}{mark}schema={postgres_schema}"
