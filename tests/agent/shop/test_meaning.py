from __future__ import annotations

from stepin.agent.shop.article import Passage
from stepin.agent.shop.meaning import MeaningIndex
from stepin.vectors.port import Vectors
from tests.vectors.hashed import HashedEncoder

ENCODER = HashedEncoder()


def _asked(text: str) -> Vectors:
    row: Vectors = ENCODER.encode([text])[0]
    return row


def _passage(n: int, text: str, *questions: str) -> Passage:
    return Passage(
        source=f"a{n}#1", language="en", title="x", heading="x", text=text, questions=questions
    )


def test_the_nearest_sentence_of_a_long_passage_counts() -> None:
    drowned = "Lamps are lit. Ovens get hot. Your kettle boils quickly. Chairs are soft. Beds too."
    other = "Lamps are lit. Ovens get hot. Your bottle leaks slowly. Chairs are soft. Beds too."
    index = MeaningIndex([_passage(1, drowned), _passage(2, other)], ENCODER)
    scores = index.scores(_asked("Your kettle boils quickly."))
    assert scores is not None
    assert scores[0] > scores[1] + 0.1


def test_a_text_without_a_vector_has_no_scores() -> None:
    index = MeaningIndex([_passage(1, "a kettle"), _passage(2, "a lamp")], ENCODER)
    assert index.scores(_asked("")) is None


def test_own_questions_count_beside_the_text() -> None:
    passages = [_passage(1, "one text", "does it boil water"), _passage(2, "another", "is it soft")]
    scores = MeaningIndex(passages, ENCODER).scores(_asked("does it boil water?"))
    assert scores is not None
    assert scores[0] > scores[1]


def test_what_all_passages_have_in_common_tells_nothing() -> None:
    index = MeaningIndex([_passage(1, "the same"), _passage(2, "the same")], ENCODER)
    scores = index.scores(_asked("the same"))
    assert scores is not None
    assert abs(scores).max() < 1e-6
