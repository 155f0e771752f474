"""A hundred blind answers to one question: how many that are no yes are taken for one.

The lines were written by somebody who hadn't seen the rules, and are never edited or shown; what
is printed is shares by language.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from pathlib import Path

from benchmarks.harness import finish, line
from stepin.agent.builtin.consent import answer_of

LINES = Path(__file__).parents[1] / "judge" / "blind" / "consent.tsv"
QUESTIONS = {
    "en": "Shall I cancel order 4711? You get 213 pounds back.",
    "zh": "要为您取消订单4711吗？会退您213镑。",
}


def read() -> list[tuple[str, str, str]]:
    """Return (language, label, text) of every line."""
    with LINES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    known = {"language", "label", "kind", "id", "note"}
    (column,) = [name for name in rows[0] if name not in known]
    return [(row["language"], row["label"], row[column]) for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="accepted; it is quick")
    parser.parse_args()
    total, taken = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for language, label, text in read():
        question = QUESTIONS["zh" if language.startswith("zh") else "en"]
        total[label, language] += 1
        taken[label, language] += answer_of(text, question) == "yes"
    for label, language in sorted(total):
        print(f"{label} {language}: {taken[label, language]} of {total[label, language]} a yes")

    def share(label: str) -> float:
        n = sum(count for (of, _), count in total.items() if of == label)
        return sum(count for (of, _), count in taken.items() if of == label) / n

    wrong, right = share("not_yes"), share("yes")
    line(
        "answers that are no yes, taken for one",
        ours=wrong, reference=1.0, ratio=wrong, goal="= 0", holds=not wrong,
    )  # fmt: skip
    line(
        "clear answers taken for the yes that they are",
        ours=right, reference=1.0, ratio=right, goal=">= 0.8", holds=right >= 0.8,
    )  # fmt: skip
    finish()


if __name__ == "__main__":
    main()
