"""Whether the AI may have a chat: said once, before anyone acts, in every arm alike."""

from __future__ import annotations

from typing import Protocol

import msgspec

from stepin.core.command import OpenChat
from stepin.core.events.chat import EligibilityAssessed
from stepin.core.policy import EligibilityPolicy
from stepin.desk.state.identity import CustomerIdentity
from stepin.errors import Conflict
from stepin.judge.models.intent import IntentModel
from stepin.language import safety
from stepin.language.patterns import sign
from stepin.language.reading import read_part
from stepin.log.protocol import Log


class EligibilityRules(Protocol):
    """A frozen, versioned classifier."""

    @property
    def version(self) -> str:
        """The name and version that the log records."""
        ...

    def assess(
        self,
        command: OpenChat,
        identity: CustomerIdentity,
        policy: EligibilityPolicy,
        *,
        now_us: int,
    ) -> EligibilityAssessed:
        """Return what the classifier says of a chat's opening; never looks at owner or arm."""
        ...


PEOPLE_ONLY = ("business",)
"""Topics that belong to people, as `language/patterns` knows them."""
_REASONS = {"safety.legal": "legal", "safety.fraud": "fraud"}


class RulesEligibility:
    """The built-in classifier: the policy's lists, and topics that belong to people.

    What tells of danger is among them; the version changes with the rules about it.
    """

    version = f"rules-2-{safety.version()}"

    def assess(
        self,
        command: OpenChat,
        identity: CustomerIdentity,
        policy: EligibilityPolicy,
        *,
        now_us: int,
    ) -> EligibilityAssessed:
        """Return eligible unless a list leaves the chat out or the topic belongs to people."""
        reason = self._refusal(command, identity, policy)
        if not reason and not policy.opening.is_open(now_us):
            reason = "hours"
        score = 0.0 if reason else 1.0
        return EligibilityAssessed(
            eligible=score >= policy.threshold,
            score=score,
            threshold=policy.threshold,
            reason=reason or "rules",
            classifier_version=self.version,
            issue_class=command.issue_class,
        )

    def _refusal(
        self, command: OpenChat, identity: CustomerIdentity, policy: EligibilityPolicy
    ) -> str:
        if policy.issue_classes and command.issue_class not in policy.issue_classes:
            return "issue_class"
        if policy.languages and command.language.split("-")[0] not in policy.languages:
            return "language"
        if policy.channels and command.channel not in policy.channels:
            return "channel"
        if not identity.asserted and not policy.anonymous:
            return "anonymous"
        if identity.covariates.get("group") in policy.refused_groups:
            return "group"
        if policy.most_amount is not None:
            amount = identity.covariates.get("amount")
            if not isinstance(amount, (int, float)):
                return "amount_unknown"
            if amount > policy.most_amount:
                return "amount"
        found = safety.danger(command.text)
        if found is not None:
            return _REASONS.get(found.kind, "safety")
        text = read_part(command.text)
        return next((name for name in PEOPLE_ONLY if sign("topics", name).stands_in(text)), "")


class ScoredEligibility:
    """Another classifier's answer, with scores of the opening message that decide nothing.

    They are the chances of what would bring a person first (technical, emotional, requested,
    policy) or nobody (unaided), were the AI to have the chat: the same in every arm, so that
    chats of people can be compared with chats of the AI that were as likely to go that way.
    """

    def __init__(self, inner: EligibilityRules, opening: IntentModel) -> None:
        self._inner, self._opening = inner, opening
        self.version = f"{inner.version}+opening-{opening.version}"

    def assess(
        self,
        command: OpenChat,
        identity: CustomerIdentity,
        policy: EligibilityPolicy,
        *,
        now_us: int,
    ) -> EligibilityAssessed:
        """Return the inner answer under this version, with the scores of the opening message."""
        said = self._inner.assess(command, identity, policy, now_us=now_us)
        chances = {
            "unaided" if path == "none" else path: round(share, 4)
            for path, share in self._opening.predict(read_part(command.text))
        }
        return msgspec.structs.replace(
            said, classifier_version=self.version, scores={**said.scores, **chances}
        )


async def check_frozen(log: Log, trial_id: str, version: str) -> None:
    """Refuse to assess chats of a running trial by another classifier than it began with.

    The first desk that serves a trial notes its classifier's version.

    Raises
    ------
    Conflict
        ``eligibility_frozen``: the trial has to be stopped first; that is the explicit break.
    """
    if await log.record_add("eligibility", trial_id, version.encode()):
        return
    began = await log.record_get("eligibility", trial_id)
    if began is not None and began.decode() != version:
        raise Conflict(
            f"Trial {trial_id} began with the classifier {began.decode()}; this desk would assess"
            f" chats with {version}.",
            hint=f"Serve with what the trial began with, or break it: stepin trial stop {trial_id}",
            code="eligibility_frozen",
            trial=trial_id,
            current=began.decode(),
            proposed=version,
        )
