"""The brief in a worker's hands: four cited lines, suggestions, and nudges where effort falls."""

from __future__ import annotations

from stepin.core.chat import Chat, Conversation, Episode, Hold, Pacing, Stage
from stepin.core.command import Actor, DenyAction, PostMessage, Reply, TakeOver
from stepin.core.decide.decision import Decision
from stepin.core.decide.nudging import MOST, SILENT_S, falling, nudge
from stepin.core.events.supervision import (
    BriefShown,
    DecisionDrawn,
    NudgeShown,
    SuggestionShown,
    SuggestionUsed,
)
from stepin.core.holder import worker
from stepin.core.policy import AlertPolicy, Policy
from tests.desk.conftest import ANN, DORA, Room
from tests.desk.test_actions import asked


async def stuck(room: Room) -> str:
    await room.sign_on("ann")
    chat_id = await room.open("Please refund order A-1001, the blender is broken")
    await room.until(chat_id, lambda c: c.ai_messages == 1)
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="I want to talk to a person"))
    await room.until(chat_id, lambda c: c.escalation is not None and c.escalation.live)
    return chat_id


async def test_the_brief_has_four_lines_that_cite_events_of_this_chat(room: Room) -> None:
    chat_id = await stuck(room)
    shown = await room.desk.briefing.show(chat_id, ANN, language="en")
    events = {e.seq: e for e in await room.events(chat_id)}
    assert len(shown.lines) == 4
    for line in shown.lines:
        assert line.cites
        assert set(line.cites) <= set(events)
    wants, did, in_the_way, next_ = (line.text for line in shown.lines)
    assert "the blender is broken" in wants
    assert "I want to talk to a person" in wants
    assert "The AI" in did
    assert "a person was asked for" in in_the_way
    assert "Ask next" in next_
    assert [events[seq].kind for seq in shown.lines[0].cites] == ["MessagePosted"] * 2
    seeks = [one for one in shown.suggestions if one.kind == "seek"]
    assert seeks[0].text in next_


async def test_one_picture_is_logged_once_a_worker_and_a_new_message_makes_a_new_one(
    room: Room,
) -> None:
    chat_id = await stuck(room)
    first = await room.desk.briefing.show(chat_id, ANN, language="en")
    assert await room.desk.briefing.show(chat_id, ANN, language="en") == first
    kinds = await room.kinds(chat_id)
    assert kinds.count("BriefShown") == 1
    assert kinds.count("SuggestionShown") == len(first.suggestions) > 0
    chinese = await room.desk.briefing.show(chat_id, ANN, language="zh")
    assert "最近一句" in chinese.lines[0].text
    await room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="hello?"))
    later = await room.desk.briefing.show(chat_id, ANN, language="en")
    assert "hello?" in later.lines[0].text


async def test_a_decision_makes_a_new_brief(bare_room: Room) -> None:
    chat_id, action = await asked(bare_room)
    before = await bare_room.desk.briefing.show(chat_id, ANN, language="en")
    assert "waits for approval" in before.lines[2].text
    deny = DenyAction(chat_id=chat_id, action_id=action.action_id, reason="too late")
    await bare_room.desk.submit(ANN, deny)
    after = await bare_room.desk.briefing.show(chat_id, ANN, language="en")
    assert "was denied" in after.lines[2].text
    assert "Decide" not in after.lines[3].text


async def test_a_suggestion_that_is_sent_is_logged_as_used(room: Room) -> None:
    chat_id = await stuck(room)
    shown = await room.desk.briefing.show(chat_id, ANN, language="en")
    one = shown.suggestions[0]
    await room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    await room.desk.submit(
        ANN,
        Reply(
            chat_id=chat_id, text=one.text + " Ann", suggestion_id=one.suggestion_id,
            suggestion_edited=True,
        ),
    )  # fmt: skip
    events = [e.event for e in await room.events(chat_id)]
    used = [e for e in events if isinstance(e, SuggestionUsed)]
    assert [(u.suggestion_id, u.worker_id, u.edited) for u in used] == [
        (one.suggestion_id, "ann", True)
    ]
    assert one.suggestion_id in {e.suggestion_id for e in events if isinstance(e, SuggestionShown)}


async def test_a_policy_leaves_the_brief_and_the_suggestions_out(bare_room: Room) -> None:
    alerts = AlertPolicy(brief=False, suggestions=False)
    await bare_room.add(policy=Policy(alerts=alerts))
    chat_id = await stuck(bare_room)
    shown = await bare_room.desk.briefing.show(chat_id, ANN, language="en")
    assert (shown.lines, shown.suggestions) == ((), ())
    kinds = await bare_room.kinds(chat_id)
    assert not {"BriefShown", "SuggestionShown"} & set(kinds)
    events = [e.event for e in await bare_room.events(chat_id)]
    assert not any(isinstance(e, BriefShown) for e in events)


