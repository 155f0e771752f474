"""No template reaches a person unfilled: suggestions, briefs, titles and notices."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepin.agent.brain import Line
from stepin.agent.builtin.topics import question
from stepin.agent.known_facts import known_of
from stepin.agent.shop.handbook import Handbook, read_handbook
from stepin.agent.shop.procedure import Fact, Procedure, Step
from stepin.agent.shop.retrieval import Ranking
from stepin.agent.shop.template import Speech, fill, gaps, has_brace
from stepin.agent.suggestions.suggestions import HandbookAdvice, Suggestion
from stepin.core.action import Action
from stepin.core.chat import Chat, ChatOrigin, Stage
from stepin.core.events.chat import MessagePosted
from stepin.core.notice import notice
from stepin.core.record import Recorded
from stepin.desk.alerts.brief import brief_of
from stepin.errors import Invalid
from stepin.language.sentences import sentences
from tests.agent.conftest import SHOP

SHOP_BOOK = read_handbook(SHOP)
ORDER = {
    "order": "ST-178822", "items": "air fryer", "items_zh": "空气炸锅", "status": "delivered",
    "placed": "2026-02-20", "total": 119.0,
}  # fmt: skip
ITEM = {
    "item": 2, "name": "air fryer", "name_zh": "空气炸锅", "variant": "silver",
    "variant_zh": "银色", "price": 119.0,
}  # fmt: skip
SAID = (
    "I want my money back",
    "it is about ST-178822",
    "the air fryer please",
    "我要退款",
    "订单 ST-178822",
    "my order hasn't come",
)
STATES = ("proposed", "executing", "succeeded", "failed", "denied", "expired", "unknown")


def action(seq: int, tool: str, state: Any, arguments: dict[str, Any], **more: Any) -> Action:
    return Action(
        action_id=f"a{seq}", state=state, tool=tool, tool_version="1", risk="read",
        arguments=arguments, digest="", business_key="", proposer="ai:builtin", epoch=1, seq=seq,
        basis_seq=2, **more,
    )  # fmt: skip


def line(seq: int, text: str) -> Line:
    return Line(seq=seq, at_us=seq, speaker="customer", text=text)


def chat_of(issue: str, language: str, actions: list[Action]) -> Chat:
    return Chat(
        chat_id="c1", basis_seq=2, actions={one.action_id: one for one in actions},
        origin=ChatOrigin(language=language, issue_class=issue), stage=Stage(episode="active"),
    )  # fmt: skip


def shown(book: Handbook, chat: Chat, lines: list[Line]) -> list[str]:
    """Return every text that the desk makes of this chat for a worker."""
    advice = HandbookAdvice(book)
    suggestions = asyncio.run(advice.suggest(chat, lines))
    seeks = next((one.text for one in suggestions if one.kind == "seek"), "")
    events = [
        Recorded(
            position=one.seq, stream="chat/c1", seq=one.seq, at_us=one.at_us, epoch=0, basis_seq=0,
            event=MessagePosted(author="customer", text=one.text), actor="customer:dora",
        )
        for one in lines
    ]  # fmt: skip
    told = [
        one.text
        for language in ("en", "zh")
        for one in brief_of(
            chat, events, language=language, topic=advice.topic(chat, language), question=seeks
        )
    ]
    some = list(book.procedures.values())
    asked = [question(some[:n], some, language) for n in (1, 2) for language in ("en", "zh")]
    return [*(one.text for one in suggestions), *told, *asked]


arguments = st.fixed_dictionaries(
    {},
    optional={"order": st.sampled_from(["ST-178822", None]), "item": st.sampled_from([2, "2"])},
)
results = st.sampled_from(
    [
        {},
        {"orders": [ORDER]},
        {"orders": [ORDER, {**ORDER, "order": "ST-000001"}]},
        {"items": [ITEM]},
        {**ORDER, "items": [ITEM, {**ITEM, "item": 3}]},
        {"orders": "[redacted]"},
        {"items": [None, {}]},
    ]
)


@settings(max_examples=20, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("name", sorted(SHOP_BOOK.procedures))
def test_no_gap_of_the_shop_is_shown_whatever_is_known(name: str, data: st.DataObject) -> None:
    procedure = SHOP_BOOK.procedures[name]
    tools = [*procedure.tools, "other_tool"]
    made = data.draw(
        st.lists(
            st.tuples(st.sampled_from(tools), st.sampled_from(STATES), arguments, results),
            max_size=3,
        )
    )
    actions = [
        action(10 + n, tool, state, {k: v for k, v in given.items() if v is not None}, result=found)
        for n, (tool, state, given, found) in enumerate(made)
    ]
    lines = [line(2 + n, text) for n, text in enumerate(data.draw(st.lists(st.sampled_from(SAID))))]
    chat = chat_of(name, data.draw(st.sampled_from(["en", "zh", "zh-TW", "de"])), actions)
    for text in shown(SHOP_BOOK, chat, lines):
        assert not has_brace(text)


GAPS = st.sampled_from(
    [
        "{order}", "{item}", "{nowhere}", "{order.total|money}", "{picked.order.items}",
        "{found.x}",
        "{ order | money }", "{}", "{", "}", "{order|unknown}", "{a b}", "{{order}}", "no gap",
    ]
)  # fmt: skip
TEXTS_MADE = st.lists(GAPS, min_size=1, max_size=3).map(lambda parts: "Say " + " of ".join(parts))
BILINGUAL = st.fixed_dictionaries({"en": TEXTS_MADE}, optional={"zh": TEXTS_MADE})


@st.composite
def made_up(draw: st.DrawFn) -> Procedure:
    names = draw(st.lists(st.sampled_from(["order", "item", "why"]), min_size=1, unique=True))
    facts = {
        name: Fact(
            kind=draw(st.sampled_from(["code", "text", "email", "pick"])),
            ask=draw(BILINGUAL),
            pattern=r"(ST-\d{6})",
            call="list_things",
            of="things",
            key=name,
        )
        for name in names
    }
    steps = tuple(
        Step(need=name, when=draw(st.sampled_from(["", "nowhere == 1"]))) for name in names
    )
    calls = (Step(call="do_it", with_={name: name for name in names}, as_="found"),)
    return Procedure(
        name="made_up", title=draw(BILINGUAL), summary="s", examples={}, facts=facts,
        steps=(*steps, *calls),
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(
    procedure=made_up(),
    given_=st.dictionaries(
        st.sampled_from(["order", "item", "why"]), st.sampled_from(["x", 3, "{y}"])
    ),
    state=st.sampled_from(STATES),
    language=st.sampled_from(["en", "zh"]),
)
def test_no_gap_of_any_procedure_is_shown(
    procedure: Procedure, given_: dict[str, Any], state: str, language: str
) -> None:
    speech = Speech(name={"en": "Shop"})
    book = Handbook(
        speech=speech, procedures={"made_up": procedure}, passages=(), ranking=Ranking(()),
        version="0",
    )  # fmt: skip
    clean = {name: value for name, value in given_.items() if value != "{y}"}
    chat = chat_of("made_up", language, [action(10, "do_it", state, clean, result={"x": 1})])
    for text in shown(book, chat, [line(2, "ST-123456 please")]):
        assert not has_brace(text)
    dirty = chat_of("made_up", language, [action(10, "do_it", state, given_)])
    for one in asyncio.run(HandbookAdvice(book).suggest(dirty, [line(2, "please")])):
        assert not has_brace(one.text), "a value may look like a gap too"


@settings(max_examples=100, deadline=None)
@given(text=TEXTS_MADE)
def test_what_a_brain_says_is_filled_or_refused(text: str) -> None:
    scope = {"order": {"total": 5, "carrier": None}, "item": 2, "found": {"x": 1}}
    try:
        said = fill({"en": text}, {**scope, "picked": {}}, Speech(name={"en": "S"}), "en")
    except Invalid:
        return
    assert not has_brace(said.replace(str(scope["order"]), ""))


@pytest.mark.parametrize("text", ["{}", "a } b", "{order | money}", "{{order}}", "{a"])
def test_a_brace_that_is_no_gap_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        gaps(text)
    assert refused.value.code == "gap_invalid"


def test_a_gap_with_nothing_in_it_is_not_filled_with_a_word_for_nothing() -> None:
    speech = Speech(name={"en": "S"})
    for value, gap in ((None, "{x}"), (None, "{x|money}"), ("soon", "{x|money}")):
        with pytest.raises(Invalid):
            fill({"en": f"It is {gap}."}, {"x": value}, speech, "en")


def test_notices_are_filled_in_both_languages() -> None:
    for template in msgspec.structs.asdict(sentences().notices).keys() - {"helpline"}:
        for language in ("en", "zh"):
            assert not has_brace(notice(template, language, place=3).text)


def suggested(actions: list[Action], *texts: str) -> Suggestion:
    chat = chat_of("refund", "en", actions)
    lines = [line(2 + n, text) for n, text in enumerate(texts)]
    return asyncio.run(HandbookAdvice(SHOP_BOOK).suggest(chat, lines))[0]


def test_a_question_is_filled_with_what_the_customer_wrote() -> None:
    assert "Which order" in suggested([], "I want my money back").text
    asked = suggested([], "I want my money back", "it is ST-178822")
    assert asked.text == "Which item of order ST-178822 is it?"


def test_what_the_ai_has_put_into_a_call_or_was_told_is_not_asked_for() -> None:
    proposed = action(9, "refund_item", "proposed", {"order": "ST-178822", "item": 2})
    assert proposed.tool in SHOP_BOOK.procedures["refund"].tools
    assert suggested([proposed], "I want my money back").source == "desk"
    looked = action(8, "list_orders", "succeeded", {}, result={"orders": [ORDER]})
    assert suggested([looked], "money back").text == "Which item of order ST-178822 is it?"
    both = action(9, "get_order", "succeeded", {"order": "ST-178822"}, result={"items": [ITEM]})
    assert suggested([looked, both], "money back").source == "desk"


def test_the_last_word_counts() -> None:
    procedure = SHOP_BOOK.procedures["refund"]
    called = action(4, "get_order", "succeeded", {"order": "ST-111111"})
    known = known_of(procedure, [called], [line(2, "ST-111111"), line(6, "sorry, ST-222222")])
    assert known.facts["order"] == "ST-222222"
    known = known_of(procedure, [called], [line(2, "ST-222222")])
    assert known.facts["order"] == "ST-111111"
