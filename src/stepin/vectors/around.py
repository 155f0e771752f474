"""What every encoder around another one says of itself: what the inner one says."""

from __future__ import annotations

from stepin.vectors.port import Encoder


class AroundEncoder:
    """Passes on the inner encoder's name, size and place."""

    def __init__(self, inner: Encoder) -> None:
        self._inner = inner

    @property
    def id(self) -> str:
        """The inner encoder's."""
        return self._inner.id

    @property
    def dim(self) -> int:
        """The inner encoder's."""
        return self._inner.dim

    @property
    def remote(self) -> bool:
        """The inner encoder's."""
        return self._inner.remote
