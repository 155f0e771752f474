"""Who speaks to the customer: nobody yet, the AI, or one worker."""

from __future__ import annotations

from typing import Literal

import msgspec

HolderKind = Literal["nobody", "ai", "worker"]


class Holder(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The holder of a chat.

    Attributes
    ----------
    kind : nobody, the AI, or a worker.
    id : the brain's version if the AI holds, the worker's id if a worker does, else empty.
    """

    kind: HolderKind = "nobody"
    id: str = ""

    def __str__(self) -> str:
        return self.kind if not self.id else f"{self.kind}:{self.id}"

    @property
    def words(self) -> str:
        """Who it is to somebody else: which worker is not theirs to know."""
        return {"nobody": "nobody", "ai": "the AI", "worker": "another worker"}[self.kind]


NOBODY = Holder()


def ai(version: str) -> Holder:
    """Return the AI as a holder."""
    return Holder("ai", version)


def worker(worker_id: str) -> Holder:
    """Return a worker as a holder."""
    return Holder("worker", worker_id)
