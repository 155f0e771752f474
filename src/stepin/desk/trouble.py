"""How an unexpected exception is logged: its type and place, never its text."""

from __future__ import annotations

from pathlib import Path


def place_of(error: BaseException) -> dict[str, str]:
    """Return the type of an exception and where it was raised.

    Messages and locals may hold what customers have said, so they are left out.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    at = (
        "" if trace is None else f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
    )
    return {"error": type(error).__name__, "at": at}
