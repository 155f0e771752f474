"""One row per closed chat, of what its own events say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from stepin.evidence.data.facts.arrays import (
    NONE,
    CodedText,
    Reals,
    Truths,
    Wholes,
    first,
    moment_array,
    real_array,
    whole_array,
)
from stepin.evidence.data.facts.per_chat.alarms import Flagged, Taken, shown_alerts
from stepin.evidence.data.facts.per_chat.batch import Batch
from stepin.evidence.data.facts.per_chat.holding import AI, NOBODY, Holding
from stepin.evidence.data.facts.per_chat.rows import Rows
from stepin.evidence.data.facts.per_chat.talk import AI as BY_AI
from stepin.evidence.data.facts.per_chat.talk import CUSTOMER, WORKER, Talk


@dataclass(frozen=True, slots=True)
class Closed:
    """The closed chats of a batch.

    Attributes
    ----------
    table : the columns of `chats` that need no other chat, and the raw ones that the rest is made
        of, whose names begin with an underscore.
    customer, issue, first_owner : who opened it, about what, who was drawn.
    talk_us : how long the talk was.
    eligible : whether the AI was allowed to handle it.
    invited, rating, rated_us : what was said of it by the end of the slice; `NONE` for nothing.
    """

    table: pa.Table
    customer: CodedText
    issue: CodedText
    first_owner: CodedText
    talk_us: Wholes
    eligible: Truths
    invited: Truths
    rating: Wholes
    rated_us: Wholes


class _Firsts:
    """The first event of a kind in each chat, or the last one."""

    def __init__(self, rows: Rows | None, count: int, *, last: bool = False) -> None:
        self.rows = rows if rows is not None else Rows(np.zeros(0, dtype=np.int32), pa.table({}))
        self.place: Wholes = np.full(count, -1)
        here = np.arange(len(self.rows))
        if last:
            self.place[self.rows.k] = here
        else:
            first(self.rows.k, here, self.place)

    def whole(self, name: str) -> Wholes:
        return np.append(self.rows.whole(name), NONE)[self.place]

    def real(self, name: str) -> Reals:
        return np.append(self.rows.real(name), np.nan)[self.place]

    def truth(self, name: str) -> Truths:
        return np.append(self.rows.truth(name), False)[self.place]

    def text(self, name: str) -> CodedText:
        return self.rows.text(name).take(self.place)


def closed(
    batch: Batch, said: Talk, held: Holding, owners: Rows | None, flags: Flagged | None,
    taken: Taken,
) -> Closed:  # fmt: skip
    """Return the rows of the chats that close in a batch."""
    count = len(batch)
    opened = _Firsts(batch.rows.get("ChatOpened"), count)
    assessed = _Firsts(batch.rows.get("EligibilityAssessed"), count)
    owner = _Firsts(owners, count)
    wrap_from = _Firsts(batch.rows.get("WrapUpStarted"), count).whole("at_us")
    issue = _either(assessed.text("issue_class"), opened.text("issue_class"))
    sentiment, closing = _moods(said, count)
    columns: dict[str, pa.Array] = {
        "chat_id": batch.ids,
        "customer_id": opened.text("customer_id").arrow(),
        "first_owner_id": owner.text("owner").arrow(""),
        "channel": opened.text("channel").arrow(),
        "language": opened.text("language").arrow(),
        "issue_class": issue.arrow("unknown"),
        **_assessment(assessed, sentiment),
        **_people(opened, owner),
        "_previous_chat_id": opened.text("previous_chat_id").arrow(),
        "policy_version": _policy(opened).arrow(""),
        **_end(batch, owners, wrap_from, closing),
        **_holders(batch, held),
        **_counts(said, batch),
        **_escalation(batch, held, flags, taken),
    }
    given = _Firsts(batch.rows.get("RatingGiven"), count)
    return Closed(
        table=pa.table(columns),
        customer=opened.text("customer_id"),
        issue=issue,
        first_owner=owner.text("owner"),
        talk_us=np.where(wrap_from == NONE, batch.closed_us, wrap_from) - batch.opened_us,
        eligible=assessed.truth("eligible"),
        invited=_invited(batch),
        rating=given.whole("rating"),
        rated_us=given.whole("at_us"),
    )


def _assessment(assessed: _Firsts, sentiment: Reals) -> dict[str, pa.Array]:
    """Return what was told at opening; the mood is that of the assessment, else of the message."""
    mood = assessed.real("sentiment")
    return {
        "eligible": pa.array(assessed.truth("eligible")),
        "eligibility_score": pa.array(np.nan_to_num(assessed.real("score"))),
        "eligibility_version": assessed.text("version").arrow(""),
        "opening_sentiment": real_array(np.where(np.isnan(mood), sentiment, mood)),
        **{
            f"p_{name}": real_array(assessed.real(name))
            for name in ("technical", "emotional", "requested", "unaided")
        },
    }


def _people(opened: _Firsts, owner: _Firsts) -> dict[str, pa.Array]:
    """Return the covariates of customer and owner; an underscore marks what earlier chats tell."""
    return {
        "customer_tenure_days": real_array(opened.real("tenure_days")),
        "customer_value": real_array(opened.real("value")),
        "worker_tenure_days": real_array(owner.real("tenure_days")),
        "_customer_prior_chats": real_array(opened.real("prior_chats")),
        "_customer_prior_retrials": real_array(opened.real("prior_retrials")),
        "_customer_prior_rating": real_array(opened.real("prior_rating")),
        "_worker_prior_chats": real_array(owner.real("prior_chats")),
        "_worker_prior_rating": real_array(owner.real("prior_rating")),
        "_worker_prior_duration_s": real_array(owner.real("prior_duration_s")),
        "owner_probability": real_array(owner.real("probability")),
    }


def _end(
    batch: Batch, owners: Rows | None, wrap_from: Wholes, closing: Reals
) -> dict[str, pa.Array]:
    count = len(batch)
    wrap_until = _Firsts(batch.rows.get("WrapUpEnded"), count, last=True).whole("at_us")
    suggested = batch.rows.get("SuggestionUsed")
    return {
        "worker_id": _Firsts(owners, count, last=True).text("owner").arrow(""),
        "close_reason": _Firsts(batch.rows.get("ChatClosed"), count).text("reason").arrow(),
        "wrap_up_s": real_array(_seconds(wrap_until, wrap_from)),
        "closing_sentiment": real_array(closing),
        "suggestions_used": whole_array(
            np.bincount(suggested.k if suggested is not None else [], minlength=count)
        ),
    }


def _invited(batch: Batch) -> Truths:
    """Return who was asked for a rating; who gave one was, whatever the log says."""
    invited = np.zeros(len(batch), dtype=np.bool_)
    for kind in ("RatingInvited", "RatingGiven"):
        if (asked := batch.rows.get(kind)) is not None:
            invited[asked.k] = True
    return invited


def _seconds(until_us: Wholes, from_us: Wholes) -> Reals:
    known = (until_us != NONE) & (from_us != NONE)
    return np.where(known, (until_us - from_us) / 1e6, np.nan)


def _either(left: CodedText, right: CodedText) -> CodedText:
    """Return the left word where there is one, else the right one."""
    words = pa.concat_arrays([left.words, right.words])
    shifted = np.where(right.codes < 0, -1, right.codes + len(left.words))
    codes = np.where(left.codes < 0, shifted, left.codes).astype(np.int32)
    return CodedText(codes, words)


def _policy(opened: _Firsts) -> CodedText:
    version = opened.text("version")
    empty = version.among("")
    named = CodedText(np.where(empty, np.int32(-1), version.codes), version.words)
    return _either(named, opened.text("policy"))


def _moods(said: Talk, count: int) -> tuple[Reals, Reals]:
    """Return the mood of each chat's first turn, and of its last message that has one."""
    scores = said.scores["sentiment"]
    known = (said.author == CUSTOMER) & ~np.isnan(scores)
    opening, closing = np.full(count, np.nan), np.full(count, np.nan)
    begins = known & said.starts & (said.rounds == 1)
    opening[said.k[begins]] = scores[begins]
    closing[said.k[known]] = scores[known]
    return opening, closing


