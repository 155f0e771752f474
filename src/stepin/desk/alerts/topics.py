"""Eligibility by topic: a fitted classifier of the opening message after the policy's rules."""

from __future__ import annotations

import msgspec

from stepin.core.command import OpenChat
from stepin.core.events.chat import EligibilityAssessed
from stepin.core.policy import EligibilityPolicy
from stepin.desk.commands.eligibility import RulesEligibility
from stepin.desk.state.identity import CustomerIdentity
from stepin.judge.models.intent import IntentModel

SURE = 0.5


class TopicEligibility:
    """The rules first; then topics that belong to people, and the issue class.

    Parameters
    ----------
    model : the intents of a shop's procedures.
    people_only : the intents that the AI must not have.
    issues : the intents that are issue classes; others (small talk) name none.
    """

    def __init__(
        self, model: IntentModel, people_only: frozenset[str], issues: frozenset[str]
    ) -> None:
        self._model = model
        self._people_only = people_only
        self._issues = issues
        self._rules = RulesEligibility()
        self.version = f"{self._rules.version}+topics-{model.version}"

    def assess(
        self,
        command: OpenChat,
        identity: CustomerIdentity,
        policy: EligibilityPolicy,
        *,
        now_us: int,
    ) -> EligibilityAssessed:
        """Return eligible if the rules say so and no topic of people's is likely.

        The score is the confidence that the topic is none of people's only, 0 … 1.
        """
        found = self._model.predict(command.text)
        topic, confidence = found[0]
        named = command.issue_class
        if named is None and topic in self._issues and confidence >= SURE:
            named = topic
        said = self._rules.assess(
            msgspec.structs.replace(command, issue_class=named), identity, policy, now_us=now_us
        )
        theirs = sum(share for name, share in found if name in self._people_only)
        score = min(said.score, max(0.0, 1.0 - theirs))
        reason = said.reason
        if said.eligible and score < policy.threshold:
            reason = f"topic:{topic}"
        return EligibilityAssessed(
            eligible=said.eligible and score >= policy.threshold,
            score=score,
            threshold=policy.threshold,
            reason=reason,
            classifier_version=self.version,
            issue_class=named,
            scores={name: round(share, 4) for name, share in found[:3]},
        )
