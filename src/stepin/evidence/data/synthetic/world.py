"""The parameters of a planted trial, and the effects that an analysis must find in it.

The default is the trial of arXiv 2605.14830: its size, mix of paths and effects. Three of its
numbers can't hold together in mean logs, so the un-escalated duration and the technical rating
effect are set such that the mix of the paths adds up to the effects on all eligible chats.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from stepin.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class PathEffect:
    """What AI handling with this path does to a chat, against a worker alone.

    Attributes
    ----------
    share : of the eligible chats whose path it is, or would be, under the AI.
    log_duration : added to the log of the duration.
    rating : added to the mean rating, in points.
    retrial : added to the probability of a 7-day retrial.
    """

    share: float
    log_duration: float = 0.0
    rating: float = 0.0
    retrial: float = 0.0


PAPER_PATHS: Mapping[str, PathEffect] = MappingProxyType(
    {
        "technical": PathEffect(share=0.441, log_duration=math.log(1.191), rating=0.074),
        "emotional": PathEffect(
            share=0.086, log_duration=math.log(1.408), rating=-0.928, retrial=0.060
        ),
        "human_initiated": PathEffect(
            share=0.123, log_duration=math.log(1.095), rating=-0.524, retrial=-0.032
        ),
        "none": PathEffect(share=0.350, log_duration=-0.8617, rating=-0.858),
    }
)
NULL_PATHS: Mapping[str, PathEffect] = MappingProxyType(
    {name: PathEffect(share=path.share) for name, path in PAPER_PATHS.items()}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A planted trial: sizes, noise and effects.

    Attributes
    ----------
    workers, chats, treated : how many; `chats` is met exactly, `treated` of the `workers`.
    pre_days, post_days : days before and after treatment begins, from `first_day` (UTC).
    eligible_share, response_share : shares of chats eligible, and of ratings given.
    paths : effects on eligible chats of treated workers, by path.
    spill_log_duration, spill_rating, spill_retrial : on their ineligible chats.
    effect_sd : standard deviation between workers of the effect on log duration.
    worker_sd, worker_day_sd, chat_sd : of log duration, by level; `tail_share` of the chats
        have three times the chat's deviation.
    work_share : of days on which a worker is present.
    response_shift : added to the probability of answering in treated eligible chats.
    """

    workers: int = 647
    chats: int = 680_676
    treated: int = 302
    first_day: dt.date = dt.date(2024, 8, 1)
    pre_days: int = 14
    post_days: int = 17
    blocks: int = 4
    eligible_share: float = 0.058
    response_share: float = 0.169
    paths: Mapping[str, PathEffect] = field(default_factory=lambda: PAPER_PATHS)
    spill_log_duration: float = math.log(1 - 0.018)
    spill_rating: float = 0.091
    spill_retrial: float = 0.0
    effect_sd: float = 0.0
    worker_sd: float = 0.25
    worker_day_sd: float = 0.10
    chat_sd: float = 0.80
    tail_share: float = 0.03
    rating_worker_sd: float = 0.15
    retrial_worker_sd: float = 0.03
    work_share: float = 0.72
    response_shift: float = 0.0
    nudge_rating: float = 0.10
    nudge_log_duration: float = -0.05

    def __post_init__(self) -> None:
        shares = sum(path.share for path in self.paths.values())
        if not 0 < self.treated < self.workers or self.post_days < 1 or self.chats < self.workers:
            raise Invalid(
                "A planted trial needs treated and control workers, days and chats for each.",
                code="bad_world",
            )
        if abs(shares - 1) > 1e-9:
            raise Invalid(f"The shares of the paths add up to {shares}, not 1.", code="bad_world")

    @property
    def days(self) -> int:
        """Days in all."""
        return self.pre_days + self.post_days

    def null(self) -> World:
        """Return the same trial with no effect at all."""
        from dataclasses import replace

        return replace(
            self,
            paths=MappingProxyType(
                {name: PathEffect(share=path.share) for name, path in self.paths.items()}
            ),
            spill_log_duration=0.0,
            spill_rating=0.0,
            spill_retrial=0.0,
            effect_sd=0.0,
            response_shift=0.0,
        )

    def direct(self) -> Mapping[str, float]:
        """Return the planted mean effect on eligible chats, by outcome."""
        mix = self.paths.values()
        return {
            "log_duration": sum(p.share * p.log_duration for p in mix),
            "rating": sum(p.share * p.rating for p in mix),
            "retrial_7d": sum(p.share * p.retrial for p in mix),
        }

    def spillover(self) -> Mapping[str, float]:
        """Return the planted mean effect on ineligible chats, by outcome."""
        return {
            "log_duration": self.spill_log_duration,
            "rating": self.spill_rating,
            "retrial_7d": self.spill_retrial,
        }

    def net(self) -> Mapping[str, float]:
        """Return the planted mean effect on all chats, by outcome."""
        share = self.eligible_share
        direct, spill = self.direct(), self.spillover()
        return {k: share * direct[k] + (1 - share) * spill[k] for k in direct}
