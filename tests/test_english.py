"""Texts that people read avoid the slips that we have made before.

Each rule is a pattern and what to write instead. A rule stays only while it has no false alarm.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepin.cli import COMMANDS
from tests.documents import DOCS, PAGES, ROOT, SOURCE, hints, name_of, prose, read

_UNITS = (
    "worker|chat|unit|day|customer|turn|row|side|table|detector|outcome|cause|kind|call|message|"
    "file|process|hour|lead|arm|block|line|desk|person|team|column|section"
)
RULES = {
    rf"(?i)\b(?:a|one) (?!of )\w+ an? (?:{_UNITS})\b": "one X per Y",
    rf"(?i)\bone an? (?:{_UNITS}|class|group)\b": "one per Y",
    r"(?i)\b(?:a|one) (?:row|file|entry|folder|column|value) an? (?:\w+ )?\w": "one X per Y: a row",
    r"\b(?:object|row|line|file) an? (?:line|row|cell|chat|turn|unit|day)\b": "one X per Y, too",
    rf"\bso (?:many|much) an? (?:{_UNITS})\b": "this many per Y",
    r"\b(?:nothing|anything|something|all|words?|message|text) of (?:the|a|an|your) [\w-]+'s\b": (
        "nothing from Y; no possessive behind `of`"
    ),
    r"\b(?:nothing|anything) speaks (?:for|against)\b": "nothing is known to be wrong",
    r"\bnobody vouches\b": "not identified, anonymous",
    r"\bwhatever the race\b": "even in a race",
    r"\b(?:log|chain|seal)s? (?:is|isn't|are|stays?) whole\b|\bwhole in itself\b": "intact",
    r"\b(?:is|are) drawn alone\b": "assigned individually",
    r"\band (?:its|their) (?:likes|kin)\b": "name the standard: Slack-compatible",
    r"\bfour (?:of|in) five\b": "80 % power",
    r"\bone draw in a hundred\b|\bdraw in 100\b": "99 % of possible draws",
    r"\bon the shelf\b": "no report yet",
    r"\b[Tt]he machine (?:looks|says|tells|watches|holds|alone|has said|stops)\b": (
        "name the operation: the harm rule is evaluated"
    ),
    r"\bLet the machine\b": "name the operation",
    r"\bLook whether\b|\blooks after\b": "check, tested by",
    r"\b[Nn]obody of\b": "nobody on",
    r"\bsays? that nobody\b": "reports that there is no",
    r"(?:^|[.;] )Who (?:\w+ ){1,5}(?:is|are|has|gets|stays|may)\b[^?]*\.": (
        "name the noun: late joiners, customers"
    ),
    r"\bWho and why\b": "name and reason",
    r"\bof (?:a|the) (?:customer|worker|team)'s(?=[.,;:)]|$)": "of a customer",
    r"\b(?:the talk|it) goes in circles\b": "the conversation goes in circles",
    r"\bclimbs from\b": "escalates from",
    r"\b(?:toolroom|workbench|scribe|harmwatch|the veil|the bench)\b": "the field's term, see 0023",
}


def texts() -> Iterator[tuple[str, str]]:
    """Yield every text with its place: pages, word files, help of commands, hints."""
    for page in PAGES:
        if DOCS / "decisions" not in page.parents:
            yield from lines(name_of(page), re.sub(r"`[^`\n]*`", "`…`", prose(page)))
    for pattern in ("console/src/**/en.ts", "console/src/**/words.ts", "widget/src/words.ts"):
        for path in sorted((ROOT / "frontend").glob(pattern)):
            yield from lines(name_of(path), read(path))
    for name, _, _, text in COMMANDS:
        yield f"stepin {name}", text
    for path in sorted((SOURCE / "cli").rglob("*.py")):
        yield from docstrings(path)
    yield from hints()
    said = SOURCE / "language" / "sentences" / "en.toml"
    yield from lines(name_of(said), read(said))


def lines(place: str, text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        yield f"{place}:{number}", line


def docstrings(path: Path) -> Iterator[tuple[str, str]]:
    """Yield what the functions of a module say of themselves: help texts are docstrings."""
    for node in ast.walk(ast.parse(read(path))):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield f"{name_of(path)}:{node.lineno}", ast.get_docstring(node) or ""


def written() -> Iterator[tuple[str, str]]:
    """Yield every line of every source, docstrings and comments too."""
    for folder in ("src", "benchmarks", "examples", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path != Path(__file__) and "__pycache__" not in path.parts:
                yield from lines(name_of(path), read(path))


TEXTS = tuple(texts())


@pytest.mark.parametrize("pattern", RULES, ids=RULES.values())
def test_a_slip_that_we_know_is_made_nowhere(pattern: str) -> None:
    rule = re.compile(pattern, re.MULTILINE)
    found = [f"{place}: {hit[0]}" for place, text in TEXTS if (hit := rule.search(text))]
    assert found == [], f"write: {RULES[pattern]}"


def test_one_row_per_worker_is_written_so_in_every_source() -> None:
    rules = [re.compile(pattern) for pattern, why in RULES.items() if why.startswith("one ")]
    found = [
        f"{place}: {hit[0]}" for place, line in written() for r in rules if (hit := r.search(line))
    ]
    assert found == [], "write: one X per Y"


@pytest.mark.parametrize(
    "slip",
    [
        "A CSV with a row a worker.",
        "nothing of the AI's is accepted",
        "Who joins later is drawn alone.",
        "the log is whole",
        "The machine looks again after Monday.",
        "Nobody of our team is online",
    ],
)
def test_a_slip_is_caught(slip: str) -> None:
    assert any(re.search(pattern, slip) for pattern in RULES)


def test_enough_is_read() -> None:
    assert len(TEXTS) > 2_000
    assert {place.partition(":")[0] for place, _ in TEXTS} >= {
        "README.md",
        "docs/reference/commands.md",
        "frontend/widget/src/words.ts",
        "src/stepin/language/sentences/en.toml",
    }
