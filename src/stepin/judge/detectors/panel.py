"""All detectors on one chat, folded together turn by turn.

The desk keeps one `PanelState` per chat, calls `update` for each turn off the message path, and
writes `score` as `ChatScored`. The text is cut into words and the shape is folded once for all
detectors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, get_args

import msgspec

from stepin.core.events.base import Cause
from stepin.errors import Invalid
from stepin.judge.chat import Turn
from stepin.judge.detectors.detector import Detector, Score
from stepin.judge.detectors.endangered import Endangered
from stepin.judge.detectors.fold import Fold, State
from stepin.judge.detectors.learned import ChatModel
from stepin.judge.detectors.opinions import CAUSES
from stepin.judge.detectors.policy_rules import DEFAULT_RULES, PolicyDetector, PolicyRule
from stepin.judge.detectors.requested import Requested
from stepin.judge.detectors.stuck import Stuck

NAME_CHARS = 40


class PanelState(msgspec.Struct, frozen=True, kw_only=True):
    """Where a chat stands for every detector; never changed, only replaced."""

    folded: State
    states: tuple[Any, ...]
    n_turns: int = 0


class Panel:
    """The detectors of a desk: the learned ones, the counted ones, and a team's own.

    Parameters
    ----------
    models : fitted detectors; none is fine. They are folded together, since they share features.
    rules : the team's policy rules.
    stuck_threshold : where the counted signs of a stuck AI become a flag, 0 … 1.
    own : a team's own detectors.

    Attributes
    ----------
    version : ``panel-`` and 12 hexadecimal digits over every member's name, version, cause and
        threshold.

    Raises
    ------
    Invalid
        ``detector_twice``: two members have one name; ``detector_name``: a name of a team's own
        detector can't stand in the log; as `check_rules`.
    """

    def __init__(
        self,
        models: Sequence[ChatModel] = (),
        *,
        rules: Sequence[PolicyRule] = DEFAULT_RULES,
        stuck_threshold: float = 0.6,
        own: Sequence[Detector] = (),
    ) -> None:
        self.models = tuple(models)
        self._fold = Fold(self.models)
        self.detectors: tuple[Detector, ...] = (
            Stuck(stuck_threshold),
            Requested(),
            PolicyDetector(rules),
            Endangered(),
            *own,
        )
        for one in own:
            _must_be_a_name(one.name)
        members = [(m.name, m.version, CAUSES.get(m.name), m.threshold) for m in self.models]
        members += [(d.name, d.version, d.cause, d.threshold) for d in self.detectors]
        twice = [name for name, times in Counter(m[0] for m in members).items() if times > 1]
        if twice:
            raise Invalid(
                f"Two detectors are called {twice[0]!r}.",
                code="detector_twice",
                hint="Give each detector of a panel a name of its own.",
                name=twice[0],
            )
        digest = sha256(msgspec.json.encode(members)).hexdigest()
        self.version = f"panel-{digest[:12]}"

    def start(self) -> PanelState:
        """Return the state of a chat in which nothing has been said."""
        return PanelState(
            folded=self._fold.start(), states=tuple(one.start() for one in self.detectors)
        )

    def update(self, state: PanelState, turn: Turn) -> PanelState:
        """Return the state after `turn`; a turn of the system changes nothing."""
        if turn.role == "system":
            return state
        folded = self._fold.update(state.folded, turn)
        states = tuple(
            one.update(before, turn, folded.shape)
            for one, before in zip(self.detectors, state.states, strict=True)
        )
        return PanelState(folded=folded, states=states, n_turns=state.n_turns + 1)

    def score(self, state: PanelState) -> tuple[Score, ...]:
        """Return the score of every detector after the last turn, the learned ones first.

        A detector whose score isn't a number from 0 to 1 is left out: it is foreign code, and the
        others still count.
        """
        found = [
            Score(
                detector=model.name,
                version=model.version,
                cause=CAUSES.get(model.name),
                score=float(shares[model.headline]),
                threshold=model.threshold,
            )
            for model, shares in zip(self.models, self._fold.shares(state.folded), strict=True)
        ]
        for one, stands in zip(self.detectors, state.states, strict=True):
            value, reasons = one.score(stands)
            if not 0.0 <= value <= 1.0:
                continue
            found.append(
                Score(
                    detector=one.name,
                    version=one.version,
                    cause=one.cause,
                    score=value,
                    threshold=one.threshold,
                    reasons=reasons,
                )
            )
        return tuple(found)

    def left_out(self, scores: Sequence[Score]) -> tuple[str, ...]:
        """Return the detectors whose score `score` has left out."""
        told = {one.detector for one in scores}
        return tuple(one.name for one in self.detectors if one.name not in told)


def _must_be_a_name(name: str) -> None:
    plain = name.isascii() and name.isidentifier() and name.islower() and len(name) <= NAME_CHARS
    if not plain or name in (*get_args(Cause), *CAUSES):
        raise Invalid(
            f"A detector can't be called {name[:NAME_CHARS]!r}.",
            code="detector_name",
            hint="Take small letters, digits and underscores, and no name of a cause.",
        )
