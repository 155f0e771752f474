"""The shop, the extension, the brains and the detectors, opened as `serve` opens them."""

from __future__ import annotations

from stepin.cli.checks.check import At, Check


async def look_at_shop(at: At) -> list[Check]:
    """Open the shop's folder with its tools and the brain that is set."""
    from stepin.app import policy_of
    from stepin.desk.state.policies import NO_AI

    tools = at.parts().tools
    found = len(tools.all()) if tools is not None else 0
    brain = policy_of(at.settings).ai.brain
    if not at.settings.shop:
        return [Check(name="shop", fine=True, detail=NO_AI)]
    detail = f"{at.settings.shop}: {found} tools, brain {brain}"
    return [Check(name="shop", fine=True, detail=detail)]


async def look_at_extension(at: At) -> list[Check]:
    """Load the team's extension, if one is set."""
    from stepin.cli.extension import extension_of

    if not at.settings.extension:
        return []
    own = extension_of(at.settings)
    tools = [tool.name for tool in own.tools.all()] if own.tools is not None else []
    found = {
        "tools": tools,
        "brains": sorted(own.brains or ()),
        "detectors": [one.name for one in own.detectors],
    }
    told = [f"{what} {', '.join(names)}" for what, names in found.items() if names]
    told += ["a wrapper of brains"] if own.wrap_brain is not None else []
    detail = f"{at.settings.extension}: {'; '.join(told) or 'none of these'}"
    return [Check(name="extension", fine=True, detail=detail)]


async def look_at_detectors(at: At) -> list[Check]:
    """Load the models that score chats."""
    from stepin.app import eligibility_of, watches_of

    watches_of(at.settings, at.parts().detectors)
    eligibility_of(at.settings, None)
    return [Check(name="detectors", fine=True, detail=at.settings.detectors or "those that ship")]


async def look_at_webhooks(at: At) -> list[Check]:
    """Look at the webhooks' addresses; nothing is sent."""
    from stepin.desk.alerts.webhook import check_urls

    urls = at.settings.alert_webhooks
    check_urls(urls)
    return [Check(name="webhooks", fine=True, detail=f"{len(urls)} set")] if urls else []
