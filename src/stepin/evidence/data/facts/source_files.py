"""The files of one table, opened as one relation: whole, alike, and dates as they are written.

What is written decides what a date is. A column of dates of a CSV file is offered typed only if
every value of it leads with a four-digit year; any other way of writing stays a text, so that a
mapping can say with `strptime` how to read it, and nothing is guessed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from stepin.core.facts import Table
from stepin.errors import Invalid, Missing
from stepin.evidence.data.facts.broken_file import fault_of, header
from stepin.evidence.data.facts.column_source import zoned
from stepin.evidence.data.facts.table_mapping import TableMapping, literal, quoted

if TYPE_CHECKING:
    import duckdb

_DATES: Final = ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")
_LEADS_WITH_YEAR: Final = r"'^\s*\d{4}[-/.]'"


class SourceFiles:
    """The files that a mapping names for one table; `given` is the view over them.

    Attributes
    ----------
    paths : in order of name.
    dates : columns of dates that are offered typed, with their SQL type.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, table: type[Table], of: TableMapping, folder: Path
    ) -> None:
        self.con, self.table, self.of = con, table, of
        self.paths = sorted(folder.glob(of.source))
        if not self.paths:
            raise Missing(
                f"No file matches {of.source!r} of the table {table.name}.", code="no_source"
            )
        kinds = {path.suffix == ".parquet" for path in self.paths}
        if len(kinds) > 1:
            raise self.unreadable("CSV and Parquet files stand side by side.")
        self.csv = not kinds.pop()
        self.dates: dict[str, str] = {}
        self._texts: set[str] = set()
        self._bare: list[Path] = []
        self._whole = False
        self._look()
        self.offer()

    def unreadable(self, why: str, hint: str | None = None) -> Invalid:
        """Return the refusal of these files."""
        return Invalid(
            f"The files {self.of.source} of the table {self.table.name} can't be read: {why}",
            code="source_unreadable",
            hint=hint
            or "Files of one table need the same columns: one CSV or Parquet format throughout.",
            table=self.table.name,
        )

    def diagnose(self) -> None:
        """Refuse the first file that is broken, by what broke it."""
        for path in self.paths if self.csv else ():
            if (found := fault_of(path)) is not None:
                raise self.unreadable(f"{path.name} {found[0]}", found[1])
        for path in self._bare:
            raise self.unreadable(
                f"{path.name} has no header that names its columns.",
                "Write the columns' names into the first line of each file.",
            )

    def read_to_the_end(self) -> None:
        """Take the type of each column from all of its values, not from the first thousands."""
        self._whole = True
        self.offer()

    def odd(self) -> list[tuple[str, str]]:
        """Return, per typed column of dates, what counts its values that aren't plainly dates.

        Values of which some say their time zone and others don't are none either.
        """
        return [
            (
                name,
                f"count(*) FILTER (trim({w}) <> '' AND (NOT regexp_matches({w}, {_LEADS_WITH_YEAR})"
                f" OR TRY_CAST({w} AS {kind}) IS NULL)) + least(count(*) FILTER ({zoned(w)}), "
                f"count(*) FILTER (trim({w}) <> '' AND NOT {zoned(w)}))",
            )
            for name, kind in self.dates.items()
            for w in (quoted(_written(name)),)
        ]

    def written(self, raw: str) -> str | None:
        """Return the SQL of a typed column of dates as it is written; None of anything else."""
        return next((quoted(_written(n)) for n in self.dates if quoted(n) == raw), None)

    def as_text(self, names: list[str]) -> None:
        """Offer these columns of dates as the texts that they are."""
        self._texts |= set(names)
        for name in names:
            del self.dates[name]
        self.offer()

    def offer(self) -> None:
        """Make the view `given`."""
        import duckdb

        listed = ", ".join(literal(str(p)) for p in self.paths)
        if self.csv:
            texts = sorted({*self.dates, *self._texts})
            types = ", ".join(f"{literal(n)}: 'VARCHAR'" for n in texts)
            more = f", types = {{{types}}}" if texts else ""
            more += ", sample_size = -1" if self._whole else ""
            files = f"read_csv([{listed}], union_by_name = true{more})"
        else:
            files = f"read_parquet([{listed}], union_by_name = true)"
        typed = ", ".join(f"TRY_CAST({quoted(n)} AS {k}) AS {quoted(n)}" for n, k in
                          self.dates.items())  # fmt: skip
        also = "".join(f", {quoted(n)} AS {quoted(_written(n))}" for n in self.dates)
        replaced = f" REPLACE ({typed})" if typed else ""
        try:
            self.con.execute(
                f"CREATE OR REPLACE TEMP VIEW given AS SELECT *{replaced}{also} FROM {files}"  # noqa: S608
            )
        except duckdb.Error as error:
            self.diagnose()
            raise self.unreadable(str(error).splitlines()[0]) from error

    def _look(self) -> None:
        """Find the columns of each file, and refuse files that don't go together."""
        import duckdb

        columns: list[dict[str, str]] = []
        for path in self.paths:
            try:
                columns.append(self._columns(path))
            except duckdb.Error as error:
                self.diagnose()
                raise self.unreadable(f"{path.name}: {str(error).splitlines()[0]}") from error
        every = dict.fromkeys(name for found in columns for name in found)
        for path, found in zip(self.paths, columns, strict=True):
            lost = [name for name in every if name not in found and self.of.mentions(name)]
            if lost:
                self._lacking(path, found, lost, columns)
        self.dates = {
            name: kinds.pop()
            for name in every
            if len(kinds := {found[name] for found in columns if name in found}) == 1
            and kinds <= set(_DATES)
            and name not in self._texts
            and self.csv
        }

    def _lacking(
        self, path: Path, found: dict[str, str], lost: list[str], columns: list[dict[str, str]]
    ) -> None:
        self.diagnose()
        whole = next(p for p, c in zip(self.paths, columns, strict=True) if lost[0] in c)
        own = [n for n in found if not all(n in c for c in columns)]
        instead = f" (it has {', '.join(own)} instead)" if own else ""
        raise self.unreadable(
            f"{path.name} has no column {', '.join(lost)}{instead}, which {whole.name} has.",
            "Give the column the same name in all files of the table.",
        )

    def _columns(self, path: Path) -> dict[str, str]:
        """Return the columns of one file with their types; dates written otherwise are texts."""
        where = literal(str(path))
        if not self.csv:
            rows = self.con.execute(f"DESCRIBE SELECT * FROM read_parquet({where})").fetchall()  # noqa: S608
            return {str(r[0]): str(r[1]) for r in rows}
        row = self.con.execute(
            f"SELECT Columns, DateFormat, TimestampFormat, Delimiter, SkipRows, HasHeader "  # noqa: S608
            f"FROM sniff_csv({where})"
        ).fetchone()
        if row is None:
            raise self.unreadable(f"{path.name} is empty.")
        found, day, moment, delimiter, skipped, headed = row
        if headed:
            self._once(path, str(delimiter), int(skipped))
        else:
            self._bare.append(path)
        formats = {"DATE": day, "TIMESTAMP": moment, "TIMESTAMP WITH TIME ZONE": moment}
        out = {}
        for column in found:
            name, kind = str(column["name"]), str(column["type"])
            if kind in formats and formats[kind] and not str(formats[kind]).startswith("%Y"):
                self._texts.add(name)
                kind = "VARCHAR"
            out[name] = kind
        return out

    def _once(self, path: Path, delimiter: str, skipped: int) -> None:
        """Refuse a mapped column whose name stands twice in the header."""
        names = header(path, delimiter, skipped)
        seen = [name.casefold() for name in names]
        for i, name in enumerate(seen):
            if name in seen[:i] and self.of.mentions(name):
                raise Invalid(
                    f"{path.name} has {seen.count(name)} columns of the name {names[i]}, and the "
                    "mapping takes one by that name.",
                    code="mapping",
                    hint=f"Rename them in the file. `{names[i]}_1` is the second as it stands.",
                    table=self.table.name,
                )


def _written(name: str) -> str:
    return f"{name} as written"
