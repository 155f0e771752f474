"""Random salts, drawn many at a time: a system call for each would cost more than the append."""

from __future__ import annotations

import os
import secrets

from stepin.log.codec import SALT_BYTES

_AT_ONCE = 256
_forks = 0


def _forked() -> None:
    global _forks
    _forks += 1


os.register_at_fork(after_in_child=_forked)


class Salts:
    """Gives every salt once, also between threads and after a fork."""

    def __init__(self) -> None:
        self._drawn: list[bytes] = []
        self._forks = _forks

    def __call__(self, size: int) -> bytes:
        """Return that many random bytes."""
        if size != SALT_BYTES:
            return secrets.token_bytes(size)
        if self._forks != _forks:
            self._drawn, self._forks = [], _forks
        try:
            return self._drawn.pop()
        except IndexError:
            block = secrets.token_bytes(SALT_BYTES * _AT_ONCE)
            salts = [block[n : n + SALT_BYTES] for n in range(0, len(block), SALT_BYTES)]
            last = salts.pop()
            self._drawn.extend(salts)
            return last
