from __future__ import annotations

import msgspec

from stepin.agent.shop.floor import FALSE_AT_MOST, FEWEST, floor_of
from stepin.agent.shop.handbook import Handbook
from stepin.agent.shop.retrieval import Ranking


def test_as_few_wrong_ones_pass_as_it_says() -> None:
    wrong = [n / 100 for n in range(100)]
    floor = floor_of(wrong, default=9)
    assert sum(sure > floor for sure in wrong) == FALSE_AT_MOST * 100


def test_few_questions_tell_nothing() -> None:
    assert floor_of([0.5] * (FEWEST - 1), default=9) == 9
    assert floor_of([0.5] * FEWEST, default=9) == 0.5


def test_a_question_whose_article_is_left_out_finds_an_answer_seldom(
    handbook: Handbook,
) -> None:
    told, asked = 0, 0
    for passage in handbook.passages:
        article = passage.source.partition("#")[0]
        others = Ranking(
            one for one in handbook.passages if one.source.partition("#")[0] != article
        )
        for question in passage.questions[:2]:
            asked += 1
            hits = others.best(question, passage.language)
            told += bool(hits) and hits[0].sure > handbook.ranking.floor(passage.language)
    assert asked > 50
    assert told / asked <= 0.17


def test_own_questions_are_what_the_floor_is_calibrated_on(handbook: Handbook) -> None:
    bare = Ranking(msgspec.structs.replace(one, questions=()) for one in handbook.passages)
    asked = "how do I get a voucher for the theatre"
    assert bare.best(asked, "en")[0].sure != handbook.ranking.best(asked, "en")[0].sure
