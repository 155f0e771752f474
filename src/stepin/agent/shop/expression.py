"""Small expressions in procedure files: names, fields, comparisons, and nothing that acts.

``order.status == 'shipped' and days > 5`` reads names from a scope of plain values. There are no
calls, no arithmetic beyond + and -, no attributes of Python objects: a field is a key of a
mapping. An expression is parsed once; its names are known before it runs.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from stepin.errors import Invalid

Scope = Mapping[str, Any]

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
}


class Expression:
    """A parsed expression.

    Attributes
    ----------
    text : as it was written.
    paths : every name with its fields that it reads, e.g. ``("order", "status")``.
    """

    __slots__ = ("_body", "paths", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._body = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError) as error:
            raise _bad(text, "it can't be read") from error
        paths: list[tuple[str, ...]] = []
        _check(self._body, text, paths)
        self.paths = tuple(dict.fromkeys(paths))

    def value(self, scope: Scope) -> Any:
        """Return what the expression is worth in a scope.

        Raises
        ------
        Invalid
            If the scope lacks a name or field (``code="unknown_name"``), or the values can't be
            compared.
        """
        try:
            return _value(self._body, scope)
        except (KeyError, TypeError, IndexError) as error:
            raise Invalid(
                f"`{self.text}` can't be worked out: {error}.",
                code="unknown_name",
                hint="Name a fact, or a field of a result that an earlier step stores.",
                expression=self.text,
            ) from error

    def holds(self, scope: Scope) -> bool:
        """Return whether the expression is true in a scope."""
        return bool(self.value(scope))


def _bad(text: str, why: str) -> Invalid:
    return Invalid(
        f"The expression `{text}` is not one: {why}.",
        code="expression_invalid",
        hint="Use names, fields, quoted texts, numbers, ==, <, in, and, or, not.",
        expression=text,
    )


def _check(node: ast.expr, text: str, paths: list[tuple[str, ...]]) -> None:
    match node:
        case ast.Constant(value=str() | int() | float() | bool() | None):
            return
        case ast.Name() | ast.Attribute():
            paths.append(_path(node, text))
        case ast.BoolOp(values=values) | ast.Tuple(elts=values) | ast.List(elts=values):
            for part in values:
                _check(part, text, paths)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            _check(operand, text, paths)
        case ast.Compare(left=left, comparators=rights):
            for part in (left, *rights):
                _check(part, text, paths)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            _check(left, text, paths)
            _check(right, text, paths)
        case _:
            raise _bad(text, f"{type(node).__name__} is not allowed")


def _path(node: ast.expr, text: str) -> tuple[str, ...]:
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        return (*_path(node.value, text), node.attr)
    raise _bad(text, "a field belongs to a name")


def _value(node: ast.expr, scope: Scope) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return scope[name]
        case ast.Attribute(value=inner, attr=field):
            return _field(_value(inner, scope), field)
        case ast.BoolOp(op=op, values=values):
            if isinstance(op, ast.And):
                return all(_value(part, scope) for part in values)
            return any(_value(part, scope) for part in values)
        case ast.Tuple(elts=values) | ast.List(elts=values):
            return [_value(part, scope) for part in values]
        case ast.UnaryOp(op=op, operand=operand):
            inner_value = _value(operand, scope)
            return (not inner_value) if isinstance(op, ast.Not) else -inner_value
        case ast.Compare(left=left, ops=ops, comparators=rights):
            return _compare(_value(left, scope), ops, [_value(part, scope) for part in rights])
        case ast.BinOp(left=left, op=op, right=right):
            return _ARITHMETIC[type(op)](_value(left, scope), _value(right, scope))
        case _:
            raise TypeError(type(node).__name__)


def _field(value: Any, field: str) -> Any:
    if not isinstance(value, Mapping):
        raise TypeError(f"{field} of something that has no fields")
    return value[field]


def _compare(left: Any, ops: list[ast.cmpop], rights: list[Any]) -> bool:
    for op, right in zip(ops, rights, strict=True):
        if not _COMPARE[type(op)](left, right):
            return False
        left = right
    return True
