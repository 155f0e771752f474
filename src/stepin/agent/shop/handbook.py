"""A domain folder: one shop's tools, procedures, articles and words.

``domain.toml`` holds the words, ``procedures/`` and ``articles/`` the texts, and the folder is a
Python package whose `open_tools(data, now)` returns its tools.
"""

from __future__ import annotations

import importlib.util
import sys
import tomllib
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import msgspec

from stepin.agent.shop.article import Passage, read_articles
from stepin.agent.shop.procedure import Limit, Procedure
from stepin.agent.shop.procedures import read_procedures
from stepin.agent.shop.retrieval import Ranking
from stepin.agent.shop.template import Speech
from stepin.agent.tools.tool import Tool
from stepin.errors import Invalid, Missing, StepinError
from stepin.vectors.port import Encoder

OpenTools = Callable[[Path, Callable[[], datetime]], Sequence[Tool]]


class Handbook(msgspec.Struct, frozen=True, kw_only=True):
    """What both brains know of a shop.

    Attributes
    ----------
    version : 12 hex digits, the same for the same files and the same encoder.
    """

    speech: Speech
    procedures: dict[str, Procedure]
    passages: tuple[Passage, ...]
    ranking: Ranking
    version: str

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The limits of every procedure."""
        return tuple(limit for one in self.procedures.values() for limit in one.limits)


def read_handbook(
    folder: Path, encoder: Encoder | None = None, *, of_passages: Encoder | None = None
) -> Handbook:
    """Return what a domain folder tells.

    Parameters
    ----------
    encoder : finds articles by what is meant as well; without it words alone decide.
    of_passages : the same encoder with a memory for the articles' own texts.

    Raises
    ------
    Missing
        If there is no such folder or no ``domain.toml`` in it.
    Invalid
        If a file can't be understood; with the file and line.
    """
    words = folder / "domain.toml"
    if not words.exists():
        raise Missing(
            f"There is no domain.toml in {folder}.",
            hint="Name a folder with domain.toml, procedures/ and articles/.",
            code="no_domain",
            folder=str(folder),
        )
    try:
        speech = msgspec.convert(tomllib.loads(words.read_text("utf-8")), Speech)
        ZoneInfo(speech.timezone)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError, KeyError) as error:
        raise Invalid(f"domain.toml: {error}", code="domain_invalid") from error
    passages = read_articles(folder / "articles")
    ranking = Ranking(passages, encoder, of_passages=of_passages)
    return Handbook(
        speech=speech,
        procedures=read_procedures(folder / "procedures"),
        passages=passages,
        ranking=ranking,
        version=_version(folder, ranking.encoder_id),
    )


def load_package(folder: Path) -> ModuleType:
    """Return a domain folder's package, imported once under a name of its own.

    Raises
    ------
    Missing
        If the folder is no package.
    Invalid
        ``tools_invalid`` if its code fails, with the file and line.
    """
    init = folder / "__init__.py"
    name = f"stepin_domain_{sha256(str(folder.resolve()).encode()).hexdigest()[:8]}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, init, submodule_search_locations=[str(folder)]
        )
        if spec is None or spec.loader is None or not init.exists():
            raise _no_tools(folder)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            del sys.modules[name]
            raise _broken(folder, error) from error
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]


def load_tools(folder: Path, data: Path, now: Callable[[], datetime]) -> list[Tool]:
    """Return the tools that a domain folder's package opens on the data in another folder.

    Raises
    ------
    Missing
        If the folder is no package, or the package has no `open_tools`.
    Invalid
        ``tools_invalid`` if its code fails, with the file and line.
    """
    opener: OpenTools | None = getattr(load_package(folder), "open_tools", None)
    if opener is None:
        raise _no_tools(folder)
    data.mkdir(parents=True, exist_ok=True)
    try:
        return list(opener(data, now))
    except StepinError:
        raise
    except Exception as error:
        raise _broken(folder, error) from error


def _broken(folder: Path, error: Exception) -> Invalid:
    """Return the error that a shop's own code fails, with the file and the line of it."""
    inside = [
        one for one in traceback.extract_tb(error.__traceback__) if str(folder) in one.filename
    ]
    file, line = (inside[-1].filename, inside[-1].lineno) if inside else (str(folder), 1)
    if isinstance(error, SyntaxError) and error.filename:
        file, line = error.filename, error.lineno
    return Invalid(
        f"{Path(file).name}, line {line}: {type(error).__name__}: {error}.",
        hint="The tools of the shop can't be opened until this is mended.",
        code="tools_invalid",
        file=file,
        line=line or 1,
    )


def _no_tools(folder: Path) -> Missing:
    return Missing(
        f"{folder} is no package with a function open_tools(data, now).",
        hint="See the how-to on connecting a shop.",
        code="no_tools",
        folder=str(folder),
    )


def texts_of(folder: Path) -> list[Path]:
    """Return the files of a domain folder that a handbook is made of, in order."""
    return sorted([*folder.rglob("*.toml"), *folder.rglob("*.md")])


def _version(folder: Path, encoder_id: str) -> str:
    digest = sha256(encoder_id.encode())
    for path in texts_of(folder):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
