# ruff: noqa: E501
from __future__ import annotations

import time

import pytest

from stepin.agent.builtin.consent import answer_of, means_another, stops
from stepin.agent.builtin.wishes import wished

YES = (
    """
yes please|Yes, that's the one, go ahead.|yup thats it|confirmed|Alright, go ahead with that.|fine, do it|y|YES|correct
Please do, thank you.|looks right, go ahead|ok thanks|yes, scrap it|that's fine by me
对|好|嗯|可以|行|好的，麻烦了|对，就是这个，取消吧|没错就它|就这么办|退！|赶紧退|好啊换吧|这回对了|是的没错|行，退吧|那就取消吧|没问题，你办吧
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
NOT_YES = (
    """
no|no, leave it|ok I'll keep it then|hmm, actually keep it|ok but what about the lamp|ok, what about the other one?|please wait|let me think
ok, hold on|actually no|can you do it tomorrow instead|I don't know
那就留着吧|好吧那先留着|行，保留吧|算了|不用了|还是不退了吧|请帮我改成另一个|成都市武侯区科华北路26号|等一下|嗯…我再想想|好的，我再看看别的
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize("text", YES)
def test_a_clear_yes_is_one(text: str) -> None:
    assert answer_of(text) == "yes"


@pytest.mark.parametrize("text", NOT_YES)
def test_whatever_leaves_a_doubt_is_no_yes(text: str) -> None:
    assert answer_of(text) != "yes"


@pytest.mark.parametrize("text", ["no, not that order", "不是这个订单", "the one with the lamp"])
def test_another_record_may_be_meant(text: str) -> None:
    assert means_another(text)


@pytest.mark.parametrize("text", ["never mind", "算了", "forget it"])
def test_a_customer_may_drop_it(text: str) -> None:
    assert stops(text)


ASKED = ("Shall I cancel order 4711? You get 213 pounds back.", "要取消订单4711吗？会退您213镑。")
AGREED = (
    """
yes|yes please|go ahead|Yes, go ahead and cancel it.|yeah cancel that order for me|please cancel order 4711|yes, please cancel it and refund me the 213 pounds|confirmed, cancel it|Yes I want to cancel|yep that's correct, cancel order 4711|Sounds fair, do it|yes that's what I want|aye go on then|Yes, £213 is fine|ok|okay cool|sure, go for it|please do|that's right|I confirm|Absolutely, please proceed.|yes cancel #4711|👍|yes!!|YES|yup|yes I'm happy for you to cancel it|ok thanks, go ahead|Right, cancel it then please|yes ta|yes of course|yes, 213 back is fine|Perfect, thank you|no problem, go ahead|yes indeed|fine, cancel it|that's fine|that works|Sounds good, thanks!|I agree, cancel it
好的|好的，取消吧|可以，请取消订单4711|嗯嗯 取消|是的，我要取消|确认取消，谢谢|没问题 麻烦取消|同意取消|對，請取消|好的，那就取消4711吧|退213镑没问题|係，取消啦|好呀，唔該|得，麻煩晒|冇問題，取消啦|確認|同意|OK啦|可以，退吧|行，就这么办吧|取消吧谢谢|嗯，取消|對|好呀|係呀|沒問題，麻煩您了|請幫我取消|好，取消，谢谢
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
NOT_AGREED = (
    """
yes if I get it by tomorrow|yes unless it costs|ok once my wife agrees|sure, whatever|yeah right|oh great|yes but not today|yes, as long as it's free|yes after the call|I guess|maybe|yes?|can you?|cancel 4712|yes cancel 4712|yes for the lamp only|my son says yes|he said yes|until friday yes|yes provided|yes, only if|yes...|hmm yes|well ok I suppose|if you must|not yet|yes and also change my address|before you do, tell me|Sure Jan|whatever you say|yes to a refund but keep the order|how long does it take|please confirm|let me think|yes later|wow yes amazing service as always|ok ask my husband|refund it|yes I'd like to know more|go ahead and explain|yes, exchange it|keep it|just the lamp|slow clap|congratulations|ok so|yes I want to
如果今天能到就取消|好啊好啊你们真行|好的，但是先告诉我|等我老公回来再说|可以，前提是不扣钱|要是能退全款就取消|行吧随便|好好好|行行行|你好|我来取消|我确认一下|是你要取消的|等一下|再想想|只取消一件|我妈说可以|可以吗|行不行|先退钱再取消|呵呵好|好的吧…|取消4712|换货吧|真棒|你们可以的|好一个可以|係咪要錢|好，但係要即日退|唔好取消|得唔得|等我諗諗|隨便啦|取消咗先算|除非退全款|退钱了再说|同意个屁|对了|行了|好了|可以了
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize("text", AGREED)
def test_agreement_to_a_question_may_repeat_what_it_names(text: str) -> None:
    chinese = any("\u4e00" <= char <= "\u9fff" for char in text)
    assert answer_of(text, ASKED[chinese]) == "yes"


@pytest.mark.parametrize("text", NOT_AGREED)
@pytest.mark.parametrize("question", ASKED)
def test_conditions_jokes_and_parts_are_no_yes(text: str, question: str) -> None:
    assert answer_of(text, question) != "yes"


@pytest.mark.parametrize(
    "tail",
    ["if", "unless", "when", "as long as", "until", "但是", "如果", "?", "…", "lamp", "4712", "🙄"],
)
@pytest.mark.parametrize("yes", ["yes", "ok thanks", "go ahead", "好的", "可以，取消吧", "👍"])
def test_whatever_follows_a_yes_and_is_no_agreement_makes_it_unclear(yes: str, tail: str) -> None:
    assert answer_of(f"{yes} {tail}", ASKED[0]) != "yes"
    assert answer_of(f"{yes}, {tail} it is free", ASKED[1]) != "yes"


@pytest.mark.parametrize("act", ["refund it", "exchange it", "换货吧", "change it"])
def test_an_act_that_wasnt_asked_about_is_no_yes(act: str) -> None:
    assert answer_of(act, ASKED[0]) != "yes"


@pytest.mark.parametrize("piece", ["嗯", "yes ", "yes,", "好", "不", "a", "a-", "👍", "'", "ok ok ", "不是", "请取消", "don't cancel ", "取消", "to 1 "])  # fmt: skip
def test_the_work_grows_with_the_texts_length(piece: str) -> None:
    def took_s(chars: int) -> float:
        text = (piece * chars)[:chars]
        best = 9.0
        for _ in range(3):
            began = time.process_time()
            answer_of(text, text)
            wished(text)
            best = min(best, time.process_time() - began)
        return best

    assert took_s(8_000) <= 3 * took_s(4_000) + 0.01
