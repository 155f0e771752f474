"""Readings: one sentence in plain words per finding, built from estimand, design and interval.

The design decides the words. Only a randomized comparison may say that the AI *changed*
something. An adjusted comparison says that chats *differed*, and that unrecorded causes may be
behind it. A description says that two things went together. An interval that holds zero never
gets a direction, and a refused test never gets a verdict.
"""

from __future__ import annotations

from stepin.evidence.base.finding import Finding
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import amount, interval, signed

CAUSAL_WORDS = (
    "caused",
    "cause ",
    "changed",
    "because of",
    "due to",
    "led to",
    "effect of",
    "raised",
    "lowered",
    "improved",
    "worsened",
    "reduced",
    "increased",
)

WORTH = "that the plan called worth knowing."
COUNTED = "once the number of comparisons is counted in"


def _span(finding: Finding) -> str:
    e = finding.estimate
    return f"{confidence(e.alpha)} interval {interval(e.low, e.high, finding.scale)}"


def _small(finding: Finding) -> str:
    e, least = finding.estimate, finding.minimal
    if least is None or e.low is None or e.high is None:
        return ""
    if max(abs(e.low), abs(e.high)) < abs(least):
        return f" Any difference is smaller than the {amount(least, finding.scale)} {WORTH}"
    if finding.clear == 0:
        return f" It could still be as large as the {amount(least, finding.scale)} {WORTH}"
    return ""


def _doubted(f: Finding) -> bool:
    e = f.estimate
    return f.clear == 0 and e.low is not None and e.high is not None and (e.low > 0 or e.high < 0)


def _doubt(f: Finding) -> str:
    return f"; none {COUNTED}" if _doubted(f) else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _randomized(f: Finding, treatment: str) -> str:
    e = f.estimate
    if f.clear:
        verb = "raised" if f.clear > 0 else "lowered"
        return (
            f"{_capital(treatment)} {verb} {f.label} on {f.sample} by "
            f"{amount(e.value, f.scale)} ({_span(f)}).{_small(f)}"
        )
    if _doubted(f):
        return (
            f"{_capital(f.label)} on {f.sample} may have moved ({_span(f)}), but not clearly "
            f"{COUNTED}.{_small(f)}"
        )
    return (
        f"No clear effect on {f.label} on {f.sample}: the data fit anything from "
        f"{interval(e.low, e.high, f.scale)}.{_small(f)}"
    )


def _adjusted(f: Finding) -> str:
    e = f.estimate
    who = f"{f.sample}{f' ({f.term})' if f.term else ''}"
    if f.clear:
        way = "higher" if f.clear > 0 else "lower"
        return (
            f"{_capital(f.label)} was {way} by {amount(e.value, f.scale)} on {who} than on "
            f"{f.against} ({_span(f)}). This compares like with like as far as it "
            f"was recorded; it is not randomized, and something unrecorded may be behind it."
        )
    return (
        f"No clear difference in {f.label} between {who} and {f.against} "
        f"({_span(f)}{_doubt(f)}); the comparison is not randomized."
    )


def _described(f: Finding) -> str:
    e = f.estimate
    who = f"{f.sample}{f' ({f.term})' if f.term else ''}"
    if f.clear:
        way = "higher" if f.clear > 0 else "lower"
        return (
            f"In these data {f.label} was {way} by {amount(e.value, f.scale)} on {who} "
            f"({_span(f)}). This describes what went together and says nothing about why."
        )
    return (
        f"In these data {f.label} did not clearly differ on {who} ({_span(f)}{_doubt(f)}). This is "
        f"a description."
    )


def reading(finding: Finding, *, treatment: str = "the AI with its supervisor") -> str:
    """Return one or two sentences that claim no more than the finding supports.

    Parameters
    ----------
    treatment : what the treated arm had, as the subject of a sentence.
    """
    if finding.estimate.refused is not None:
        return (
            f"{_capital(finding.label)} on {finding.sample}"
            f"{f' ({finding.term})' if finding.term else ''} differed by "
            f"{signed(finding.estimate.value, finding.scale)} in these data. "
            f"{finding.estimate.refused}"
        )
    if finding.design == "randomized":
        return _randomized(finding, treatment)
    if finding.design == "adjusted":
        return _adjusted(finding)
    return _described(finding)


def claims_cause(text: str) -> bool:
    """Return whether a sentence speaks of cause and effect without taking it back."""
    lowered = text.lower()
    return any(word in lowered for word in CAUSAL_WORDS)


def several(findings: list[Finding], *, what: str) -> str:
    """Return one sentence for a figure of several findings: how many are clear, and which way.

    Parameters
    ----------
    what : what the rows are, in the plural, such as "paths" or "measures of load".
    """
    up = [f for f in findings if f.clear > 0]
    down = [f for f in findings if f.clear < 0]
    refused = [f for f in findings if f.estimate.refused is not None]
    open_ = len(findings) - len(up) - len(down) - len(refused)

    def names(group: list[Finding]) -> str:
        return ", ".join(f.term or f.label for f in group)

    parts = []
    if up:
        parts.append(f"clearly higher: {names(up)}")
    if down:
        parts.append(f"clearly lower: {names(down)}")
    if open_:
        parts.append(
            f"not clearly different: {open_} of {len(findings)}"
            + (f" ({COUNTED})" if any(_doubted(f) for f in findings) else "")
        )
    if refused:
        parts.append(f"can't be tested: {names(refused)}")
    ending = ""
    if any(f.design == "adjusted" for f in findings):
        ending = " The comparison is adjusted for what was recorded at opening, not randomized."
    elif any(f.design == "described" for f in findings):
        ending = " This is a description, not an effect."
    return f"Of {len(findings)} {what}, {'; '.join(parts)}.{ending}" if findings else ""
