"""A policy: how the desk treats a chat, as frozen data with a version that is its content's hash.

An arm of a trial is a policy; arms differ only in the policy file that they name.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from hashlib import sha256
from typing import Annotated, Literal

import msgspec

from stepin.core.events.base import Cause
from stepin.core.hours import Hours
from stepin.errors import Invalid

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the policy file."""


class AiPolicy(_Part, frozen=True, kw_only=True):
    """Whether and how the AI takes chats.

    `disclosed` tells customers that they talk to an AI; off needs `undisclosed_because`.

    `after_request` says what the AI does once the customer has asked for a person, until one
    comes: `bridge` says that somebody comes and asks for what is missing, once for each of the
    customer's messages, answers nothing and changes nothing; `queue` gives the chat to the queue
    at once; `go_on` answers on.
    """

    enabled: bool = True
    brain: str = "builtin"
    disclosed: bool = True
    undisclosed_because: str = ""
    supervision: Literal["owned", "pooled"] = "owned"
    stale_drafts: int = 2
    turn_seconds: float = 60.0
    turn_steps: int = 24
    chat_turns: int = 40
    turn_tokens: int = 20_000
    chat_tokens: int = 200_000
    after_request: Literal["bridge", "go_on", "queue"] = "bridge"


class EligibilityPolicy(_Part, frozen=True, kw_only=True):
    """Which chats the AI may have. An empty list, or none, sets no limit.

    Attributes
    ----------
    threshold : of the classifier's score.
    most_amount : the largest `amount`, signed for by the host site; an unknown one is too much.
    refused_groups : values of the signed `group` whose chats go to people.
    hours, timezone, holidays : when the AI may have chats, written as the policy's own hours.
    """

    threshold: float = 0.5
    issue_classes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    anonymous: bool = True
    most_amount: float | None = None
    refused_groups: tuple[str, ...] = ()
    hours: dict[str, tuple[str, ...]] = {}
    timezone: str = "UTC"
    holidays: tuple[dt.date, ...] = ()

    @property
    def opening(self) -> Hours:
        """When the AI may have chats."""
        return Hours(days=self.hours, timezone=self.timezone, holidays=self.holidays)


class AssignmentPolicy(_Part, frozen=True, kw_only=True):
    """How an owner is found.

    `uniform` is for trials: its `cap` counts all the chats that a worker owns, whoever holds them,
    so that it doesn't depend on the arm. Under `least_loaded` the capacities of each worker's
    account count, and `cap` doesn't.
    """

    rule: Literal["least_loaded", "uniform"] = "least_loaded"
    cap: int = 12


class LadderPolicy(_Part, frozen=True, kw_only=True):
    """How long each step of an escalation waits before the next is asked.

    `reply_s` is how long a customer may wait for an answer in a chat that a worker holds before
    the ladder begins there; 0 is for ever.
    """

    owner_s: float = 45.0
    pool_s: float = 60.0
    lead_s: float = 120.0
    reply_s: Annotated[float, msgspec.Meta(ge=0)] = 120.0


