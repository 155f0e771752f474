"""What a desk is made of besides its log and its policies: one struct, passed as a whole."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepin.agent.brain import Brain
    from stepin.agent.editions import Editions
    from stepin.agent.gate.material import Material
    from stepin.agent.suggestions.suggestions import Advice
    from stepin.agent.tools.tool import Catalogue
    from stepin.core.danger import Helpline
    from stepin.desk.alerts.detection import Watch
    from stepin.desk.commands.eligibility import EligibilityRules
    from stepin.judge.detectors.detector import Detector


def _real_us() -> int:
    return time.time_ns() // 1000


def _new_id() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a desk is made of besides its settings; the defaults serve an empty desk.

    Attributes
    ----------
    tools : what the AI and workers may call; None for nothing.
    eligibility : which chats the AI may have; None leaves the desk's own rules.
    brains : by the name under which policies ask for them; without any the AI is off.
    wrap_brain : takes each brain and returns the one that takes turns in its place; None leaves
        them as they are.
    watches : what scores chats; None loads the detectors that the settings name, or in a desk
        without settings the rules alone (a person is asked for, the AI repeats itself, a policy's
        phrases); an empty tuple scores nothing.
    detectors : a team's own detectors, beside those that `watches` None stands for.
    helplines : numbers that a customer who may harm themselves is told of.
    advice : suggests replies to workers; None leaves the desk's own.
    material : what the shop's own texts hold, so that the AI's answers may show it; see
        `stepin.agent.gate.material`.
    editions : the shop's texts, read again when their files change.
    closing : called when the desk has stopped, e.g. to end the tools' process.
    new_id : draws the id of a chat or an action.
    clock_us : real time, UTC µs.
    """

    tools: Catalogue | None = None
    eligibility: EligibilityRules | None = None
    brains: Mapping[str, Brain] | None = None
    wrap_brain: Callable[[Brain], Brain] | None = None
    watches: Sequence[Watch] | None = None
    detectors: Sequence[Detector] = ()
    helplines: Sequence[Helpline] = ()
    advice: Advice | None = None
    material: Material | None = None
    editions: Editions | None = None
    closing: tuple[Callable[[], Awaitable[None]], ...] = ()
    new_id: Callable[[], str] = _new_id
    clock_us: Callable[[], int] = _real_us

    def whole_brains(self) -> Mapping[str, Brain]:
        """Return the brains that take turns, each wrapped if it is to be."""
        brains = self.brains or {}
        if self.wrap_brain is None:
            return brains
        from stepin.agent.editions import BrainsNow

        return BrainsNow(lambda: brains).wrapped(self.wrap_brain)
