"""A slice of events as tables, one per kind, of the columns that facts are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stepin.core.exported import COLUMNS
from stepin.evidence.data.facts.arrays import CodedText
from stepin.evidence.data.facts.events import EventGroup, Slice, kind_of
from stepin.evidence.data.facts.per_chat.rows import Rows

_PLACE: Final = ("chat_id", "seq", "at_us")
_ENDS: Final = (*_PLACE, "flag_seq")

CHAT_KINDS: Final[dict[str, tuple[str, ...]]] = {
    "ChatOpened": (
        *_PLACE, "customer_id", "channel", "language", "issue_class", "previous_chat_id", "policy",
        "version", "tenure_days", "value", "prior_chats", "prior_retrials", "prior_rating",
    ),
    "EligibilityAssessed": (
        *_PLACE, "eligible", "score", "version", "issue_class", "technical", "emotional",
        "requested", "unaided", "sentiment",
    ),
    "OwnerSet": (
        *_PLACE, "owner", "probability", "tenure_days", "prior_chats", "prior_rating",
        "prior_duration_s",
    ),
    "HolderChanged": (*_PLACE, "epoch", "holder_from", "holder_to", "holder_id", "reason"),
    "MessagePosted": (*_PLACE, "epoch", "actor", "author", "visibility", "chars"),
    "ChatScored": (*_PLACE, "turn_seq", "technical", "emotional", "risk", "sentiment"),
    "FlagRaised": (*_PLACE, "cause", "detector", "shadow", "score", "threshold", "turn_seq",
                   "flag_kind"),
    "AlertShown": (*_ENDS, "cause", "flag_kind"),
    "AlertAcknowledged": _ENDS,
    "EscalationTaken": _ENDS,
    "EscalationDeclined": _ENDS,
    "EscalationExpired": _ENDS,
    "EscalationWithdrawn": _ENDS,
    "DecisionDrawn": (
        *_PLACE, "point", "available", "options", "probabilities", "score", "threshold",
        "draw_key", "drawn", "probability", "turn_seq",
    ),
    "SuggestionUsed": _PLACE,
    "WrapUpStarted": _PLACE,
    "WrapUpEnded": _PLACE,
    "ChatClosed": (*_PLACE, "reason"),
    "RatingInvited": _PLACE,
    "RatingGiven": (*_PLACE, "rating"),
}  # fmt: skip
"""The events of a chat that its facts are made of, with the columns that are read."""

_ACTION: Final = ("action_id", *_PLACE, "kind", "actor", "tool", "version")
OTHER_KINDS: Final[dict[str, tuple[str, ...]]] = {
    "FocusMoved": ("at_us", "worker_id", "focus_chat_id", "to_chat_id", "duration_ms"),
    "WorkerSignedOn": ("position", "at_us", "kind", "worker_id", "team", "tenure_days"),
    "WorkerSignedOff": ("position", "at_us", "kind", "worker_id", "reason"),
    "WorkerAssigned": ("at_us", "trial_id", "unit_id", "arm", "block"),
    **{
        f"Action{name}": _ACTION
        for name in (
            "Proposed", "Approved", "Edited", "Denied", "Expired", "Started", "Succeeded",
            "Failed", "Unknown", "Reconciled",
        )
    },
}  # fmt: skip
"""The other events that facts are made of."""

_KINDS: Final = CHAT_KINDS | OTHER_KINDS
_ALL: Final = tuple(dict.fromkeys(name for names in _KINDS.values() for name in names))
_TEXT: Final = [name for name, kind in COLUMNS.items() if kind == "text"]
_AT_ANY_TIME: Final = "WorkerAssigned"


def read(part: Slice, before_us: int | None) -> tuple[dict[str, pa.Table], int]:
    """Return the events of a slice by kind, in order, and the moment of its last one.

    Columns that hold nothing aren't read and don't stand in the tables.

    Parameters
    ----------
    part : what to read.
    before_us : leave out events from this moment on, assignments apart.
    """
    files: dict[Path, pq.ParquetFile] = {}
    found: dict[str, list[pa.Table]] = defaultdict(list)
    last_us = 0
    for group in part.groups:
        if group.path not in files:
            files[group.path] = pq.ParquetFile(group.path, read_dictionary=_TEXT)
        last_us = max(last_us, _read(files[group.path], group, found, before_us))
    for file in files.values():
        file.close()
    return {
        kind: tables[0] if len(tables) == 1 else pa.concat_tables(tables, promote_options="default")
        for kind, tables in found.items()
        if any(table.num_rows for table in tables)
    }, last_us


def focused_chats(tables: Mapping[str, pa.Table]) -> CodedText:
    """Return the chat of every focus interval."""
    table = tables.get("FocusMoved", pa.table({}))
    return Rows(np.zeros(table.num_rows, dtype=np.int32), table).text("focus_chat_id")


def _read(
    file: pq.ParquetFile, group: EventGroup, found: dict[str, list[pa.Table]], before_us: int | None
) -> int:
    meta = file.metadata.row_group(group.number)
    columns = {meta.column(i).path_in_schema: meta.column(i) for i in range(meta.num_columns)}
    only = kind_of(file.metadata, group.number)
    last_us = int(columns["at_us"].statistics.max)
    if only is not None and only not in _KINDS:
        return last_us
    wanted = [
        name
        for name in (_ALL if only is None else _KINDS[only])
        if name in columns
        and (
            (held := columns[name].statistics) is None
            or not held.has_null_count
            or held.null_count < group.rows
        )
    ]
    if only is None and "kind" not in wanted:
        wanted.append("kind")
    table = file.read_row_group(group.number, columns=wanted, use_threads=False)
    if only is not None:
        found[only].append(_before(table, only, before_us))
        return last_us
    for kind in pc.unique(table["kind"]).to_pylist():
        if kind in _KINDS:
            rows = table.filter(pc.equal(table["kind"], kind))
            names = [name for name in _KINDS[kind] if name in wanted]
            found[kind].append(_before(rows.select(names), kind, before_us))
    return last_us


def _before(table: pa.Table, kind: str, before_us: int | None) -> pa.Table:
    if before_us is None or kind == _AT_ANY_TIME:
        return table
    return table.filter(pc.less(table["at_us"], before_us))
