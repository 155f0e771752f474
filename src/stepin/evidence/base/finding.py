"""One number of the report with everything needed to say it, check it and compare it."""

from __future__ import annotations

from typing import Literal

import msgspec

from stepin.evidence.base.estimate import Design, Estimate, holm
from stepin.evidence.base.scale import Scale, nothing

Basis = Literal["cube", "rows"]
Better = Literal["lower", "higher"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """An estimate with its estimand and its design.

    Attributes
    ----------
    analysis : what was done, such as ``itt``, ``paths_matched``, ``landmark``.
    outcome : the column of the facts.
    label : the outcome in plain words, such as "time to close a chat".
    sample : the chats it is about, in plain words, such as "eligible chats".
    term : the comparison inside the analysis, such as a path or a group; may be empty.
    against : what an adjusted comparison sets them beside, in plain words.
    design : randomized, adjusted or described: it decides which words may be used.
    scale : how the number is written.
    basis : whether it is exact on the moment cube or was read from rows.
    better : which direction is good for customers, where one is.
    minimal : the smallest effect that was called worth knowing, in the unit of the estimate.
    bootstrap_p, randomization_p, family_p : further p-values, None where not computed.
    note : one more remark for the table.
    """

    analysis: str
    outcome: str
    label: str
    sample: str
    design: Design
    scale: Scale
    estimate: Estimate
    basis: Basis = "rows"
    term: str = ""
    against: str = "chats that looked alike at opening"
    better: Better | None = None
    minimal: float | None = None
    bootstrap_p: float | None = None
    randomization_p: float | None = None
    family_p: float | None = None
    note: str = ""

    @property
    def clear(self) -> int:
        """-1 or 1 when the interval excludes no difference on that side, else 0.

        Where a family-wise p-value exists it must be below the estimate's level too. A difference
        that is written as zero is none, however narrow its interval.
        """
        e = self.estimate
        if e.low is None or e.high is None or nothing(e.value, self.scale):
            return 0
        if self.family_p is not None and self.family_p >= e.alpha:
            return 0
        return 1 if e.low > 0 else -1 if e.high < 0 else 0

    @property
    def verdict(self) -> Literal["good", "bad", "unclear", "refused", "neutral"]:
        """What the finding means for customers: only a clear one is good or bad."""
        if self.estimate.low is None:
            return "refused"
        if self.clear == 0:
            return "unclear"
        if self.better is None:
            return "neutral"
        return "good" if (self.clear > 0) == (self.better == "higher") else "bad"


def counted(findings: list[Finding]) -> list[Finding]:
    """Return the findings of one figure or table with Holm's family-wise p-values.

    The more comparisons stand side by side, the more of them look clear by chance alone.
    """
    ps = holm([f.estimate for f in findings])
    return [msgspec.structs.replace(f, family_p=p) for f, p in zip(findings, ps, strict=True)]
