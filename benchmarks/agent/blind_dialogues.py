"""Two hundred blind customers: resolved alone, rightly given up, done or said wrongly.

The dialogues were written by somebody who hadn't seen the procedures, and are never edited. What
went wrong is counted by reason and language. ``--development tune`` plays the dialogues that the
brain is tuned on instead, ``--development validate`` those held back from tuning; ``--show N``
prints the first N of them that came out otherwise than expected.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.agent.dialogue import read
from benchmarks.agent.player import Played, play
from benchmarks.agent.score import Score, score
from benchmarks.harness import finish, line
from stepin.agent.open import open_brain
from stepin.agent.shop.handbook import read_handbook

SHOP = Path(__file__).parents[2] / "examples" / "shop"


LANGUAGES = ("en", "zh")
DEVELOPMENT = Path(__file__).parent / "development"
HALF = {"tune": slice(0, None, 2), "validate": slice(1, None, 2)}


def scripts(half: str | None) -> list[dict[str, Any]]:
    """Return the blind dialogues, or one half of those for development."""
    if half is None:
        return [raw for language in LANGUAGES for raw in read(language)]
    return [raw for language in LANGUAGES for raw in read(language, DEVELOPMENT)[HALF[half]]]


async def play_all(raws: list[dict[str, Any]], brain_name: str) -> list[tuple[Played, Score]]:
    book = read_handbook(SHOP)
    brain = open_brain(brain_name, book, SHOP)
    played = [await play(raw, brain, book) for raw in raws]
    return [(one, score(one)) for one in played]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="accepted; it is quick")
    parser.add_argument("--brain", default="builtin")
    parser.add_argument("--development", choices=tuple(HALF), default=None)
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    if options.show and options.development is None:
        parser.error("the blind dialogues aren't shown; use --development tune")
    results = asyncio.run(play_all(scripts(options.development), options.brain))
    n = len(results)
    eligible = [pair for pair in results if pair[0].dialogue.expect == "resolve"]
    others = [pair for pair in results if pair[0].dialogue.expect != "resolve"]
    for language in LANGUAGES:
        mine = [s for p, s in eligible if p.dialogue.language == language]
        theirs = [s for p, s in others if p.dialogue.language == language]
        print(
            f"{language}: resolved {sum(s.resolved for s in mine)} of {len(mine)} eligible; "
            f"handed over rightly {sum(s.handed_right for s in theirs)} of {len(theirs)}"
        )
        wrong_ones = (
            f"{p.dialogue.expect}: {s.why}" for p, s in results if p.dialogue.language == language
            if s.why
        )  # fmt: skip
        for why, count in Counter(wrong_ones).most_common():
            print(f"    {count:3} {why}")
    by_want = Counter(p.dialogue.want[0] for p, s in eligible if not s.resolved)
    print("unresolved by first want:", dict(by_want))
    print("ended:", dict(Counter(f"{p.dialogue.expect}>{p.ended or 'open'}" for p, _ in results)))
    print("needed an approval:", sum(p.approvals > 0 for p, s in eligible if s.resolved))
    given = [pair for pair in results if pair[1].handed]
    precise = sum(p.dialogue.expect != "resolve" for p, _ in given)
    print(f"of {len(given)} chats handed over, {precise} should have been")
    wrong_actions = sum(bool(s.wrong_actions) for _, s in results)
    wrong_words = sum(bool(s.wrong_statements) for _, s in results)
    resolved = sum(s.resolved for _, s in eligible) / len(eligible)
    right = sum(s.handed_right for _, s in others) / len(others)
    bad = [(p, s) for p, s in results if s.wrong_actions or s.wrong_statements or s.why]
    for one, verdict in bad[: options.show]:
        print(
            f"\n== {one.dialogue.id} {one.dialogue.want} expect {one.dialogue.expect}: "
            f"{one.ended} {one.cause} {one.reason} {one.changes} {verdict.wrong_actions} "
            f"{verdict.wrong_statements} order {one.dialogue.order} {one.dialogue.status}"
        )
        for who, text in one.transcript:
            print(f"  {who}: {text}")
    claims = (
        ("eligible dialogues resolved by the AI", resolved, 1.0, ">= 0.8", resolved >= 0.8),
        ("dialogues for a person handed over rightly", right, 1.0, ">= 0.95", right >= 0.95),
        (f"wrong actions in {n} dialogues", wrong_actions, n, "<= 0", not wrong_actions),
        (f"wrong statements in {n} dialogues", wrong_words, n, "<= 0", not wrong_words),
    )
    for claim, ours, reference, goal, holds in claims:
        line(claim, ours=ours, reference=reference, ratio=ours / reference, goal=goal, holds=holds)
    finish()


if __name__ == "__main__":
    main()
