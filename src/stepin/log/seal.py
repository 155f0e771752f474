"""Seals: the root of all stream heads, kept outside the machine so that a cut tail is found."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import msgspec

from stepin.errors import Invalid

FORMAT = 1


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """What a seal file holds.

    Attributes
    ----------
    log_id : the log's own name, from its first event.
    through_position : the last position that is sealed.
    streams : how many streams there were.
    root : the root of their heads, in hexadecimal.
    sealed_at_us : when, by the log's clock.
    """

    log_id: str
    through_position: int
    streams: int
    root: str
    sealed_at_us: int
    format: int = FORMAT


def root(heads: Mapping[str, tuple[int, bytes]]) -> str:
    """Return the root of stream heads: SHA-256 over each stream's name, seq and hash, by name."""
    digest = sha256()
    for stream in sorted(heads):
        seq, head = heads[stream]
        name = stream.encode()
        digest.update(len(name).to_bytes(4, "big") + name + seq.to_bytes(8, "big") + head)
    return digest.hexdigest()


def read_seal(path: Path) -> Seal:
    """Return the seal in a file.

    Raises
    ------
    Invalid
        If the file can't be read or is no seal.
    """
    try:
        seal = msgspec.json.decode(path.read_bytes(), type=Seal)
    except (OSError, msgspec.MsgspecError) as error:
        raise Invalid(
            f"{path} is not a seal: {error}.",
            hint="Name a file that `stepin log seal` has written.",
            code="not_a_seal",
        ) from error
    if seal.format > FORMAT:
        raise Invalid(f"{path} was written by a newer version.", code="newer_seal")
    return seal


def write_seal(seal: Seal, path: Path) -> None:
    """Write a seal to a file."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(seal), indent=2) + b"\n")
