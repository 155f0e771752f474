"""What the process tells about itself: one JSON object per line, with no message text in it."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog

from stepin.desk.state.fault_site import place_of


def _without_text(_logger: Any, _name: str, said: structlog.types.EventDict) -> Any:
    """Say of an exception its place only: its text may quote a customer."""
    error = said.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if not isinstance(error, BaseException):
        return said
    first = str(said["event"]).partition("\n")[0]
    return {**said, "event": first, **place_of(error)}


_SHARED: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _without_text,
]


def tell(level: str, *, stream: TextIO | None = None) -> None:
    """Let structlog and the standard library's loggers (the server's) write JSON lines.

    Parameters
    ----------
    level : debug, info, warning or error.
    stream : where to; standard error by default, so that standard output stays clean.
    """
    out = stream or sys.stderr
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*_SHARED, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    # What libraries say of their own doings (a line for each request to a language model) is for
    # whoever asks for everything.
    root.setLevel(number if number <= logging.DEBUG else max(number, logging.WARNING))
