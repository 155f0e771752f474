"""All detectors on one chat, folded together turn by turn.

The desk keeps a `PanelState` a chat, calls `update` for each turn off the message path, and
writes `score` as `ChatScored`. The text is cut into words and the shape is folded once for all
detectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from stepin.judge.chat import Turn
from stepin.judge.detectors.fold import Fold, State
from stepin.judge.detectors.learned import ChatModel
from stepin.judge.detectors.policy_rules import DEFAULT_RULES, PolicyRule, broken, check_rules
from stepin.judge.detectors.requested import VERSION as REQUESTED_VERSION
from stepin.judge.detectors.requested import asks_for_person
from stepin.judge.detectors.stuck import VERSION as STUCK_VERSION
from stepin.judge.detectors.stuck import signs, stuck_score
from stepin.language import safety


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """What one detector says after a turn; ``reasons`` name signs or rules, if any."""

    detector: str
    version: str
    score: float
    threshold: float
    reasons: tuple[str, ...] = ()

    @property
    def flagged(self) -> bool:
        """Whether the score reaches the threshold."""
        return self.score >= self.threshold


class PanelState(msgspec.Struct, frozen=True, kw_only=True):
    """Where a chat stands for every detector; never changed, only replaced."""

    folded: State
    requested: bool = False
    broken: tuple[str, ...] = ()
    dangers: tuple[str, ...] = ()
    n_turns: int = 0


class Panel:
    """The detectors of a desk.

    Parameters
    ----------
    models : fitted detectors; none is fine.
    rules : the team's policy rules.
    stuck_threshold : where the counted signs of a stuck AI become a flag, 0 … 1.

    Attributes
    ----------
    version : ``panel-`` and 12 hexadecimal digits over the models' versions and the rules.
    """

    def __init__(
        self,
        models: Sequence[ChatModel] = (),
        *,
        rules: Sequence[PolicyRule] = DEFAULT_RULES,
        stuck_threshold: float = 0.6,
    ) -> None:
        check_rules(rules)
        self.models = tuple(models)
        self._fold = Fold(self.models)
        self.rules = tuple(rules)
        self.stuck_threshold = stuck_threshold
        told = [*(model.version for model in self.models), STUCK_VERSION, str(stuck_threshold)]
        told.append(safety.version())
        told.append(msgspec.json.encode(self.rules).decode())
        self.version = f"panel-{sha256(' '.join(told).encode()).hexdigest()[:12]}"

    def start(self) -> PanelState:
        """Return the state of a chat in which nothing has been said."""
        return PanelState(folded=self._fold.start())

    def update(self, state: PanelState, turn: Turn) -> PanelState:
        """Return the state after `turn`; a turn of the system changes nothing."""
        if turn.role == "system":
            return state
        return PanelState(
            folded=self._fold.update(state.folded, turn),
            requested=turn.role == "customer" and asks_for_person(turn.text),
            broken=broken(self.rules, turn.role, turn.text),
            dangers=_dangers(turn),
            n_turns=state.n_turns + 1,
        )

    def score(self, state: PanelState) -> tuple[Score, ...]:
        """Return what every detector says after the last turn.

        ``requested``, ``policy`` and ``safety`` speak of the last turn alone and score 0 or 1.
        ``safety`` speaks for no cause: the desk has acted on it where the message was appended.
        """
        found = [
            Score(
                detector=model.name,
                version=model.version,
                score=float(shares[model.headline]),
                threshold=model.threshold,
            )
            for model, shares in zip(self.models, self._fold.shares(state.folded), strict=True)
        ]
        shape = state.folded.shape
        present = signs(shape)
        found.append(
            Score(
                detector="stuck",
                version=STUCK_VERSION,
                score=stuck_score(shape),
                threshold=self.stuck_threshold,
                reasons=tuple(sign.name for sign in present),
            )
        )
        found.append(
            Score(
                detector="requested", version=REQUESTED_VERSION, score=float(state.requested),
                threshold=1.0,
            )
        )  # fmt: skip
        found.append(
            Score(
                detector="policy", version="policy-2", score=float(bool(state.broken)),
                threshold=1.0, reasons=state.broken,
            )
        )  # fmt: skip
        found.append(
            Score(
                detector="safety", version=safety.version(), score=float(bool(state.dangers)),
                threshold=1.0, reasons=state.dangers,
            )
        )  # fmt: skip
        return tuple(found)


def _dangers(turn: Turn) -> tuple[str, ...]:
    if turn.role != "customer":
        return ()
    return tuple(one.kind for one in safety.dangers(turn.text))
