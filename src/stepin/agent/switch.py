"""Kill switches for tools: one for everybody, or one for the chats of a single arm's policy."""

from __future__ import annotations

from collections.abc import Mapping

from stepin.agent.tool import Tool


class Switches:
    """Which tools are switched off, why, and for which policy (``*`` for all).

    The desk tells it what its log says; a toolbox and every turn ask it.
    """

    def __init__(self) -> None:
        self._off: dict[tuple[str, str], str] = {}

    def set(self, tool: str, *, policy: str = "*", off: bool, why: str = "") -> None:
        """Switch a tool off or on again, for one policy by its name or for all."""
        if off:
            self._off[tool, policy] = why or f"{tool} is switched off."
        else:
            self._off.pop((tool, policy), None)

    def everywhere(self, tool: str) -> str | None:
        """Return why a tool is off for everybody, or None."""
        return self._off.get((tool, "*"))

    def for_policy(self, tool: str, policy: str) -> str | None:
        """Return why a tool is off under a policy, or None."""
        return self._off.get((tool, "*")) or self._off.get((tool, policy))

    def allowed(self, tools: Mapping[str, Tool], policy: str) -> dict[str, Tool]:
        """Return the tools that a turn under this policy may see."""
        return {name: tool for name, tool in tools.items() if self.for_policy(name, policy) is None}
