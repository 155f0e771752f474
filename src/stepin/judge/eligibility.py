"""May the AI have this chat: rules first, then a classifier of the opening message.

Assessed once, before anyone acts, in both arms, and written down with score, reason and
version. While a trial runs the version is frozen: `check_change` refuses another one unless
the trial is broken on purpose.
"""

from __future__ import annotations

import hashlib

import msgspec

from stepin.errors import Conflict
from stepin.judge.models.intent import IntentModel

INELIGIBLE = "ineligible"
"""The intent under which examples of chats that the AI must not have are given."""


class OpeningMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a chat when it opens; None where it isn't known."""

    text: str
    channel: str | None = None
    language: str | None = None
    customer_group: str | None = None
    amount: float | None = None
    hour: int | None = None
    weekday: int | None = None


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the AI may have a chat; an empty tuple or None sets no limit.

    ``hours`` are (first, end) in the shop's local time, end excluded; an end before the first
    runs over midnight. ``weekdays`` are 0 Monday … 6 Sunday. ``least_confidence`` is asked of
    the likeliest intent. A value that isn't known meets a limit only if ``allow_unknown``.
    """

    intents: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    refused_groups: tuple[str, ...] = ()
    most_amount: float | None = None
    hours: tuple[int, int] | None = None
    weekdays: tuple[int, ...] = ()
    least_confidence: float = 0.5
    allow_unknown: bool = False


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """The answer, written to the log as it is.

    ``score`` is the confidence that the opening is of an intent the AI may handle, 0 … 1.
    ``reason`` is the first rule that said no, or ``eligible``.
    """

    eligible: bool
    score: float
    intent: str
    confidence: float
    reason: str
    version: str


class EligibilityClassifier:
    """Rules and a classifier under one version; immutable.

    Attributes
    ----------
    version : 12 hexadecimal digits over the rules and the classifier.
    """

    __slots__ = ("model", "rules", "version")

    def __init__(self, rules: Rules, model: IntentModel) -> None:
        self.rules = rules
        self.model = model
        digest = hashlib.sha256(msgspec.json.encode(rules, order="sorted"))
        digest.update(model.version.encode())
        self.version = digest.hexdigest()[:12]

    def assess(self, opening: OpeningMessage) -> Assessment:
        """Return whether the AI may have the chat; the same opening, the same answer."""
        found = self.model.predict(opening.text)
        intent, confidence = found[0]
        score = sum(share for name, share in found if self._handled(name))
        reason = self._refusal(opening, intent, confidence)
        return Assessment(
            eligible=reason is None,
            score=min(score, 1.0),
            intent=intent,
            confidence=confidence,
            reason="eligible" if reason is None else reason,
            version=self.version,
        )

    def _handled(self, intent: str) -> bool:
        return intent != INELIGIBLE and (not self.rules.intents or intent in self.rules.intents)

    def _refusal(self, opening: OpeningMessage, intent: str, confidence: float) -> str | None:
        rules = self.rules
        sets = (
            ("channel", opening.channel, rules.channels),
            ("language", opening.language, rules.languages),
            ("weekday", opening.weekday, rules.weekdays),
        )
        for name, value, allowed in sets:
            if allowed and (value is None or value not in allowed):
                if value is None and rules.allow_unknown:
                    continue
                return name if value is not None else f"{name}_unknown"
        if opening.customer_group is not None and opening.customer_group in rules.refused_groups:
            return "customer_group"
        if rules.most_amount is not None:
            if opening.amount is None and not rules.allow_unknown:
                return "amount_unknown"
            if opening.amount is not None and opening.amount > rules.most_amount:
                return "amount"
        if rules.hours is not None:
            if opening.hour is None and not rules.allow_unknown:
                return "hour_unknown"
            if opening.hour is not None and not _within(opening.hour, rules.hours):
                return "hour"
        if not self._handled(intent):
            return "intent"
        return "confidence" if confidence < rules.least_confidence else None


def _within(hour: int, hours: tuple[int, int]) -> bool:
    first, end = hours
    return first <= hour < end if first <= end else hour >= first or hour < end


def check_change(current: str, proposed: str, *, trial: str | None, breaks_trial: bool) -> None:
    """Refuse another version of eligibility while a trial runs.

    Parameters
    ----------
    current, proposed : versions.
    trial : the running trial, None if none runs.
    breaks_trial : whether the person said that the trial is to be broken.

    Raises
    ------
    Conflict
        If the versions differ, a trial runs, and it isn't to be broken.
    """
    if current != proposed and trial is not None and not breaks_trial:
        raise Conflict(
            f"Eligibility {current} is frozen while trial {trial} runs.",
            code="eligibility_frozen",
            hint="Stop the trial first, or break it on purpose.",
            trial=trial,
            current=current,
            proposed=proposed,
        )
