"""What is left out is counted by arm and tested; what breaks stays where it broke."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import pytest
from tests.evidence.report.test_odd_facts import small, whole, with_

from stepin.core.facts import Chats
from stepin.errors import Invalid, Missing
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.results import core
from stepin.evidence.data.facts.origin import Origin, write_origin
from stepin.evidence.data.sample import Sample
from stepin.evidence.data.storage import source
from stepin.evidence.report.build import build
from stepin.evidence.report.document import Callout, Document, Section
from stepin.evidence.report.guard import guarded
from stepin.evidence.report.sections import ledger
from stepin.evidence.report.spec import SectionSpec, from_context
from stepin.evidence.report.verdict import lights, registered
from stepin.trial.plan import Plan
from stepin.trial.reading import canonical

__all__ = ["small", "whole"]
LATE = (
    "day >= DATE '2024-08-15' AND first_owner_id IN "
    "(SELECT worker_id FROM read_parquet('{0}/workers.parquet') WHERE arm = 'treated')"
)


def facts_of(facts: Path, plan: Plan) -> tuple[Sample, Context]:
    sample = Sample(facts, plan)
    return sample, Context(sample)


def test_an_outcome_that_one_arm_lacks_is_a_failed_check(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    lost = f"CASE WHEN {LATE.format(whole)} AND hash(chat_id) % 5 = 0 THEN NULL ELSE duration_s END"
    facts = with_(whole, tmp_path, "chats", f"* REPLACE ({lost} AS duration_s)")
    sample, context = facts_of(facts, small)
    (found,) = [f for f in ledger.findings(context) if f.outcome == "duration_s"]
    known = context.known["log_duration_s"]
    assert known.missing("eligible")[0] == 0
    assert found.estimate.value == pytest.approx(
        known.missing("eligible")[1] / known.by_arm(known.chats, "eligible")[1]
    )
    (told,) = [x for x in ledger.lights(context) if x.title == "Outcomes known."]
    sample.close()
    assert told.tone == "bad"
    assert "Time to close is missing in" in told.text


def test_a_few_outcomes_missing_by_chance_are_counted_and_fail_nothing(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    lost = "CASE WHEN hash(chat_id) % 50 = 0 THEN NULL ELSE duration_s END"
    facts = with_(whole, tmp_path, "chats", f"* REPLACE ({lost} AS duration_s)")
    sample, context = facts_of(facts, small)
    (told,) = [x for x in ledger.lights(context) if x.title == "Outcomes known."]
    section = ledger.section(context, core(context, lambda _: None))
    sample.close()
    assert told.tone == "good"
    assert "Without time to close a chat" in str(section.blocks)


def test_a_logarithm_of_hours_is_refused_and_one_with_some_small_values_is_told(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    hours = with_(whole, tmp_path / "h", "chats", "* REPLACE (duration_s / 3600 AS duration_s)")
    sample, context = facts_of(hours, small)
    found = core(context, lambda _: None)
    sample.close()
    assert any("lie below one unit" in why for _, why in found.absent)
    some = "CASE WHEN hash(chat_id) % 20 = 0 THEN 0.2 ELSE duration_s END"
    facts = with_(whole, tmp_path / "s", "chats", f"* REPLACE ({some} AS duration_s)")
    sample, context = facts_of(facts, small)
    told = ledger.lights(context)
    sample.close()
    assert [x.tone for x in told if x.title == "Small values in logarithms."] == ["warn"]


def test_chats_of_nobody_are_counted_and_lit(whole: Path, small: Plan, tmp_path: Path) -> None:
    facts = with_(whole, tmp_path, "workers", "*", "worker_id NOT IN ('w0', 'w1', 'w2')")
    sample, context = facts_of(facts, small)
    (told,) = [x for x in ledger.lights(context) if x.title == "Chats of unknown units."]
    sample.close()
    assert told.tone == "bad"
    assert "belong to nobody" in told.text


@pytest.mark.parametrize(
    ("replaced", "said"),
    [
        ("'inf'::DOUBLE AS duration_s", "chats.duration_s is inf"),
        ("'nan'::DOUBLE AS duration_s", "chats.duration_s is nan"),
        ("9::TINYINT AS rating", "chats.rating is 9"),
        ("-duration_s AS duration_s", "chats.duration_s is -"),
        (
            "CASE WHEN hash(chat_id) % 9 > 0 THEN eligible END AS eligible",
            "chats.eligible is empty",
        ),
        ("'long' AS duration_s", "chats.duration_s is VARCHAR"),
    ],
)
def test_facts_that_no_mapping_made_meet_the_same_door(
    whole: Path, small: Plan, tmp_path: Path, replaced: str, said: str
) -> None:
    facts = with_(whole, tmp_path, "chats", f"* REPLACE ({replaced})")
    with pytest.raises(Invalid) as caught:
        build(facts, small)
    assert said in caught.value.message
    assert caught.value.code in ("facts_value", "wrong_type")


def test_without_eligibility_all_chats_are_compared_and_no_part_of_them(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    facts = with_(whole, tmp_path, "chats", "* REPLACE (NULL::BOOLEAN AS eligible)")
    sample, context = facts_of(facts, small)
    found = core(context, lambda _: None)
    sample.close()
    assert {r.chats for r in found.results} == {"all"}
    assert all("don't say which chats" in why for _, why in found.absent)


def test_a_section_that_breaks_says_so_and_the_report_stands(whole: Path, small: Plan) -> None:
    sample, context = facts_of(whole, small)

    def broken(_: Context) -> Section:
        raise ZeroDivisionError("division by zero")

    spec = SectionSpec(id="timing", title="When workers step in", make=from_context(broken))
    main = core(context, lambda _: None)
    section = guarded(spec, context, main, {})
    assert section.failed == "ZeroDivisionError: division by zero"
    (told,) = section.blocks
    assert isinstance(told, Callout)
    assert (told.tone, told.title) == ("bad", "This section failed.")
    health = Section(id="health", title="Is the data sound?", lead="", blocks=())
    strip = lights(context, main, {"health": health, "timing": section})
    sample.close()
    (failed,) = [x for x in strip if x.title == "A section failed."]
    assert failed.tone == "bad"
    assert "division by zero" in failed.text


def test_one_day_of_treatment_has_no_error_by_day_and_a_report(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    day = small.dates.treatment_from
    facts = with_(whole, tmp_path, "chats", "*", f"day <= DATE '{day}'")
    dates = msgspec.structs.replace(small.dates, treatment_until=day)
    document = build(facts, msgspec.structs.replace(small, dates=dates))
    assert_whole(document)
    robust = next(s for s in document.sections if s.id == "robustness")
    (by_day, *_) = [f.estimate for f in robust.findings if f.analysis == "error_two-way"]
    assert by_day.refused is not None
    assert by_day.se is None


def assert_whole(document: Document) -> None:
    assert not [s.failed for s in document.sections if s.failed]
    assert not [x.text for x in document.lights if x.title == "A number failed."]


def test_one_treated_worker_gets_values_and_no_section_fails(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    arm = "CASE WHEN worker_id = 'w3' THEN 'treated' ELSE 'control' END AS arm"
    document = build(with_(whole, tmp_path, "workers", f"* REPLACE ({arm})"), small)
    assert_whole(document)
    assert all(h.finding.verdict == "refused" for h in document.headlines)
    why = document.headlines[0].finding.estimate.refused
    assert "has 1 independent unit, too few" in (why or "")


def test_the_registered_plan_is_recognised_and_another_is_not(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    facts = with_(whole, tmp_path, "chats", "*")
    sample, context = facts_of(facts, small)
    assert registered(context) == []
    sample.close()
    write_origin(
        facts, Origin(source="log", plan=canonical(small), registered_us=1_723_000_000_000_000)
    )
    sample, context = facts_of(facts, small)
    assert [x.tone for x in registered(context)] == ["good"]
    sample.close()
    analysis = msgspec.structs.replace(small.analysis, alpha=0.01)
    sample, context = facts_of(facts, msgspec.structs.replace(small, analysis=analysis, seed=99))
    (told,) = registered(context)
    sample.close()
    assert told.tone == "bad"
    assert "analysis.alpha, seed" in told.text


def test_the_mean_stands_beside_the_typical_value(whole: Path, small: Plan) -> None:
    sample, context = facts_of(whole, small)
    found = core(context, lambda _: None)
    sample.close()
    (duration,) = [r for r in found.primary() if r.measure.name == "duration_s"]
    assert duration.mean is not None
    assert duration.mean.analysis == "itt_mean"
    assert duration.mean.estimate.value != duration.finding.estimate.value
    assert all(r.mean is None for r in found.results if r.measure.name == "rating")


def begun(day: str, who: str = "true") -> str:
    start = f"CASE WHEN {who} THEN TIMESTAMP '{day}' ELSE TIMESTAMP '2024-08-15' END"
    return f"* REPLACE ({start} AS treated_from)"


def test_chats_of_a_wave_with_one_arm_stand_in_the_ledger_and_in_a_light(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    facts = with_(whole, tmp_path, "workers", begun("2024-08-16", "worker_id = 'w0'"))
    sample, context = facts_of(facts, small)
    control, treated, units = ledger.alone_in_wave(context)
    row = sample.db.execute(
        f"SELECT count(*) FROM {source(facts, Chats)} WHERE "
        "first_owner_id = 'w0' AND day BETWEEN DATE '2024-08-16' AND ?",
        [small.dates.treatment_until],
    ).fetchone()
    section = ledger.section(context, core(context, lambda _: None))
    told = [x for x in ledger.lights(context) if x.title == "Waves without a comparison."]
    sample.close()
    assert row is not None
    assert (control + treated, units) == (row[0], 1)
    assert [x.tone for x in told] == ["warn"]
    assert "In waves that can't be compared" in str(section.blocks)


def test_a_start_in_the_course_of_a_day_is_told(whole: Path, small: Plan, tmp_path: Path) -> None:
    facts = with_(whole, tmp_path, "workers", begun("2024-08-15 15:00:00"))
    sample, context = facts_of(facts, small)
    (told,) = [x for x in ledger.lights(context) if x.title == "Began during a day."]
    sample.close()
    assert told.tone == "warn"
    assert told.text.startswith("24 of 24 workers")


def test_when_everybody_rates_nobody_is_too_few(whole: Path, small: Plan, tmp_path: Path) -> None:
    facts = with_(whole, tmp_path, "chats", "* REPLACE (coalesce(rating, 3)::TINYINT AS rating)")
    document = build(facts, small)
    (told,) = [x for x in document.lights if x.title == "Who rates."]
    assert (told.tone, told.text) == ("good", "Every eligible chat was rated.")


def test_units_without_a_chat_arent_enough(whole: Path, small: Plan, tmp_path: Path) -> None:
    facts = with_(whole, tmp_path, "chats", "*", "first_owner_id NOT IN ('w0', 'w1')")
    document = build(facts, small)
    (told,) = [x for x in document.lights if x.title == "Enough workers."]
    assert told.text.startswith("22 workers with chats, ")
    assert told.text.endswith("2 more have no chat in the treatment period.")


def test_the_ledger_says_until_when_returns_are_known(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    facts = with_(whole, tmp_path, "chats", "*")
    write_origin(facts, Origin(source="tables", known_until=dt.datetime(2024, 8, 28, 22, 14)))  # noqa: DTZ001 - UTC without a zone, as facts hold it
    sample, context = facts_of(facts, small)
    section = ledger.section(context, core(context, lambda _: None))
    sample.close()
    assert "2024-08-28 22:14 UTC, the last opening of a chat" in str(section.blocks)


def test_an_arm_of_another_name_has_its_translation_in_the_hint(
    whole: Path, small: Plan, tmp_path: Path
) -> None:
    arm = "CASE WHEN arm = 'treated' THEN 'Treated ' ELSE 'Kontroll-Gruppe' END AS arm"
    with pytest.raises(Invalid) as caught:
        build(with_(whole, tmp_path, "workers", f"* REPLACE ({arm})"), small)
    assert "[workers.translate.arm]" in caught.value.hint
    assert '"Treated " = "treated"' in caught.value.hint
    assert '"Kontroll-Gruppe" = "control"' in caught.value.hint


def test_starts_after_the_plans_end_are_named(whole: Path, small: Plan, tmp_path: Path) -> None:
    facts = with_(whole, tmp_path, "workers", begun("2025-01-01"))
    with pytest.raises(Missing) as caught:
        build(facts, small)
    assert "workers.treated_from" in caught.value.hint
    assert "2025-01-01" in caught.value.hint


def test_waves_of_one_arm_each_say_so(whole: Path, small: Plan, tmp_path: Path) -> None:
    facts = with_(whole, tmp_path, "workers", begun("2024-08-17", "arm = 'treated'"))
    sample, context = facts_of(facts, small)
    found = core(context, lambda _: None)
    sample.close()
    why = " ".join(w for _, w in found.absent)
    assert "0 treated and 12 control units on 2024-08-15" in why
    assert "12 treated and 0 control units on 2024-08-17" in why
