"""Where the server listens."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from stepin.errors import Unavailable
from stepin.settings import Settings
from stepin.web.server import listening


def test_a_free_port_is_found() -> None:
    with closing(listening(Settings(port=0))) as place:
        assert place.getsockname()[1] > 0


def test_a_taken_port_says_what_to_do() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match="in use") as refused:
            listening(Settings(port=port))
    assert refused.value.code == "cannot_listen"
    assert str(port) in refused.value.message
    assert "--port 0" in refused.value.hint
