"""Plans: every wrong key is named; the canonical text is one, whatever the layout."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.trial.plans import BLOCKED, SCREENED, TEXT, plan

from stepin.errors import Invalid
from stepin.trial.reading import canonical, from_canonical, plan_hash, read

WRONG = [
    ('name = "pilot"', 'name = "Our Pilot"', "name"),
    ("seed = 7", 'seed = "seven"', "seed"),
    ("seed = 7", "seed = 7\nseeed = 7", "seeed"),
    ("seed = 7", "", "seed"),
    ('policy = "ai.toml"\n', "", "arms[1].policy"),
    ('control = "people"', 'control = "nobody"', "control"),
    ('name = "ai"', 'name = "people"', "arms[1].name"),
    ("share = 0.5\n\n[[arms]]", "share = 0.4\n\n[[arms]]", "arms"),
    ("share = 0.5\n\n[[arms]]", 'share = "half"\n\n[[arms]]', "arms[0].share"),
    ('policy = "ai.toml"', 'policy = ""', "arms[1].policy"),
    ("pre_from = 2026-02-15", "pre_from = 2026-03-02", "dates.pre_from"),
    ("pre_from = 2026-02-15", "pre_from = 15", "dates.pre_from"),
    ("until = 2026-03-20", "until = 2026-02-20", "dates.treatment_until"),
    ('name = "rating"', 'name = "happiness"', "outcomes[0].name"),
    ('name = "rating"', 'name = "issue_class"', "outcomes[0].name"),
    ('name = "rating"', 'name = "close_reason"', "outcomes[0].name"),
    ('name = "rating"', 'name = "takeover_at"', "outcomes[0].name"),
    ('role = "primary"', 'role = "main"', "outcomes[0].role"),
    ('role = "primary"', 'role = "secondary"', "outcomes"),
    ("minimal_effect = 0.2", "", "outcomes[0].minimal_effect"),
    ("minimal_effect = 0.2", "minimal_effect = -0.2", "outcomes[0].minimal_effect"),
]

WRONG_MORE = [
    ("[harm]\nalpha = 0.7", "harm.alpha"),
    ("[harm]\nrepetitions = 20", "harm.repetitions"),
    ('[harm]\noutcomes = ["tears"]', "harm.outcomes[0]"),
    ("[harm]\nlow_rating_at_most = 5", "harm.low_rating_at_most"),
    ("[looks]\ndays = [9, 3]", "looks.days"),
    ("[looks]\ndays = [40]", "looks.days"),
    ("[[ramp]]\nfrom = 2026-03-02\nshare = 0.5", "ramp[0].from"),
    ("[[ramp]]\nfrom = 2026-03-01\nshare = 0.5\n[[ramp]]\nfrom = 2026-03-09\nshare = 0.2",
     "ramp[1].share"),
    ('[routing]\nowner = "least_loaded"', "routing.owner"),
    ("[routing]\ncap = 0", "routing.cap"),
    ("[randomization]\nleast_block = 0", "randomization.least_block"),
    ("[randomization.rerandomize]\ncovariates = []", "randomization.rerandomize.covariates"),
    ('[[randomization.blocks]]\ncovariate = "t"\nquantiles = 1',
     "randomization.blocks[0].quantiles"),
    ('[analysis]\ncontrols = ["duration_s"]', "analysis.controls[0]"),
    ('[analysis]\ncontrols = ["customer_prior_chats"]', "analysis.controls[0]"),
    ("[analysis]\nalpha = 1e-300", "analysis.alpha"),
    ('[analysis]\nsplits = ["rating"]', "analysis.splits[0]"),
    ("[windows]\nretrial = \"9d\"", "windows.retrial"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "key"), WRONG)
def test_a_wrong_value_is_named(old: str, new: str, key: str) -> None:
    assert old in TEXT
    with pytest.raises(Invalid) as caught:
        read(TEXT.replace(old, new))
    assert caught.value.code == "plan_key"
    assert caught.value.fields["key"] == key


@pytest.mark.parametrize(("more", "key"), WRONG_MORE)
def test_a_wrong_part_is_named(more: str, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(TEXT + "\n" + more)
    assert caught.value.fields["key"] == key


def test_text_that_is_not_toml_says_so() -> None:
    with pytest.raises(Invalid, match="TOML") as caught:
        read("name = = 3")
    assert caught.value.code == "plan_syntax"


def test_units_that_come_unknown_take_neither_blocks_nor_screens() -> None:
    for unit in ("customer", "chat"):
        with pytest.raises(Invalid) as caught:
            plan(f"\n{BLOCKED}\n", **{"seed = 7": f'seed = 7\nunit = "{unit}"'})
        assert caught.value.fields["key"] == "randomization"


def test_controls_known_at_opening_are_for_units_that_are_chats() -> None:
    at_opening = '\n[analysis]\ncontrols = ["customer_prior_chats"]'
    assert plan(at_opening, **{"seed = 7": 'seed = 7\nunit = "chat"'}).analysis.controls


def test_layout_comments_and_defaults_leave_the_canonical_text_alone() -> None:
    lines = [line for line in TEXT.splitlines() if line]
    spaced = "# a comment\n" + "\n\n".join(lines) + "\n[harm]\nalpha = 0.025\n"
    assert canonical(read(spaced)) == canonical(plan())


@given(st.sampled_from(["", BLOCKED, SCREENED, BLOCKED + SCREENED]), st.integers(0, 2**31))
def test_the_canonical_text_reads_back(extra: str, seed: int) -> None:
    one = plan(extra, **{"seed = 7": f"seed = {seed}"})
    assert from_canonical(canonical(one)) == one


def test_the_hash_holds_the_plan_and_its_policies() -> None:
    policies = {"people.toml": b"ai = false", "ai.toml": b"ai = true"}
    base = plan_hash(plan(), policies)
    assert base == plan_hash(plan(), dict(reversed(policies.items())))
    assert base != plan_hash(plan(), {**policies, "ai.toml": b"ai = true # v2"})
    assert base != plan_hash(plan(**{"seed = 7": "seed = 8"}), policies)
    with pytest.raises(Invalid) as caught:
        plan_hash(plan(), {"people.toml": b""})
    assert caught.value.fields["policy"] == "ai.toml"
