"""An event exactly as the database keeps it: what verification looks at."""

from __future__ import annotations

import msgspec

from stepin.core.record import Recorded
from stepin.log.codec import chain, decode

COLUMNS = "position, stream, seq, at_us, epoch, basis, kind, ref, meta, data, private, hash"


class Stored(msgspec.Struct, frozen=True, gc=False):
    """The columns of an event, in the order of `COLUMNS`."""

    position: int
    stream: str
    seq: int
    at_us: int
    epoch: int
    basis_seq: int
    kind: str
    ref: str | None
    meta: bytes
    data: bytes
    private: bytes | None
    hash: bytes

    def recorded(self) -> Recorded:
        """Return the event that was stored.

        Raises
        ------
        KeyError
            If its kind is not in the vocabulary.
        msgspec.MsgspecError
            If its bytes are not of its kind.
        """
        return decode(
            position=self.position,
            stream=self.stream,
            seq=self.seq,
            at_us=self.at_us,
            epoch=self.epoch,
            basis_seq=self.basis_seq,
            kind=self.kind,
            meta=self.meta,
            data=self.data,
            private=self.private,
        )

    def chained(self, previous: bytes) -> bytes:
        """Return the hash that the event has, if it follows on `previous`."""
        return chain(
            previous,
            position=self.position,
            stream=self.stream,
            seq=self.seq,
            at_us=self.at_us,
            epoch=self.epoch,
            basis_seq=self.basis_seq,
            kind=self.kind,
            meta=self.meta,
            data=self.data,
        )
