"""Opening lines that ask for nobody: the share that is given up as *requested*.

The cause is what the desk's own evidence is built on, so a false one falsifies every comparison of
causes. The lines are banking questions and openings of ordinary dialogues (``STEPIN_TEST_DATA``)
and 240 of our own, written around words for people. Lines of the data sets that do ask for
somebody, whom to call or a service department ("who can I speak with"), were read and are left out
by their digests; "can someone help me with ..." counts. Each line opens a chat of its own. The
interval is Clopper and Pearson's, two-sided, 95 %.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import sys
from collections import Counter
from hashlib import sha256
from math import comb
from pathlib import Path

from examples.shop import tools_of
from examples.shop.seed import SAMPLES

from benchmarks.agent.player import MONEY_LIMIT, NOW, new_shop
from benchmarks.harness import finish, line
from stepin.agent.open import open_brain
from stepin.agent.sandbox import Rehearsal
from stepin.agent.shop.handbook import read_handbook
from stepin.agent.tools.toolbox import Toolbox
from stepin.core.policy import ApprovalPolicy, Policy

SHOP = Path(__file__).parents[2] / "examples" / "shop"
OWN = Path(__file__).with_name("false_requests.txt")
ASKS = Path(__file__).with_name("false_requests_left_out.txt")
FEWEST, MOST, OF = 2_400, 3, 2_400
QUICK_EVERY = 4


def lines(data: Path, *, quick: bool) -> list[tuple[str, str]]:
    """Return (source, line) of everything that is said to open a chat."""
    with (data / "banking77/train.csv").open(newline="", encoding="utf-8") as file:
        banking = [row["text"] for row in csv.DictReader(file)]
    openings = []
    for raw in (data / "dialogues/ordinary.jsonl").read_text("utf-8").splitlines():
        said = (one["text"] for one in json.loads(raw)["turns"] if one["role"] == "customer")
        openings.append(next(said))
    own = OWN.read_text("utf-8").splitlines()
    left_out = set(ASKS.read_text("utf-8").split())
    found = [
        *(("own", text) for text in own),
        *(("dialogues", text) for text in openings),
        *(("banking77", text) for text in (banking[::QUICK_EVERY] if quick else banking)),
    ]
    return [(source, text) for source, text in found if digest(text) not in left_out]


def digest(text: str) -> str:
    """Return the digest by which a line is left out."""
    return sha256(text.encode()).hexdigest()[:12]


def interval(hits: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a share."""
    tail = (1 - level) / 2

    def below(share: float, most: int) -> float:
        return sum(comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(most + 1))

    def solved(most: int, wanted: float) -> float:
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if below(middle, most) > wanted else (low, middle)
        return (low + high) / 2

    return (solved(hits - 1, 1 - tail) if hits else 0.0), solved(hits, tail)


async def causes(openings: list[tuple[str, str]]) -> list[str]:
    """Return the cause by which each chat was given up after its first line, or nothing."""
    book = read_handbook(SHOP)
    brain = open_brain("builtin", book, SHOP)
    shop = new_shop()
    box = Toolbox(tools_of(shop), now_s=lambda: 0.0).limited(book.limits)
    found = []
    for number, (_, text) in enumerate(openings):
        chat = Rehearsal(
            brain,
            {tool.name: tool for tool in box.all()},
            customer_id=next(iter(SAMPLES.values())),
            language="en" if text.isascii() else "zh",
            policy=Policy(approvals=ApprovalPolicy(ai_money_limit=MONEY_LIMIT)),
            now_us=lambda: int(NOW.timestamp() * 1e6),
            key=f"line-{number}",
        )
        await chat.customer_says_all(text)
        found.append(str(chat.cause or ""))
    shop.close()
    return found


def main() -> None:
    """Open a chat with every line and count the causes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a quarter of the banking lines")
    parser.add_argument("--show", action="store_true", help="print the lines that count")
    options = parser.parse_args()
    data = Path(os.environ.get("STEPIN_TEST_DATA", "../shared/data"))
    if not (data / "banking77/train.csv").is_file():
        print(f"No data at {data}; set STEPIN_TEST_DATA.")
        sys.exit(0)
    openings = lines(data, quick=options.quick)
    given = asyncio.run(causes(openings))
    print("lines:", dict(Counter(source for source, _ in openings)))
    print("given up at once:", dict(Counter(given)))
    false = [one for one, cause in zip(openings, given, strict=True) if cause == "requested"]
    if options.show:
        for source, text in false:
            print(f"  {source} {digest(text)} {text}")
    n, hits = len(openings), len(false)
    low, high = interval(hits, n)
    print(f"given up as requested: {hits} of {n} = {hits / n:.4%} ({low:.4%} to {high:.4%})")
    line(
        f"opening lines that ask for nobody, given up as requested, of {n}",
        ours=hits,
        reference=n,
        ratio=hits / n,
        goal=f"<= {MOST} of {OF}",
        holds=n >= FEWEST and hits / n <= MOST / OF,
    )
    finish()


if __name__ == "__main__":
    main()
