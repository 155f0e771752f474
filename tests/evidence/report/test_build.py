"""The whole report on planted facts: it recovers the truth, twice the same, and refuses well."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import msgspec
import pytest
from tests.evidence.report.conftest import world

from stepin.errors import Refused
from stepin.evidence.base.estimate import from_se
from stepin.evidence.data.synthetic import CORE_COLUMNS, plant
from stepin.evidence.report.build import build, facts_digest, steps
from stepin.evidence.report.document import Callout, Document, Grid, Picture
from stepin.evidence.report.export import numbers, numbers_csv, report_json, tables_csv, write
from stepin.evidence.report.page import html
from stepin.evidence.report.sections.attention import touching
from stepin.trial.plan import Dates, Plan


def rows(document: Document, **wanted: str) -> list[dict[str, object]]:
    return [r for r in numbers(document) if all(r[k] == v for k, v in wanted.items())]


def test_the_planted_effects_lie_in_their_intervals(document: Document) -> None:
    truth = world()
    expected = {
        "eligible chats": truth.direct(),
        "other chats": truth.spillover(),
        "all chats": truth.net(),
    }
    columns = {"duration_s": "log_duration", "rating": "rating", "retrial_7d": "retrial_7d"}
    held = 0
    for sample, effects in expected.items():
        for outcome, name in columns.items():
            (row,) = rows(document, analysis="itt_ancova", outcome=outcome, sample=sample)
            held += float(row["low"]) <= effects[name] <= float(row["high"])  # type: ignore[arg-type]
    # Nine intervals of 95 %, so one may miss.
    assert held >= 8


def test_paths_are_found_where_they_were_planted(document: Document) -> None:
    names = {"AI to the end": "none", "technical": "technical", "emotional": "emotional"}
    for analysis in ("paths_matched", "paths_principal"):
        for r in rows(document, analysis=analysis, outcome="duration_s"):
            if r["term"] in names:
                truth = world().paths[names[str(r["term"])]].log_duration
                assert abs(float(r["value"]) - truth) < 3.5 * float(r["se"])  # type: ignore[arg-type]


def test_nothing_treated_after_the_fact_is_called_randomized(document: Document) -> None:
    for r in numbers(document):
        if r["analysis"] in ("paths_matched", "paths_principal", "landmark", "path_contribution"):
            assert r["design"] == "adjusted"
        if r["analysis"] in ("effort", "naive_timing"):
            assert r["design"] == "described"


def test_every_section_has_something_to_say(document: Document) -> None:
    assert [s.id for s in document.sections] == [
        "ledger",
        "design",
        "health",
        "balance",
        "effects",
        "net",
        "days",
        "looks",
        "paths",
        "effort",
        "timing",
        "prompts",
        "ratings",
        "attention",
        "splits",
        "robustness",
        "together",
        "power",
        "published",
    ]
    for section in document.sections:
        assert section.blocks
        assert not section.failed, section.failed
        assert not any(
            isinstance(b, Callout) and b.title.startswith("Not possible") for b in section.blocks
        ), section.id


def test_a_second_run_writes_the_same_bytes(
    facts: Path, plan: Plan, document: Document, tmp_path: Path
) -> None:
    ticks: list[str] = []
    again = build(facts, plan, tick=ticks.append)
    assert len(ticks) + 1 == steps(plan)
    first = write(document, tmp_path / "a")
    second = write(again, tmp_path / "b")
    assert [p.name for p in first] == [p.name for p in second]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_every_number_is_in_the_json_and_the_csv(document: Document) -> None:
    table = list(csv.DictReader(io.StringIO(numbers_csv(document))))
    payload = msgspec.json.decode(report_json(document))
    assert len(table) == len(payload["numbers"]) == len(numbers(document)) > 80
    for record, line in zip(payload["numbers"], table, strict=True):
        assert float(line["value"]) == record["value"]
        assert (line["p"] == "") == (record["p"] is None)
    cells = list(csv.DictReader(io.StringIO(tables_csv(document))))
    grids = [b for s in document.sections for b in s.blocks if isinstance(b, Grid)]
    shown = [c.text for g in grids for row in g.rows for c in row]
    assert [c["text"] for c in cells] == shown
    assert [c for t in payload["tables"] for row in t["rows"] for c in row] == shown
    assert payload["readings"]


def test_every_section_with_a_figure_of_numbers_hands_them_out(document: Document) -> None:
    drawn = {s.id for s in document.sections if any(isinstance(b, Picture) for b in s.blocks)}
    assert drawn <= {str(r["section"]) for r in numbers(document)}


def test_what_goes_together_adds_up_and_is_called_a_description(document: Document) -> None:
    section = next(s for s in document.sections if s.id == "together")
    assert any(isinstance(b, Callout) and b.title == "Not a mechanism." for b in section.blocks)
    assert {r["outcome"] for r in rows(document, analysis="together")} == {
        "duration_s",
        "rating",
        "retrial_7d",
    }
    for outcome in ("duration_s", "rating", "retrial_7d"):
        whole, *parts = rows(document, analysis="together", outcome=outcome)
        assert whole["term"] == "the whole difference"
        total = sum(float(str(p["value"])) for p in parts)
        assert total == pytest.approx(float(str(whole["value"])), abs=1e-9)
        for row in (whole, *parts):
            assert (row["design"], row["low"], row["p"]) == ("described", None, None)


def test_the_headline_says_what_a_roll_out_brings_on_each_kind_of_chats(document: Document) -> None:
    for headline in document.headlines:
        assert [row.chats for row in headline.rows] == [
            "eligible chats", "other chats", "all chats",
        ]  # fmt: skip
        own = next(row for row in headline.rows if row.chats == headline.finding.sample)
        assert own.verdict == headline.finding.verdict
        assert f"<td>{own.change}</td>" in html(document)
        assert all(row.base and row.change for row in headline.rows)
    told = json.loads(report_json(document))["headlines"]
    assert [len(one["rows"]) for one in told] == [3] * len(document.headlines)


def test_few_workers_get_values_and_no_verdict(plan: Plan, tmp_path: Path) -> None:
    plant(world(8), tmp_path, 2)
    small = build(tmp_path, plan)
    assert all(h.finding.verdict == "refused" for h in small.headlines)
    assert all(r["p"] is None for r in rows(small, analysis="itt_ancova"))
    assert "can't be tested" in small.summary
    assert any(x.tone == "bad" and x.title == "Enough workers." for x in small.lights)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bare")
    plant(world(24), folder, 4, tables=(), chat_columns=CORE_COLUMNS)
    return folder


def test_a_trial_that_still_runs_is_refused_or_marked(bare: Path, plan: Plan) -> None:
    longer = msgspec.structs.replace(
        plan,
        dates=Dates(
            pre_from=plan.dates.pre_from,
            treatment_from=plan.dates.treatment_from,
            treatment_until=plan.dates.treatment_until.replace(month=9, day=30),
        ),
    )
    with pytest.raises(Refused) as caught:
        build(bare, longer)
    assert caught.value.code == "trial_running"
    early = build(bare, longer, early=True)
    assert early.lights[0].tone == "bad"
    assert early.lights[0].title == "An early look."


def test_bare_facts_still_give_the_core_and_say_what_is_missing(bare: Path, plan: Plan) -> None:
    found = build(bare, plan)
    assert rows(found, analysis="itt_ancova", outcome="rating", sample="eligible chats")
    missing = {
        s.id
        for s in found.sections
        for b in s.blocks
        if isinstance(b, Callout) and b.title.startswith("Not possible")
    }
    assert {"paths", "effort", "timing", "prompts", "attention"} <= missing
    assert not missing & {"effects", "days", "robustness", "ratings", "power", "health"}


def test_the_digest_changes_with_the_facts(bare: Path, tmp_path: Path) -> None:
    plant(world(24), tmp_path, 5, tables=(), chat_columns=CORE_COLUMNS)
    assert facts_digest(tmp_path) != facts_digest(bare)
    assert facts_digest(bare) == facts_digest(bare)


def test_every_prompt_is_drawn_for_every_outcome_it_has_a_number_for(document: Document) -> None:
    section = next(s for s in document.sections if s.id == "prompts")
    drawn = {b.name for b in section.blocks if isinstance(b, Picture)}
    assert drawn == {f"prompt-look_now-{f.outcome}" for f in section.findings}
    assert {"duration_s", "rating", "retrial_7d"} >= {f.outcome for f in section.findings}


def test_the_parts_of_the_net_effect_add_up(document: Document) -> None:
    for outcome in ("duration_s", "rating", "retrial_7d"):
        (net,) = rows(document, analysis="itt_ancova", outcome=outcome, sample="all chats")
        eligible, other, _ = rows(document, analysis="net_part", outcome=outcome)
        total = float(str(eligible["value"])) + float(str(other["value"]))
        # Not the same model: the parts have each kind's own past.
        assert abs(total - float(str(net["value"]))) < 0.5 * float(str(net["se"]))


def test_the_primary_effects_are_computed_in_other_ways_too(document: Document) -> None:
    (main,) = rows(document, analysis="itt_ancova", outcome="rating", sample="eligible chats")
    for kind in ("CR1", "CR2", "CR3", "two-way"):
        (row,) = rows(document, analysis=f"error_{kind}", outcome="rating")
        assert row["value"] == pytest.approx(main["value"])
        assert (row["se"] == main["se"]) == (kind == "CR2")
    (cuped,) = rows(document, analysis="itt_cuped", outcome="rating")
    assert abs(float(str(cuped["value"])) - float(str(main["value"]))) < float(str(main["se"]))
    left = rows(document, analysis="left_out", outcome="rating")
    assert [r["term"] for r in left][::4] == ["lowest", "highest"]
    assert float(str(left[0]["value"])) < float(str(main["value"])) < float(str(left[-1]["value"]))


def test_fewer_open_chats_in_human_hands_alone_don_t_say_that_arms_touch(
    document: Document,
) -> None:
    section = next(s for s in document.sections if s.id == "attention")
    loads = {f.outcome: f for f in section.findings if f.analysis == "interference"}
    assert loads["mean_concurrency"].clear == -1
    assert loads["chats"].clear == 0
    (apart,) = [x for x in document.lights if x.title == "Arms apart."]
    assert apart.tone == "good"
    more = msgspec.structs.replace(
        loads["chats"], estimate=from_se(4.0, 0.5, clusters=60, rows=600)
    )
    assert touching([more, loads["mean_concurrency"]]) == [more]
