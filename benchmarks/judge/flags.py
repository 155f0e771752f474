"""Do flags rise for the right reasons, early, in both languages? On dialogues that no one tuned on.

The sample shop's dialogues of fresh seeds, the shipped detectors. A flag at a calm turn of the
customer is right if an angry turn is among the next two; the lead is counted in customer turns.
The other side detects anger once it is said (the emotional detector alone), in the same run.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from examples.shop.dialogues import in_order
from examples.shop.train import generated

from benchmarks import harness
from stepin.core.decide.alerting import margin
from stepin.judge.chat import LabelledChat, read_jsonl
from stepin.judge.detectors.panel import Panel
from stepin.judge.shipped import load_detectors

SEEDS = (4001, 4002, 4003)
N_CHATS = 300
AHEAD = 2
MOODS = frozenset({"emotional", "hazard"})
HAN = range(0x4E00, 0xA000)


@dataclass(slots=True)
class Tally:
    """What one set of detectors did in the chats of one language."""

    calm: int = 0
    wrong: int = 0
    right: int = 0
    angry: int = 0
    caught: int = 0
    leads: list[int] = field(default_factory=list)
    unflagged: int = 0
    calm_chats: int = 0
    calm_chats_flagged: int = 0
    margins: list[tuple[float, bool]] = field(default_factory=list)

    def read(self, angry: list[bool], over: list[float]) -> None:
        """Count one chat: whether each customer turn is angry, and how far over a threshold."""
        flagged = [one >= 0.0 for one in over]
        for place, is_angry in enumerate(angry):
            soon = any(angry[place : place + 1 + AHEAD])
            self.margins.append((over[place], soon))
            if is_angry:
                self.angry += 1
                self.caught += flagged[place]
            else:
                self.calm += 1
                self.right += flagged[place] and soon
                self.wrong += flagged[place] and not soon
        if not any(angry):
            self.calm_chats += 1
            self.calm_chats_flagged += any(flagged)
            return
        first = angry.index(True)
        if any(flagged[: first + 1]):
            self.leads.append(first - flagged.index(True))
        else:
            self.unflagged += 1

    @property
    def chats(self) -> int:
        """How many chats were held."""
        return self.calm_chats + len(self.leads) + self.unflagged

    def at_budget(self, share: float) -> float:
        """Return the share that is right of the worst turns, so many as a share of the chats."""
        worst = sorted(self.margins, key=lambda one: -one[0])[: max(1, round(share * self.chats))]
        return statistics.mean(right for _, right in worst)


def main() -> None:
    options = harness.options(__doc__)
    panel = Panel(load_detectors())
    ours: dict[str, Tally] = defaultdict(Tally)
    theirs: dict[str, Tally] = defaultdict(Tally)
    seeds = options.pick(SEEDS, SEEDS[:1])
    for seed in seeds:
        for chat in held(N_CHATS, seed):
            language = "zh" if any(ord(c) in HAN for t in chat.turns for c in t.text) else "en"
            angry, over = play(panel, chat)
            for name in (language, "both"):
                ours[name].read(angry, [max(one.values()) for one in over])
                theirs[name].read(angry, [one["emotional"] for one in over])
    for name in ("en", "zh", "both"):
        tell(name, ours[name], theirs[name])
    harness.finish()


def held(n_chats: int, seed: int) -> list[LabelledChat]:
    """Return dialogues as a file of them is read."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "chats.jsonl"
        file.write_bytes(b"".join(in_order(generated(n_chats, seed=seed))))
        return read_jsonl(file)


def play(panel: Panel, chat: LabelledChat) -> tuple[list[bool], list[dict[str, float]]]:
    """Return whether each customer turn is angry, and how far the moods are over thresholds."""
    state = panel.start()
    angry, over = [], []
    for turn in chat.turns:
        state = panel.update(state, turn)
        if turn.role == "customer":
            angry.append(turn.sentiment == 0)
            moods = [score for score in panel.score(state) if score.detector in MOODS]
            over.append({one.detector: margin(one.score, one.threshold) for one in moods})
    return angry, over


def tell(name: str, ours: Tally, theirs: Tally) -> None:
    """Print one language's figures, those that are claimed as lines."""
    flags = ours.right + ours.wrong
    print(json.dumps({
        "language": name, "chats": ours.chats, "calm_turns": ours.calm,
        "flags_at_calm_turns": flags, "right": ours.right,
        "calm_chats_flagged": [ours.calm_chats_flagged, ours.calm_chats],
        "chats_with_anger": len(ours.leads) + ours.unflagged,
        "flagged_before_it": sum(lead > 0 for lead in ours.leads),
        "mean_lead_turns": round(statistics.mean(ours.leads), 3) if ours.leads else None,
        "mean_lead_turns_emotional_alone":
            round(statistics.mean(theirs.leads), 3) if theirs.leads else None,
        "right_of_worst_at_one_alert_in_5_chats": round(ours.at_budget(0.2), 3),
        "right_of_worst_at_one_alert_in_10_chats": round(ours.at_budget(0.1), 3),
    }))  # fmt: skip
    wrong = ours.wrong / max(1, ours.calm)
    caught = ours.caught / max(1, ours.angry)
    early = sum(lead > 0 for lead in ours.leads) / max(1, len(ours.leads) + ours.unflagged)
    for claim, value, goal, below in (
        ("calm turns wrongly flagged, share", wrong, 0.05, True),
        ("angry turns flagged, share", caught, 0.95, False),
        ("chats flagged before the first angry turn, share", early, 0.3, False),
    ):
        harness.line(
            f"{name}: {claim}", ours=value, reference=goal, ratio=value / goal,
            goal=f"{'<=' if below else '>='} {goal:g}",
            holds=value <= goal if below else value >= goal,
        )  # fmt: skip


if __name__ == "__main__":
    main()
