"""Whatever reads what a stranger has written takes time in proportion to its length."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from stepin.agent.builtin import consent, extract
from stepin.agent.builtin.answers import plain_answer
from stepin.agent.builtin.brain import BuiltinBrain
from stepin.agent.builtin.record_picker import pick
from stepin.agent.builtin.withdrawing import taken_back
from stepin.agent.llm.sentences import messages
from stepin.agent.shop.handbook import Handbook, read_handbook
from stepin.agent.shop.procedure import Fact
from stepin.agent.shop.terms import terms
from stepin.judge.detectors.policy_rules import DEFAULT_RULES, broken
from stepin.judge.effort import LightCoder
from stepin.judge.models.intent import IntentModel
from stepin.judge.models.tokens import words
from stepin.language.given import given
from stepin.language.languages import language_of
from stepin.language.person import asks_for_person
from stepin.language.reading import folded, read_part
from stepin.language.safety import dangers
from stepin.language.search_words.words import search_words
from stepin.vectors.port import ready
from tests.language import texts
from tests.language.atoms import atoms
from tests.language.growth import LONG, SHORT, too_slow
from tests.language.readers import INSIDE_YET, OWN, READERS, patterns

SOURCE = Path(__file__).parents[2] / "src"
SHOP = Path(__file__).parents[2] / "examples" / "shop"
TODAY = date(2026, 3, 2)
PROCEDURES = [read_handbook(SHOP).procedures[name] for name in ("refund", "cancel")]
OPTIONS = {"yes": ("是", "需要", "要", "no", "a"), "no": ("不需要", "不", "no no", "x")}
ORDERS = [{"order": f"ST-{n}", "name": f"a blue {n} kettle, 水壶"} for n in range(100_000, 100_008)]
FACT = Fact(kind="pick", ask={}, key="order", words=("name",), pattern=r"(?:ST|st)?\s*-?\s*(\d{6})",
            format="ST-{0}")  # fmt: skip
CODES = (
    r"(?:ST|st|St)?\s*[-–—#]?\s*(\d{6})",
    r"([A-Za-z]{3,10}-[A-Za-z0-9]{4,10})",
    r"\b(\w+)+\b",
    r"(x+x+)+y",
    r"(\d|[A-Z])*!",
)
READ: dict[str, Callable[[str], object]] = {
    "normal": extract.normal,
    "folded": folded,
    "read_part": read_part,
    "language_of": lambda text: language_of(text, "en"),
    "email": extract.email,
    "phone": extract.phone,
    "amount": extract.amount,
    "day": lambda text: extract.day(text, TODAY),
    "days": lambda text: extract.days(text, TODAY),
    "address": lambda text: extract.address(text, asked=False),
    "address, asked": lambda text: extract.address(text, asked=True),
    "after_lead": extract.after_lead,
    "choice": lambda text: extract.choice(text, OPTIONS.items()),
    "code": lambda text: [extract.code(text, one) for one in CODES],
    "codes": lambda text: [extract.codes(text, one) for one in CODES],
    "a given pattern": lambda text: [given(one).stands_in(text) for one in CODES],
    "pick": lambda text: pick(FACT, ORDERS, text, shown=ORDERS, today=TODAY),
    "pick, not shown": lambda text: pick(FACT, ORDERS, text, today=TODAY),
    "answer_of": consent.answer_of,
    "the rest of consent": lambda text: (
        consent.stops(text),
        consent.untold(text),
        consent.leaves_open(text),
        consent.means_all(text),
        consent.adds(text),
        consent.turns(text),
        consent.means_another(text),
        consent.anger(text),
        consent.needs_nothing(text),
    ),
    "taken_back": lambda text: [taken_back(text, one) for one in PROCEDURES],
    "plain_answer": plain_answer,
    "asks_for_person": asks_for_person,
    "broken": lambda text: broken(DEFAULT_RULES, "customer", text),
    "dangers": dangers,
    "words": words,
    "terms": lambda text: [terms(text, search_words(code)) for code in ("en", "zh", "xx")],
    "ready": ready,
    "effort": LightCoder().code,
    "messages": messages,
}


@pytest.fixture(scope="module")
def handbook() -> Handbook:
    return read_handbook(SHOP)


@pytest.mark.parametrize(
    "pattern", [pytest.param(one, id=name) for name, one in patterns()]
)  # fmt: skip
def test_a_pattern_takes_time_in_proportion_to_the_text(pattern: re.Pattern[str]) -> None:
    def every_use(text: str) -> None:
        pattern.fullmatch(text)
        for _ in pattern.finditer(text):
            pass

    slow = {
        name: why
        for name in texts.NAMES
        if (why := too_slow(every_use, lambda n, name=name: texts.text(name, n)))
    }
    slow |= {
        repr(atom): why
        for atom in atoms(pattern)
        if (why := too_slow(every_use, lambda n, atom=atom: texts.repeated(atom, n), long=1_600))
    }
    assert not slow


@pytest.mark.parametrize("name", READ)
def test_a_reader_takes_time_in_proportion_to_the_text(name: str) -> None:
    slow = {
        text: why
        for text in texts.NAMES
        if (why := too_slow(READ[name], lambda n, text=text: texts.text(text, n)))
    }
    assert not slow


def test_the_brain_hears_in_proportion_to_the_text(
    handbook: Handbook, intents: Callable[[Handbook], IntentModel]
) -> None:
    ear = BuiltinBrain(handbook, intents(handbook))._ear
    slow = {
        text: why
        for text in texts.NAMES
        if (
            why := too_slow(
                lambda said: ear.hear(said, language="en"),
                lambda n, text=text: texts.text(text, n),
            )
        )
    }
    assert not slow


def test_thirty_pathological_texts_and_more_of_either_length() -> None:
    assert len(texts.NAMES) >= 30
    for name in texts.NAMES:
        assert [len(texts.text(name, n)) for n in (SHORT, LONG)] == [SHORT, LONG]


def test_the_measure_finds_what_grows_too_fast() -> None:
    square = re.compile(r"\d+元")
    doubling = re.compile(r"(?:嗯+)*。")
    assert too_slow(lambda text: square.search(text), lambda n: "7" * n)
    assert too_slow(lambda text: doubling.search(text), lambda n: "嗯" * n)
    assert not too_slow(lambda text: text.count("7"), lambda n: "7" * n)


def test_patterns_stand_only_in_modules_of_the_list() -> None:
    users, inside = set(), {}
    for path in sorted((SOURCE / "stepin").rglob("*.py")):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        tree = ast.parse(path.read_text("utf-8"))
        imported: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
            elif isinstance(node, ast.Import):
                imported.update(one.name for one in node.names)
        assert not imported & {"regex", "sre_compile", "sre_parse"}, module
        assert "re2" not in imported or module == "stepin.language.given", module
        if module != "stepin.language.reading":
            # It sorts marks by inserting: `folded` is the one that bounds them first.
            calls = [ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.Call)]
            assert not any('normalize("NFK' in c or "normalize('NFK" in c for c in calls), module
        if "re" in imported:
            users.add(module)
            if module not in OWN:
                inside[module] = _uses_inside_functions(tree)
    assert users == {*READERS, *OWN}
    assert {module: n for module, n in inside.items() if n} == INSIDE_YET


def _uses_inside_functions(tree: ast.Module) -> int:
    """Return how often functions make patterns of their own, or match by a text."""
    uses = set()
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            uses |= {
                (node.lineno, node.col_offset)
                for node in ast.walk(function)
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.func.attr != "escape"
            }
    return len(uses)
