"""The OpenAPI 3.1 document, written from the table of endpoints and the types in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any

import msgspec

from stepin.core.events.base import Scalar
from stepin.web.auth.caller import ADMIN, ANYONE, CUSTOMER, LEAD, WORKER
from stepin.web.routes.chats import COMMANDS, CommandBody
from stepin.web.routing.endpoint import Endpoint

_REF = "#/components/schemas/{name}"
_STATUSES = {
    "400": "What was sent can't be read.",
    "401": "Nobody is signed in.",
    "403": "This caller may not do this.",
    "404": "There is no such thing.",
    "405": "Another method is needed.",
    "409": "The world has moved on; `fields` says where it stands.",
    "413": "More than the limit.",
    "422": "The rules of the desk say no.",
    "429": "Faster than the limit.",
    "501": "An optional part isn't there.",
    "503": "A part of the desk can't be reached now.",
}
_SECURITY: dict[str, dict[str, list[str]]] = {
    CUSTOMER: {"chatToken": []},
    WORKER: {"session": [], "csrf": []},
    LEAD: {"session": [], "csrf": []},
    ADMIN: {"session": [], "csrf": []},
}
_BESIDE: dict[str, Any] = {
    "name": "X-Stepin-Identity",
    "in": "header",
    "required": False,
    "description": "Beside a chat token: the identity token of whoever the host site says is "
    "there. A chat of another customer is refused (`another_customer`).",
    "schema": {"type": "string", "pattern": r"^[\w-]+\.[\w-]+\.[\w-]+$"},
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong: a stable `code`, a text for people, and what to do about it."""

    code: str
    message: str
    hint: str
    fields: dict[str, Scalar]


class Problems(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every answer that isn't a success."""

    error: Problem


def openapi(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """Return the document."""
    sent, asked = [Problems], [*COMMANDS]
    for endpoint in endpoints:
        sent += [k for k in (endpoint.returns, *endpoint.frames) if _is_struct(k)]
        asked += [k for k in (endpoint.body,) if _is_struct(k) and k is not CommandBody]
    kinds = dict.fromkeys([*sent, *asked])
    _, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    for kind in set(_structs(sent)).difference(_structs(asked)):
        if not kind.__struct_config__.omit_defaults:
            schema = components[kind.__name__]
            schema["required"] = list(schema["properties"])
    for command in COMMANDS:
        schema = components[command.__name__]
        schema["properties"].pop("chat_id", None)
        schema["required"] = [r for r in schema["required"] if r != "chat_id"]
    components["Command"] = {
        "description": "Any command, by its type.",
        "oneOf": [{"$ref": _REF.format(name=c.__name__)} for c in COMMANDS],
        "discriminator": {"propertyName": "type"},
    }
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Stepin",
            "version": "1",
            "description": "A service desk: chats, live feeds, people who step in.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "chatToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "apiKey": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "stepin_session"},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
            },
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    summary, _, rest = endpoint.doc.partition("\n")
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "tags": [endpoint.part],
        "summary": summary.rstrip("."),
        "description": " ".join((endpoint.doc if rest else summary).split()),
        "responses": _responses(endpoint),
        "parameters": _path_parameters(endpoint.path)
        + _query_parameters(endpoint.query)
        + ([_BESIDE] if CUSTOMER in endpoint.who else []),
    }
    if ANYONE not in endpoint.who:
        operation["security"] = [_security(endpoint, who) for who in sorted(endpoint.who)]
    if endpoint.body is not None:
        name = "Command" if endpoint.body is CommandBody else endpoint.body.__name__
        schema = {"$ref": _REF.format(name=name)}
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return operation


def _security(endpoint: Endpoint, who: str) -> dict[str, list[str]]:
    if who.startswith("key:"):
        return {"apiKey": []}
    scheme = dict(_SECURITY[who])
    if endpoint.method == "GET":
        scheme.pop("csrf", None)
    return scheme


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    if isinstance(endpoint.returns, str):
        content: dict[str, Any] = {endpoint.returns: {"schema": {"type": "string"}}}
    elif _is_struct(endpoint.returns):
        ref = {"$ref": _REF.format(name=endpoint.returns.__name__)}
        content = {"application/json": {"schema": ref}}
    else:
        content = {"application/json": {"schema": {"type": "object"}}}
    responses: dict[str, Any] = {
        str(endpoint.status): {"description": "It is done.", "content": content}
    }
    problem = {"application/json": {"schema": {"$ref": _REF.format(name="Problems")}}}
    for status, text in _STATUSES.items():
        responses[status] = {"description": text, "content": problem}
    return responses


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": part[1:-1],
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1, "pattern": r"^[^/?#%\s]+$"},
        }
        for part in path.split("/")
        if part.startswith("{")
    ]


def _query_parameters(kind: Any) -> list[dict[str, Any]]:
    if kind is None:
        return []
    _, components = msgspec.json.schema_components((kind,), ref_template=_REF)
    schema = components[kind.__name__]
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _plain(value)}
        for name, value in schema["properties"].items()
    ]


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    # A query can't say null: an optional parameter is simply left out.
    options = [s for s in schema.get("anyOf", ()) if s != {"type": "null"}]
    return options[0] if len(options) == 1 else schema


def _structs(kinds: Iterable[Any]) -> Iterator[Any]:
    """Yield the structs of which these types are made."""
    seen = set()
    todo: list[Any] = list(msgspec.inspect.multi_type_info(kinds))
    while todo:
        part = todo.pop()
        if isinstance(part, tuple):
            todo += part
        elif isinstance(part, msgspec.inspect.StructType):
            if part.cls not in seen:
                seen.add(part.cls)
                yield part.cls
                todo += part.fields
        elif isinstance(part, msgspec.inspect.Type | msgspec.inspect.Field):
            todo += [getattr(part, name) for name in part.__struct_fields__]


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def reference_page(endpoints: Sequence[Endpoint], style: str) -> str:
    """Return the API as one HTML page."""
    parts: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        parts.setdefault(endpoint.part, []).append(endpoint)
    sections = []
    for part, members in parts.items():
        rows = "".join(
            f"<dt><code>{e.method} {escape(e.path)}</code></dt>"
            f"<dd>{escape(e.doc)}<br><small>{escape(', '.join(sorted(e.who)))}</small></dd>"
            for e in members
        )
        sections.append(f"<h2>{escape(part)}</h2><dl>{rows}</dl>")
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Stepin: HTTP API</title>'
        f"<style>{style}</style><h1>HTTP API</h1>"
        '<p><a href="/api/openapi.json">OpenAPI document</a></p>' + "".join(sections) + "</html>"
    )
