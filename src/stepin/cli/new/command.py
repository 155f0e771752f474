"""`stepin new`: a template and its failing test, next to what is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from stepin.cli import output as out

if TYPE_CHECKING:
    from stepin.cli.new.place import Kind

app = App(
    "new",
    help="""Write a template and its failing test.

Example: stepin new tool return_label --into examples/extension""",
    help_format="plaintext",
)


@app.command
def tool(name: str, *, into: Path = Path(), json: bool = False) -> int:
    """Write a tool, into an extension or a shop's folder.

    Example: stepin new tool return_label --into examples/extension

    Parameters
    ----------
    name
        What the AI calls it by, e.g. return_label.
    into
        The extension's folder, or the shop's.
    json
        Print JSON.
    """
    return _write("tool", name, into, json=json)


@app.command
def detector(name: str, *, into: Path = Path(), json: bool = False) -> int:
    """Write a detector, into an extension.

    Example: stepin new detector deadline --into examples/extension

    Parameters
    ----------
    name
        What the log and the facts call it, e.g. deadline.
    into
        The extension's folder.
    json
        Print JSON.
    """
    return _write("detector", name, into, json=json)


@app.command
def section(name: str, *, into: Path = Path(), json: bool = False) -> int:
    """Write a section of the report, into the repository of Stepin.

    Example: stepin new section handovers

    Parameters
    ----------
    name
        Its id in the page's links and in the files of numbers.
    into
        The repository's root.
    json
        Print JSON.
    """
    return _write("section", name, into, json=json)


@app.command
def command(name: str, *, into: Path = Path(), json: bool = False) -> int:
    """Write a command, into the repository of Stepin.

    Example: stepin new command archive

    Parameters
    ----------
    name
        What users type after stepin.
    into
        The repository's root.
    json
        Print JSON.
    """
    return _write("command", name, into, json=json)


def _write(kind: Kind, name: str, into: Path, *, json: bool) -> int:
    from stepin.cli.new.writing import write_new

    made = write_new(kind, name, into)
    if json:
        out.as_json(made)
        return 0
    print(f"Wrote {' and '.join(made.written)}.")
    print("Next:")
    for number, step in enumerate(made.next, start=1):
        print(f"  {number}. {step}")
    return 0
