"""The table names every endpoint that a module of routes declares, each once."""

from __future__ import annotations

import importlib
import pkgutil

from stepin.web import routes
from stepin.web.routing.endpoint import Endpoint
from stepin.web.routing.table import ENDPOINTS


def test_every_declared_endpoint_is_in_the_table_once() -> None:
    declared = [
        value.name
        for found in pkgutil.iter_modules(routes.__path__)
        for value in vars(importlib.import_module(f"{routes.__name__}.{found.name}")).values()
        if isinstance(value, Endpoint)
    ]
    assert sorted(endpoint.name for endpoint in ENDPOINTS) == sorted(declared)
    assert len({(e.method, e.path) for e in ENDPOINTS}) == len(ENDPOINTS)


def test_an_endpoint_bears_the_name_and_the_words_of_its_handler() -> None:
    for endpoint in ENDPOINTS:
        handler = endpoint.handle or endpoint.stream
        assert handler is not None
        assert (endpoint.handle is None) is bool(endpoint.frames)
        assert endpoint.name == handler.__name__
        assert endpoint.doc
