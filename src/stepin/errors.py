"""The one tree of errors.

::

    StepinError
    ├── Invalid           400  what was sent can't be read or makes no sense
    ├── SignInRequired    401  nobody is signed in, or the session has ended
    ├── Forbidden         403  this person may not do this
    ├── Missing           404  there is no such thing, or not for this person
    ├── Conflict          409  the resource has changed since the caller read it
    ├── TooLarge          413  more than the limit
    ├── TooMany           429  faster than the limit
    ├── Refused           422  understood, and not allowed by the rules
    ├── Unsupported       501  an optional part isn't installed
    └── Unavailable       503  a part of the desk can't be reached now

Every error has a stable ``code``, typed ``fields`` and one ``hint`` that says what to do next.
"""

from __future__ import annotations

from typing import ClassVar

Field = str | int | float | bool | None


class StepinError(Exception):
    """Base of every error that Stepin raises on purpose.

    Parameters
    ----------
    message : what happened, with the values that matter.
    hint : what to do about it; the class has a default.
    code : the stable name of this error; the class has a default.
    fields : typed values for programs, e.g. ``epoch=4``.
    """

    code: str = "error"
    status: ClassVar[int] = 500
    hint_default: ClassVar[str] = "Run `stepin doctor`."

    def __init__(
        self, message: str, *, hint: str | None = None, code: str | None = None, **fields: Field
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = self.hint_default if hint is None else hint
        if code is not None:
            self.code = code
        self.fields: dict[str, Field] = fields

    @property
    def because(self) -> str | None:
        """What a part of the desk said itself, for whoever runs it; never sent to a client."""
        cause = self.__cause__
        if cause is None or self.status < 500 or isinstance(cause, StepinError):
            return None
        return f"{type(cause).__name__}: {cause}"

    def as_dict(self) -> dict[str, object]:
        """Return the error as the API and ``--json`` print it."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "fields": self.fields,
        }


class Invalid(StepinError):
    """What was sent can't be read, or makes no sense."""

    code = "invalid"
    status = 400
    hint_default = "Correct the input and try again."


class SignInRequired(StepinError):
    """Nobody is signed in, or the session has ended."""

    code = "sign_in_required"
    status = 401
    hint_default = "Sign in and try again."


class Forbidden(StepinError):
    """This person may not do this."""

    code = "forbidden"
    status = 403
    hint_default = "Ask somebody whose role allows it."


class Missing(StepinError):
    """There is no such thing, or not for this person."""

    code = "missing"
    status = 404
    hint_default = "Check the identifier."


class Conflict(StepinError):
    """The resource has changed since the caller read it."""

    code = "conflict"
    status = 409
    hint_default = "Look at the current state and decide again."


class TooLarge(StepinError):
    """More than the limit."""

    code = "too_large"
    status = 413
    hint_default = "Send less at once."


class Refused(StepinError):
    """Understood, and not allowed by the rules."""

    code = "refused"
    status = 422
    hint_default = "The rules of the desk don't allow this here."


class TooMany(StepinError):
    """Faster than the limit."""

    code = "too_many"
    status = 429
    hint_default = "Wait a little and try again."


class Unsupported(StepinError):
    """An optional part isn't installed."""

    code = "unsupported"
    status = 501
    hint_default = "Install the extra that the message names."


class Unavailable(StepinError):
    """A part of the desk can't be reached now."""

    code = "unavailable"
    status = 503
    hint_default = "Try again; nothing that was acknowledged is lost."
