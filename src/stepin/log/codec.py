"""From an event to the bytes that are stored and chained, and back.

A stored event has four parts: its numbers, `meta` (who, why, versions), `data` (the event, with
each private field replaced by a commitment) and `private` (salt and values, which a redaction
destroys). The chain runs over the first three, so it survives a redaction.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from hashlib import sha256
from math import isfinite
from typing import Any

import msgspec

from stepin.core.events import KINDS, Event
from stepin.core.events.chat import ChatOpened
from stepin.core.events.floor import TrialRegistered
from stepin.core.fence import moves_basis
from stepin.core.private import REDACTED, private_fields
from stepin.core.record import NO_VERSIONS, NewEvent, Recorded, Versions
from stepin.errors import Invalid
from stepin.log.names import must_be_names

SALT_BYTES = 16
TRIALS = "trials"
_GONE: dict[type, object] = {str: REDACTED, int: None, dict: {}}
_NUMBERS = struct.Struct(">qqqqq")
_ENCODER = msgspec.json.Encoder(order="deterministic")
_PRIVATE: dict[str, dict[str, type]] = {
    kind: found for kind, cls in KINDS.items() if (found := private_fields(cls))
}


_FORMS: dict[str, int] = {kind: cls.form for kind, cls in KINDS.items()}


class _Private(msgspec.Struct, frozen=True, gc=False):
    """A private field: its attribute, its name as it is stored, and what needs no hiding."""

    attribute: str
    name: str
    default: object


def _fields(cls: type[Event]) -> tuple[_Private, ...]:
    """Return the private fields of an event class in the order of their stored names."""
    names = private_fields(cls)
    found = (
        _Private(
            field.name,
            field.encode_name,
            field.default
            if field.default_factory is msgspec.NODEFAULT
            else field.default_factory(),
        )
        for field in msgspec.structs.fields(cls)
        if field.encode_name in names
    )
    return tuple(sorted(found, key=lambda field: field.name))


_FIELDS: dict[str, tuple[_Private, ...]] = {kind: _fields(cls) for kind, cls in KINDS.items()}


class Meta(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The part of the envelope that is fixed before the append."""

    actor: str = "system"
    on_behalf_of: str | None = None
    cause: int | None = None
    command_id: str | None = None
    schema_version: int = 1
    versions: Versions = NO_VERSIONS


class Encoded(msgspec.Struct, frozen=True, gc=False):
    """An event ready to be stored."""

    kind: str
    meta: bytes
    data: bytes
    private: bytes | None
    ref: str | None
    moves_basis: bool


_META = msgspec.json.Decoder(Meta)
_EVENTS = {kind: msgspec.json.Decoder(cls) for kind, cls in KINDS.items()}


def encode(new: NewEvent, *, command_id: str | None, salt: Callable[[int], bytes]) -> Encoded:
    """Return the stored form of an event.

    Parameters
    ----------
    new : the event.
    command_id : the client's name of the command, if there is one.
    salt : returns that many random bytes; called once for each event with private fields.

    Raises
    ------
    Invalid
        ``not_finite``: a number of the event is infinite or not a number. JSON has no word for it:
        stored as null, the event could never be read again.
    """
    event = new.event
    kind = type(event).__name__
    ref = reference(event)
    if ref is not None:
        must_be_names(ref)
    meta = _ENCODER.encode(
        Meta(new.actor, new.on_behalf_of, new.cause, command_id, _FORMS[kind], new.versions)
    )
    private: bytes | None = None
    drawn = b""
    hidden: dict[str, Any] = {}
    values: list[bytes] = []
    for field in _FIELDS[kind]:
        value = getattr(event, field.attribute)
        if value is None or value == field.default:
            continue
        drawn = drawn or salt(SALT_BYTES)
        name, encoded = field.name.encode(), _ENCODER.encode(value)
        if b"null" in encoded:
            _must_be_finite(kind, value)
        values.append(b'"%b":%b' % (name, encoded))
        hidden[field.attribute] = _commitment(drawn, name, encoded)
    if hidden:
        private = b'{"salt":"%b","values":{%b}}' % (drawn.hex().encode(), b",".join(values))
        event = msgspec.structs.replace(event, **hidden)
    data = _ENCODER.encode(event)
    if b"null" in data:
        _must_be_finite(kind, event)
    return Encoded(kind, meta, data, private, ref, moves_basis(new.event))


