"""A team's extension: the parts that the setting `extension` names, and how they join a shop's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from stepin.desk.parts import Parts
from stepin.errors import Invalid, Missing, StepinError

if TYPE_CHECKING:
    from stepin.agent.brain import Brain
    from stepin.agent.shop.procedure import Limit
    from stepin.settings import Settings

_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*")
_DETECTOR = ("name", "version", "cause", "threshold", "start", "update", "score")
_BRAIN = ("version", "turn")
_ADDED = frozenset({"tools", "brains", "detectors", "helplines", "closing"})


def extension_of(settings: Settings) -> Parts:
    """Return the parts of the settings' extension, empty ones if none is set.

    Raises
    ------
    Invalid
        ``extension_name``: the setting isn't `package.module:name`; ``extension_broken``: its code
        raises; ``extension_no_parts``: it gives something else, or parts of the wrong types.
    Missing
        ``no_extension``: there is no such module, or no such name in it.
    StepinError
        What the extension itself refuses with.
    """
    if not settings.extension:
        return Parts()
    found = _named(settings.extension)
    if callable(found) and not isinstance(found, Parts):
        try:
            found = found(settings)
        except StepinError:
            raise
        except Exception as error:
            raise _broken(settings.extension, error) from error
    if not isinstance(found, Parts):
        raise Invalid(
            f"The extension {settings.extension} gives {type(found).__name__}, not stepin.Parts.",
            code="extension_no_parts",
            hint="Name a stepin.Parts, or a function that takes the settings and returns one.",
            extension=settings.extension,
        )
    if wrong := next(_wrong(found), ""):
        raise Invalid(
            f"The extension {settings.extension} gives parts that don't fit: {wrong}.",
            code="extension_no_parts",
            hint="Check it with mypy: stepin.Parts is typed.",
            extension=settings.extension,
        )
    return found


def _wrong(parts: Parts) -> Iterator[str]:
    """Yield what a type checker would have found, before it breaks in the middle of a chat."""
    if parts.tools is not None and not hasattr(parts.tools, "all"):
        yield f"tools is of type {type(parts.tools).__name__}; put the tools into a Toolbox"
    held = (
        ("detectors", _DETECTOR, tuple(parts.detectors)),
        ("brains", _BRAIN, tuple((parts.brains or {}).values())),
    )
    for place, needed, members in held:
        for one in members:
            name = one.__name__ if isinstance(one, type) else type(one).__name__
            if isinstance(one, type):
                yield f"{place} holds the class {name}; make one of it, as {name}()"
            elif lacks := sorted(part for part in needed if not hasattr(one, part)):
                yield f"a {name} in {place} lacks {', '.join(lacks)}"


def _named(name: str) -> Any:
    if _NAME.fullmatch(name) is None:
        raise Invalid(
            f"extension is {name!r}.",
            code="extension_name",
            hint="Write it as package.module:name, e.g. stepin_parcels.wiring:parts.",
            extension=name,
        )
    module_name, _, attribute = name.partition(":")
    try:
        module = import_module(module_name)
    except StepinError:
        raise
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise _broken(name, error) from error
        raise Missing(
            f"The extension {name} isn't there: no module {error.name!r}.",
            code="no_extension",
            hint="Install its package into the environment in which Stepin runs, e.g. "
            "pip install -e examples/extension.",
            extension=name,
        ) from error
    except Exception as error:
        raise _broken(name, error) from error
    if not hasattr(module, attribute):
        raise Missing(
            f"The extension {name} isn't there: {module_name} has no {attribute!r}.",
            code="no_extension",
            hint="Name the function or the stepin.Parts behind the colon.",
            extension=name,
        )
    return getattr(module, attribute)


def _broken(name: str, error: Exception) -> Invalid:
    return Invalid(
        f"The extension {name} raises {type(error).__name__}: {error}",
        code="extension_broken",
        hint="Call it in Python to see the place: its package must import and run by itself.",
        extension=name,
    )


def joined(shop: Parts, own: Parts, limits: Iterable[Limit] = ()) -> Parts:
    """Return a shop's parts with an extension's.

    Tools, brains, detectors, helplines and what is to be closed are added; any other part that the
    extension sets takes the place of the shop's.

    Parameters
    ----------
    limits : the AI's limits of the shop's procedures; they hold for the extension's tools, too.

    Raises
    ------
    Invalid
        ``tool_twice``, ``brain_twice``: both have one of the same name.
    """
    from stepin.agent.tools.joined import JoinedTools

    catalogues = [tools for tools in (shop.tools, own.tools) if tools is not None]
    instead = {
        field.name: getattr(own, field.name)
        for field in fields(Parts)
        if field.name not in _ADDED and getattr(own, field.name) != field.default
    }
    return replace(
        shop,
        tools=shop.tools if own.tools is None else JoinedTools(catalogues, limits),
        brains=_both(shop.brains, own.brains),
        detectors=(*shop.detectors, *own.detectors),
        helplines=(*shop.helplines, *own.helplines),
        closing=(*shop.closing, *own.closing),
        **instead,
    )


def _both(
    shop: Mapping[str, Brain] | None, own: Mapping[str, Brain] | None
) -> Mapping[str, Brain] | None:
    from stepin.agent.editions import BrainsNow

    if shop is None or own is None:
        return shop or own
    if twice := sorted(shop.keys() & own.keys()):
        raise Invalid(
            f"Two brains are called {twice[0]!r}.",
            code="brain_twice",
            hint="Give the extension's brain another name and set brain to it, or set wrap_brain.",
            name=twice[0],
        )
    return BrainsNow(lambda: {**shop, **own})
