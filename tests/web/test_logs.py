"""What the process tells about itself holds no text of anybody."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from stepin.web.logs import tell

SECRET = "my card is 4711"


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """The lines of a process that has just been told to log."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    out = io.StringIO()
    tell("info", stream=out)
    yield out
    structlog.configure(**before)
    root.handlers, root.level = handlers, level


def test_an_exception_is_told_by_type_and_place(said: io.StringIO) -> None:
    log = structlog.get_logger("tests")
    try:
        int(SECRET)
    except ValueError:
        log.exception("it_broke", request_id="r1")
        logging.getLogger("a.library").exception("it broke there")
    own, theirs = (json.loads(line) for line in said.getvalue().splitlines())
    for line in (own, theirs):
        assert line["error"] == "ValueError"
        assert line["at"].startswith("test_logs.py:")
        assert line["level"] == "error"
    assert (own["event"], own["request_id"]) == ("it_broke", "r1")
    assert SECRET not in said.getvalue()


async def test_a_task_that_nobody_waited_for_is_told_so_too(said: io.StringIO) -> None:
    async def fail() -> None:
        raise RuntimeError(SECRET)

    loop = asyncio.get_running_loop()
    error = (await asyncio.gather(fail(), return_exceptions=True))[0]
    loop.default_exception_handler(
        {"message": "Task exception was never retrieved", "exception": error, "future": error}
    )
    line = json.loads(said.getvalue())
    assert line["error"] == "RuntimeError"
    assert line["event"] == "Task exception was never retrieved"
    assert SECRET not in said.getvalue()


def test_what_libraries_say_of_each_request_is_not_told(said: io.StringIO) -> None:
    for name in ("httpx", "httpcore", "openai", "any.library"):
        logging.getLogger(name).info("HTTP Request: POST https://llm.example %s", SECRET)
        logging.getLogger(name).warning("a warning")
    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["a warning"] * 4
    structlog.get_logger("stepin.web").info("request")
    assert '"request"' in said.getvalue()


def test_whoever_asks_for_everything_gets_it(said: io.StringIO) -> None:
    tell("debug", stream=said)
    logging.getLogger("any.library").info("HTTP Request")
    assert "HTTP Request" in said.getvalue()
