"""From a typed Python function to a tool: its schema, its plan and its call.

A tool function takes keyword arguments with types, after one `Caller`, and returns a
`msgspec.Struct`; its docstring is what a model and a worker read. What it may touch is decided
by `plan`, which gets the caller that the door has asserted and the arguments as typed values.
Each of them may be `async`, or a plain function that blocks: that one runs in a thread.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, get_type_hints

import msgspec

from stepin.agent.tools.blocking import awaitable
from stepin.agent.tools.tool import Caller, CallPlan, Reconciled, Tool, ToolFailed
from stepin.core.events.base import Risk

ToolFunction = Callable[..., Awaitable[msgspec.Struct] | msgspec.Struct]
PlanFunction = Callable[..., Awaitable[CallPlan] | CallPlan]
_Outcome = tuple[Reconciled, dict[str, Any]]
ReconcileFunction = Callable[[Caller], Awaitable[_Outcome] | _Outcome]


def define(
    function: ToolFunction,
    *,
    risk: Risk = "read",
    customer_scoped: bool = True,
    plan: PlanFunction | None = None,
    reconcile: ReconcileFunction | None = None,
    version: str = "1",
    timeout_s: float = 10.0,
    asks_first: bool = True,
) -> Tool:
    """Return the tool that a typed function is.

    Parameters
    ----------
    function : ``async def name(caller, *, argument: type, ...) -> Struct`` with a docstring, or the
        same with a plain ``def``.
    plan : resolves the arguments and refuses those that the caller may not touch; takes what
        `function` takes. Without it the arguments are taken as they are.
    customer_scoped : whether it is refused to a customer whom nobody has asserted.
    asks_first : whether the AI needs the customer's clear yes to each call that changes something.
    """
    arguments = _arguments(function)
    doc = inspect.getdoc(function) or ""
    if not doc:
        raise TypeError(f"the tool {function.__name__} has no docstring")
    returns = get_type_hints(function)["return"]
    return Tool(
        name=function.__name__,
        version=version,
        doc=doc,
        parameters=_schema(arguments),
        risk=risk,
        customer_scoped=customer_scoped,
        plan=_planning(plan, arguments, customer_scoped),
        call=_calling(function, arguments, customer_scoped),
        reconcile=None if reconcile is None else awaitable(reconcile),
        timeout_s=timeout_s,
        returns=_inlined(returns),
        asks_first=asks_first,
    )


def _planning(
    plan: PlanFunction | None, arguments: type[msgspec.Struct], customer_scoped: bool
) -> Callable[[Caller, Mapping[str, Any]], Awaitable[CallPlan]]:
    """Return what plans a call: the tool's own plan, or the arguments as they are."""
    plans = None if plan is None else awaitable(plan)

    async def planned(caller: Caller, given: Mapping[str, Any]) -> CallPlan:
        _admit(caller, customer_scoped)
        typed = _typed(arguments, given)
        if plans is None:
            return CallPlan(arguments=msgspec.to_builtins(typed))
        planned: CallPlan = await plans(caller, **typed)
        return planned

    return planned


def _calling(
    function: ToolFunction, arguments: type[msgspec.Struct], customer_scoped: bool
) -> Callable[[Caller, Mapping[str, Any]], Awaitable[dict[str, Any]]]:
    """Return what calls the function and gives its answer as plain values."""
    does = awaitable(function)

    async def called(caller: Caller, given: Mapping[str, Any]) -> dict[str, Any]:
        _admit(caller, customer_scoped)
        answer = await does(caller, **_typed(arguments, given))
        result: dict[str, Any] = msgspec.to_builtins(answer)
        return result

    return called


def _admit(caller: Caller, customer_scoped: bool) -> None:
    if customer_scoped and not caller.asserted:
        raise ToolFailed("not_signed_in", "The customer isn't signed in.")


def _arguments(function: ToolFunction) -> type[msgspec.Struct]:
    hints = get_type_hints(function)
    fields: list[tuple[str, type] | tuple[str, type, Any]] = []
    for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
        if parameter.default is inspect.Parameter.empty:
            fields.append((name, hints[name]))
        else:
            fields.append((name, hints[name], parameter.default))
    return msgspec.defstruct(
        f"{function.__name__}_arguments", fields, kw_only=True, forbid_unknown_fields=True
    )


def _typed(arguments: type[msgspec.Struct], given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        values = msgspec.convert(dict(given), arguments)
    except msgspec.ValidationError as error:
        raise ToolFailed("bad_arguments", str(error)) from error
    return {name: getattr(values, name) for name in arguments.__struct_fields__}


def _schema(arguments: type[msgspec.Struct]) -> dict[str, Any]:
    schema = _inlined(arguments)
    schema.pop("title", None)
    schema["additionalProperties"] = False
    return schema


def _inlined(kind: type) -> dict[str, Any]:
    """Return the JSON schema of a type with its references put in place."""
    schema = msgspec.json.schema(kind)
    parts = schema.get("$defs", {})

    def put(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return put(parts[node["$ref"].rsplit("/", 1)[1]])
            return {key: put(value) for key, value in node.items() if key != "$defs"}
        return [put(part) for part in node] if isinstance(node, list) else node

    inlined: dict[str, Any] = put(schema)
    return inlined
