"""The one flat form of an event outside the log: what an export writes and the facts read.

A row holds the envelope, the fields that analyses need under their own names, and `data`: the event
as JSON without its private fields. No text leaves with a row; of a message's text only the length
does. A data set of events is a folder of Parquet files of such rows, in order of position, best one
file a UTC day. Inside a file runs of events follow each other; a run may be split by kind into row
groups, so that who needs one kind reads only the columns that it fills.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from stepin.core.events import Event
from stepin.core.events.base import Scalar
from stepin.core.private import private_fields
from stepin.core.record import Recorded

Kind = Literal["text", "whole", "real", "truth"]
Cell = str | int | float | bool | None

COLUMNS: Final[dict[str, Kind]] = {
    "position": "whole",
    "stream": "text",
    "chat_id": "text",
    "seq": "whole",
    "at_us": "whole",
    "epoch": "whole",
    "kind": "text",
    "actor": "text",
    "policy": "text",
    "model": "text",
    "detector": "text",
    "worker_id": "text",
    "customer_id": "text",
    "channel": "text",
    "language": "text",
    "issue_class": "text",
    "previous_chat_id": "text",
    "trial_id": "text",
    "eligible": "truth",
    "score": "real",
    "threshold": "real",
    "version": "text",
    "owner": "text",
    "crossover": "truth",
    "probability": "real",
    "holder_from": "text",
    "holder_to": "text",
    "holder_id": "text",
    "reason": "text",
    "flag_kind": "text",
    "author": "text",
    "visibility": "text",
    "chars": "whole",
    "turn_seq": "whole",
    "cause": "text",
    "shadow": "truth",
    "flag_seq": "whole",
    "technical": "real",
    "emotional": "real",
    "requested": "real",
    "risk": "real",
    "unaided": "real",
    "sentiment": "real",
    "rating": "whole",
    "focus_chat_id": "text",
    "to_chat_id": "text",
    "duration_ms": "whole",
    "action_id": "text",
    "tool": "text",
    "point": "text",
    "drawn": "text",
    "draw_key": "text",
    "available": "truth",
    "options": "text",
    "probabilities": "text",
    "team": "text",
    "tenure_days": "real",
    "value": "real",
    "prior_chats": "real",
    "prior_retrials": "real",
    "prior_rating": "real",
    "prior_duration_s": "real",
    "unit_id": "text",
    "arm": "text",
    "block": "text",
    "late": "truth",
    "data": "text",
}
"""The columns of an exported event with the kind of their values; all but the first seven may be
empty."""

SCORES: Final = ("technical", "emotional", "requested", "risk", "unaided", "sentiment")
"""The scores of a detector or of the classifier at opening that have a column of their own."""

_SAME: Final = (
    "worker_id",
    "customer_id",
    "channel",
    "language",
    "issue_class",
    "previous_chat_id",
    "trial_id",
    "eligible",
    "score",
    "threshold",
    "owner",
    "crossover",
    "author",
    "visibility",
    "turn_seq",
    "cause",
    "shadow",
    "flag_seq",
    "rating",
    "to_chat_id",
    "duration_ms",
    "action_id",
    "tool",
    "point",
    "drawn",
    "draw_key",
    "available",
    "unit_id",
    "arm",
    "block",
    "late",
)
COVARIATES: Final = (
    "tenure_days",
    "value",
    "prior_chats",
    "prior_retrials",
    "prior_rating",
    "prior_duration_s",
)
"""The covariates of a customer or worker at opening that have a column of their own."""

FORGOTTEN: Final = ("focus_chat_id", "to_chat_id", "duration_ms")
"""The columns of a `FocusMoved` that are empty once it has been forgotten."""

_VERSIONS: Final = ("classifier_version", "brain_version", "tool_version", "policy_version")
_PRIVATE: dict[type[Event], frozenset[str]] = {}


def row(recorded: Recorded) -> dict[str, Cell]:
    """Return a recorded event as a row: every column of `COLUMNS`, None where it has no value."""
    event = recorded.event
    fields: dict[str, Any] = {name: getattr(event, name) for name in event.__struct_fields__}
    cells: dict[str, Cell] = dict.fromkeys(COLUMNS)
    cells |= _envelope(recorded)
    cells |= _named(type(event), fields)
    cells |= _by_kind(recorded, fields)
    cells |= _drawn(recorded.kind, fields)
    cells |= _covariates(fields)
    cells["data"] = _public(event)
    return cells


def _envelope(recorded: Recorded) -> dict[str, Cell]:
    return {
        "position": recorded.position,
        "stream": recorded.stream,
        "chat_id": recorded.stream[5:] if recorded.stream.startswith("chat/") else None,
        "seq": recorded.seq,
        "at_us": recorded.at_us,
        "epoch": recorded.epoch,
        "kind": recorded.kind,
        "actor": recorded.actor,
        "policy": recorded.versions.policy or None,
        "model": recorded.versions.model or None,
        "detector": recorded.versions.detector or None,
    }


def _named(kind: type[Event], fields: dict[str, Any]) -> dict[str, Cell]:
    """Return what is told by the name of a field, whatever event has it."""
    cells: dict[str, Cell] = {name: fields[name] for name in _SAME if name in fields}
    for name in _VERSIONS:
        if name in fields:
            cells["version"] = fields[name]
    for name, score in (fields.get("scores") or {}).items():
        if name in SCORES:
            cells[name] = float(score)
    if "from_" in fields:
        cells["holder_from"] = fields["from_"].kind
        cells["holder_to"], cells["holder_id"] = fields["to"].kind, fields["to"].id
    if "reason" in fields and "reason" not in _private(kind):
        cells["reason"] = fields["reason"]
    return cells


def _by_kind(recorded: Recorded, fields: dict[str, Any]) -> dict[str, Cell]:
    """Return what a field means in the events of one kind alone."""
    cells: dict[str, Cell] = {}
    if recorded.kind in ("FlagRaised", "AlertShown"):
        cells["flag_kind"] = fields["kind"] or None
    if recorded.kind == "FocusMoved":
        cells["focus_chat_id"] = fields["chat_id"]
        if recorded.redacted:
            cells |= dict.fromkeys(FORGOTTEN)
    if recorded.kind == "MessagePosted":
        cells["chars"] = len(fields["text"])
    if recorded.kind in ("FlagRaised", "ChatScored") and fields["detector"]:
        cells["detector"] = fields["detector"]
    return cells


def _drawn(kind: str, fields: dict[str, Any]) -> dict[str, Cell]:
    """Return the logged probability of what was drawn, where the log holds one for each option."""
    cells: dict[str, Cell] = {}
    chosen = fields.get("owner" if kind == "OwnerSet" else "drawn")
    options = fields.get("candidates", fields.get("options", ()))
    if chosen in options and len(fields["probabilities"]) == len(options):
        cells["probability"] = fields["probabilities"][options.index(chosen)]
    if kind == "DecisionDrawn":
        for name in ("options", "probabilities"):
            cells[name] = msgspec.json.encode(fields[name]).decode()
    return cells


def _covariates(fields: dict[str, Any]) -> dict[str, Cell]:
    known: dict[str, Scalar] = fields.get("covariates") or {}
    cells: dict[str, Cell] = {name: _number(known.get(name)) for name in COVARIATES}
    groups = fields.get("groups") or ()
    team = known.get("team", groups[0] if groups else None)
    cells["team"] = None if team is None else str(team)
    return cells


def _number(value: Scalar | None) -> float | None:
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except ValueError:
        return None


def _private(cls: type[Event]) -> frozenset[str]:
    if cls not in _PRIVATE:
        _PRIVATE[cls] = frozenset(private_fields(cls))
    return _PRIVATE[cls]


def _public(event: Event) -> str:
    raw: dict[str, object] = msgspec.to_builtins(event)
    hidden = _private(type(event))
    kept = {name: value for name, value in raw.items() if name not in hidden}
    return msgspec.json.encode(kept, order="deterministic").decode()
