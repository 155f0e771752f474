"""What a desk is made of: a shop's folder with its tools and brains, and a team's extension."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepin.agent.brain import Brain
    from stepin.agent.shop.procedure import Limit
    from stepin.desk.parts import Parts
    from stepin.settings import Settings


def parts_of(settings: Settings, arms: Iterable[str] = ()) -> Parts:
    """Return what a desk is made of: the settings' shop and extension.

    Every brain that a policy in force asks for is among the brains.

    Parameters
    ----------
    arms : the brains that the arms of trials ask for.

    Raises
    ------
    StepinError
        The shop's folder doesn't hold what it should; the brain that is asked for isn't installed,
        or needs a shop; or the extension isn't there, or is refused.
    """
    from stepin.app import policy_of
    from stepin.cli.brains import asked_of, must_have_shop
    from stepin.cli.extension import extension_of, joined
    from stepin.desk.parts import Parts

    own = extension_of(settings)
    asked = dict.fromkeys((*asked_of([policy_of(settings)]), *arms))
    needed = [name for name in asked if name not in (own.brains or {})]
    if settings.shop:
        shop, limits = _shop_of(settings, needed)
        return joined(shop, own, limits)
    if needed:
        must_have_shop(settings, needed[0])
    return joined(Parts(), own)


def _shop_of(settings: Settings, needed: Sequence[str]) -> tuple[Parts, tuple[Limit, ...]]:
    """Return a shop's parts, with the brains that are needed besides its own, and the AI's limits.

    Suggestions ask the default policy's model, if it has one.
    """
    from stepin.agent.editions import AdviceNow, BrainsNow, Edition, Editions
    from stepin.agent.gate.material import material_of_shop
    from stepin.agent.open import open_book, open_brain, open_llm, open_toolbox
    from stepin.agent.shop.helplines import read_helplines
    from stepin.agent.shop.intent_training import intents_of
    from stepin.agent.suggestions.from_model import AskedAdvice
    from stepin.agent.suggestions.suggestions import Advice, HandbookAdvice
    from stepin.agent.tools.isolated import ToolsApart
    from stepin.app import policy_of
    from stepin.desk.alerts.topics import TopicEligibility
    from stepin.desk.parts import Parts
    from stepin.private import private_folder

    folder, data = Path(settings.shop), Path(settings.shop_data)
    private_folder(data)
    apart = ToolsApart(folder.resolve(), data.resolve()) if settings.tools_apart else None
    book, box = open_toolbox(folder, data, lambda: datetime.now(UTC), apart=apart)
    default = policy_of(settings).ai.brain
    first = [book]

    def read() -> Edition:
        book = first.pop() if first else open_book(folder)
        brains: dict[str, Brain] = {"builtin": open_brain("builtin", book, folder)}
        brains |= {name: open_brain(name, book, folder) for name in needed}
        advice: Advice = HandbookAdvice(book)
        if default in needed:
            advice = AskedAdvice(advice, open_llm(default))
        return Edition(book, brains, advice, material_of_shop(book))

    editions = Editions(folder, read)
    procedures = book.procedures
    people_only = frozenset(name for name, one in procedures.items() if not one.eligible)
    model = intents_of(book, folder)
    eligibility = TopicEligibility(model, people_only, frozenset(procedures))
    parts = Parts(
        tools=box,
        brains=BrainsNow(lambda: editions.current.brains),
        editions=editions,
        eligibility=eligibility,
        advice=AdviceNow(editions),
        material=editions.current.material,
        closing=() if apart is None else (apart.close,),
        helplines=read_helplines(folder),
    )
    return parts, book.limits
