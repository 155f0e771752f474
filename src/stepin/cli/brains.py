"""Which brains the policies in force ask for: the default one's, and those of trials' arms."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepin.core.policy import Policy
    from stepin.log.protocol import Log
    from stepin.settings import Settings

BUILTIN = "builtin"


def asked_of(policies: Iterable[Policy]) -> tuple[str, ...]:
    """Return the brains that these policies ask for, but for the built-in one.

    Policies with the AI off ask for none.
    """
    named = (policy.ai.brain for policy in policies if policy.ai.enabled)
    return tuple(dict.fromkeys(name for name in named if name != BUILTIN))


async def of_trials(log: Log) -> tuple[str, ...]:
    """Return the brains that the arms of trials ask for which run or may still be locked."""
    from stepin.core.events.floor import PolicyChanged, TrialStopped
    from stepin.core.policy import load_policy
    from stepin.errors import StepinError
    from stepin.log.codec import TRIALS

    policies = []
    for stream in await log.streams(ref=TRIALS):
        events = [recorded.event for recorded in await log.read(stream)]
        if any(isinstance(event, TrialStopped) for event in events):
            continue
        for event in events:
            if isinstance(event, PolicyChanged) and event.text:
                with suppress(StepinError):  # a desk that can't read it has the AI off there
                    policies.append(load_policy(event.text, source=event.name))
    return asked_of(policies)


def must_open(settings: Settings, names: Iterable[str]) -> None:
    """Open each brain as a desk would, and leave it.

    Raises
    ------
    StepinError
        What `stepin serve` would refuse with.
    """
    from stepin.agent.open import open_brain
    from stepin.agent.shop.handbook import read_handbook
    from stepin.cli.extension import extension_of

    own = extension_of(settings).brains or {}
    missing = [name for name in names if name not in own]
    if missing:
        book = read_handbook(Path(must_have_shop(settings, missing[0])))
        for name in missing:
            open_brain(name, book)


def must_have_shop(settings: Settings, brain: str) -> str:
    """Return the shop's folder; raise ``no_shop`` if none is set for this brain to work in."""
    from stepin.errors import Invalid

    if settings.shop:
        return settings.shop
    raise Invalid(
        f"brain is {brain}, but no shop is set whose procedures it could follow.",
        hint="Set shop to a folder with procedures and tools, e.g. examples/shop.",
        code="no_shop",
        brain=brain,
    )