def _holders(batch: Batch, held: Holding) -> dict[str, pa.Array]:
    held_us = batch.closed_us.copy()
    somebody = np.flatnonzero(held.after != NOBODY)[::-1]
    held_us[held.k[somebody]] = held.at_us[somebody]
    by_ai = np.flatnonzero((held.after == AI) & (held.holder.codes >= 0))
    place = np.full(len(batch), -1)
    first(held.k[by_ai], by_ai, place)
    return {
        "queue_wait_s": pa.array((held_us - batch.opened_us) / 1e6),
        "brain_version": held.holder.take(place).arrow(),
    }


def _counts(said: Talk, batch: Batch) -> dict[str, pa.Array]:
    count = len(batch)
    customer, worker = said.author == CUSTOMER, said.author == WORKER

    def number(which: Truths) -> Wholes:
        return np.bincount(said.k[which], minlength=count)

    opening = np.zeros(count, dtype=np.int64)
    first(said.k[customer], said.chars[customer], opening)
    answered = np.full(count, NONE)
    replies = (said.author == BY_AI) | worker
    first(said.k[replies], said.at_us[replies], answered)
    human = said.answers & worker
    human_rounds = number(human)
    waited = np.bincount(
        said.k[human], (said.at_us[human] - said.asked_us[human]).astype(np.float64), count
    )
    with np.errstate(invalid="ignore"):
        latency = waited / human_rounds / 1e6
    chars = np.bincount(said.k[worker], said.chars[worker].astype(np.float64), count)
    return {
        "opening_chars": pa.array(opening),
        "first_response_s": real_array(_seconds(answered, batch.opened_us)),
        "rounds": pa.array(number(said.answers)),
        "human_rounds": pa.array(human_rounds),
        "customer_messages": pa.array(number(customer)),
        "ai_messages": pa.array(number(said.author == BY_AI)),
        "worker_messages": pa.array(number(worker)),
        "worker_chars": pa.array(chars.astype(np.int64)),
        "worker_latency_s": real_array(latency),
    }


