"""The facts again, event by event in plain Python: slow, obvious, and written apart from the SQL."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from stepin.core.events import action, chat, floor, supervision
from stepin.core.record import Recorded

Row = dict[str, Any]
DAY_US = 86_400_000_000
WINDOWS = {"10m": 600, "24h": 86_400, "3d": 259_200, "7d": 604_800}


def moment(us: int | None) -> dt.datetime | None:
    if us is None:
        return None
    return dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=us)  # noqa: DTZ001


def seconds(us: float) -> float:
    return us / 1e6


class Told:
    """One chat while its events go by."""

    def __init__(self, chat_id: str) -> None:
        self.id = chat_id
        self.opened: chat.ChatOpened | None = None
        self.opened_us = 0
        self.policy = ""
        self.assessed: chat.EligibilityAssessed | None = None
        self.owners: list[tuple[int, chat.OwnerSet]] = []
        self.holders: list[tuple[int, int, int, chat.HolderChanged]] = []
        self.held: list[Row] = []
        self.waits: list[list[int | None]] = []
        self.closed_us: int | None = None
        self.close_reason = ""
        self.wrap_from: int | None = None
        self.wrap_until: int | None = None
        self.turns: list[Row] = []
        self.scores: list[tuple[int, int, dict[str, float]]] = []
        self.flags: list[Row] = []
        self.decisions: list[Row] = []
        self.alerts: list[tuple[int, str, int]] = []
        self.acknowledged_us: int | None = None
        self.takeovers: list[Row] = []
        self.invited = False
        self.rating: tuple[int, int] | None = None
        self.suggestions = 0

    @property
    def owner(self) -> str:
        return next((o.owner for _, o in self.owners if o.owner is not None), "")

    @property
    def issue(self) -> str:
        assert self.opened is not None
        assessed = self.assessed.issue_class if self.assessed else None
        return assessed or self.opened.issue_class or "unknown"

    @property
    def talk_us(self) -> int:
        assert self.closed_us is not None
        end = self.closed_us if self.wrap_from is None else self.wrap_from
        return end - self.opened_us

    def hear(self, r: Recorded) -> None:
        event, at = r.event, r.at_us
        match event:
            case chat.ChatOpened():
                self.opened, self.opened_us, self.policy = event, at, r.versions.policy
                self.waits.append([at, None])
            case chat.EligibilityAssessed():
                self.assessed = self.assessed or event
            case chat.OwnerSet():
                self.owners.append((r.seq, event))
            case chat.MessagePosted() if event.visibility == "public":
                self._say(r, event)
            case chat.HolderChanged():
                self._hold(r, event)
            case chat.WrapUpStarted():
                self.wrap_from = at if self.wrap_from is None else self.wrap_from
            case chat.WrapUpEnded():
                self.wrap_until = at
            case chat.ChatClosed() if self.closed_us is None:
                self.closed_us, self.close_reason = at, event.reason
                self._let_go(at)
            case chat.RatingInvited():
                self.invited = True
            case chat.RatingGiven():
                self.invited = True
                self.rating = self.rating or (event.rating, at)
            case supervision.ChatScored():
                self.scores.append((r.seq, event.turn_seq, event.scores))
            case supervision.FlagRaised():
                self._flag(r, event)
            case supervision.AlertShown():
                self.alerts.append((r.seq, event.cause, at))
                self._of_flag(event.flag_seq, "alert_at", moment(at))
            case supervision.AlertAcknowledged():
                if self.acknowledged_us is None:
                    self.acknowledged_us = at
                self._of_flag(event.flag_seq, "acknowledged_at", moment(at))
            case supervision.EscalationTaken():
                self._end(event.flag_seq, "taken", at)
            case supervision.EscalationDeclined():
                self._end(event.flag_seq, "declined", at)
            case supervision.EscalationExpired():
                self._end(event.flag_seq, "expired", at)
            case supervision.EscalationWithdrawn():
                self._end(event.flag_seq, "withdrawn", at)
            case supervision.DecisionDrawn():
                self._decide(r, event)
            case supervision.SuggestionUsed():
                self.suggestions += 1
            case _:
                pass

    @property
    def round(self) -> int:
        return self.turns[-1]["round"] if self.turns else 0

    def _say(self, r: Recorded, event: chat.MessagePosted) -> None:
        spoken = [t for t in self.turns if t["author"] != "system"]
        before = spoken[-1]["author"] if spoken else None
        starts = event.author == "customer" and before != "customer"
        asked = r.at_us if starts else (self.turns[-1]["asked_us"] if self.turns else None)
        replies = event.author in ("ai", "worker")
        answers = replies and before == "customer"
        self.turns.append(
            {
                "chat_id": self.id,
                "seq": r.seq,
                "at_us": r.at_us,
                "author": event.author,
                "author_id": r.actor.split(":", 1)[-1],
                "round": self.round + starts,
                "epoch": r.epoch,
                "chars": len(event.text),
                "latency_s": seconds(r.at_us - asked) if replies and asked is not None else None,
                "asked_us": asked,
                "answers": answers,
            }
        )
        if answers and event.author == "worker":
            self.turns[-1]["waited"] = (asked, r.at_us, r.actor.split(":", 1)[-1])
        for takeover in self.takeovers:
            if event.author == "worker" and takeover["first_human_message_at"] is None:
                takeover["first_human_message_at"] = moment(r.at_us)
            if answers and takeover["hand_back_at"] is None:
                takeover["rounds_after"] += 1
                takeover["human_rounds_after"] += event.author == "worker"

    def _let_go(self, at: int) -> None:
        if self.held and self.held[-1]["until"] is None:
            self.held[-1]["until"] = at
        if self.waits and self.waits[-1][1] is None:
            self.waits[-1][1] = at

    def _hold(self, r: Recorded, event: chat.HolderChanged) -> None:
        if event.to.kind == "nobody" and not self.holders and self.waits[-1][1] is None:
            # still the first wait: it only ends with the first holder
            self.held_now(r, event)
            self.waits.append([r.at_us, None])
            return
        self.held_now(r, event)
        if event.to.kind == "nobody":
            self.waits.append([r.at_us, None])

    def held_now(self, r: Recorded, event: chat.HolderChanged) -> None:
        if self.held and self.held[-1]["until"] is None:
            self.held[-1]["until"] = r.at_us
        for wait in self.waits[1:]:
            if wait[1] is None:
                wait[1] = r.at_us
        if event.to.kind != "nobody" and self.waits[0][1] is None:
            self.waits[0][1] = r.at_us
        self.holders.append((r.seq, r.at_us, r.epoch, event))
        if event.to.kind == "worker":
            self.held.append({"worker": event.to.id, "ai": False, "from": r.at_us, "until": None})
        elif event.to.kind == "ai":
            owner = next((o.owner for _, o in reversed(self.owners) if o.owner is not None), None)
            self.held.append({"worker": owner, "ai": True, "from": r.at_us, "until": None})
        if event.from_.kind == "ai" and event.to.kind == "worker":
            flags = [f for f in self.flags if not f["shadow"]]
            self.takeovers.append(
                {
                    "chat_id": self.id,
                    "ordinal": len(self.takeovers) + 1,
                    "worker_id": event.to.id,
                    "cause": flags[-1]["cause"] if flags else "human_initiated",
                    "flag_id": flags[-1]["flag_id"] if flags else None,
                    "epoch": r.epoch,
                    "at": moment(r.at_us),
                    "round": self.round,
                    "first_human_message_at": None,
                    "hand_back_at": None,
                    "rounds_after": 0,
                    "human_rounds_after": 0,
                    "seq": r.seq,
                    "reason": event.reason,
                }
            )
        if event.from_.kind == "worker" and event.to.kind == "ai":
            for takeover in self.takeovers:
                if takeover["hand_back_at"] is None:
                    takeover["hand_back_at"] = moment(r.at_us)

    def _flag(self, r: Recorded, event: supervision.FlagRaised) -> None:
        name, _, version = (event.detector or r.versions.detector or "rule").partition("@")
        self.flags.append(
            {
                "flag_id": f"{self.id}/{r.seq}",
                "chat_id": self.id,
                "cause": event.cause,
                "detector": name,
                "detector_version": version,
                "shadow": event.shadow,
                "at": moment(r.at_us),
                "round": self.round,
                "score": event.score,
                "threshold": event.threshold,
                "alert_at": None,
                "acknowledged_at": None,
                "ended_at": None,
                "ended_as": None,
                "seq": r.seq,
            }
        )

    def _of_flag(self, flag_seq: int, name: str, value: Any) -> None:
        for flag in self.flags:
            if flag["seq"] == flag_seq and flag[name] is None:
                flag[name] = value

    def _end(self, flag_seq: int, how: str, at: int) -> None:
        for flag in self.flags:
            if flag["seq"] == flag_seq:
                flag["ended_as"], flag["ended_at"] = how, moment(at)

    def _decide(self, r: Recorded, event: supervision.DecisionDrawn) -> None:
        self.decisions.append(
            {
                "decision_id": f"{self.id}/{r.seq}",
                "chat_id": self.id,
                "point": event.point,
                "at": moment(r.at_us),
                "round": self.round,
                "available": event.available,
                "score": event.score,
                "threshold": event.threshold,
                "draw_key": event.draw_key,
                "drawn": event.drawn,
                "probability": dict(zip(event.options, event.probabilities, strict=True))[
                    event.drawn
                ],
            }
        )

    def score_turns(self) -> None:
        """Give every turn the latest scores that were read on it."""
        for turn in self.turns:
            turn |= dict.fromkeys(("sentiment", "technical_score", "emotional_score", "risk_score"))
        for _, turn_seq, scores in self.scores:
            read = [t for t in self.turns if t["seq"] <= turn_seq]
            if not read:
                continue
            for name, value in scores.items():
                read[-1]["sentiment" if name == "sentiment" else f"{name}_score"] = value

    def moods(self) -> list[Row]:
        return [t for t in self.turns if t["author"] == "customer" and t["sentiment"] is not None]


def fold(events: Sequence[Recorded]) -> dict[str, list[Row]]:
    """Return the tables chats, turns, flags, takeovers, decisions, focus, shifts."""
    told: dict[str, Told] = {}
    focus: list[Row] = []
    signed: dict[str, list[tuple[bool, int]]] = defaultdict(list)
    arms: dict[str, str] = {}
    until = max(e.at_us for e in events)
    for r in events:
        if r.stream.startswith("chat/"):
            chat_id = r.stream.removeprefix("chat/")
            told.setdefault(chat_id, Told(chat_id)).hear(r)
        elif isinstance(r.event, floor.FocusMoved):
            focus.append(
                {
                    "worker": r.event.worker_id,
                    "chat_id": r.event.chat_id,
                    "to": r.event.to_chat_id,
                    "from": r.at_us - r.event.duration_ms * 1000,
                    "until": r.at_us,
                }
            )
        elif isinstance(r.event, floor.WorkerSignedOn | floor.WorkerSignedOff):
            on = isinstance(r.event, floor.WorkerSignedOn)
            known = signed[r.event.worker_id]
            if not known or known[-1][0] != on:
                known.append((on, r.at_us))
        elif isinstance(r.event, floor.WorkerAssigned):
            arms[r.event.unit_id] = r.event.arm
        assert not isinstance(r.event, action.ActionProposed)
    attended = attention(focus)
    for t in told.values():
        t.score_turns()
    closed = [t for t in told.values() if t.closed_us is not None]
    return {
        "chats": [
            chat_row(t, list(told.values()), closed, attended, focus, arms, until) for t in closed
        ],
        "turns": [turn for t in closed for turn in t.turns],
        "flags": [flag for t in closed for flag in t.flags],
        "takeovers": [
            row | {"sentiment": _mood_before(t, row["seq"])} for t in closed for row in t.takeovers
        ],
        "decisions": [row | {"first_owner_id": t.owner} for t in closed for row in t.decisions],
        "focus": attended,
        "shifts": [
            {
                "worker_id": worker,
                "on_at": moment(at),
                "off_at": moment(known[i + 1][1]) if i + 1 < len(known) else None,
            }
            for worker, known in signed.items()
            for i, (on, at) in enumerate(known)
            if on
        ],
    }


def attention(focus: list[Row]) -> list[Row]:
    """Split a worker's overlapping intervals, moment by moment."""
    rows = []
    for row in focus:
        if row["chat_id"] is None:
            continue
        others = [f for f in focus if f["worker"] == row["worker"] and f["chat_id"] is not None]
        cuts = sorted({t for f in others for t in (f["from"], f["until"])})
        share = 0.0
        for left, right in zip(cuts, cuts[1:], strict=False):
            if row["from"] <= left and right <= row["until"]:
                depth = sum(f["from"] <= left and right <= f["until"] for f in others)
                share += (right - left) / depth
        rows.append(
            {
                "worker_id": row["worker"],
                "chat_id": row["chat_id"],
                "from_at": moment(row["from"]),
                "focus_s": seconds(row["until"] - row["from"]),
                "attention_s": seconds(share),
            }
        )
    return rows


