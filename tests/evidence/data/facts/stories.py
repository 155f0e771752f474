"""Random logs: many chats at once over some days, in every order that a log could hold."""

from __future__ import annotations

import random
from collections.abc import Iterator

from stepin.core.events import Event
from stepin.core.events.chat import (
    ChatClosed,
    ChatOpened,
    EligibilityAssessed,
    HolderChanged,
    MessagePosted,
    OwnerSet,
    RatingGiven,
    RatingInvited,
    WhisperSent,
    WrapUpEnded,
    WrapUpStarted,
)
from stepin.core.events.floor import (
    FocusMoved,
    TrialRegistered,
    WorkerAssigned,
    WorkerSignedOff,
    WorkerSignedOn,
)
from stepin.core.events.supervision import (
    AlertAcknowledged,
    AlertShown,
    ChatScored,
    DecisionDrawn,
    EscalationDeclined,
    EscalationTaken,
    FlagRaised,
    SuggestionUsed,
)
from stepin.core.holder import NOBODY, Holder, ai, worker
from stepin.core.record import Recorded, Versions

START_US = 1_790_000_000_000_000
WORKERS = ("w1", "w2", "w3")


def tell(seed: int, chats: int) -> list[Recorded]:
    """Return a whole log; the same arguments give the same log."""
    rng = random.Random(seed)
    said: list[tuple[int, str, Event, str]] = []
    for name in WORKERS:
        begin = START_US - rng.randrange(10**9)
        said.append(
            (
                begin,
                f"worker/{name}",
                WorkerSignedOn(
                    worker_id=name,
                    capacity=3,
                    supervised_capacity=5,
                    covariates={"tenure_days": 10},
                ),
                f"worker:{name}",
            )
        )
        if rng.random() < 0.7:
            said.append(
                (
                    begin + rng.randrange(10**11),
                    f"worker/{name}",
                    WorkerSignedOff(worker_id=name),
                    f"worker:{name}",
                )
            )
    if rng.random() < 0.7:
        said.append(
            (
                START_US - 10**9,
                "trial/t1",
                TrialRegistered(trial_id="t1", plan="{}", plan_hash="h"),
                "system",
            )
        )
        for name, arm in zip(WORKERS, ("a", "b", "a"), strict=True):
            said.append(
                (
                    START_US - 10**9,
                    "trial/t1",
                    WorkerAssigned(trial_id="t1", unit_id=name, arm=arm),
                    "system",
                )
            )
    for number in range(chats):
        said += _chat(rng, f"c{number}")
    if rng.random() < 0.8:
        said += _focus(rng, chats)
    return _record(said)


def _record(said: list[tuple[int, str, Event, str]]) -> list[Recorded]:
    seqs: dict[str, int] = {}
    epochs: dict[str, int] = {}
    out = []
    for position, (at, stream, event, actor) in enumerate(
        sorted(said, key=lambda s: s[0]), start=1
    ):
        seqs[stream] = seqs.get(stream, 0) + 1
        epochs[stream] = epochs.get(stream, 0) + isinstance(event, HolderChanged | ChatClosed)
        out.append(
            Recorded(
                position=position,
                stream=stream,
                seq=seqs[stream],
                at_us=at,
                epoch=epochs[stream],
                basis_seq=0,
                event=event,
                actor=actor,
                versions=Versions(policy="p@1"),
            )
        )
    return out


