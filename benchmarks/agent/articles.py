"""Whether a customer's question finds the right passage first, and one beside it finds none.

The questions were written apart from the articles, in words that the articles don't use where
there were any. A question that no passage answers has to find none.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from benchmarks.harness import finish, line
from stepin.agent.shop.handbook import read_handbook

SHOP = Path(__file__).parents[2] / "examples" / "shop"
QUESTIONS = Path(__file__).parent / "articles.tsv"
GOAL_FOUND, GOAL_NONE = 0.8, 0.9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="accepted; it is quick")
    parser.add_argument("--show", action="store_true", help="print the questions that went wrong")
    options = parser.parse_args()
    ranking = read_handbook(SHOP).ranking
    right: Counter[tuple[str, bool]] = Counter()
    asked: Counter[tuple[str, bool]] = Counter()
    for row in QUESTIONS.read_text("utf-8").splitlines():
        language, source, question = row.split("\t")
        hits = ranking.find(question, language, limit=1)
        found = hits[0].passage.source if hits else "none"
        kind = (language, source != "none")
        asked[kind] += 1
        right[kind] += found == source
        if options.show and found != source:
            print(f"{language} {question}: {found}, should be {source}")
    for language in ("en", "zh"):
        for answered in (True, False):
            kind = (language, answered)
            print(f"{language} {'found' if answered else 'none'}: {right[kind]} of {asked[kind]}")
    for answered, goal, claim in (
        (True, GOAL_FOUND, "questions whose passage came first"),
        (False, GOAL_NONE, "questions that no passage answers and none was found for"),
    ):
        n = sum(count for kind, count in asked.items() if kind[1] == answered)
        share = sum(count for kind, count in right.items() if kind[1] == answered) / n
        line(claim, ours=share, reference=1.0, ratio=share, goal=f">= {goal}", holds=share >= goal)
    finish()


if __name__ == "__main__":
    main()
