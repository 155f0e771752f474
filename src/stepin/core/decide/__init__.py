"""Commands decided by pure functions: a chat and a command in, events or a typed refusal out."""

from stepin.core.decide.decision import Decision
from stepin.core.decide.dispatch import decide, must_be_current

__all__ = ["Decision", "decide", "must_be_current"]
