"""What a worker may read: every kind is classified, and what would unblind is withheld."""

from __future__ import annotations

import msgspec
import pytest

from stepin.core.events import KINDS
from stepin.core.events.supervision import FlagRaised
from stepin.desk.feeds.visibility import WITHHELD_FROM_WORKERS, WORKER_FIELDS, worker_entry
from tests.desk.feeds.test_customer import _fields, recorded

UNBLINDING = {
    "trial_id",
    "policy_version",
    "probabilities",
    "candidates",
    "draw_key",
    "rating",
    "scores",
    "threshold",
    "arm",
    "crossover",
    "brain_version",
    "shadow",
}


def test_every_kind_is_either_shown_or_withheld() -> None:
    assert set(WORKER_FIELDS) | WITHHELD_FROM_WORKERS == set(KINDS)
    assert not set(WORKER_FIELDS) & WITHHELD_FROM_WORKERS


@pytest.mark.parametrize("kind", sorted(WORKER_FIELDS))
def test_the_fields_exist_and_none_would_unblind(kind: str) -> None:
    names = {f.name for f in msgspec.structs.fields(KINDS[kind])}
    assert set(WORKER_FIELDS[kind]) <= names
    assert not set(WORKER_FIELDS[kind]) & UNBLINDING


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_entry_carries_the_named_fields_and_no_other(kind: str) -> None:
    fields = _fields(KINDS[kind])
    if kind == "FlagRaised":
        fields["shadow"] = False
    entry = worker_entry(recorded(KINDS[kind](**fields), 3))
    if kind in WITHHELD_FROM_WORKERS:
        assert entry is None
    else:
        assert entry is not None
        assert set(entry.data) == {name.rstrip("_") for name in WORKER_FIELDS[kind]}


def test_a_shadow_flag_is_not_shown() -> None:
    flag = FlagRaised(cause="technical", turn_seq=1, raised_by="detector", shadow=True)
    assert worker_entry(recorded(flag, 3)) is None
