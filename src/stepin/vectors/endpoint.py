"""An encoder behind any endpoint that speaks OpenAI's protocol (``POST URL/embeddings``)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import numpy as np

from stepin.errors import Invalid, Unavailable
from stepin.vectors.port import Vectors, ready

BATCH, MOST_BYTES = 64, 64_000_000


class EndpointEncoder:
    """Asks an endpoint for vectors; how many numbers they have is what it answers first.

    Parameters
    ----------
    url : the base URL, e.g. ``http://localhost:11434/v1``.
    model : the model's name there.
    patience_s : how long one request may take.

    Raises
    ------
    Invalid
        ``embed_url``: the URL is none of http or https.
    Unavailable
        ``embed_endpoint``: the endpoint gives no vectors.
    """

    remote = True

    def __init__(self, url: str, model: str, *, key: str = "", patience_s: float = 10.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise Invalid(
                f"The encoder's address {url!r} is no URL of http or https.",
                code="embed_url",
                hint="Name the base URL, e.g. http://localhost:11434/v1.",
            )
        self._url, self._model = f"{url.rstrip('/')}/embeddings", model
        self._key, self._patience_s = key, patience_s
        self._site = parts.netloc.rpartition("@")[2]
        self.dim = self._ask(["."]).shape[1]

    @property
    def id(self) -> str:
        """The site and the model's name; what stands behind them isn't known."""
        return f"{self._site}/{self._model}/{self.dim}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a row of norm 1 for each text, of zeros for an empty one."""
        rows = np.zeros((len(texts), self.dim), np.float32)
        asked = [(at, clean) for at, text in enumerate(texts) if (clean := ready(text))]
        for batch in _batches(asked):
            found = self._ask([clean for _, clean in batch])
            if found.shape[1] != self.dim:
                raise self._unavailable("its vectors have changed their length")
            rows[[at for at, _ in batch]] = found
        return rows

    def _ask(self, texts: list[str]) -> Vectors:
        body = json.dumps({"model": self._model, "input": texts, "encoding_format": "float"})
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = Request(self._url, body.encode(), headers)  # noqa: S310 - checked above
        try:
            with urlopen(request, timeout=self._patience_s) as answer:  # noqa: S310
                told = json.loads(answer.read(MOST_BYTES))
            rows = [one["embedding"] for one in sorted(told["data"], key=_place)]
            found = np.array(rows, np.float32).reshape(len(texts), -1)
        except HTTPError as error:
            error.close()
            raise self._unavailable(f"it answers {error.code}") from error
        except (URLError, HTTPException, OSError) as error:
            raise self._unavailable(str(getattr(error, "reason", error))) from error
        except (ValueError, KeyError, TypeError) as error:
            raise self._unavailable("its answer holds no vectors") from error
        if not np.isfinite(found).all() or not found.shape[1]:
            raise self._unavailable("its answer holds no numbers")
        norms = np.linalg.norm(found, axis=1, keepdims=True)
        np.divide(found, norms, out=found, where=norms > 0)
        return found

    def _unavailable(self, why: str) -> Unavailable:
        return Unavailable(
            f"{self._site} gives no vectors: {why[:200]}.",
            code="embed_endpoint",
            hint="See STEPIN_EMBED_URL, STEPIN_EMBED_MODEL and STEPIN_EMBED_KEY.",
        )


def _place(one: dict[str, Any]) -> int:
    return int(one.get("index", 0))


def _batches(asked: list[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    for at in range(0, len(asked), BATCH):
        yield asked[at : at + BATCH]
