"""What a desk would know of a chat at its opening: noisy, keyed, without effect on the floor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stepin.floor.engine.trace import Run
from stepin.floor.randomness.philox import blocks
from stepin.floor.randomness.purposes import GENERATION

OBSERVED: Final = 8
OBSERVED_MORE: Final = 9
CUSTOMER_TENURE_DAYS: Final = 400.0
CHANNELS: Final = ("app", "web")

Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAtOpening:
    """Covariates of each chat, known before anybody acts.

    ``paths`` has the predicted probabilities of the technical and the emotional path, of a request
    and of none, and nan where the AI may not have the chat.
    """

    score: Reals
    sentiment: Reals
    chars: NDArray[np.int64]
    customer_tenure_days: Reals
    channel: NDArray[np.int64]
    paths: Reals


def opening(run: Run, chosen: NDArray[np.int64]) -> SeenAtOpening:
    """Return what is known of the chosen chats of a run."""
    chats, given = run.chats, run.inputs
    base = chats["base"][chosen].astype(np.uint64)
    turn = (chats["generation"][chosen] * GENERATION).astype(np.uint64)
    u, more = (
        blocks(given.seed, given.replication, base, turn, np.full(base.size, p, dtype=np.uint64))
        for p in (OBSERVED, OBSERVED_MORE)
    )
    first = blocks(
        given.seed, given.replication, base, np.zeros(base.size, np.uint64),
        np.full(base.size, OBSERVED_MORE, dtype=np.uint64),
    )  # fmt: skip
    size = np.sqrt(-2 * np.log(u[:, 0]))
    noise, other = size * np.cos(2 * np.pi * u[:, 1]), size * np.sin(2 * np.pi * u[:, 1])
    hard = chats["difficulty"][chosen] + noise
    heat = np.log(chats["irritability"][chosen]) + 0.4 * other
    logits = np.stack(
        [0.3 + 0.6 * hard, -1.2 - 0.2 * hard + heat, np.full(hard.size, -4.0), -0.6 * hard], axis=1
    )
    paths = np.exp(logits)
    paths /= paths.sum(axis=1, keepdims=True)
    eligible = given.issue_eligible[chats["issue"][chosen]]
    paths[~eligible] = np.nan
    return SeenAtOpening(
        score=np.where(eligible, 0.5 + 0.5 * u[:, 2], 0.5 * u[:, 2]),
        sentiment=np.clip(0.2 - 0.4 * chats["opening_mood"][chosen] + 0.2 * other, -1, 1),
        chars=(20 - 60 * np.log(more[:, 0])).astype(np.int64),
        customer_tenure_days=-CUSTOMER_TENURE_DAYS * np.log(first[:, 1]),
        channel=(first[:, 2] < 0.4).astype(np.int64),
        paths=paths,
    )
