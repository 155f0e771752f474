"""Every key of a plan has an effect: on the report, or at a place that is named here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.evidence.report.test_odd_facts import small, whole

from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.power.simulate import Trials
from stepin.evidence.analysis.results import core
from stepin.evidence.base.estimate import from_se
from stepin.evidence.base.level import alpha, at_level
from stepin.evidence.data.sample import Sample
from stepin.evidence.report.sections import looks, splits, trust
from stepin.evidence.report.verdict import about, headlines, summary
from stepin.trial.plan import BlockBy, Plan, RampStep, Rerandomize
from stepin.trial.reading import differing

__all__ = ["small", "whole"]
Change = Callable[[Plan], Plan]


def put(plan: Any, path: str, value: Any) -> Any:
    """The plan with one key changed, such as ``analysis.alpha`` or ``outcomes[0].role``."""
    head, _, rest = path.partition(".")
    name, _, place = head.partition("[")
    old = getattr(plan, name)
    if place:
        i = int(place.rstrip("]"))
        new = (*old[:i], put(old[i], rest, value), *old[i + 1 :])
    else:
        new = put(old, rest, value) if rest else value
    return msgspec.structs.replace(plan, **{name: new})


CARD: dict[str, Any] = {
    "question": "Does it?",
    "unit": "customer",
    "seed": 4,
    "arms[0].policy": "other.toml",
    "arms[0].share": 0.4,
    "dates.pre_from": dt.date(2024, 8, 2),
    "dates.treatment_from": dt.date(2024, 8, 16),
    "dates.treatment_until": dt.date(2024, 8, 30),
    "ramp": (RampStep(from_=dt.date(2024, 8, 15), share=0.5),),
    "randomization.rerandomize": Rerandomize(covariates=("tenure_days",)),
    "randomization.late_joiners": "exclude",
    "routing.owner": "least_loaded",
    "routing.cap": 7,
    "routing.reason": "because",
    "looks.days": (5,),
    "harm.outcomes": ("abandoned",),
    "harm.chats": "all",
    "harm.low_rating_at_most": 1,
    "harm.alpha": 0.05,
    "harm.spending": "obrien_fleming",
    "harm.first_after_days": 3,
    "harm.every_days": 2,
    "harm.least_count": 50,
    "harm.repetitions": 5000,
    "outcomes[0].chats": "all",
    "outcomes[0].role": "secondary",
    "analysis.estimator": "did",
}
"""Said on the design card; what the desk does by it while the trial runs is not undone there."""
NUMBERS: dict[str, Any] = {
    "outcomes[0].scale": "level",
    "outcomes[0].better": "higher",
    "outcomes[0].minimal_effect": 3.0,
    "analysis.alpha": 0.001,
    "analysis.repetitions": 150,
    "analysis.bootstrap": 150,
    "analysis.controls": ("customer_tenure_days",),
    "windows.retrial": "24h",
}
ELSEWHERE: dict[str, str] = {
    "name": "the title of the page, and the trial's id in the log",
    "control": "an arm's name: facts without it are refused (arms_differ)",
    "arms[0].name": "an arm's name: facts without it are refused (arms_differ)",
    "outcomes[0].name": "another outcome",
    "ramp[0].from": "with ramp; the facts' own days decide, the plan's are compared (starts)",
    "ramp[0].share": "as ramp[0].from",
    "randomization.blocks": "at the draw, which the light on the draw replays",
    "randomization.least_block": "as randomization.blocks",
    "looks.spending": "tests/evidence/report/test_ramp.py, with looks",
    "analysis.splits": "a section of its own; tests/evidence/report/test_build.py",
}


def keys() -> set[str]:
    """Every key of a plan, lists by their first element, tables of tables as one key."""
    found: set[str] = set()
    for name, value in msgspec.to_builtins(MINIMAL).items():
        if isinstance(value, dict):
            found |= {f"{name}.{k}" for k in value}
        elif isinstance(value, list | tuple) and value and isinstance(value[0], dict):
            found |= {f"{name}[0].{k}" for k in value[0]}
        else:
            found.add(name)
    return found


MINIMAL: Plan = msgspec.convert(
    {
        "name": "x",
        "seed": 1,
        "control": "a",
        "arms": [
            {"name": "a", "policy": "a.toml", "share": 0.5},
            {"name": "b", "policy": "b.toml", "share": 0.5},
        ],
        "dates": {
            "pre_from": "2024-08-01",
            "treatment_from": "2024-08-15",
            "treatment_until": "2024-08-31",
        },
        "outcomes": [{"name": "rating", "role": "primary", "minimal_effect": 0.1}],
        "ramp": [{"from": "2024-08-15", "share": 0.5}],
    },
    Plan,
)


def test_no_key_is_forgotten_here() -> None:
    listed = {*CARD, *NUMBERS, *ELSEWHERE} - {"ramp"}
    assert listed == keys()


def card(facts: Path, plan: Plan) -> str:
    sample = Sample(facts, plan)
    rows = [r for b in trust.design_card(Context(sample)).blocks for r in b.rows]  # type: ignore[union-attr]
    sample.close()
    return str([r for r in rows if r[0].text != "Plan's hash"])


@pytest.mark.parametrize("key", CARD)
def test_the_design_card_says_what_the_plan_says(whole: Path, small: Plan, key: str) -> None:
    assert card(whole, put(small, key, CARD[key])) != card(whole, small)


def numbers(facts: Path, plan: Plan) -> str:
    sample = Sample(facts, plan)
    context = Context(sample)
    with at_level(plan.analysis.alpha):
        main = core(context, lambda _: None)
        health = trust.health(context, main)
        told = str((headlines(context, main), summary(context, main), about(context)))
    sample.close()
    return told + str([r.finding for r in main.results]) + str(health.blocks)


@pytest.fixture(scope="module")
def before(whole: Path, small: Plan) -> str:
    return numbers(whole, small)


@pytest.mark.parametrize("key", NUMBERS)
def test_the_numbers_are_those_of_the_plan(whole: Path, small: Plan, before: str, key: str) -> None:
    assert numbers(whole, put(small, key, NUMBERS[key])) != before


def test_a_stricter_level_reaches_intervals_verdicts_power_and_splits(
    whole: Path, small: Plan
) -> None:
    wide, usual = (_at(whole, small, a) for a in (0.001, 0.05))
    for (f, words, trials, bounds), (g, others, loose, less) in [(wide, usual)]:
        assert f.estimate.low < g.estimate.low < g.estimate.high < f.estimate.high
        assert (f.estimate.alpha, g.estimate.alpha) == (0.001, 0.05)
        assert f.clear == 0 != g.clear
        assert "99.9% interval" in words
        assert "95% interval" in others
        assert trials < loose
        assert bounds > less


def _at(facts: Path, small: Plan, level: float) -> tuple[Any, str, float, float]:
    import numpy as np

    from stepin.evidence.base.finding import Finding
    from stepin.evidence.estimators.row_level.bounds import lee_bounds

    with at_level(level):
        finding = Finding(
            analysis="itt_ancova", outcome="rating", label="the rating", sample="all chats",
            design="randomized", scale="points", estimate=from_se(1.0, 0.4, clusters=40, rows=400),
        )  # fmt: skip
        rng = np.random.default_rng(1)
        draws = Trials(beta=rng.normal(size=400), se=np.ones(400), clusters=40)
        plan = put(put(small, "analysis.alpha", level), "looks.days", (5,))
        sample = Sample(facts, plan)
        context = Context(sample)
        assert alpha() == level
        section = splits.section(context)
        looked = looks.section(context, core(context, lambda _: None))
        sample.close()
        text = str(section.blocks)
        assert f"the level of {level:g}" in str(looked.blocks)
        counts = rng.integers(1, 20, (40, 6)).astype(float)
        b = lee_bounds(counts, np.arange(40) % 2 == 0, np.random.default_rng(2), draws=99)
        assert b.ci_high is not None
        assert b.ci_low is not None
        return finding, text, draws.power(2.0), b.ci_high - b.ci_low


def test_blocks_are_part_of_the_plan_that_is_compared() -> None:
    from stepin.trial.reading import canonical

    other = put(MINIMAL, "randomization.blocks", (BlockBy(covariate="team"),))
    assert differing(other, canonical(MINIMAL)) == (
        "randomization.blocks",
        "randomization.blocks[0].covariate",
        "randomization.blocks[0].quantiles",
    )
