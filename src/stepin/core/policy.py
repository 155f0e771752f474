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

    Attributes
    ----------
    enabled : whether the AI takes chats at all.
    brain : the brain by its name: `builtin`, or a language model as `openai:MODEL`.
    disclosed : whether customers are told that they talk to an AI.
    undisclosed_because : the recorded reason for not telling them; required when `disclosed` is
        off.
    supervision : who is alerted first in a chat that the AI holds: its owner (`owned`), or every
        worker who is signed on (`pooled`).
    stale_drafts : [drafts] how many drafts in a row may be refused because the customer has
        written again; the next one is accepted and marked as stale.
    turn_seconds : [s] how long one turn may take.
    turn_steps : [calls] how many requests to a model, and how many tool calls, one turn may make.
    chat_turns : [messages] how many messages the AI may write in a chat before a person is called.
    answer_tokens : [tokens] how long one answer of a language model may be, reasoning included; 0
        leaves it to the provider.
    turn_tokens : [tokens] what one turn may spend, all its requests together.
    chat_tokens : [tokens] what all turns of one chat may spend; then a person is called.
    after_request : what the AI does between the customer's request for a person and that person's
        arrival. `bridge` says that somebody is coming and asks for what is missing, once per
        message of the customer; it answers and changes nothing. `queue` puts the chat into the
        queue at once. `go_on` keeps answering.
    """

    enabled: bool = True
    brain: str = "builtin"
    disclosed: bool = True
    undisclosed_because: str = ""
    supervision: Literal["owned", "pooled"] = "owned"
    stale_drafts: int = 2
    turn_seconds: float = 60.0
    turn_steps: int = 24
    chat_turns: int = 120
    answer_tokens: int = 4_000
    turn_tokens: int = 120_000
    chat_tokens: int = 2_500_000
    after_request: Literal["bridge", "go_on", "queue"] = "bridge"


class EligibilityPolicy(_Part, frozen=True, kw_only=True):
    """Which chats the AI may have. An empty list, or none, sets no limit.

    Attributes
    ----------
    threshold : [score, 0 to 1] the AI may have chats that the classifier scores at least this high.
    issue_classes : the issue classes that the AI may have.
    languages : the languages that it may have, as `en`.
    channels : the channels that it may have, as `web`.
    anonymous : whether it may have chats of customers whom the host site hasn't signed for.
    most_amount : [the shop's currency] the largest signed `amount` that it may have; with a limit,
        a chat without an amount goes to people.
    refused_groups : values of the signed `group` whose chats go to people.
    hours : when the AI may have chats, written as the policy's own `hours`.
    timezone : the time zone of these hours, as `Europe/Berlin`.
    holidays : local dates on which the AI has no chats, written as the policy's own `holidays`.
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

    Attributes
    ----------
    rule : `least_loaded` gives a chat to a worker with the smallest share of their capacity in
        use, as their account sets it.
        `uniform` draws among all who are below `cap`; trials of workers need it.
    cap : [chats] how many chats a worker may own under `uniform`, whoever holds them, so that it
        doesn't depend on the arm. `least_loaded` ignores it.
    """

    rule: Literal["least_loaded", "uniform"] = "least_loaded"
    cap: int = 12


class LadderPolicy(_Part, frozen=True, kw_only=True):
    """How long each step of an escalation waits before the next is asked.

    Attributes
    ----------
    owner_s : [s] how long the chat's owner has before the pool is asked; whoever acknowledges the
        alert has this long again.
    pool_s : [s] how long the pool has before a lead is asked.
    lead_s : [s] how long the leads have before the escalation expires.
    again_s : [s] where somebody's safety is at stake, how long after the last step the ladder
        begins anew; so it goes on until a person has written or said why nobody has to.
    reply_s : [s] how long a customer may wait for an answer in a chat that a worker holds before
        the ladder begins there; 0 is for ever.
    """

    owner_s: float = 45.0
    pool_s: float = 60.0
    lead_s: float = 120.0
    again_s: Annotated[float, msgspec.Meta(ge=1, le=3_600)] = 60.0
    reply_s: Annotated[float, msgspec.Meta(ge=0)] = 120.0


class AlertPolicy(_Part, frozen=True, kw_only=True):
    """Which flags alert somebody, and from which score.

    A request for a person and a policy rule always alert, whatever the numbers say.

    Attributes
    ----------
    causes : which learned causes alert (technical, emotional, risk); the other two always do.
    technical, emotional, risk : [score, 0 to 1] the cause's threshold; none leaves it to the
        detector.
    per_hour : [alerts per clock hour] how many learned alerts an owner gets at most, the worst
        first; none sets no limit.
    hysteresis : [score, 0 to 1] how far a score must fall below its threshold before the cause may
        fire again.
    cool_down_s : [s] how long a cause stays quiet in a chat after it has fired.
    jitter : [score, 0 to 1] the threshold is drawn from up to this far below its value.
    advance : [probability] the chance that a score of at least half its threshold is raised early.
    look_now : [probability] the chance, at a turn that raises nothing, that the owner is asked to
        have a look.
    chance_per_hour : [alerts per clock hour] how often chance alone may call the same worker.
    brief : whether workers get a brief.
    suggestions : whether workers get suggested replies.
    nudge : [probability] the chance that a worker whose effort falls after an emotional takeover
        is reminded.
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
    """Who must approve what.

    Attributes
    ----------
    ai_money_limit : [the shop's currency] up to this amount the AI acts without approval; 0 means
        that it always needs one.
    worker_money_limit : [the shop's currency] up to this amount any worker may act and approve.
    lead_money_limit : [the shop's currency] up to this amount a lead may; above it, an admin.
    expires_s : [s] how long an approval is waited for; no decision is a denial.
    ai_irreversible : whether the AI may do irreversible things without approval.
    """

    ai_money_limit: float = 0.0
    worker_money_limit: float = 200.0
    lead_money_limit: float = 2_000.0
    expires_s: float = 300.0
    ai_irreversible: bool = False


class TimePolicy(_Part, frozen=True, kw_only=True):
    """When a silent chat ends, and how long workers wrap up.

    Attributes
    ----------
    inactivity_s : [s] a chat whose customer stays silent for this long is closed as timed out.
    reminder_s : [s] after this much silence the customer is asked whether they are still there.
    abandon_s : [s] a customer who has waited in the queue for this long is told and let go, unless
        somebody's safety is at stake.
    wrap_up_s : [s] how long a worker may wrap up before the chat closes by itself.
    presence_s : [s] a worker whose console has been silent for this long is signed off.
    """

    inactivity_s: float = 600.0
    reminder_s: float = 300.0
    abandon_s: float = 1_800.0
    wrap_up_s: float = 120.0
    presence_s: float = 60.0


class Policy(_Part, frozen=True, kw_only=True):
    """One policy file.

    Attributes
    ----------
    name : what people call the policy; the first part of its version.
    rules : words and stems that bring a person, by the name that the log gives as the reason. An
        empty list removes a built-in rule (`press`). Rules belong to the policy file that the
        setting `policy` names, and hold in every arm.
    hours : when people are expected to be here: per day (`mon` to `sun`) a list of spans, as
        `09:00-17:30`. Empty is always.
    timezone : the time zone of these hours, as `Europe/Berlin`.
    holidays : local dates on which nobody is expected, as `2026-12-25`.
    rating : whether customers are invited to rate a chat that ends.
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
