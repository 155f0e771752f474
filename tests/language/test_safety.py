"""What tells of danger: a development set as data, look-alikes, ways of writing, and the time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepin.errors import Invalid
from stepin.language.safety import GRAVEST_FIRST, danger, dangers
from stepin.language.safety.danger import _book
from stepin.language.safety.folding import fold
from stepin.language.safety.rulebook import Rulebook

LINES = Path(__file__).with_name("danger.tsv")


def lines() -> Iterator[tuple[str, str, str, str]]:
    for line in LINES.read_text("utf-8").splitlines()[1:]:
        label, kind, language, text = line.split("\t")
        yield label, kind, language, text


DANGER = [one for one in lines() if one[0] == "danger"]
HARMLESS = [one for one in lines() if one[0] == "harmless"]


def test_the_set_is_large_and_holds_both_labels() -> None:
    assert len(DANGER) >= 250
    assert len(HARMLESS) >= 250
    assert {kind for _, kind, _, _ in DANGER} == set(GRAVEST_FIRST)
    assert {one[2] for one in lines()} == {"en", "zh-Hans", "zh-Hant", "mixed"}


def test_danger_is_found_and_its_kind_is_near() -> None:
    missed = [text for _, _, _, text in DANGER if danger(text) is None]
    assert len(missed) <= 0.02 * len(DANGER), missed
    kinds = [
        f"safety.{kind}" in {one.kind for one in dangers(text)}
        for _, kind, _, text in DANGER
        if danger(text)
    ]
    assert sum(kinds) >= 0.95 * len(kinds)


def test_look_alikes_are_left_alone() -> None:
    fired = [(text, danger(text)) for _, _, _, text in HARMLESS if danger(text) is not None]
    assert len(fired) <= 0.02 * len(HARMLESS), fired


@pytest.mark.parametrize(
    "text",
    [
        "I can't go on anymore, there is no point in living",
        "i can’t go on any more",
        "i dont want to live",
        "I WANT TO DIE",
        "ＩＷＡＮＴ ｔｏ ｄｉｅ, i want to die",
        "ｋｉｌｌ　ｍｙｓｅｌｆ",
        "kil myself",
        "k*ll myself",
        "sucide",
        "feel like killing myself",
        "su1cide",
        "killl myself",
        "killing my self",
        "wánt to díe",
        "want to d\u200bie",
    ],
)
def test_self_harm_is_heard_however_it_is_written(text: str) -> None:
    found = danger(text)
    assert found is not None
    assert found.kind == "safety.self_harm"


@pytest.mark.parametrize(
    "text",
    [
        "我想死",
        "唔想活",
        "不想活了",
        "插座漏電",
        "插座漏电",
        "盜刷",
        "盗刷",
        "我要去12315投诉",
        "去１２３１５投诉",
    ],
)
def test_both_scripts_and_numbers_beside_them_are_heard(text: str) -> None:
    assert danger(text) is not None


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(DANGER), st.integers(0, 40), st.integers(0, 40))
def test_danger_is_heard_at_the_end_of_a_long_message(
    line: tuple[str, str, str, str], before: int, after: int
) -> None:
    text = line[3]
    filler = "Thank you for the blue kettle and the two cups. 谢谢你们的杯子。\n"
    if danger(text) is not None:
        assert danger(filler * before + text + "\n" + filler * after) is not None


def test_the_gravest_kind_comes_first() -> None:
    text = "I will sue you. My son swallowed the battery. I want to die"
    assert [one.kind for one in dangers(text)][:2] == ["safety.self_harm", "safety.child"]
    assert danger("") is None
    assert danger("...") is None


UNITS = (
    "a", "嗯", "kill ", "kill myself if ", "smoke ", "死", "笑死", "my son ", "not ", "k*", "'",
    "我想", "battery swollen ", "会不会爆炸吗", "card ", "if could may ", "电池", ". ", ", ",
    "0", "🔥", "́", "sue you ", "court shoe ", "吞",
)  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_the_time_grows_with_the_length(unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * size)[:size]
        took = []
        for _ in range(5):
            began = time.process_time()
            dangers(text)
            took.append(time.process_time() - began)
        return min(took)

    seconds(100)
    assert seconds(8_000) <= 3 * seconds(4_000) + 0.002


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    folded = fold(text)
    assert len(folded.tokens) == len(folded.sentences)
    assert list(folded.sentences) == sorted(folded.sentences)
    assert all(one.kind.startswith("safety.") for one in dangers(text))


@pytest.mark.parametrize(
    ("rules", "text", "fires"),
    [
        ("[k]\nred ~2 fox", "red quick brown fox", True),
        ("[k]\nred ~2 fox", "red very quick brown fox", False),
        ("[k]\nred ~2 fox", "red. fox", False),
        ("[k]\nred <2> fox", "fox is red", True),
        ("[k]\nred fox ~1 run* <3> home", "home the red fox running", True),
        ("[k]\n^ fox $", "the fox", False),
        ("[k]\n^ fox $", "hi. fox", True),
        ("[k]\nfox|$ ", "", False),
        ("[k]\nred fox|$", "it is red", True),
        ("[k]\nred ! fox", "fox and red", False),
        ("[k]\nred !< fox", "red fox", True),
        ("[k]\nred !> fox", "red fox", False),
        ("@not = no\n[k negatable]\nred", "no red", False),
        ("@not = no\n[k negatable]\nred", "no, red", True),
        ("@maybe = if\n[k]\n?red", "if it is red", False),
        ("[k]\nred\n[harmless]\nred wine", "red wine", False),
        ("[k bare]\nred\n[harmless]\nred wine", "red wine", True),
        ("[k]\n红 ~1 狐", "红的狐", True),
    ],
)
def test_a_rule_matches_as_it_says(rules: str, text: str, fires: bool) -> None:
    matched = Rulebook({"r": rules}).match(fold(text))
    matched.mask("harmless")
    assert (matched.first("k") is not None) == fires


@pytest.mark.parametrize("rules", ["red", "[k]\nred | fox", "[k]\n@none", "[k]\nred ~x fox"])
def test_a_rule_that_can_t_be_read_is_refused_with_its_line(rules: str) -> None:
    with pytest.raises(Invalid, match=r"^r:\d+: "):
        Rulebook({"r": rules})


NUMBERS = sorted({word for word in _book().words.vocabulary if word.isdigit()}, key=int)
PLAIN = (
    "order {n}",
    "my order number is {n}",
    "room {n}",
    "I need {n} of them",
    "call me at {n}",
    "please get {n} for me",
    "please send {n} to my flat",
    "it was {n} pounds",
    "size {n}, please",
    "I paid {n} and it still hasn't come",
    "you can phone me on {n} after six",
    "flat {n}, 12 High Street",
    "I want to complain about order {n}",
    "it's been {n} hours",
    "订单号{n}",
    "订单{n}还没到",
    "我付了{n}，已经三天了",
    "运费{n}已经付了",
    "花了{n}来买的",
    "{n}已经付了款",
    "我有{n}来买这个",
    "我在{n}室",
    "打了折是{n}",
    "送到{n}房间",
    "一共{n}块",
    "要{n}个，什么时候来",
    "{n}的那个来了吗",
    "电话尾号{n}，打给我",
    "投诉订单{n}太慢",
    "买了{n}个，都来了",
    "门牌{n}，请送到",
)


@pytest.mark.parametrize("said", PLAIN)
def test_no_number_is_a_danger_by_itself(said: str) -> None:
    """Every number that some rule names, in talk of orders, rooms and prices."""
    assert [n for n in NUMBERS if dangers(said.format(n=n))] == []


@pytest.mark.parametrize(
    "said",
    [
        "call 999",
        "please call 911",
        "someone ring 999",
        "need 911 now",
        "calling 911 now",
        "打120",
        "快打120",
        "叫120",
        "120还没来",
        "打999",
        "我要打12315",
        "我要去12315投诉",
        "打315",
        "我要向315曝光你们",
        "我上315投诉你",
        "投诉到12345",
        "I will complain to 12315",
        "call 12315",
    ],
)
def test_a_number_that_is_called_or_complained_to_is_heard(said: str) -> None:
    assert dangers(said)
