"""Models on disk: one file of named arrays with a JSON header, never a pickle.

The file is a NumPy ``.npz`` archive; its member ``header`` holds UTF-8 JSON. The same header
and arrays give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import msgspec
import numpy as np

from stepin.errors import Invalid, Missing

FORMAT = 1

Array = np.ndarray[Any, np.dtype[Any]]

_UNREADABLE = (
    OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, msgspec.MsgspecError,
    zipfile.BadZipFile, zlib.error, NotImplementedError,
)  # fmt: skip


class StoredModel(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds: the kind of model, a header of JSON types, and the arrays by name."""

    kind: str
    header: dict[str, Any]
    arrays: dict[str, Array]


def content_version(kind: str, header: Mapping[str, Any], arrays: Mapping[str, Array]) -> str:
    """Return 12 hexadecimal digits that change when any array or header value changes."""
    digest = hashlib.sha256(msgspec.json.encode([kind, header], order="sorted"))
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name}:{array.dtype.str}:{array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()[:12]


def save(path: str | os.PathLike[str], stored: StoredModel) -> None:
    """Write a model to `path`, whole or not at all.

    Raises
    ------
    Invalid
        If the folder doesn't exist, or the file can't be written.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise Invalid(
            f"There is no folder {target.parent}.",
            code="no_folder",
            hint="Make the folder first.",
            path=str(target),
        )
    header = msgspec.json.encode(
        {"format": FORMAT, "kind": stored.kind, "header": stored.header}, order="sorted"
    )
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer, allow_pickle=False, header=np.frombuffer(header, np.uint8), **stored.arrays
    )
    partial = target.with_name(target.name + ".partial")
    try:
        partial.write_bytes(buffer.getvalue())
        partial.replace(target)
    except OSError as error:
        raise Invalid(
            f"{target} can't be written: {error.strerror}.",
            code="not_writable",
            hint="Name a file in a folder that you may write to.",
            path=str(target),
        ) from error


def load(path: str | os.PathLike[str], kind: str | None = None) -> StoredModel:
    """Return the model stored at `path`.

    Raises
    ------
    Missing
        If there is no such file.
    Invalid
        If the file isn't a model of this format, or not of the given kind.
    """
    target = Path(path)
    if not target.is_file():
        raise Missing(
            f"There is no model at {target}.",
            code="no_model",
            hint="Fit one: stepin judge fit.",
            path=str(target),
        )
    try:
        with target.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        document = msgspec.json.decode(arrays.pop("header").tobytes())
        found, header, version = document["kind"], document["header"], document["format"]
    except _UNREADABLE as error:
        raise Invalid(
            f"{target} isn't a model file, or it is damaged.",
            code="not_a_model",
            hint="Give a file that `stepin judge fit` wrote.",
            path=str(target),
        ) from error
    if version != FORMAT:
        raise Invalid(
            f"{target} has format {version}; this version reads format {FORMAT}.",
            code="model_format",
            hint="Fit the model again with this version.",
            path=str(target),
        )
    if kind is not None and found != kind:
        raise Invalid(
            f"{target} holds a model of kind {found}, not {kind}.",
            code="model_kind",
            hint="Name another model.",
            path=str(target),
            found=found,
        )
    return StoredModel(kind=found, header=header, arrays=arrays)


class FileModel(ABC):
    """A model in one file of arrays with a JSON header; `kind` tells the files apart."""

    kind: ClassVar[str]

    @abstractmethod
    def stored(self) -> StoredModel:
        """Return what the file holds."""

    @classmethod
    @abstractmethod
    def from_stored(cls, stored: StoredModel) -> Self:
        """Return the model that a file held."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to `path`, whole or not at all.

        Raises
        ------
        Invalid
            If the folder of `path` doesn't exist.
        """
        save(path, self.stored())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Return the model at `path`.

        Raises
        ------
        Missing
            If there is no such file.
        Invalid
            If the file holds no model of this kind.
        """
        return cls.from_stored(load(path, cls.kind))
