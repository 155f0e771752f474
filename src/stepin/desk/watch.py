"""What the machine thinks of a chat after each message, and when a person should look."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from stepin.agent.brain import Line
from stepin.core.chat import Chat, chat_id_of
from stepin.core.decide.decision import Decision
from stepin.core.decide.escalating import raise_flag
from stepin.core.events.base import Cause
from stepin.core.events.supervision import ChatScored, DecisionDrawn, FlagRaised
from stepin.core.notice import notice
from stepin.core.policy import Policy
from stepin.core.record import NewEvent, Versions
from stepin.core.work import Claimed, DropWork
from stepin.desk.lines import lines_of
from stepin.desk.workbench import Workbench

PUBLIC = ("customer", "ai", "worker", "system")


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """A reason for a person to look, as a watch sees it."""

    cause: Cause
    score: float | None = None
    threshold: float | None = None
    reason: str = ""
    raised_by: Literal["detector", "customer", "policy"] = "detector"


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What a watch says after one customer message.

    Attributes
    ----------
    scores : by cause or feature, 0 to 1.
    flags : the causes that are over their thresholds.
    """

    scores: dict[str, float]
    flags: tuple[Flag, ...] = ()


class Watch(Protocol):
    """A detector. It is pure in the chat's public lines and the policy; it never acts."""

    @property
    def version(self) -> str:
        """The name and version that the log records."""
        ...

    async def look(self, chat: Chat, lines: Sequence[Line], policy: Policy) -> Judged:
        """Return what the lines up to the last one say. Called in both arms."""
        ...


_PERSON = re.compile(
    r"\b(speak|talk|chat|connect|transfer|put)\b[^.?!]{0,40}"
    r"\b(human|person|agent|someone|somebody|representative|operator|staff|manager)\b"
    r"|\b(real|actual|live) (human|person|agent)\b"
    r"|\b(human|person|representative|operator) please\b"
    r"|\b(want|need|get me|give me) an? (real |actual |live )?"
    r"(human|person|agent|representative|operator)\b"
    r"|人工|真人|转客服|找客服|换个人",
    re.IGNORECASE,
)
_NOT_PERSON = re.compile(
    r"\b(don'?t|do not|no need to|not)\b[^.?!]{0,20}\b(human|person|agent|representative)\b"
    r"|不用转?人工|不要转?人工|不需要转?人工",
    re.IGNORECASE,
)


def asks_for_person(text: str) -> bool:
    """Return whether a customer asks for a person, in English or Chinese."""
    return bool(_PERSON.search(text)) and not _NOT_PERSON.search(text)


class RuleWatch:
    """The built-in watch: a person was asked for, or the talk goes in circles."""

    version = "rules-1"

    async def look(self, chat: Chat, lines: Sequence[Line], policy: Policy) -> Judged:
        """Score the last customer message among the public lines."""
        said = [line.text for line in lines if line.speaker == "customer"]
        answered = [line.text for line in lines if line.speaker == "ai"]
        requested = 1.0 if said and asks_for_person(said[-1]) else 0.0
        technical = max(_repeats(said), _repeats(answered))
        flags = []
        if requested:
            flags.append(
                Flag(cause="requested", score=1.0, reason="asked_for_person", raised_by="customer")
            )
        if technical >= policy.alerts.technical and not requested:
            flags.append(
                Flag(
                    cause="technical",
                    score=technical,
                    threshold=policy.alerts.technical,
                    reason="repeats",
                )
            )
        return Judged(scores={"requested": requested, "technical": technical}, flags=tuple(flags))


def _repeats(texts: Sequence[str]) -> float:
    """Return how much the last text repeats an earlier one, 0 to 1, of those with a content."""
    if len(texts) < 2:
        return 0.0
    last = _shingles(texts[-1])
    if len(last) < 6:
        return 0.0
    return max(len(last & (s := _shingles(t))) / max(1, len(last | s)) for t in texts[-4:-1])


def _shingles(text: str) -> set[str]:
    flat = re.sub(r"\W+", " ", text.lower()).strip()
    return {flat[i : i + 3] for i in range(max(0, len(flat) - 2))}


class Watchers:
    """Does the work of kind `score`: asks the watches and writes what they say."""

    def __init__(self, bench: Workbench, watches: Sequence[Watch]) -> None:
        self._bench, self._watches = bench, tuple(watches)

    async def look(self, work: Claimed) -> None:
        """Score the chat as it was at one customer message, raise flags, drop the work."""
        chat_id = chat_id_of(work.stream) or ""
        turn_seq = int(work.body["turn_seq"])
        chat = await self._bench.book.fresh(chat_id)
        events = await self._bench.log.read(work.stream)
        lines = [
            line
            for line in lines_of(e for e in events if e.seq <= turn_seq)
            if line.speaker in PUBLIC
        ]
        policy = self._bench.policies.of(chat)
        for watch in self._watches:
            judged = await watch.look(chat, lines, policy)
            await self._bench.scribe.write(
                chat_id,
                lambda now, now_us, judged=judged, watch=watch: self._decide(  # type: ignore[misc]
                    now, now_us, judged, watch.version, turn_seq, policy
                ),
                command_id=f"score/{watch.version}/{turn_seq}",
            )
        await self._bench.log.change_work([DropWork(work_id=work.work_id)], by=work)

    def _decide(
        self,
        chat: Chat,
        now_us: int,
        judged: Judged,
        version: str,
        turn_seq: int,
        policy: Policy,
    ) -> Decision:
        shadow = not chat.ai_holds
        versions = Versions(policy=policy.version, detector=version)
        scored = ChatScored(
            detector=version, turn_seq=turn_seq, scores=judged.scores, shadow=shadow
        )
        drawn = judged.flags[0].cause if judged.flags else "none"
        options = tuple(dict.fromkeys((drawn, "none")))
        decision = DecisionDrawn(
            point="alert",
            options=options,
            probabilities=(1.0, 0.0)[: len(options)],
            drawn=drawn,
            draw_key=f"alert:{chat.chat_id}:{turn_seq}:{version}",
            available=not shadow,
            score=judged.flags[0].score if judged.flags else max(judged.scores.values(), default=0),
            threshold=judged.flags[0].threshold if judged.flags else None,
            turn_seq=turn_seq,
        )
        events: tuple[NewEvent, ...] = (
            NewEvent(event=scored, versions=versions),
            NewEvent(event=decision, versions=versions),
        )
        if not judged.flags or not chat.open:
            return Decision(events=events)
        flagged = self._flag(chat, now_us, judged.flags[0], version, turn_seq, policy)
        return Decision(events=events + flagged.events, work=flagged.work)

    def _flag(
        self,
        chat: Chat,
        now_us: int,
        flag: Flag,
        version: str,
        turn_seq: int,
        policy: Policy,
    ) -> Decision:
        raised = FlagRaised(
            cause=flag.cause,
            turn_seq=turn_seq,
            raised_by=flag.raised_by,
            score=flag.score,
            threshold=flag.threshold,
            detector=version,
            reason=flag.reason,
        )
        reachable = self._bench.reachable(chat)
        shifted = msgspec.structs.replace(chat, seq=chat.seq + 2)
        flagged = raise_flag(shifted, raised, policy, reachable, actor="system", now_us=now_us)
        live = chat.escalation is not None and chat.escalation.live
        if flag.cause == "requested" and chat.ai_holds and not live:
            said = NewEvent(event=notice("person_asked", chat.language))
            return Decision(events=(*flagged.events, said), work=flagged.work)
        return flagged
