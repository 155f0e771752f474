"""Destroying private values: what is left of an event's private part."""

from __future__ import annotations

import msgspec


def without(private: bytes | None, fields: tuple[str, ...]) -> bytes | None:
    """Return the private part without some fields (all if none is named).

    The salt is shared by the fields of an event, so it is kept for as long as any field is: a
    field alone can then be guessed at only by somebody who holds the salt and the whole value.
    """
    if private is None or not fields:
        return None
    raw = msgspec.json.decode(private)
    raw["values"] = {k: v for k, v in raw["values"].items() if k not in fields}
    return msgspec.json.encode(raw) if raw["values"] else None
