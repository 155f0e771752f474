"""Several catalogues as one: the shop's tools and those of an extension."""

from __future__ import annotations

from collections.abc import Iterable

from stepin.agent.shop.procedure import Limit
from stepin.agent.tools.tool import Catalogue, Tool
from stepin.agent.tools.toolbox import limited
from stepin.errors import Invalid


class JoinedTools:
    """The tools of several catalogues; a `Catalogue`.

    Parameters
    ----------
    catalogues : read once, here.
    limits : the AI's limits of the procedures, on every tool that they name.

    Raises
    ------
    Invalid
        ``tool_twice``: two catalogues have a tool of one name.
    """

    def __init__(self, catalogues: Iterable[Catalogue], limits: Iterable[Limit] = ()) -> None:
        found: dict[str, Tool] = {}
        for tool in (tool for catalogue in catalogues for tool in catalogue.all()):
            if tool.name in found:
                raise Invalid(
                    f"Two tools are called {tool.name!r}.",
                    code="tool_twice",
                    hint="Rename the function of one of them: the AI calls a tool by its name.",
                    name=tool.name,
                )
            found[tool.name] = tool
        for limit in limits:
            if limit.tool in found:
                found[limit.tool] = limited(found[limit.tool], limit)
        self._tools = dict(sorted(found.items()))

    def get(self, name: str) -> Tool | None:
        """Return a tool by its name."""
        return self._tools.get(name)

    def all(self) -> tuple[Tool, ...]:
        """Return every tool, by name."""
        return tuple(self._tools.values())
