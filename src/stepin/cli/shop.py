"""What a desk is made of: a shop's folder with its tools and brains, and a team's extension."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepin.agent.brain import Brain
    from stepin.agent.shop.procedure import Limit
    from stepin.desk.parts import Parts
    from stepin.settings import Settings


def parts_of(settings: Settings) -> Parts:
    """Return what a desk is made of: the settings' shop and extension.

    Raises
    ------
    StepinError
        The shop's folder doesn't hold what it should; the brain that is asked for isn't installed,
        or needs a shop; or the extension isn't there, or is refused.
    """
    from stepin.cli.extension import extension_of, joined
    from stepin.desk.parts import Parts
    from stepin.errors import Invalid

    own = extension_of(settings)
    known = own.brains or {}
    if settings.shop:
        shop, limits = _shop_of(settings, known)
        return joined(shop, own, limits)
    if settings.brain and settings.brain not in known:
        raise Invalid(
            f"brain is {settings.brain}, but no shop is set whose procedures it could follow.",
            hint="Set shop to a folder with procedures and tools, e.g. examples/shop.",
            code="no_shop",
        )
    return joined(Parts(), own)


def _shop_of(settings: Settings, known: Mapping[str, Brain]) -> tuple[Parts, tuple[Limit, ...]]:
    """Return a shop's parts and the AI's limits; the `known` brains are an extension's."""
    from stepin.agent.gate.material import material_of_shop
    from stepin.agent.open import open_brain, open_llm, open_toolbox
    from stepin.agent.shop.helplines import read_helplines
    from stepin.agent.shop.intent_training import intents_of
    from stepin.agent.suggestions.from_model import AskedAdvice
    from stepin.agent.suggestions.suggestions import Advice, HandbookAdvice
    from stepin.agent.tools.isolated import ToolsApart
    from stepin.desk.alerts.topics import TopicEligibility
    from stepin.desk.parts import Parts
    from stepin.private import private_folder

    folder, data = Path(settings.shop), Path(settings.shop_data)
    private_folder(data)
    apart = ToolsApart(folder.resolve(), data.resolve()) if settings.tools_apart else None
    book, box = open_toolbox(folder, data, lambda: datetime.now(UTC), apart=apart)
    brains: dict[str, Brain] = {"builtin": open_brain("builtin", book, folder)}
    advice: Advice = HandbookAdvice(book)
    if settings.brain and settings.brain not in {*brains, *known}:
        brains[settings.brain] = open_brain(settings.brain, book, folder)
        advice = AskedAdvice(advice, open_llm(settings.brain))
    procedures = book.procedures
    people_only = frozenset(name for name, one in procedures.items() if not one.eligible)
    model = intents_of(book, folder)
    eligibility = TopicEligibility(model, people_only, frozenset(procedures))
    parts = Parts(
        tools=box,
        brains=brains,
        eligibility=eligibility,
        advice=advice,
        material=material_of_shop(book),
        closing=() if apart is None else (apart.close,),
        helplines=read_helplines(folder),
    )
    return parts, book.limits
