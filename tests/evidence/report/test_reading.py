"""No sentence claims more than its design and interval support, whatever the numbers."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from stepin.evidence.base.estimate import from_se
from stepin.evidence.base.finding import Finding, counted
from stepin.evidence.base.scale import amount, interval, level, probability, signed
from stepin.evidence.report import reading as module
from stepin.evidence.report.reading import claims_cause, reading, several

DIRECTIONS = ("raised", "lowered", "higher", "lower", "fell", "rose")

estimates = st.builds(
    lambda value, se, clusters: from_se(value, se, clusters=clusters, rows=1_000),
    st.floats(-2, 2),
    st.floats(0.001, 1.5),
    st.integers(2, 400),
)
findings = st.builds(
    lambda estimate, design, scale, better, minimal, family: Finding(
        analysis="a",
        outcome="rating",
        label="the rating",
        sample="eligible chats",
        term="technical",
        design=design,
        scale=scale,
        estimate=estimate,
        better=better,
        minimal=minimal,
        family_p=family,
    ),
    estimates,
    st.sampled_from(["randomized", "adjusted", "described"]),
    st.sampled_from(["percent", "share", "points", "seconds", "count"]),
    st.sampled_from([None, "lower", "higher"]),
    st.none() | st.floats(0.001, 2),
    st.none() | st.floats(0, 1),
)


def directed(text: str) -> bool:
    return any(word in text.lower().split() for word in DIRECTIONS)


@given(findings)
def test_only_a_randomized_comparison_speaks_of_cause(finding: Finding) -> None:
    text = reading(finding)
    if finding.design != "randomized" or finding.clear == 0:
        assert not claims_cause(text.replace("No clear effect", ""))
    if finding.design == "adjusted" and finding.estimate.refused is None:
        assert "not randomized" in text
    if finding.design == "described" and finding.estimate.refused is None:
        assert "description" in text or "nothing about why" in text


@given(findings)
def test_an_interval_that_holds_zero_never_gets_a_direction(finding: Finding) -> None:
    e = finding.estimate
    text = reading(finding)
    if e.low is None or e.low <= 0 <= (e.high or 0):
        assert not directed(text)
        assert finding.verdict in ("unclear", "refused")
    if finding.clear:
        assert directed(text)


@given(findings)
def test_a_refused_test_gets_no_verdict_and_says_why(finding: Finding) -> None:
    if finding.estimate.refused is not None:
        text = reading(finding)
        assert "too few" in text
        assert "95%" not in text
        assert finding.verdict == "refused"
        assert finding.clear == 0


@given(findings)
def test_nothing_is_called_small_that_may_be_large(finding: Finding) -> None:
    e = finding.estimate
    if "smaller than" in reading(finding):
        assert finding.minimal is not None
        assert e.low is not None
        assert e.high is not None
        assert max(abs(e.low), abs(e.high)) < finding.minimal


def test_a_reading_that_ignores_the_design_is_caught() -> None:
    """Mutant: give a description the words of an experiment, and the law above sees it."""
    clear = Finding(
        analysis="effort",
        outcome="x",
        label="messages",
        sample="taken-over chats",
        design="described",
        scale="count",
        estimate=from_se(1.0, 0.1, clusters=50, rows=100),
    )
    assert not claims_cause(reading(clear))
    assert claims_cause(module._randomized(clear, "the AI"))


@given(st.lists(findings, min_size=1, max_size=6))
def test_a_sentence_on_several_counts_all_of_them(many: list[Finding]) -> None:
    text = several(many, what="paths")
    assert text.startswith(f"Of {len(many)} paths")
    if any(f.design == "adjusted" for f in many):
        assert "not randomized" in text


def test_numbers_are_written_alike_everywhere() -> None:
    assert signed(-0.1840, "percent") == "\u221216.8%"
    assert signed(0.06, "share") == "+6.0 pp"
    assert signed(-0.412, "points") == "\u22120.41"
    assert signed(0.0001, "points") == "0.00"
    assert amount(-12.345, "seconds") == "12 s"
    assert interval(-0.2, -0.1, "percent") == "\u221218.1% to \u22129.5%"
    assert interval(None, None, "points") == "\u2013"
    assert probability(0.00001) == "<0.001"
    assert probability(None) == "\u2013"
    assert level(0.17, "share") == "17.0%"
    assert level(float("nan"), "points") == "\u2013"


def test_family_wise_doubt_takes_the_verdict_back() -> None:
    clear = Finding(
        analysis="itt",
        outcome="rating",
        label="the rating",
        sample="all chats",
        design="randomized",
        scale="points",
        estimate=from_se(0.25, 0.1, clusters=100, rows=100),
        better="higher",
    )
    assert clear.verdict == "good"
    doubted = msgspec.structs.replace(clear, family_p=0.2)
    assert doubted.verdict == "unclear"
    assert "may have moved" in reading(doubted)


def test_a_difference_written_as_zero_is_never_clear() -> None:
    tiny = Finding(
        analysis="effort",
        outcome="x",
        label="messages that ask",
        sample="taken-over chats",
        design="described",
        scale="share",
        estimate=from_se(0.0003, 0.00001, clusters=300, rows=5_000),
    )
    assert tiny.clear == 0
    assert "not clearly different: 1 of 1" in several([tiny], what="measures")
    seen = msgspec.structs.replace(tiny, estimate=from_se(0.01, 0.00001, clusters=300, rows=5_000))
    assert seen.clear == 1
    e = seen.estimate
    assert interval(e.low, e.high, "share") == "+0.998 pp to +1.002 pp"


def test_many_comparisons_side_by_side_are_counted_in() -> None:
    one = Finding(
        analysis="landmark",
        outcome="rating",
        label="the rating",
        sample="AI chats",
        design="adjusted",
        scale="points",
        estimate=from_se(0.25, 0.11, clusters=200, rows=400),
    )
    none = msgspec.structs.replace(one, estimate=from_se(0.01, 0.11, clusters=200, rows=400))
    assert one.clear == 1
    alone, *_ = counted([one])
    assert alone.clear == 1
    many = counted([one, *([none] * 9)])
    assert [f.clear for f in many] == [0] * 10
    assert "number of comparisons" in several(many, what="rounds")
    assert "number of comparisons" in reading(many[0])
    assert "number of comparisons" not in reading(many[1])
