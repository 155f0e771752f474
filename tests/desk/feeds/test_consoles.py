"""Consoles are found by whom a change concerns: the same ones as if each had been asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stepin.core.chat import Chat, Hold, Ownership
from stepin.core.escalation import Escalation
from stepin.core.holder import NOBODY, Holder, ai, worker
from stepin.desk.feeds.board import BoardChat, seen_by, visible
from stepin.desk.feeds.consoles import Consoles
from stepin.desk.feeds.masking import Viewer
from stepin.desk.feeds.progress import ToldConsole
from stepin.desk.feeds.update import Update
from stepin.desk.feeds.views import WorkerCard

NAMES = ("ann", "ben", "cai", "dee")
CARD = WorkerCard(worker_id="ann", name="Ann", role="worker", presence="available", groups=())


class Ears:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    def push(self, frame: bytes) -> None:
        self.frames.append(frame)


holders = st.one_of(
    st.just(NOBODY), st.just(ai("builtin")), st.sampled_from(NAMES).map(worker)
)  # fmt: skip


@st.composite
def chats(draw: st.DrawFn) -> Chat:
    holder: Holder = draw(holders)
    alert = Escalation(
        flag_seq=1,
        cause="technical",
        raised_us=1,
        to=tuple(draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True))),
        state=draw(st.sampled_from(("alerted", "declined"))),
    )
    return Chat(
        chat_id="c1",
        seq=draw(st.integers(1, 9)),
        holding=Hold(holder=holder),
        ownership=Ownership(owner=draw(st.none() | st.sampled_from(NAMES))),
        escalation=draw(st.none() | st.just(alert)),
    )


@st.composite
def updates(draw: st.DrawFn) -> Update:
    after = draw(st.none() | chats())
    return Update(
        7,
        before=None if after is None else draw(st.none() | chats()),
        after=None if after is None else BoardChat(after),
        workers=draw(st.sampled_from(((), (CARD,)))),
        presence=draw(st.booleans()),
        switches=draw(st.none() | st.just({"ai": True})),
    )


def all_consoles() -> list[ToldConsole]:
    viewers = [Viewer(name, "worker") for name in NAMES]
    viewers += [Viewer("ann", "worker"), Viewer("lou", "lead"), Viewer("ada", "admin")]
    return [ToldConsole(Ears(), viewer, 3) for viewer in viewers]


def heard(consoles: list[ToldConsole]) -> list[list[bytes]]:
    return [c.listener.frames for c in consoles if isinstance(c.listener, Ears)]


@given(updates())
def test_whom_a_change_concerns_is_told_it_and_nobody_else(update: Update) -> None:
    asked, found = all_consoles(), all_consoles()
    index = Consoles()
    for console in found:
        index.add(console)
    for console in asked:
        console.push(update)
    index.tell(update)
    assert heard(found) == heard(asked)


@given(chats())
def test_a_passing_frame_reaches_the_floors_on_which_the_chat_stands(chat: Chat) -> None:
    consoles = all_consoles()
    index = Consoles()
    for console in consoles:
        index.add(console)
    index.pass_on(b"typing", chat)
    for console in consoles:
        assert isinstance(console.listener, Ears)
        assert bool(console.listener.frames) is visible(chat, console.viewer)


def test_who_has_left_is_told_nothing_and_who_comes_again_is_told_once() -> None:
    index, ears = Consoles(), Ears()
    index.add(ToldConsole(ears, Viewer("ann", "worker"), 0))
    index.add(ToldConsole(ears, Viewer("ann", "worker"), 0))
    assert len(index) == 1
    index.tell(Update(7, switches={"ai": True}))
    assert len(ears.frames) == 1
    index.remove(ears)
    index.remove(ears)
    index.tell(Update(8, switches={"ai": False}))
    assert len(ears.frames) == 1
    assert len(index) == 0


def test_a_message_asks_only_those_whom_it_concerns() -> None:
    index = Consoles()
    others = [ToldConsole(Ears(), Viewer(f"w{n}", "worker"), 0) for n in range(50)]
    for console in others:
        index.add(console)
    asked: list[str] = []

    class Counted(Update):
        def frame_for(self, viewer: Viewer) -> bytes | None:
            asked.append(viewer.worker_id)
            return super().frame_for(viewer)

    chat = Chat(chat_id="c1", seq=3, ownership=Ownership(owner="w7"))
    index.tell(Counted(9, before=chat, after=BoardChat(chat)))
    assert asked == ["w7"]


def test_a_live_alert_brings_a_chat_to_those_it_is_shown_to() -> None:
    alert = Escalation(flag_seq=1, cause="risk", state="alerted", raised_us=1, to=("ben",))
    chat = Chat(chat_id="c1", ownership=Ownership(owner="ann"), escalation=alert)
    assert seen_by(chat) == {"ann", "ben"}
    over = Chat(chat_id="c1", ownership=Ownership(owner="ann"))
    assert seen_by(over) == {"ann"}
    assert seen_by(Chat(chat_id="c1")) is None
