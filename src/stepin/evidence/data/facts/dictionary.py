"""The data dictionary of the facts, written from the code that defines them."""

from __future__ import annotations

from stepin.core.facts import TABLES, Column, Table

STAGES = {
    "before": "before",
    "opening": "at opening",
    "assigned": "assigned",
    "after": "after",
}

HEAD = """# Facts: every table and column

This page is written from the code (`python -m stepin.evidence.data.facts.dictionary`); a test fails
when it is out of date.

A data set of facts is a folder. A table is `TABLE.parquet` or a folder `TABLE/` of Parquet files.
Moments are UTC at microseconds, days are UTC dates.

Values of own tables keep these rules, or are refused by column, value and count (the
[how-to](../how-to/facts-from-your-own-tables.md) says what to write in a mapping):

- Every moment and day lies between 1990-01-01 and the end of the day after the export;
  `workers.treated_from`, which can be planned, up to a year later.
- `opened_at` and `closed_at` have a time of day wherever durations or returns follow from them.
- A retrial is known where its window had passed at the last opening, or at the named end of the
  export (`exported_at`); a later close tells nothing.
- Numbers are finite, at most 1e100 in size, and lie where their unit lets them.
- `workers.arm` names the arms as the plan does: small letters, digits, `-` and `_`, at most 64. The
  mapping translates other names.

**Known** says how early a column is known, and with that what it may be used for:

| known | what it is | may be a control |
|---|---|---|
| before | fixed before the trial could act on it | always |
| at opening | known at the opening; earlier treated chats may have moved it | not for workers |
| assigned | the treatment itself, or something that only names it | never |
| after | everything later: an outcome or a description | never |

*Not for workers*: only where chats are assigned or matched, never where workers are.
"""


def dictionary() -> str:
    """Return the dictionary as Markdown: one section per table, one row per column."""
    return "\n".join([HEAD, *(_section(table) for table in TABLES)])


def _section(table: type[Table]) -> str:
    rows = [
        f"## {table.name}",
        "",
        f"{table.meaning} Key: {', '.join(f'`{k}`' for k in table.key)}.",
        "",
        "| column | kind | unit | known | meaning |",
        "|---|---|---|---|---|",
        *(_row(column) for column in table.columns),
        "",
    ]
    return "\n".join(rows)


def _row(column: Column[object]) -> str:
    kind = column.kind.name + (", may be empty" if column.optional else "")
    meaning = column.meaning
    if column.values:
        meaning += f" One of {', '.join(column.values)}."
    stage = STAGES[column.stage]
    return f"| `{column.name}` | {kind} | {column.unit} | {stage} | {meaning} |"


if __name__ == "__main__":
    import sys

    sys.stdout.write(dictionary())
