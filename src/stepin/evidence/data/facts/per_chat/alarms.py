"""Flags, what became of them, and the takeovers that they led to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stepin.core.escalation import LATE_REPLY
from stepin.core.facts import ESCALATION_ENDS
from stepin.evidence.data.facts.arrays import (
    NONE,
    CodedText,
    Codes,
    Reals,
    Truths,
    Wholes,
    day_array,
    first,
    moment_array,
    real_array,
    whole_array,
)
from stepin.evidence.data.facts.per_chat.batch import Batch
from stepin.evidence.data.facts.per_chat.holding import AI, Holding
from stepin.evidence.data.facts.per_chat.rows import Rows, joined, key
from stepin.evidence.data.facts.per_chat.talk import CUSTOMER, WORKER, Talk

_ENDS = tuple(f"Escalation{end.capitalize()}" for end in ESCALATION_ENDS)


@dataclass(frozen=True, slots=True)
class Flagged:
    """The flags of a batch in order of chat and seq.

    Attributes
    ----------
    apart : those of a kind of its own that were raised while the AI didn't hold the chat, or after
        the chat's end: alerts that people get in every arm alike. They are no step on the path of
        the AI's chat.
    late : those of them that only say that a worker's answer is late; they are no row of `flags`.
    """

    k: Codes
    keys: Wholes
    seq: Wholes
    at_us: Wholes
    cause: CodedText
    kind: CodedText
    shadow: Truths
    apart: Truths
    late: Truths
    alert_us: Wholes
    acknowledged_us: Wholes
    ended_us: Wholes
    ended_as: Codes
    rows: Rows


def flagged(batch: Batch, held: Holding) -> Flagged | None:
    """Return the flags of a batch and how their escalations went; None without any."""
    raised = batch.rows.get("FlagRaised")
    if raised is None:
        return None
    rows = joined([raised])
    keys = rows.keys()
    moments: Wholes = np.full((3, keys.size + 1), NONE)
    ended_as: Codes = np.full(keys.size + 1, -1, dtype=np.int32)
    for into, kind in zip(moments, ("AlertShown", "AlertAcknowledged"), strict=False):
        if (told := batch.rows.get(kind)) is not None:
            first(_flag_of(keys, told), told.whole("at_us"), into)
    ends = [
        Rows(part.k, part.table.append_column("end", pa.array([code] * len(part), pa.int64())))
        for code, kind in enumerate(_ENDS)
        if (part := batch.rows.get(kind)) is not None
    ]
    if ends:
        told = joined(ends)
        flags = _flag_of(keys, told)
        moments[2][flags] = told.whole("at_us")
        ended_as[flags] = told.whole("end")
    of_kind = rows.text("flag_kind")
    place = np.searchsorted(held.keys, keys) - 1
    by_ai = (np.append(held.k, -1)[place] == rows.k) & (np.append(held.after, -1)[place] == AI)
    return Flagged(
        k=rows.k, keys=keys, seq=rows.whole("seq"), at_us=rows.whole("at_us"),
        cause=rows.text("cause"), kind=of_kind, shadow=rows.truth("shadow"),
        apart=(of_kind.codes >= 0) & ~of_kind.among("") & (~by_ai | _after_end(batch, rows, keys)),
        late=of_kind.among(LATE_REPLY),
        alert_us=moments[0][:-1],
        acknowledged_us=moments[1][:-1], ended_us=moments[2][:-1], ended_as=ended_as[:-1],
        rows=rows,
    )  # fmt: skip


def _after_end(batch: Batch, rows: Rows, keys: Wholes) -> Truths:
    """Return which flags were raised after their chat's end: a rating may tell of danger."""
    ended: Wholes = np.full(len(batch), np.iinfo(np.int64).max)
    if (closed := batch.rows.get("ChatClosed")) is not None:
        ended[closed.k] = closed.keys()
    found: Truths = keys > ended[rows.k]
    return found