def _escalation(
    batch: Batch, held: Holding, flags: Flagged | None, taken: Taken
) -> dict[str, pa.Array]:
    count = len(batch)
    own_seq = np.full(count, NONE)
    own = np.flatnonzero(held.own[taken.rows])
    first(taken.k[own], held.keys[taken.rows][own], own_seq)
    earliest: dict[str, Wholes] = {
        name: np.full(count, NONE) for name in ("flag", "taken", "back", "human", "round")
    }
    if flags is not None:
        real = np.flatnonzero(~flags.shadow & ~flags.apart)
        first(flags.k[real], flags.at_us[real], earliest["flag"])
        shown = Rows(flags.k[real], flags.rows.table.take(real))
    else:
        shown = None
    first(taken.k, taken.at_us, earliest["taken"])
    first(taken.k, taken.first_human_us, earliest["human"])
    first(taken.k, taken.round, earliest["round"])
    back = np.flatnonzero(taken.back_us != NONE)
    first(taken.k[back], taken.back_us[back], earliest["back"])
    alerts = _Firsts(shown_alerts(batch, flags, "AlertShown"), count)
    noted = _Firsts(shown_alerts(batch, flags, "AlertAcknowledged"), count)
    return {
        "path": _path(_Firsts(shown, count), own_seq).arrow("none"),
        "delivered_path": _path(alerts, own_seq).arrow("none"),
        "flag_at": moment_array(earliest["flag"]),
        "alert_at": moment_array(alerts.whole("at_us")),
        "acknowledged_at": moment_array(noted.whole("at_us")),
        "takeover_at": moment_array(earliest["taken"]),
        "first_human_message_at": moment_array(earliest["human"]),
        "hand_back_at": moment_array(earliest["back"]),
        "takeover_round": whole_array(earliest["round"]),
    }


def _path(raised: _Firsts, own_seq: Wholes) -> CodedText:
    """Return the cause that was raised first, unless a worker stepped in before it."""
    seq = raised.whole("seq")
    taken = np.where(own_seq == NONE, NONE, own_seq & 0xFFFFFFFF)
    own = (taken != NONE) & ((seq == NONE) | (taken <= seq))
    cause = raised.text("cause")
    words = pa.concat_arrays([cause.words, pa.array(["human_initiated"], pa.string())])
    codes = np.where(own, len(cause.words), np.where(seq == NONE, -1, cause.codes))
    return CodedText(codes.astype(np.int32), words)
