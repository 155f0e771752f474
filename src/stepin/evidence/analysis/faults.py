"""What an analysis says of itself when it can't be carried out."""

from __future__ import annotations

from stepin.errors import StepinError


def said(error: StepinError) -> str:
    """Return what a refusal says, with its own hint if it has one."""
    own = error.hint if error.hint != error.hint_default else ""
    return f"{error.message} {own}".strip()


def told(error: Exception) -> str:
    """Return what broke, in one line: the kind of error and its message."""
    first = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
