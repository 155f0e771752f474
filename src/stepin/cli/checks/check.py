"""One finding of the doctor's, and what a check may look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from stepin.errors import StepinError
from stepin.settings import Settings

if TYPE_CHECKING:
    from stepin.desk.parts import Parts


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. `hint` says what to do if it isn't in order."""

    name: str
    fine: bool
    detail: str
    hint: str = ""


@dataclass(slots=True)
class At:
    """The desk that is looked at: its settings, and where each came from.

    Attributes
    ----------
    log_error : why the log could not be opened, so that it isn't waited for again.
    """

    settings: Settings
    origins: Mapping[str, str]
    log_error: StepinError | None = None
    _parts: Parts | None = None

    def parts(self) -> Parts:
        """Return the parts that `stepin serve` would open, opened once.

        Raises
        ------
        StepinError
            What `serve` would refuse with.
        """
        from stepin.cli.shop import parts_of

        if self._parts is None:
            self._parts = parts_of(self.settings)
        return self._parts


def failed(name: str, error: StepinError) -> Check:
    """Return what an error says, as a finding."""
    detail = error.message if error.because is None else f"{error.message} {error.because}"
    return Check(name=name, fine=False, detail=detail, hint=error.hint)