def shown_alerts(batch: Batch, flags: Flagged | None, kind: str) -> Rows | None:
    """Return the events of a kind about the flags of the AI's chats, in order of chat and seq."""
    rows = batch.rows.get(kind)
    if rows is None or flags is None:
        return None if rows is None else joined([rows])
    told = joined([rows])
    return told.only(~np.append(flags.apart, False)[_flag_of(flags.keys, told)])


def flags_table(batch: Batch, flags: Flagged, said: Talk) -> dict[str, pa.Array]:
    """Return the columns of the table `flags`."""
    columns = _flags_columns(batch, flags, said)
    if not flags.late.any():
        return columns
    chosen = pa.array(~flags.late)
    return {name: column.filter(chosen) for name, column in columns.items()}


def _flags_columns(batch: Batch, flags: Flagged, said: Talk) -> dict[str, pa.Array]:
    detector = flags.rows.text("detector")
    named = [name.partition("@") for name in detector.words.to_pylist()]
    chats = batch.ids.take(pa.array(flags.k))
    return {
        "flag_id": ids(chats, flags.seq),
        "chat_id": chats,
        "day": day_array(batch.day[flags.k]),
        "cause": flags.cause.arrow(),
        "kind": flags.kind.arrow(),
        "detector": CodedText(
            detector.codes, pa.array([n for n, _, _ in named], pa.string())
        ).arrow("rule"),
        "detector_version": CodedText(
            detector.codes, pa.array([v for _, _, v in named], pa.string())
        ).arrow(""),
        "shadow": pa.array(flags.shadow),
        "at": moment_array(flags.at_us),
        "round": whole_array(said.round_at(flags.keys)),
        "score": real_array(flags.rows.real("score")),
        "threshold": real_array(flags.rows.real("threshold")),
        "randomized_p": real_array(_drawn(batch, flags)),
        "alert_at": moment_array(flags.alert_us),
        "acknowledged_at": moment_array(flags.acknowledged_us),
        "ended_at": moment_array(flags.ended_us),
        "ended_as": CodedText(flags.ended_as, pa.array(ESCALATION_ENDS)).arrow(),
    }


@dataclass(frozen=True, slots=True)
class Taken:
    """The takeovers of a batch in order of chat and seq."""

    rows: Wholes
    k: Codes
    ordinal: Wholes
    at_us: Wholes
    back_us: Wholes
    round: Wholes
    first_human_us: Wholes


def taken(held: Holding, said: Talk) -> Taken:
    """Return the takeovers of a batch."""
    rows = held.taken
    k = held.k[rows]
    keys = held.keys[rows]
    begins = np.searchsorted(k, k, side="left")
    back = _next(held.keys[held.given_back], keys)
    return Taken(
        rows=rows, k=k, ordinal=np.arange(rows.size) - begins + 1, at_us=held.at_us[rows],
        back_us=np.append(held.at_us[held.given_back], NONE)[back],
        round=said.round_at(keys),
        first_human_us=_next_word(said, keys),
    )  # fmt: skip


def takeovers_table(
    batch: Batch, held: Holding, taken: Taken, said: Talk, flags: Flagged | None
) -> dict[str, pa.Array]:
    """Return the columns of the table `takeovers`."""
    keys = held.keys[taken.rows]
    chats = batch.ids.take(pa.array(taken.k))
    back = held.given_back
    until = np.append(held.keys[back], np.iinfo(np.int64).max)[_next(held.keys[back], keys)]
    until = np.minimum(until - 1, key(taken.k.astype(np.int64) + 1, np.zeros(1, np.int64)) - 1)
    answers = np.append(0, np.cumsum(said.answers))
    people = np.append(0, np.cumsum(said.answers & (said.author == WORKER)))
    low = np.searchsorted(said.keys, keys, side="right")
    high = np.searchsorted(said.keys, until, side="right")
    mood = np.where((said.author == CUSTOMER) & ~np.isnan(said.scores["sentiment"]),
                    np.arange(said.k.size), -1)  # fmt: skip
    place = said.place(keys)
    last = np.append(np.maximum.accumulate(mood) if mood.size else mood, -1)[place]
    in_mood = last >= said.begins[taken.k]
    sentiment = np.append(said.scores["sentiment"], np.nan)[np.where(in_mood, last, -1)]
    cause, flag_id = _answered(batch, flags, keys, taken.k)
    return {
        "chat_id": chats,
        "day": day_array(batch.day[taken.k]),
        "ordinal": whole_array(taken.ordinal),
        "worker_id": held.holder.take(taken.rows).arrow(),
        "cause": cause,
        "flag_id": flag_id,
        "epoch": whole_array(held.epoch[taken.rows]),
        "at": moment_array(taken.at_us),
        "round": whole_array(taken.round),
        "sentiment": real_array(sentiment),
        "first_human_message_at": moment_array(taken.first_human_us),
        "hand_back_at": moment_array(taken.back_us),
        "rounds_after": whole_array(answers[high] - answers[low]),
        "human_rounds_after": whole_array(people[high] - people[low]),
    }


