"""A policy: how the desk treats a chat, as frozen data with a version that is its content's hash.

An arm of a trial is a policy; arms differ only in the policy file that they name.
"""

from __future__ import annotations

import tomllib
from hashlib import sha256
from typing import Literal

import msgspec

from stepin.core.events.base import Cause
from stepin.errors import Invalid


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the policy file."""


class AiPolicy(_Part, frozen=True, kw_only=True):
    """Whether and how the AI takes chats.

    `disclosed` tells customers that they talk to an AI; off needs `undisclosed_because`.
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


class EligibilityPolicy(_Part, frozen=True, kw_only=True):
    """Which chats the AI may have."""

    threshold: float = 0.5
    issue_classes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    anonymous: bool = True


class AssignmentPolicy(_Part, frozen=True, kw_only=True):
    """How an owner is found. `uniform` is for trials: the cap doesn't depend on the arm."""

    rule: Literal["least_loaded", "uniform"] = "least_loaded"
    cap: int = 12


class LadderPolicy(_Part, frozen=True, kw_only=True):
    """How long each step of an escalation waits before the next is asked."""

    owner_s: float = 45.0
    pool_s: float = 60.0
    lead_s: float = 120.0


class AlertPolicy(_Part, frozen=True, kw_only=True):
    """Which flags alert somebody, and from which score."""

    causes: tuple[Cause, ...] = ("technical", "emotional", "requested", "policy", "risk")
    technical: float = 0.5
    emotional: float = 0.5
    risk: float = 0.5
    brief: bool = True
    suggestions: bool = True


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
    """One policy file."""

    name: str = "default"
    ai: AiPolicy = AiPolicy()
    eligibility: EligibilityPolicy = EligibilityPolicy()
    assignment: AssignmentPolicy = AssignmentPolicy()
    ladder: LadderPolicy = LadderPolicy()
    alerts: AlertPolicy = AlertPolicy()
    approvals: ApprovalPolicy = ApprovalPolicy()
    times: TimePolicy = TimePolicy()
    hours: dict[str, tuple[str, ...]] = {}
    timezone: str = "UTC"
    rating: bool = True

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
        If the text is no TOML, a key is unknown, a value has the wrong type, or the AI is hidden
        from customers without a recorded reason. The message names the key.
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
    return policy
