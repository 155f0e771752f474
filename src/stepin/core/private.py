"""Which fields of an event are private: kept beside the hash chain, never in it.

A private field enters the chain as a salted commitment only. When it is redacted its salt and
value are destroyed; the chain stays whole and the field reads as ``REDACTED`` (a text), as an
empty mapping (structured values) or as None (a whole number).
"""

from __future__ import annotations

from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

REDACTED = "[redacted]"

_MARK = msgspec.Meta(extra={"private": True})

PrivateText = Annotated[str, _MARK]
PrivateJson = Annotated[dict[str, Any], _MARK]
PrivateWhole = Annotated[int, _MARK]


def private_fields(cls: type[msgspec.Struct]) -> dict[str, type]:
    """Return the private fields of an event class and whether each is ``str``, ``int`` or ``dict``.

    Keys are the encoded names. An optional private field (``PrivateText | None``) counts.
    """
    hints = get_type_hints(cls, include_extras=True)
    found: dict[str, type] = {}
    for field in msgspec.structs.fields(cls):
        for hint in _alternatives(hints[field.name]):
            if get_origin(hint) is Annotated and _MARK in hint.__metadata__:
                inner = get_args(hint)[0]
                found[field.encode_name] = inner if inner in (str, int) else dict
    return found


def _alternatives(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) is Annotated:
        return (hint,)
    return get_args(hint) or (hint,)
