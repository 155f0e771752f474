"""The facts again, event by event in plain Python: slow, obvious, apart from the SQL."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from stepin.core.events import action, floor
from stepin.core.record import Recorded
from tests.evidence.data.facts.told import Row, Told, moment, seconds

WINDOWS = {"10m": 600, "24h": 86_400, "3d": 259_200, "7d": 604_800}


def day_of(us: int) -> dt.date:
    return dt.datetime.fromtimestamp(us // 1_000_000, dt.UTC).date()


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
        for left, right in pairwise(cuts):
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
        "day": day_of(start),
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
