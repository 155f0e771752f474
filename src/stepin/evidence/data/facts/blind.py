"""Whether somebody may build facts that hold outcomes beside arms.

Until a trial has reached its plan's end nobody sees effects, unless the log says who wanted to, and
why. What happened before treatment began is nobody's secret: build it with `before_us`.
"""

from __future__ import annotations

from stepin.errors import Refused
from stepin.evidence.data.facts.registered import Registered
from stepin.trial.blind import end_us


def is_over(known: Registered, until_us: int) -> bool:
    """Return whether, by the end of the events, the plan's last day is over or it has stopped."""
    if not known.trial_id or known.stopped_us is not None:
        return True
    if known.plan is None:
        return False
    return end_us(known.plan) <= until_us


def require_open(known: Registered, until_us: int, *, before_us: int | None = None) -> None:
    """Refuse facts of a running trial's outcomes.

    Parameters
    ----------
    known : the trial in the events.
    until_us : the end of the events.
    before_us : if given, only events before it are used.

    Raises
    ------
    Refused
        ``blinded``: the trial runs, and no `Unblinded` event says who may look.
    """
    start = known.treatment_us
    only_before = before_us is not None and start is not None and before_us <= start
    if only_before or known.unblinded or is_over(known, until_us):
        return
    raise Refused(
        f"The trial {known.trial_id} is running: its outcomes stay hidden until its plan's end.",
        code="blinded",
        hint="Use --before-treatment, or --why: the log then holds your name and the reason.",
        trial=known.trial_id,
    )
