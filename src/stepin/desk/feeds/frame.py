"""Frames of a server-sent event stream (WHATWG HTML §9.2): bytes that are built once."""

from __future__ import annotations

import msgspec

HEARTBEAT = b":\nevent: beat\ndata:\n\n"
"""A comment for proxies and, as an event, a sign of life that a page can hear."""
RETRY = b"retry: 1000\n\n"
RESET = b"event: reset\ndata: {}\n\n"
_ENCODER = msgspec.json.Encoder()


def numbered(number: int, body: object) -> bytes:
    """Return a durable frame: its number is the cursor with which a client resumes."""
    return b"id: %d\ndata: %b\n\n" % (number, _ENCODER.encode(body))


def named(name: str, body: object, number: int | None = None) -> bytes:
    """Return a frame with an event name; without a number it is never replayed."""
    data = b"event: %b\ndata: %b\n\n" % (name.encode(), _ENCODER.encode(body))
    return data if number is None else b"id: %d\n%b" % (number, data)
