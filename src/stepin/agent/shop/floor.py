"""How sure an answer from an article has to be, calibrated on the shop's own questions.

Each question that the shop has written for a passage (the ``>`` lines) is asked of all its other
articles: none of them answers it, so how sure the best of them looks is what a false answer looks
like. The floor lets at most `FALSE_AT_MOST` of them pass. These are the hardest false answers that
there are, because all is about one shop: of questions from elsewhere half as many pass.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

FALSE_AT_MOST = 0.15
FEWEST = 20


def floor_of(wrong: Iterable[float], *, default: float) -> float:
    """Return the floor.

    Parameters
    ----------
    wrong : how sure the best of the wrong articles looks for each question.
    default : what holds where these are fewer than `FEWEST`.
    """
    ordered = sorted(wrong, reverse=True)
    if len(ordered) < FEWEST:
        return default
    return ordered[math.floor(FALSE_AT_MOST * len(ordered))]
