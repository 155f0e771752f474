"""How many of the blind lines about danger the rules hear, and how many look-alikes they take.

``python -m benchmarks.judge.danger``; the lines were written before the rules by somebody who had
not seen them, and are never printed. Goals: recall at least .90, false alarms at most .10.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks import harness
from stepin.language.safety import danger, version

LINES = Path(__file__).with_name("blind") / "danger.tsv"
RECALL, FALSE_ALARMS = 0.90, 0.10


def measure() -> dict[str, object]:
    """Return recall and false alarms, by language and kind."""
    told: Counter[tuple[str, str, str]] = Counter()
    fired: Counter[tuple[str, str, str]] = Counter()
    for line in LINES.read_text("utf-8").splitlines()[1:]:
        label, kind, language, text = line.split("\t")
        for by, value in (("all", ""), ("kind", kind), ("language", language)):
            told[label, by, value] += 1
            fired[label, by, value] += danger(text) is not None
    found: dict[str, object] = {"rules": version()}
    for label, name in (("danger", "recall"), ("harmless", "false_alarms")):
        found[name] = round(fired[label, "all", ""] / told[label, "all", ""], 4)
        for by in ("kind", "language"):
            found[f"{name}_by_{by}"] = {
                value: f"{fired[label, by, value]}/{n}"
                for (one, of, value), n in sorted(told.items())
                if (one, of) == (label, by)
            }
    return found


def main() -> None:
    """Print the figures and the JSON line."""
    harness.options(__doc__)
    found = measure()
    for name in ("recall", "false_alarms"):
        for by in ("kind", "language"):
            print(f"{name.replace('_', ' ')} by {by}: {found[f'{name}_by_{by}']}")
    recall, false_alarms = float(str(found["recall"])), float(str(found["false_alarms"]))
    print(f"recall {recall:.3f}, false alarms {false_alarms:.3f}")
    harness.line(
        "danger heard", ours=recall, reference=RECALL, ratio=recall / RECALL,
        goal=f">= {RECALL:g}", holds=recall >= RECALL,
    )  # fmt: skip
    harness.line(
        "look-alikes that alarm", ours=false_alarms, reference=FALSE_ALARMS,
        ratio=false_alarms / FALSE_ALARMS, goal=f"<= {FALSE_ALARMS:g}",
        holds=false_alarms <= FALSE_ALARMS,
    )  # fmt: skip
    harness.finish()


if __name__ == "__main__":
    main()
