"""Who asks for a person: recall and precision on lines that no one who wrote the rules has seen.

The lines are never edited or shown; what is printed is shares by language.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from pathlib import Path

from benchmarks.harness import finish, line
from stepin.language.person import asks_for_person

LINES = Path(__file__).parent / "blind" / "person.tsv"
GOAL = 0.9


def read() -> list[tuple[str, bool, str]]:
    """Return (language, whether it asks, text) of every line."""
    with LINES.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["language"], row["label"] == "asks", row["text"]) for row in rows]


def share(part: int, whole: int) -> float:
    """Return a share, 1 of nothing."""
    return part / whole if whole else 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="accepted; it is quick")
    parser.parse_args()
    found = Counter[tuple[str, bool, bool]]()
    for language, asks, text in read():
        found[language, asks, asks_for_person(text)] += 1
        found["all", asks, asks_for_person(text)] += 1
    for language in sorted({name for name, _, _ in found}):
        hit, missed = found[language, True, True], found[language, True, False]
        false, quiet = found[language, False, True], found[language, False, False]
        print(
            f"{language}: recall {hit}/{hit + missed} = {share(hit, hit + missed):.3f}, "
            f"precision {hit}/{hit + false} = {share(hit, hit + false):.3f}, "
            f"false alarms {false}/{false + quiet}"
        )
    hit, missed = found["all", True, True], found["all", True, False]
    recall, precision = share(hit, hit + missed), share(hit, hit + found["all", False, True])
    for name, value in (("recall", recall), ("precision", precision)):
        line(
            f"requests for a person, blind lines: {name}",
            ours=value, reference=GOAL, ratio=value / GOAL, goal=f">= {GOAL:g}",
            holds=value >= GOAL,
        )  # fmt: skip
    finish()


if __name__ == "__main__":
    main()
