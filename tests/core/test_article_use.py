from __future__ import annotations

from stepin.core.article_use import ArticleUse
from stepin.core.events import Event
from stepin.core.events.chat import MessagePosted, TurnFinished
from stepin.core.record import Recorded


def _told(*events: tuple[str, Event]) -> ArticleUse:
    use = ArticleUse()
    use.add(
        Recorded(position=at, stream=stream, seq=at, at_us=at, epoch=0, basis_seq=0, event=event)
        for at, (stream, event) in enumerate(events, 1)
    )
    return use


def _says(*sources: str) -> MessagePosted:
    return MessagePosted(author="ai", text="So it is.", sources=sources)


def _asks(text: str) -> MessagePosted:
    return MessagePosted(author="customer", text=text)


def _ends(*missed: str) -> TurnFinished:
    return TurnFinished(turn_id="t", attempt=1, outcome="answered", missed=missed)


def test_told_messages_and_chats_are_counted_apart() -> None:
    use = _told(
        ("chat/a", _says("delivery#1", "delivery#1")),
        ("chat/a", _says("delivery#1")),
        ("chat/b", _says("delivery#1", "returns#2")),
        ("desk", _says("delivery#1")),
    )
    assert [(one.source, one.told, one.chats) for one in use.all()] == [
        ("delivery#1", 3, 2),
        ("returns#2", 1, 1),
    ]


def test_a_miss_counts_for_the_nearest_with_what_was_asked() -> None:
    use = _told(
        ("chat/a", _asks("do you sell bread")),
        ("chat/b", _asks("hello")),
        ("chat/a", _ends("delivery#1", "")),
        ("chat/b", _ends()),
        ("chat/c", _ends("returns#1")),
    )
    assert use.of("delivery#1").missed == 1
    assert [(one.chat_id, one.nearest, one.asked) for one in use.unanswered] == [
        ("a", "delivery#1", "do you sell bread"),
        ("a", "", "do you sell bread"),
        ("c", "returns#1", ""),
    ]


def test_what_was_never_told_can_be_asked_for() -> None:
    use = _told(("chat/a", _says("delivery#1")))
    assert use.of("jobs#1").told == 0
    assert [one.source for one in use.all()] == ["delivery#1", "jobs#1"]


def test_a_redacted_question_has_no_words() -> None:
    use = _told(("chat/a", _asks("secret")), ("chat/a", _asks("")), ("chat/a", _ends("x#1")))
    assert use.unanswered[0].asked == ""