def _mood_before(t: Told, seq: int) -> float | None:
    before = [m for m in t.moods() if m["seq"] <= seq]
    return before[-1]["sentiment"] if before else None


def _away(t: Told, focus: list[Row]) -> tuple[float, int]:
    away = switches = 0
    for turn in t.turns:
        if "waited" not in turn:
            continue
        asked, answered, worker = turn["waited"]
        here = [f for f in focus if f["chat_id"] == t.id and f["worker"] == worker]
        seen = sum(
            max(0, min(answered, f["until"]) - max(asked, f["from"]))
            for f in here
            if f["from"] < answered and f["until"] > asked
        )
        away += max(answered - asked - seen, 0)
        switches += sum(asked < f["until"] < answered and f["to"] != t.id for f in here
                        if f["from"] < answered)  # fmt: skip
    return seconds(away), switches


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def chat_row(
    t: Told,
    everyone: list[Told],
    closed: list[Told],
    attended: list[Row],
    focus: list[Row],
    arms: dict[str, str],
    until: int,
) -> Row:
    """Return the row of one closed chat."""
    assert t.opened is not None
    assert t.closed_us is not None
    start = t.opened_us
    same = [
        o for o in everyone
        if o.opened is not None and o.opened.customer_id == t.opened.customer_id
    ]  # fmt: skip
    issue = [o for o in same if o.issue == t.issue]
    later = [o.opened_us for o in issue if o.opened_us > t.closed_us]
    gap = min(later) - t.closed_us if later else None
    previous = [o for o in issue if o.closed_us is not None and o.closed_us < start]
    last = max(previous, key=lambda o: o.closed_us or 0).id if previous else None
    earlier = [o for o in same if (o.opened_us, o.id) < (start, t.id)]

    def is_retrial(o: Told) -> bool:
        closes = [
            p.closed_us
            for p in issue_of(o)
            if p.closed_us is not None and p.closed_us < o.opened_us
        ]
        return bool(closes) and o.opened_us - max(closes) <= 604_800_000_000

    def issue_of(o: Told) -> list[Told]:
        return [p for p in same if p.issue == o.issue]

    mine = [o for o in closed if o.owner == t.owner]
    stretches = [s for o in closed for s in o.held if s["worker"] == t.owner]
    open_now = [s for s in stretches if s["from"] < start <= s["until"]]
    waits = [w for o in closed for w in o.waits if w[0] is not None and w[1] is not None]
    first_owner = next((o for _, o in t.owners if o.owner is not None), None)
    probability = None
    if first_owner is not None and first_owner.owner in first_owner.candidates:
        probability = first_owner.probabilities[first_owner.candidates.index(first_owner.owner)]
    replies = [x for x in t.turns if x["author"] in ("ai", "worker")]
    customers = [x for x in t.turns if x["author"] == "customer"]
    workers = [x for x in t.turns if x["author"] == "worker"]
    answers = [x for x in t.turns if x["answers"]]
    real = [f for f in t.flags if not f["shadow"]]
    own = [x for x in t.takeovers if x["reason"] in ("takeover", "reply")]
    held_at = [at for _, at, _, e in t.holders if e.to.kind != "nobody"]
    ai = [e.to.id for _, _, _, e in t.holders if e.to.kind == "ai"]
    opening_moods = [m for m in t.moods() if m["round"] == 1 and _starts(t, m)]
    assessed_mood = t.assessed.scores.get("sentiment") if t.assessed else None
    scores = t.assessed.scores if t.assessed else {}
    away_s, switches = _away(t, focus)
    backs = [x["hand_back_at"] for x in t.takeovers if x["hand_back_at"] is not None]
    owner_covariates = first_owner.covariates if first_owner else {}
    row: Row = {
        "chat_id": t.id,
        "customer_id": t.opened.customer_id,
        "first_owner_id": t.owner,
        "opened_at": moment(start),
        "day": (moment(start) or dt.datetime.max).date(),
        "issue_class": t.issue,
        "eligible": bool(t.assessed and t.assessed.eligible),
        "eligibility_score": t.assessed.score if t.assessed else 0.0,
        "opening_chars": customers[0]["chars"] if customers else 0,
        "opening_sentiment": assessed_mood
        if assessed_mood is not None
        else (opening_moods[0]["sentiment"] if opening_moods else None),
        "p_technical": scores.get("technical"),
        "p_unaided": scores.get("unaided"),
        "customer_tenure_days": t.opened.covariates.get("tenure_days"),
        "worker_tenure_days": owner_covariates.get("tenure_days"),
        "customer_prior_chats": len(earlier),
        "customer_prior_retrials": sum(is_retrial(o) for o in earlier),
        "customer_prior_rating": _mean(
            [o.rating[0] for o in same if o.closed_us and o.rating and o.rating[1] < start]
        ),
        "worker_prior_chats": sum((o.opened_us, o.id) < (start, t.id) for o in mine),
        "worker_prior_rating": _mean(
            [o.rating[0] for o in mine if o.rating and o.rating[1] < start]
        ),
        "worker_prior_duration_s": _mean(
            [seconds(o.talk_us) for o in mine if o.closed_us is not None and o.closed_us < start]
        ),
        "concurrency": len(open_now),
        "supervised_concurrency": sum(s["ai"] for s in open_now),
        "queue_length": sum(w[0] < start <= w[1] for w in waits),  # type: ignore[operator]
        "owner_probability": probability,
        "previous_chat_id": t.opened.previous_chat_id or last,
        "policy_version": t.opened.policy_version or t.policy,
        "brain_version": ai[0] if ai else None,
        "worker_id": next((o.owner for _, o in reversed(t.owners) if o.owner is not None), ""),
        "closed_at": moment(t.closed_us),
        "close_reason": t.close_reason,
        "queue_wait_s": seconds((held_at[0] if held_at else t.closed_us) - start),
        "first_response_s": seconds(replies[0]["at_us"] - start) if replies else None,
        "duration_s": seconds(t.talk_us),
        "attention_s": sum(f["attention_s"] for f in attended if f["chat_id"] == t.id)
        if focus
        else None,
        "wrap_up_s": None
        if t.wrap_from is None or t.wrap_until is None
        else seconds(t.wrap_until - t.wrap_from),
        "away_s": away_s if focus else None,
        "switch_aways": switches if focus else None,
        "rounds": len(answers),
        "human_rounds": sum(x["author"] == "worker" for x in answers),
        "customer_messages": len(customers),
        "ai_messages": sum(x["author"] == "ai" for x in t.turns),
        "worker_messages": len(workers),
        "worker_chars": sum(x["chars"] for x in workers),
        "worker_latency_s": _mean([x["latency_s"] for x in answers if x["author"] == "worker"]),
        "path": _path([(f["seq"], f["cause"]) for f in real], own),
        "delivered_path": _path([(seq, cause) for seq, cause, _ in t.alerts], own),
        "flag_at": real[0]["at"] if real else None,
        "alert_at": moment(t.alerts[0][2]) if t.alerts else None,
        "acknowledged_at": moment(t.acknowledged_us),
        "takeover_at": t.takeovers[0]["at"] if t.takeovers else None,
        "first_human_message_at": t.takeovers[0]["first_human_message_at"] if t.takeovers else None,
        "hand_back_at": min(backs) if backs else None,
        "takeover_round": t.takeovers[0]["round"] if t.takeovers else None,
        "closing_sentiment": t.moods()[-1]["sentiment"] if t.moods() else None,
        "rating_invited": t.invited,
        "rating": t.rating[0] if t.rating else None,
        "crossed_arm": None
        if t.owner not in arms
        else any(
            not s["ai"] and s["worker"] in arms and arms[s["worker"]] != arms[t.owner]
            for s in t.held
        ),
        "suggestions_used": t.suggestions,
    }
    for name, length in WINDOWS.items():
        matured = t.closed_us + length * 1_000_000 <= until
        seen = gap is not None and gap <= length * 1_000_000
        row[f"retrial_{name}"] = seen if matured else None
    return row


def _starts(t: Told, turn: Row) -> bool:
    return turn["asked_us"] == turn["at_us"] and turn is next(
        x for x in t.turns if x["round"] == turn["round"] and x["author"] == "customer"
    )


def _path(raised: list[tuple[int, str]], own: list[Row]) -> str:
    first = min(raised, default=None)
    taken = min((x["seq"] for x in own), default=None)
    if taken is not None and (first is None or taken < first[0]):
        return "human_initiated"
    return "none" if first is None else first[1]
