"""The stored form: what is chained, what is committed to, and what comes back."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepin.core.events.action import ActionProposed
from stepin.core.events.chat import HolderChanged, MessagePosted
from stepin.core.events.floor import FocusMoved
from stepin.core.events.supervision import ChatScored
from stepin.core.holder import NOBODY, ai
from stepin.core.private import REDACTED
from stepin.core.record import NewEvent, Recorded, Versions
from stepin.errors import Invalid
from stepin.log.codec import Encoded, chain, decode, encode, hidden_fields
from stepin.log.salt import Salts

TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
JSON = st.dictionaries(TEXTS, st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS)


def stored(new: NewEvent) -> Encoded:
    return encode(new, command_id="c", salt=secrets.token_bytes)


def back(code: Encoded, private: bytes | None) -> Recorded:
    return decode(
        position=1, stream="chat/1", seq=1, at_us=0, epoch=0, basis_seq=0,
        kind=code.kind, meta=code.meta, data=code.data, private=private,
    )  # fmt: skip


def linked(previous: bytes, data: bytes = b"{}") -> bytes:
    return chain(
        previous, position=1, stream="chat/1", seq=1, at_us=0, epoch=0, basis_seq=0,
        kind="RatingInvited", meta=b"{}", data=data,
    )  # fmt: skip


@given(text=TEXTS, arguments=JSON, model=TEXTS)
def test_what_was_stored_comes_back(text: str, arguments: dict[str, object], model: str) -> None:
    events = [
        MessagePosted(author="customer", text=text),
        HolderChanged(from_=NOBODY, to=ai("1"), reason="hand_back", note=text),
        ActionProposed(
            action_id="a", tool="t", tool_version="1", risk="money", arguments=arguments,
            digest="d", business_key="k", records=arguments,
        ),
    ]  # fmt: skip
    for event in events:
        new = NewEvent(event=event, actor="worker:ann", versions=Versions(model=model))
        code = stored(new)
        recorded = back(code, code.private)
        assert recorded.event == event
        assert (recorded.actor, recorded.versions, recorded.command_id) == (
            "worker:ann", new.versions, "c",
        )  # fmt: skip
        assert not recorded.redacted


def test_attention_of_an_earlier_form_stands_in_the_chain_and_comes_back() -> None:
    data = b'{"worker_id":"ann","chat_id":"c1","duration_ms":900,"active_ms":800}'
    code = Encoded("FocusMoved", b'{"actor":"worker:ann"}', data, None, None, False)
    recorded = back(code, None)
    assert recorded.event == FocusMoved(
        worker_id="ann", chat_id="c1", duration_ms=900, active_ms=800
    )
    assert (recorded.schema_version, recorded.redacted) == (1, False)
    assert hidden_fields(code.kind, code.meta, code.data) == {}


def test_attention_stands_beside_the_chain_and_is_empty_once_it_is_gone() -> None:
    moved = FocusMoved(worker_id="ann", chat_id="c1", duration_ms=900, active_ms=800)
    code = stored(NewEvent(event=moved))
    assert b'"c1"' not in code.data
    assert b":900" not in code.data
    assert back(code, code.private).event == moved
    gone = back(code, None)
    assert gone.redacted
    assert gone.event == FocusMoved(
        worker_id="ann", chat_id=REDACTED, duration_ms=None, active_ms=None
    )


@given(text=TEXTS.filter(lambda text: len(text) > 3))
def test_no_text_is_in_the_chained_bytes_and_none_is_left_without_the_private_part(
    text: str,
) -> None:
    code = stored(NewEvent(event=MessagePosted(author="customer", text=f"secret {text}")))
    assert b"secret" not in code.meta + code.data
    gone = back(code, None)
    assert gone.redacted
    assert gone.event == MessagePosted(author="customer", text="[redacted]")


def test_equal_texts_have_different_commitments() -> None:
    new = NewEvent(event=MessagePosted(author="customer", text="yes"))
    first, second = stored(new), stored(new)
    assert hidden_fields(first.kind, first.meta, first.data) != hidden_fields(
        second.kind, second.meta, second.data
    )


def test_the_hash_links_to_the_event_before() -> None:
    assert linked(b"a" * 32) != linked(b"b" * 32)
    assert linked(b"a" * 32) != linked(b"a" * 32, b"[]")


def test_every_salt_is_given_once() -> None:
    salts = Salts()
    drawn = [salts(16) for _ in range(1000)]
    assert len(set(drawn)) == 1000
    assert {len(salt) for salt in drawn} == {16}


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_could_not_be_read_again_is_refused(odd: float) -> None:
    proposed = ActionProposed(
        action_id="a", tool="t", tool_version="1", risk="money", arguments={}, digest="d",
        business_key="k", amount=odd,
    )  # fmt: skip
    deep = ActionProposed(
        action_id="a", tool="t", tool_version="1", risk="money",
        arguments={"rows": [{"price": odd}]}, digest="d", business_key="k",
    )  # fmt: skip
    for event in (proposed, deep, ChatScored(turn_seq=1, detector="panel", scores={"stuck": odd})):
        with pytest.raises(Invalid) as refused:
            stored(NewEvent(event=event))
        assert refused.value.code == "not_finite"


def test_a_null_and_its_word_are_stored() -> None:
    said = NewEvent(event=MessagePosted(author="customer", text="null"))
    assert back(stored(said), stored(said).private).event == said.event