def _must_be_finite(kind: str, value: object) -> None:
    """Refuse infinities and NaN; asked where the JSON holds a null, which is what they become."""
    left = [msgspec.to_builtins(value)]
    while left:
        one = left.pop()
        if isinstance(one, float) and not isfinite(one):
            raise Invalid(
                f"{kind} holds a number that is {one}.",
                code="not_finite",
                hint="Return finite numbers from tools, brains and detectors.",
                kind=kind,
            )
        if isinstance(one, dict):
            left += one.values()
        elif isinstance(one, (list, tuple)):
            left += one


def reference(event: Event) -> str | None:
    """Return under what a stream is found: its customer, or `trials` for a trial."""
    if type(event) is ChatOpened:
        return f"customer:{event.customer_id}"
    return TRIALS if type(event) is TrialRegistered else None


def hidden_fields(kind: str, meta: bytes, data: bytes) -> dict[str, str]:
    """Return the commitment of each private field that an event was stored with."""
    names = _names(kind, meta)
    if names is None:
        return {}
    raw: dict[str, Any] = msgspec.json.decode(data)
    return {name: raw[name] for name in names if isinstance(raw.get(name), str)}


def _names(kind: str, meta: bytes) -> dict[str, type] | None:
    """Return the fields that stand beside the chain; None where all of them stand in it."""
    names = _PRIVATE.get(kind)
    if names is None or _FORMS[kind] == 1:
        return names
    return names if _META.decode(meta).schema_version >= _FORMS[kind] else None


def commitment(salt: bytes, name: str, value: object) -> str:
    """Return the salted commitment to a private value: SHA-256 over salt, name and JSON."""
    return _commitment(salt, name.encode(), _ENCODER.encode(value))


def _commitment(salt: bytes, name: bytes, encoded: bytes) -> str:
    return sha256(b"%b%b\x00%b" % (salt, name, encoded)).hexdigest()


def chain(
    previous: bytes,
    position: int,
    stream: str,
    seq: int,
    at_us: int,
    epoch: int,
    basis_seq: int,
    kind: str,
    meta: bytes,
    data: bytes,
) -> bytes:
    """Return the hash of an event: SHA-256 over its predecessor's hash and its stored bytes."""
    numbers = _NUMBERS.pack(position, seq, at_us, epoch, basis_seq)
    names = f"{stream}\x1f{kind}\x1f".encode()
    return sha256(b"%b%b%b%b\x1f%b" % (previous, numbers, names, meta, data)).digest()


def decode(
    *,
    position: int,
    stream: str,
    seq: int,
    at_us: int,
    epoch: int,
    basis_seq: int,
    kind: str,
    meta: bytes,
    data: bytes,
    private: bytes | None,
) -> Recorded:
    """Return the event that was stored.

    Raises
    ------
    KeyError
        If `kind` is not in the vocabulary.
    """
    known = _META.decode(meta)
    event, redacted = _event(kind, meta, data, private)
    return Recorded(
        position=position,
        stream=stream,
        seq=seq,
        at_us=at_us,
        epoch=epoch,
        basis_seq=basis_seq,
        event=event,
        actor=known.actor,
        on_behalf_of=known.on_behalf_of,
        cause=known.cause,
        command_id=known.command_id,
        schema_version=known.schema_version,
        versions=known.versions,
        redacted=redacted,
    )


def _event(kind: str, meta: bytes, data: bytes, private: bytes | None) -> tuple[Event, bool]:
    names = _names(kind, meta)
    if names is None:
        return _EVENTS[kind].decode(data), False
    raw: dict[str, Any] = msgspec.json.decode(data)
    values: dict[str, Any] = msgspec.json.decode(private)["values"] if private else {}
    redacted = False
    for name, form in names.items():
        if raw.get(name) is None:
            continue
        if name in values:
            raw[name] = values[name]
        else:
            redacted = True
            raw[name] = _GONE[form]
    return msgspec.convert(raw, KINDS[kind]), redacted
