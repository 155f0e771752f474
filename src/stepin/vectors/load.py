"""Which encoder there is: an endpoint that the environment names, the extra, or none."""

from __future__ import annotations

import os
from collections.abc import Mapping

from stepin.errors import Invalid
from stepin.vectors.cache import CachedEncoder
from stepin.vectors.port import Encoder

_OFF = ("0", "off", "no", "false")


def load(environ: Mapping[str, str] | None = None) -> Encoder | None:
    """Return the encoder, or None without one: every caller works without.

    ``STEPIN_EMBED_URL`` with ``STEPIN_EMBED_MODEL`` (and ``STEPIN_EMBED_KEY``) names an endpoint of
    OpenAI's protocol; ``STEPIN_EMBED=off`` leaves the extra alone.

    Raises
    ------
    Invalid
        ``embed_model``: an endpoint without a model; ``embed_url``: an address that is none.
    Unavailable
        The endpoint gives no vectors.
    """
    told = os.environ if environ is None else environ
    if told.get("STEPIN_EMBED", "").lower() in _OFF:
        return None
    if url := told.get("STEPIN_EMBED_URL", ""):
        from stepin.vectors.endpoint import EndpointEncoder

        if not (model := told.get("STEPIN_EMBED_MODEL", "")):
            raise Invalid(
                "STEPIN_EMBED_URL is set, but no model.",
                code="embed_model",
                hint="Set STEPIN_EMBED_MODEL to the model's name at that endpoint.",
            )
        key = told.get("STEPIN_EMBED_KEY", "")
        return CachedEncoder(EndpointEncoder(url, model, key=key))
    try:
        from stepin.vectors.sentence_encoder import SentenceEncoder

        return CachedEncoder(SentenceEncoder())
    except ImportError:
        return None