def ids(chats: pa.Array, seq: Wholes) -> pa.Array:
    """Return names of the form `chat/seq`."""
    return pc.binary_join_element_wise(chats, pa.array(seq).cast(pa.string()), "/")


def _flag_of(keys: Wholes, told: Rows) -> Wholes:
    """Return the flag that each event names; the place after the last for none."""
    wanted = told.keys("flag_seq")
    place = np.searchsorted(keys, wanted)
    found: Wholes = np.where(np.append(keys, -1)[place] == wanted, place, keys.size)
    return found


def _next(keys: Wholes, after: Wholes) -> Wholes:
    """Return the first of `keys` behind each of `after` in its chat; the size for none."""
    place = np.searchsorted(keys, after, side="right")
    same = np.append(keys >> 32, -1)[place] == after >> 32
    found: Wholes = np.where(same, place, keys.size)
    return found


def _next_word(said: Talk, keys: Wholes) -> Wholes:
    people = np.flatnonzero(said.author == WORKER)
    found: Wholes = np.append(said.at_us[people], NONE)[_next(said.keys[people], keys)]
    return found


def _drawn(batch: Batch, flags: Flagged) -> Reals:
    """Return the probability with which each flag's alert was drawn; NaN if it wasn't.

    A draw belongs to the flag behind it that is about the same turn and has the cause drawn.
    """
    drawn = batch.rows.get("DecisionDrawn")
    if drawn is None:
        return np.full(flags.k.size, np.nan)
    alerts = joined([drawn.only(drawn.text("point").among("alert") & drawn.truth("available"))])
    place = np.searchsorted(alerts.keys(), flags.keys) - 1
    chosen, turn_seq = alerts.text("drawn").take(place), np.append(alerts.whole("turn_seq"), NONE)
    known = (
        pc.index_in(flags.cause.words, chosen.words).fill_null(-2).to_numpy(zero_copy_only=False)
    )
    same = (
        (np.append(alerts.k, -1)[place] == flags.k)
        & (turn_seq[place] == flags.rows.whole("turn_seq"))
        & (np.append(known, -3)[flags.cause.codes] == chosen.codes)
    )
    found: Reals = np.append(alerts.real("probability"), np.nan)[np.where(same, place, -1)]
    return found


def _answered(
    batch: Batch, flags: Flagged | None, keys: Wholes, k: Codes
) -> tuple[pa.Array, pa.Array]:
    """Return the cause and the id of the last real flag before each takeover."""
    if flags is None:
        size = k.size
        return pa.array(["human_initiated"] * size, pa.string()), pa.nulls(size, pa.string())
    real = np.flatnonzero(~flags.shadow & ~flags.apart)
    place = np.searchsorted(flags.keys[real], keys) - 1
    same = np.append(flags.k[real], -1)[place] == k
    flag = np.where(same & (place >= 0), np.append(real, -1)[place], -1)
    named = ids(
        batch.ids.take(pa.array(np.append(flags.k, 0)[flag])), np.append(flags.seq, 0)[flag]
    )
    none = pa.scalar(None, pa.string())
    return flags.cause.take(flag).arrow("human_initiated"), pc.if_else(
        pa.array(flag >= 0), named, none
    )
