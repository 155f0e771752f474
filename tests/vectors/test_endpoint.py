from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import numpy as np
import pytest

from stepin.errors import Invalid, Unavailable
from stepin.vectors.endpoint import BATCH, EndpointEncoder

Answer = Callable[[dict[str, Any]], tuple[int, str]]


@contextmanager
def served(answer: Answer) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Give the base URL of an endpoint on the loopback, and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body["path"], body["key"] = self.path, self.headers["Authorization"]
            asked.append(body)
            status, text = answer(body)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def vectors(body: dict[str, Any]) -> tuple[int, str]:
    """Answer backwards, as an endpoint may: the index says whose a vector is."""
    rows = [
        {"index": at, "embedding": [float(len(text)), 1.0, 0.0]}
        for at, text in enumerate(body["input"])
    ]
    return 200, json.dumps({"data": rows[::-1]})


def test_rows_have_norm_1_and_stand_where_their_texts_do() -> None:
    with served(vectors) as (url, asked):
        encoder = EndpointEncoder(url + "/", "small", key="k")
        rows = encoder.encode(["four", "", "eleven char"])
    assert encoder.dim == 3
    assert encoder.remote
    assert encoder.id.endswith("/small/3")
    assert np.allclose(np.linalg.norm(rows, axis=1), [1, 0, 1])
    assert np.allclose(rows[:, 0] / np.maximum(rows[:, 1], 1e-9), [4, 0, 11])
    assert asked[-1]["path"] == "/v1/embeddings"
    assert asked[-1]["key"] == "Bearer k"
    assert asked[-1]["model"] == "small"


def test_many_texts_go_in_parts() -> None:
    with served(vectors) as (url, asked):
        rows = EndpointEncoder(url, "small").encode([f"text {'x' * n}" for n in range(BATCH + 1)])
    assert len(rows) == BATCH + 1
    assert [len(one["input"]) for one in asked] == [1, BATCH, 1]


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (500, "{}"),
        (200, "<html>"),
        (200, '{"data": []}'),
        (200, '{"data": [{"embedding": "no"}]}'),
        (200, '{"data": [{"embedding": [NaN, 1]}]}'),
        (200, '{"data": [{"embedding": []}]}'),
        (200, "[]"),
    ],
)
def test_an_endpoint_without_vectors_is_unavailable(status: int, text: str) -> None:
    with served(lambda body: (status, text)) as (url, _), pytest.raises(Unavailable) as caught:
        EndpointEncoder(url, "small", key="secret")
    assert caught.value.code == "embed_endpoint"
    assert "secret" not in str(caught.value)


def test_vectors_of_another_length_are_refused() -> None:
    def growing(body: dict[str, Any]) -> tuple[int, str]:
        return 200, json.dumps({"data": [{"embedding": [1.0] * len(body["input"][0])}]})

    with served(growing) as (url, _):
        encoder = EndpointEncoder(url, "small")
        with pytest.raises(Unavailable):
            encoder.encode(["longer"])


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x", "localhost:11434", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        EndpointEncoder(url, "small")
    assert caught.value.code == "embed_url"
