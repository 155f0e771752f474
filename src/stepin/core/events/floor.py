"""What happens to workers, trials, policies and the log itself."""

from __future__ import annotations

from typing import ClassVar, Literal

from stepin.core.events.base import Event, Scalar
from stepin.core.private import PrivateText, PrivateWhole


class WorkerSignedOn(Event, frozen=True, kw_only=True):
    """A worker takes chats from now on. `capacity` counts chats that the worker holds."""

    worker_id: str
    capacity: int
    supervised_capacity: int
    groups: tuple[str, ...] = ()
    role: str = "worker"
    covariates: dict[str, Scalar] = {}


class WorkerSignedOff(Event, frozen=True, kw_only=True):
    """A worker takes no chats any more."""

    worker_id: str
    reason: Literal["asked", "lost", "disabled"] = "asked"


class PresenceChanged(Event, frozen=True, kw_only=True):
    """A signed-on worker is away for a while, or back."""

    worker_id: str
    presence: Literal["available", "away"]


class FocusMoved(Event, frozen=True, kw_only=True):
    """A stretch of a worker's attention ended; its length is the browser's monotonic difference.

    `chat_id` is the chat that was in view (None: none was) for `duration_ms`, of which
    `active_ms` with input inside the timeout. Both are None once the stretch has been forgotten.
    """

    form: ClassVar[int] = 2
    worker_id: str
    chat_id: PrivateText | None
    duration_ms: PrivateWhole | None
    active_ms: PrivateWhole | None
    to_chat_id: PrivateText | None = None
    ui_version: str = ""


class DraftStarted(Event, frozen=True, kw_only=True):
    """A worker began to type."""

    form: ClassVar[int] = 2
    worker_id: str
    chat_id: PrivateText
    mode: Literal["reply", "whisper", "note"]
    ui_version: str = ""


class DraftAbandoned(Event, frozen=True, kw_only=True):
    """A worker cleared what had been typed, or left it."""

    form: ClassVar[int] = 2
    worker_id: str
    chat_id: PrivateText
    mode: Literal["reply", "whisper", "note"]
    chars: PrivateWhole | None = 0
    ui_version: str = ""


class TrialRegistered(Event, frozen=True, kw_only=True):
    """A plan was fixed before it started. `plan` is its canonical text."""

    trial_id: str
    plan: str
    plan_hash: str


class WorkerAssigned(Event, frozen=True, kw_only=True):
    """A unit of the trial (a worker by default) was drawn into an arm."""

    trial_id: str
    unit_id: str
    arm: str
    block: str = ""
    draw_key: str = ""
    late: bool = False


class TrialLocked(Event, frozen=True, kw_only=True):
    """Nothing of the trial can be changed any more."""

    trial_id: str
    assignment_hash: str


class TrialStopped(Event, frozen=True, kw_only=True):
    """The trial is over for new chats."""

    trial_id: str
    reason: Literal["harm", "end", "asked"]
    detail: str = ""


class Unblinded(Event, frozen=True, kw_only=True):
    """Somebody may see outcomes by arm from now on, and said why."""

    trial_id: str
    why: str
    scope: str = "all"


class PolicyChanged(Event, frozen=True, kw_only=True):
    """Another policy file is in force under this name."""

    name: str
    policy_version: str
    text: str
    why: str = ""


class SwitchThrown(Event, frozen=True, kw_only=True):
    """A kill switch was thrown or put back: `ai`, `arm:NAME` or `tool:NAME`."""

    switch: str
    stopped: bool
    why: str = ""


class LogOpened(Event, frozen=True, kw_only=True):
    """The first event of every log: its clock is the database's × `scale` + `offset_us`."""

    log_id: str
    scale: float = 1.0
    offset_us: int = 0
    schema_version: int = 1


class LogSealed(Event, frozen=True, kw_only=True):
    """The root of all stream heads up to a position; a copy leaves the machine."""

    root: str
    through_position: int
    streams: int


class LogNoted(Event, frozen=True, kw_only=True):
    """Something worth keeping about the log itself (an export, a migration)."""

    what: str
    why: PrivateText | None = None


FloorEvent = (
    WorkerSignedOn
    | WorkerSignedOff
    | PresenceChanged
    | FocusMoved
    | DraftStarted
    | DraftAbandoned
    | TrialRegistered
    | WorkerAssigned
    | TrialLocked
    | TrialStopped
    | Unblinded
    | PolicyChanged
    | SwitchThrown
    | LogOpened
    | LogSealed
    | LogNoted
)