def _chat(rng: random.Random, chat_id: str) -> Iterator[tuple[int, str, Event, str]]:
    now = START_US + rng.randrange(3 * 86_400_000_000)
    stream = f"chat/{chat_id}"

    def say(event: Event, actor: str = "system", after: float = 0.0) -> tuple[int, str, Event, str]:
        nonlocal now
        now += rng.randrange(1, 2 + int(after * 1e6))
        lines.append((now, stream, event, actor))
        return lines[-1]

    lines: list[tuple[int, str, Event, str]] = []
    customer = f"k{rng.randrange(3)}"
    owner = rng.choice(WORKERS)
    holder: Holder = NOBODY
    flags: list[int] = []
    say(
        ChatOpened(
            customer_id=customer,
            asserted=True,
            issue_class=rng.choice((None, "a", "b")),
            covariates={"tenure_days": 3} if rng.random() < 0.5 else {},
            policy_version=rng.choice(("", "q@2")),
        )
    )
    if rng.random() < 0.9:
        say(
            EligibilityAssessed(
                eligible=rng.random() < 0.6,
                score=rng.random(),
                threshold=0.5,
                reason="r",
                classifier_version="1",
                issue_class=rng.choice((None, "a", "b")),
                scores=rng.choice(({}, {"technical": 0.5, "unaided": 0.25}, {"sentiment": -0.5})),
            )
        )
    for _ in range(rng.randrange(2, 22)):
        kind = rng.randrange(14)
        if kind <= 2:
            say(
                MessagePosted(author="customer", text="x" * rng.randrange(1, 9)),
                f"customer:{customer}",
                60,
            )
        elif kind <= 4 and holder.kind != "nobody":
            speaks = "ai" if holder.kind == "ai" else "worker"
            say(
                MessagePosted(author=speaks, text="y" * rng.randrange(1, 9)),
                f"{holder.kind}:{holder.id}",
                60,
            )
        elif kind == 5:
            note = rng.random() < 0.5
            say(
                MessagePosted(
                    author="worker" if note else "system",
                    text="z",
                    visibility="note" if note else "public",
                )
            )
        elif kind == 6:
            owner = rng.choice(WORKERS)
            some = (WORKERS, (0.5, 0.25, 0.25)) if rng.random() < 0.7 else ((), ())
            say(
                OwnerSet(
                    owner=rng.choice((owner, owner, owner, None)),
                    candidates=some[0],
                    probabilities=some[1],
                    covariates={"tenure_days": 7},
                )
            )
        elif kind in (7, 8):
            to = rng.choice((NOBODY, ai("brain-1"), worker(owner), worker(rng.choice(WORKERS))))
            if to != holder:
                reason = rng.choice(("takeover", "reply", "ladder", "assigned"))
                say(HolderChanged(from_=holder, to=to, reason=reason), after=20)  # type: ignore[arg-type]
                holder = to
        elif kind == 9:
            say(
                ChatScored(
                    detector="d@1",
                    turn_seq=rng.randrange(1, len(lines) + 1),
                    scores={
                        n: rng.random()
                        for n in ("technical", "sentiment", "risk")
                        if rng.random() < 0.6
                    },
                )
            )
        elif kind == 10:
            say(
                FlagRaised(
                    cause=rng.choice(("technical", "emotional", "risk")),
                    turn_seq=len(lines),
                    raised_by="detector",
                    shadow=rng.random() < 0.3,
                    detector=rng.choice((None, "d@2")),
                    score=rng.random(),
                )
            )
            flags.append(len(lines))
        elif kind == 11 and flags:
            flag = rng.choice(flags)
            say(
                rng.choice(
                    (
                        AlertShown(flag_seq=flag, cause="emotional", step="owner", to=(owner,)),
                        AlertAcknowledged(flag_seq=flag, worker_id=owner),
                        EscalationTaken(flag_seq=flag, worker_id=owner),
                        EscalationDeclined(flag_seq=flag, worker_id=owner),
                    )
                ),
                after=5,
            )
        elif kind == 12:
            say(
                DecisionDrawn(
                    point="look_now",
                    options=("none", "nudge"),
                    probabilities=(0.75, 0.25),
                    drawn=rng.choice(("none", "nudge")),
                    draw_key=f"{chat_id}/{len(lines)}",
                )
            )
        else:
            say(
                rng.choice(
                    (WhisperSent(text="w"), SuggestionUsed(suggestion_id="s", worker_id=owner))
                )
            )
        if rng.random() < 0.02:
            now += rng.randrange(2 * 86_400_000_000)
    if rng.random() < 0.85:
        if rng.random() < 0.4:
            say(WrapUpStarted(worker_id=owner), after=10)
            say(WrapUpEnded(worker_id=owner), after=60)
        say(ChatClosed(reason=rng.choice(("resolved", "abandoned"))), after=30)
        if rng.random() < 0.7:
            say(RatingInvited())
            if rng.random() < 0.6:
                say(RatingGiven(rating=rng.randrange(1, 6)), after=90_000)
    return iter(lines)


def _focus(rng: random.Random, chats: int) -> Iterator[tuple[int, str, Event, str]]:
    for _ in range(rng.randrange(1, 12)):
        name = rng.choice(WORKERS)
        at = START_US + rng.randrange(3 * 86_400_000_000)
        chat_id = rng.choice((None, *(f"c{i}" for i in range(chats))))
        to = rng.choice((None, chat_id, "c0"))
        event = FocusMoved(
            worker_id=name,
            chat_id=chat_id,
            to_chat_id=to,
            duration_ms=rng.randrange(1, 90_000_000),
            active_ms=0,
        )
        yield at, f"focus/{name}", event, f"worker:{name}"
