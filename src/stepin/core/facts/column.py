"""What one column of the facts is, and how early it is known.

The stage of a column is its *type*, so that something that happened later can't stand as a
control: a function that takes ``Before`` columns rejects an ``After`` one under mypy, and
:func:`before` rejects it again at run time for names that came from a file.

==============  ==================================================================================
``Before``      fixed before the trial could act on it: a safe control in every design
``AtOpening``   known when the row's unit began, but earlier treated chats may have moved it: a safe
                control where chats are assigned or matched, never where workers are
``Assigned``    the treatment itself, or something that only names it
``After``       everything that came later: an outcome, never a control
==============  ==================================================================================
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import ClassVar, Final, Generic, Literal, TypeVar

from stepin.errors import Invalid, Missing

T_co = TypeVar("T_co", covariant=True)
Stage = Literal["before", "opening", "assigned", "after"]


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """The type of a column's values; ``name`` is the portable one that storage maps."""

    name: Literal["text", "whole", "real", "truth", "moment", "day"]


TEXT: Final[Kind[str]] = Kind("text")
WHOLE: Final[Kind[int]] = Kind("whole")
REAL: Final[Kind[float]] = Kind("real")
TRUTH: Final[Kind[bool]] = Kind("truth")
MOMENT: Final[Kind[dt.datetime]] = Kind("moment")
DAY: Final[Kind[dt.date]] = Kind("day")


@dataclass(frozen=True, slots=True)
class Column(Generic[T_co]):
    """One column: its kind, unit, meaning and stage.

    Attributes
    ----------
    kind : the type of the values; moments are UTC at microseconds, days are UTC dates.
    meaning : one sentence, as the data dictionary prints it.
    unit : ``s``, ``chars``, ``share``, ``1-5`` and so on; empty where there is none.
    optional : whether a row may have no value; the meaning then says when.
    values : the closed vocabulary of a text, or empty.
    name, table : set by the table that holds the column.
    """

    kind: Kind[T_co]
    meaning: str
    unit: str = ""
    optional: bool = False
    values: tuple[str, ...] = ()
    name: str = field(default="", init=False)
    table: str = field(default="", init=False)

    stage: ClassVar[Stage]

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "table", getattr(owner, "name", ""))


@dataclass(frozen=True, slots=True)
class AtOpening(Column[T_co]):
    """Known when the row's unit began; earlier treated chats may have moved it."""

    stage: ClassVar[Stage] = "opening"


@dataclass(frozen=True, slots=True)
class Before(AtOpening[T_co]):
    """Fixed before the trial could act on it; nothing a treated worker does moves it."""

    stage: ClassVar[Stage] = "before"


@dataclass(frozen=True, slots=True)
class Assigned(Column[T_co]):
    """The treatment itself, or something that only names it."""

    stage: ClassVar[Stage] = "assigned"


@dataclass(frozen=True, slots=True)
class After(Column[T_co]):
    """Known only after treatment: an outcome or a description, never a control."""

    stage: ClassVar[Stage] = "after"


class Table:
    """A table of facts: a class whose attributes are its columns, never instantiated.

    Attributes
    ----------
    name : the name of the Parquet file or folder and of the SQL table.
    meaning : what one row is.
    key : the names of the columns that identify a row.
    columns : the columns in order of declaration.
    """

    name: ClassVar[str]
    meaning: ClassVar[str]
    key: ClassVar[tuple[str, ...]]
    columns: ClassVar[tuple[Column[object], ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.columns = tuple(c for c in vars(cls).values() if isinstance(c, Column))

    @classmethod
    def column(cls, name: str) -> Column[object]:
        """Return the column of that name.

        Raises
        ------
        Missing
            ``unknown_column``: the table has none of that name.
        """
        for column in cls.columns:
            if column.name == name:
                return column
        raise Missing(
            f"The table {cls.name} has no column {name!r}.",
            code="unknown_column",
            hint="See the facts reference for the columns of each table.",
            table=cls.name,
            column=name,
        )


NUMBERS: Final = frozenset({"whole", "real", "truth"})


def before(column: Column[object]) -> Before[float]:
    """Return `column` as a control that every design may use.

    Raises
    ------
    Invalid
        ``not_before``: the column is not fixed before treatment, or isn't a number.
    """
    if isinstance(column, Before) and column.kind.name in NUMBERS:
        return column
    raise _not_a_control(column, "fixed before treatment")


def at_opening(column: Column[object]) -> AtOpening[float]:
    """Return `column` as a control where chats, not workers, are assigned or matched.

    Raises
    ------
    Invalid
        ``not_before``: the column is not known at opening, or isn't a number.
    """
    if isinstance(column, AtOpening) and column.kind.name in NUMBERS:
        return column
    raise _not_a_control(column, "known at opening")


def _not_a_control(column: Column[object], wanted: str) -> Invalid:
    return Invalid(
        f"{column.table}.{column.name} ({column.stage}, {column.kind.name}) can't be a control: "
        f"it must be a number that is {wanted}.",
        code="not_before",
        hint="Choose a control whose stage in the data dictionary is early enough.",
        table=column.table,
        column=column.name,
        stage=column.stage,
    )
