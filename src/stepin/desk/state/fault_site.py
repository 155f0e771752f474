"""How an unexpected exception is logged: its type and place, never its text."""

from __future__ import annotations

import traceback
from pathlib import Path


def place_of(error: BaseException) -> dict[str, str]:
    """Return the type of an exception, where it was raised, and by which way it came there.

    Messages and locals may hold what customers have said, so they are left out.
    """
    steps = [
        f"{Path(frame.f_code.co_filename).name}:{line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    said = {"error": type(error).__name__, "at": steps[-1] if steps else "", "way": " ".join(steps)}
    cause = error.__cause__ or error.__context__
    return said if cause is None else {**said, "cause": type(cause).__name__}
