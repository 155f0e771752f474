"""The end of a chat, as `engine.reference` says it: its rating, and whether somebody comes back."""

from __future__ import annotations

import math
from typing import Any

from stepin.floor.engine.calendar import BACK_AGAIN
from stepin.floor.engine.fast.compiling import small
from stepin.floor.engine.fast.formulas import answers, back_after, four, normal, stars, time_of_day
from stepin.floor.engine.fast.plans import plan_return
from stepin.floor.engine.inputs import DAY_MIN
from stepin.floor.randomness.purposes import COMING_BACK, ENDING, FATE


@small
def rate(s: Any, c: Any, chat: Any, effects: Any, resolved: bool) -> float:
    """Let the customer rate; return the draw that decides whether they come back."""
    u, v, back, invited = four(s, chat.base, chat.generation, 0, ENDING)
    effect = 0.0
    if chat.human_turns > 0:
        day = min(int(chat.opened // DAY_MIN), s.days)
        effect = effects[chat.worker, day]
    rating = stars(c, 1.0 if resolved else -1.0, chat.frustration, chat.worst, chat.care, effect,
                   normal(u, v))  # fmt: skip
    chat.stars = int(rating)
    chat.invited = 1 if invited < c.invited else 0
    _, _, _, given = four(s, chat.base, chat.generation, 0, FATE)
    chat.answered = 1 if given < answers(c, rating) else 0
    return back


@small
def come_back(s: Any, c: Any, chat: Any, far: Any, clock: Any, n: int, at: float) -> None:
    """Plan when the customer comes back."""
    after, hour, _, _ = four(s, chat.base, chat.generation, 0, COMING_BACK)
    day = math.floor((at + DAY_MIN * back_after(c, after)) / DAY_MIN)
    back = day * DAY_MIN + time_of_day(clock, hour)
    if back <= at:
        back += DAY_MIN
    chat.back = back
    if back < s.end and not s.always:
        plan_return(s, far, back, BACK_AGAIN, n)