class AlertPolicy(_Part, frozen=True, kw_only=True):
    """Which flags alert somebody, and from which score.

    A request for a person and a policy rule always alert, whatever the numbers say.

    Attributes
    ----------
    causes : which of the learned causes alert (technical, emotional, risk); the others always do.
    technical, emotional, risk : thresholds, 0 to 1; left out, the detector's own (but risk: 0.7).
    per_hour : how many of these alerts an owner gets in a clock hour at most, the worst first;
        left out, no limit.
    hysteresis : how far under its threshold a score must have fallen before it fires again.
    cool_down_s : how long a cause keeps quiet in a chat after it has fired.
    jitter : a threshold is drawn from this far below it.
    advance : the chance that a score of at least half its threshold is raised early.
    look_now : the chance, at a turn that raises nothing, that the owner is asked to have a look.
    chance_per_hour : how often in a clock hour chance may call the same worker.
    brief, suggestions : whether workers get a brief, and suggested replies.
    nudge : the chance that a worker whose effort falls after an emotional takeover is nudged.
    """

    causes: tuple[Cause, ...] = ("technical", "emotional", "requested", "policy", "risk")
    technical: float | None = None
    emotional: float | None = None
    risk: float | None = 0.7
    per_hour: Annotated[int, msgspec.Meta(ge=0)] | None = None
    hysteresis: Share = 0.1
    cool_down_s: Annotated[float, msgspec.Meta(ge=0)] = 180.0
    jitter: Share = 0.0
    advance: Share = 0.0
    look_now: Share = 0.0
    chance_per_hour: Annotated[int, msgspec.Meta(ge=0)] = 4
    nudge: Share = 1.0
    brief: bool = True
    suggestions: bool = True

    def names(self, cause: Cause) -> bool:
        """Return whether a cause alerts: a request and a policy rule do without being named."""
        return cause in ("requested", "policy") or cause in self.causes


class ApprovalPolicy(_Part, frozen=True, kw_only=True):
    """Who must approve what. Amounts are in the shop's currency."""

    ai_money_limit: float = 0.0
    worker_money_limit: float = 200.0
    lead_money_limit: float = 2_000.0
    expires_s: float = 300.0
    ai_irreversible: bool = False


class TimePolicy(_Part, frozen=True, kw_only=True):
    """When a silent chat ends, and how long workers wrap up."""

    inactivity_s: float = 600.0
    reminder_s: float = 300.0
    abandon_s: float = 1_800.0
    wrap_up_s: float = 120.0
    presence_s: float = 60.0


class Policy(_Part, frozen=True, kw_only=True):
    """One policy file.

    Attributes
    ----------
    rules : words and stems that bring a person, by the name that the log gives as the reason; an
        empty list takes a rule away that the desk has of itself (``press``). They belong to the
        policy file that a desk is served with, and hold in every arm.
    """

    name: str = "default"
    ai: AiPolicy = AiPolicy()
    eligibility: EligibilityPolicy = EligibilityPolicy()
    assignment: AssignmentPolicy = AssignmentPolicy()
    ladder: LadderPolicy = LadderPolicy()
    alerts: AlertPolicy = AlertPolicy()
    approvals: ApprovalPolicy = ApprovalPolicy()
    times: TimePolicy = TimePolicy()
    rules: dict[str, tuple[str, ...]] = {}
    hours: dict[str, tuple[str, ...]] = {}
    timezone: str = "UTC"
    holidays: tuple[dt.date, ...] = ()
    rating: bool = True

    @property
    def opening(self) -> Hours:
        """When people are expected to be here."""
        return Hours(days=self.hours, timezone=self.timezone, holidays=self.holidays)

    @property
    def version(self) -> str:
        """`NAME@` and the first 12 hex digits of the SHA-256 of the content."""
        body = msgspec.json.encode(self, order="deterministic")
        return f"{self.name}@{sha256(body).hexdigest()[:12]}"


def load_policy(text: str, *, source: str = "policy") -> Policy:
    """Return the policy that a TOML text describes.

    Raises
    ------
    Invalid
        If the text is no TOML, a key is unknown, a value has the wrong type, the hours or the time
        zone can't be read, or the AI is hidden from customers without a recorded reason. The
        message names the key.
    """
    try:
        policy = msgspec.convert(tomllib.loads(text), Policy)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{source}: {error}", code="policy_invalid") from error
    except msgspec.ValidationError as error:
        raise Invalid(
            f"{source}: {error}",
            hint="See the policy reference for the keys and their types.",
            code="policy_invalid",
        ) from error
    if not policy.ai.disclosed and not policy.ai.undisclosed_because.strip():
        raise Invalid(
            f"{source}: ai.disclosed is off without ai.undisclosed_because.",
            hint="Say why customers are not told that they talk to an AI.",
            code="policy_invalid",
        )
    policy.opening.check()
    policy.eligibility.opening.check()
    return policy
