"""The reference page of the public API: each name with its signature and the first line on it."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterable, Iterator
from typing import Any

_WIDTH = 88
_STARS: dict[Any, str] = {
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.VAR_KEYWORD: "**",
}
_ABOUT = (
    "The names of the package `stepin`: what an extension, or a program that embeds the desk, may "
    "import. Everything else may change without notice. Each is loaded when it is first asked for, "
    "so that the package itself imports nothing heavy; type checkers see all of them.\n"
)


def python_api(note: str) -> str:
    """Return the page, in the order of `stepin.__all__`."""
    import stepin

    blocks = [_block(name, getattr(stepin, name)) for name in stepin.__all__]
    return "\n".join(["# Python API\n", note, _ABOUT, *blocks])


def _block(name: str, value: Any) -> str:
    if not inspect.isclass(value) and not inspect.isroutine(value):
        text = str(value).removeprefix("typing.").replace("'", '"')
        return f"## {name}\n\n```python\n{name} = {text}\n```\n"
    text = f"## {name}\n\n{_first_line(value)}\n\n```python\n{_signed(name, value)}\n```\n"
    if inspect.isclass(value) and (members := list(_members(value))):
        text += "\n" + "\n".join(members) + "\n"
    return text


def _members(cls: type) -> Iterator[str]:
    """Yield the public properties and methods that a class has of its own, as it lists them."""
    for name, member in vars(cls).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            assert member.fget is not None
            returns = inspect.signature(member.fget).return_annotation
            yield f"- `{name}: {returns}`: {_first_line(member)}"
            continue
        function = getattr(member, "__func__", member)
        if isinstance(function, types.FunctionType):
            signature = inspect.signature(function)
            parts = ", ".join(_parameters(list(signature.parameters.values())[1:]))
            call = f"{name}({parts}) -> {signature.return_annotation}"
            mark = "await " if inspect.iscoroutinefunction(function) else ""
            yield f"- `{mark}{call}`: {_first_line(function)}"


def _first_line(value: Any) -> str:
    return (inspect.getdoc(value) or "").split("\n", 1)[0].strip()


def _signed(name: str, value: Any) -> str:
    """Return the definition's head, with one parameter per line where it is long."""
    returns = ""
    if inspect.isclass(value):
        head = f"class {name}"
        if getattr(value, "_is_protocol", False):
            return f"{head}(Protocol)"
        if issubclass(value, Exception) and "__init__" not in vars(value):
            return f"{head}({value.__bases__[0].__name__})"
        parts = list(_fields(value))
    else:
        head = f"{'async ' if inspect.iscoroutinefunction(value) else ''}def {name}"
        parts = list(_parameters(inspect.signature(value).parameters.values()))
        returns = f" -> {inspect.signature(value).return_annotation}"
    line = f"{head}({', '.join(parts)}){returns}"
    if len(line) <= _WIDTH:
        return line
    inner = "".join(f"    {part},\n" for part in parts)
    return f"{head}(\n{inner}){returns}"


def _fields(cls: Any) -> Iterator[str]:
    """Yield what a class is made from; of a struct the fields with their types as written."""
    import msgspec

    parameters = inspect.signature(cls).parameters
    if not issubclass(cls, msgspec.Struct):
        return _parameters(parameters.values())
    written: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        written |= vars(base).get("__annotations__", {})
    return _parameters(
        parameters[field.name].replace(annotation=written[field.name], default=_made(field))
        for field in msgspec.structs.fields(cls)
    )


def _made(field: Any) -> Any:
    """Return a field's default, a factory's included."""
    import msgspec

    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return inspect.Parameter.empty if field.default is msgspec.NODEFAULT else field.default


def _parameters(parameters: Iterable[inspect.Parameter]) -> Iterator[str]:
    starred = False
    for parameter in parameters:
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            starred = True
            yield "*"
        text = f"{_STARS.get(parameter.kind, '')}{parameter.name}"
        if parameter.annotation is not parameter.empty:
            text += f": {parameter.annotation}"
        if parameter.default is not parameter.empty:
            text += f" = {_default(parameter.default)}"
        yield text


def _default(value: Any) -> str:
    """Return a default as code, the same in every process, or an ellipsis for anything else."""
    plain = isinstance(value, (str, int, float, bool, tuple, dict, frozenset, types.NoneType))
    text = repr(value).replace("'", '"')
    return text if plain and len(text) <= _WIDTH // 2 else "…"