async def test_a_policy_leaves_the_suggestions_out_and_keeps_the_brief(bare_room: Room) -> None:
    await bare_room.add(policy=Policy(alerts=AlertPolicy(suggestions=False)))
    chat_id = await stuck(bare_room)
    shown = await bare_room.desk.briefing.show(chat_id, ANN, language="en")
    assert (len(shown.lines), shown.suggestions) == (4, ())


async def test_a_worker_who_falls_silent_after_an_emotional_takeover_is_nudged(
    timed_room: Room,
) -> None:
    await timed_room.add()
    await timed_room.sign_on("ann")
    chat_id = await timed_room.open("Where is my parcel?")
    await timed_room.until(chat_id, lambda c: c.ai_messages == 1)
    hands = timed_room.desk.services
    await hands.writer.write(chat_id, lambda chat, now_us: _emotional(chat, now_us, hands))
    await timed_room.desk.submit(ANN, TakeOver(chat_id=chat_id))
    await timed_room.desk.submit(DORA, PostMessage(chat_id=chat_id, text="hello??"))
    timed_room.clock.wait(SILENT_S + 31)
    await timed_room.until(chat_id, lambda c: c.pacing.nudges == 1)
    events = [e.event for e in await timed_room.events(chat_id)]
    shown = [e for e in events if isinstance(e, NudgeShown)]
    assert [(n.worker_id, n.kind) for n in shown] == [("ann", "silent")]
    drawn = [e for e in events if isinstance(e, DecisionDrawn) and e.point == "nudge"]
    assert drawn[0].probabilities == (1.0, 0.0)


def _emotional(chat: Chat, now_us: int, services: object) -> Decision:
    from stepin.core.decide.escalating import Reachable, raise_flag
    from stepin.core.events.supervision import FlagRaised

    flag = FlagRaised(cause="emotional", turn_seq=chat.basis_seq, raised_by="detector", score=0.9)
    here = Reachable(owner="ann")
    return raise_flag(chat, flag, Policy(), here, actor="system", now_us=now_us)


def held(
    *,
    seq: int = 9,
    episode: Episode = "active",
    taken_us: int = 1,
    talk: Conversation | None = None,
    **pacing: int,
) -> Chat:
    return Chat(
        chat_id="c",
        seq=seq,
        stage=Stage(episode=episode),
        holding=Hold(holder=worker("ann"), taken_us=taken_us),
        talk=talk or Conversation(),
        pacing=Pacing(**pacing),
    )


def test_effort_falls_with_silence_or_with_short_replies_that_ask_nothing() -> None:
    minute = int(SILENT_S * 1e6)
    waits = Conversation(waiting_since_us=10)
    assert falling(held(talk=waits), 10 + minute) == "silent"
    assert falling(held(talk=waits), 10 + minute - 1) is None
    assert falling(held(talk=waits, taken_us=minute), 10 + minute) is None
    assert falling(held(short_replies=2), 0) == "short"
    assert falling(held(short_replies=1), 0) is None


def test_nudges_are_drawn_with_the_policys_chance_and_end() -> None:
    policy = Policy(alerts=AlertPolicy(nudge=0.3))
    shown = 0
    for seq in range(2_000):
        decided = nudge(
            held(short_replies=2, seq=seq, talk=Conversation(last_public_us=5)), policy, now_us=10
        )
        assert isinstance(decided, Decision)
        shown += any(isinstance(new.event, NudgeShown) for new in decided.events)
    assert abs(shown / 2_000 - 0.3) < 0.04
    ended = (
        held(short_replies=2, nudges=MOST), held(short_replies=2, episode="closed"),
    )  # fmt: skip
    assert [nudge(chat, policy, now_us=10) for chat in ended] == [None, None]
    off = Policy(alerts=AlertPolicy(nudge=0.0))
    assert nudge(held(short_replies=2), off, now_us=10) is None


def test_the_fold_counts_short_replies_and_starts_anew_with_a_question() -> None:
    from stepin.core.chat import apply
    from stepin.core.events.chat import MessagePosted
    from stepin.core.record import Recorded

    chat, counts = held(seq=0), []
    said = ("ok", "one moment", "Which one do you prefer?", "好")
    for seq, text in enumerate(said, start=1):
        event = MessagePosted(author="worker", text=text)
        told = Recorded(
            position=seq, stream="chat/c", seq=seq, at_us=seq, epoch=0, basis_seq=0, event=event,
            actor=str(Actor(kind="worker", id="ann")),
        )  # fmt: skip
        chat = apply(chat, told)
        counts.append(chat.pacing.short_replies)
    assert counts == [1, 2, 0, 1]
