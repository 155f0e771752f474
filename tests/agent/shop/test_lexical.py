from __future__ import annotations

import numpy as np

from stepin.agent.shop.article import Passage
from stepin.agent.shop.lexical import LexicalIndex
from stepin.language.search_words.words import search_words


def _scores(question: str, *told: tuple[str, str]) -> list[float]:
    passages = [
        Passage(source=f"a{n}#1", language="xx", title="", heading=heading, text=text)
        for n, (heading, text) in enumerate(told)
    ]
    return list(LexicalIndex(passages, search_words("xx")).scores(question))


def test_a_heading_tells_more_than_a_text() -> None:
    in_heading, in_text = _scores("kettle", ("kettle", "lamp lamp"), ("lamp lamp", "kettle"))
    assert in_heading > in_text > 0


def test_a_rare_word_tells_more_than_a_common_one() -> None:
    told = (("", "kettle oven"), ("", "oven toaster"), ("", "oven mixer"))
    rare, common, _ = _scores("kettle toaster oven", *told)[0], *_scores("oven mixer", *told)[:2]
    assert rare > common


def test_what_no_passage_has_makes_all_less_sure() -> None:
    told = (("", "kettle"), ("", "lamp"))
    assert _scores("kettle", *told)[0] > _scores("kettle xylophone", *told)[0] > 0


def test_nothing_in_common_is_zero() -> None:
    assert _scores("xylophone", ("", "kettle")) == [0.0]
    assert _scores("?!", ("", "kettle")) == [0.0]


def test_a_passage_that_is_left_out_is_as_if_it_were_not_there() -> None:
    passages = [
        Passage(source=f"a{n}#1", language="xx", title="", heading="", text=text)
        for n, text in enumerate(("kettle oven", "kettle lamp", "oven lamp", "chair mixer"))
    ]
    words = search_words("xx")
    for asked in ("kettle mixer", "chair", "lamp oven"):
        whole = LexicalIndex(passages, words).scores(asked, but=np.array([False] * 3 + [True]))
        assert np.allclose(whole[:3], LexicalIndex(passages[:3], words).scores(asked))
        assert whole[3] == 0
