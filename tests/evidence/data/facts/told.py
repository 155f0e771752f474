"""One chat while its events go by: half of the plain fold that the SQL is checked against."""

from __future__ import annotations

import datetime as dt
from typing import Any

from stepin.core.events import chat, supervision
from stepin.core.record import Recorded

Row = dict[str, Any]


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
                "kind": event.kind or None,
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
                "fired": event.available and event.drawn != "none",
            }
        )

    def score_turns(self) -> None:
        """Give every turn the latest scores that were read on it."""
        for turn in self.turns:
            turn |= dict.fromkeys(("sentiment", "technical_score", "emotional_score", "risk_score"))
        for _, turn_seq, scores in self.scores:
            read = [t for t in self.turns if t["seq"] <= turn_seq and t["author"] != "system"]
            if not read:
                continue
            for name, value in scores.items():
                read[-1]["sentiment" if name == "sentiment" else f"{name}_score"] = value

    def moods(self) -> list[Row]:
        return [t for t in self.turns if t["author"] == "customer" and t["sentiment"] is not None]
