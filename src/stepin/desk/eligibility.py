"""Whether the AI may have a chat: said once, before anyone acts, in every arm alike."""

from __future__ import annotations

import re
from typing import Protocol

from stepin.core.command import OpenChat
from stepin.core.events.chat import EligibilityAssessed
from stepin.core.policy import EligibilityPolicy
from stepin.desk.identity import CustomerIdentity


class Eligibility(Protocol):
    """A frozen, versioned classifier."""

    @property
    def version(self) -> str:
        """The name and version that the log records."""
        ...

    def assess(
        self, command: OpenChat, identity: CustomerIdentity, policy: EligibilityPolicy
    ) -> EligibilityAssessed:
        """Return what the classifier says of a chat's opening; never looks at owner or arm."""
        ...


PEOPLE_ONLY: dict[str, re.Pattern[str]] = {
    "legal": re.compile(
        r"\b(lawyer|attorney|sue|lawsuit|court|legal action)\b|律师|起诉|法院", re.IGNORECASE
    ),
    "safety": re.compile(
        r"\b(fire|smoke|burn(ed|t|ing)?|electric shock|injur(ed|y)|explod\w*)\b"
        r"|起火|冒烟|触电|受伤|爆炸",
        re.IGNORECASE,
    ),
    "fraud": re.compile(r"\b(fraud|stolen card|hacked|scam)\b|诈骗|盗刷|被盗", re.IGNORECASE),
    "business": re.compile(
        r"\b(wholesale|bulk order|reseller|partnership)\b|批发|代理商|合作", re.IGNORECASE
    ),
}


class RulesEligibility:
    """The built-in classifier: the policy's lists, and topics that belong to people."""

    version = "rules-1"

    def assess(
        self, command: OpenChat, identity: CustomerIdentity, policy: EligibilityPolicy
    ) -> EligibilityAssessed:
        """Return eligible unless a list leaves the chat out or the topic belongs to people."""
        reason = self._refusal(command, identity, policy)
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
        return next((name for name, p in PEOPLE_ONLY.items() if p.search(command.text)), "")
