"""The gate of one chat: an answer is finished and fit to be read, and this chat bears it out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from stepin.agent.brain import Line, Planned
from stepin.agent.gate.evidence import evidence_of, needs_evidence, unborne
from stepin.agent.gate.gate import Gated, outgoing
from stepin.agent.gate.material import Material, material_of, material_of_values
from stepin.core.action import Action

_PEOPLE = ("worker", "whisper", "boundary")


class ChatGate:
    """Decides what of a brain's texts may go to the customer of one chat.

    Parameters
    ----------
    shop : what the shop's own texts hold.
    tools : names of tools, which no answer speaks of.
    lines : what was said, as far as the turn has read it.
    """

    def __init__(self, shop: Material, tools: Collection[str], lines: Sequence[Line]) -> None:
        self._tools, self._lines = tools, lines
        said = (one for one in lines if one.speaker == "customer")
        self._said = "\n".join(one.text for one in said)
        people = material_of(one.text for one in lines if one.speaker in _PEOPLE)
        self._known = shop | people

    def gated(self, text: str, actions: Iterable[Action], plans: Iterable[Planned] = ()) -> Gated:
        """Return what of a text may go out.

        Parameters
        ----------
        actions : the chat's calls with what became of them.
        plans : what calls would do that the text may ask about.
        """
        actions, plans = list(actions), list(plans)
        gated = outgoing(text, self._known, said=self._said, tools=self._tools)
        if gated.refused in ("link", "template"):
            results = [value for one in actions for value in (one.result, one.records)]
            more = material_of_values([*results, *(one.records for one in plans)])
            gated = outgoing(text, self._known | more, said=self._said, tools=self._tools)
        if gated.refused or not needs_evidence(gated.text):
            return gated
        lacks = unborne(gated.text, evidence_of(actions, self._lines, self._known, plans))
        return Gated("", lacks) if lacks else gated
