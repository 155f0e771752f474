"""`stepin docs`: the reference pages, written from the code so that they can't lie."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

app = App("docs", help="Write the reference pages from the code.", help_format="plaintext")


@app.command
def build(folder: Path = Path("docs/reference"), *, check: bool = False) -> int:
    """Write the pages on commands, settings, events, errors, the HTTP API and the Python API.

    Example: stepin docs build --check

    Parameters
    ----------
    folder
        Where to.
    check
        Write nothing; exit 1 if a page isn't what the code says.
    """
    from stepin.cli.pages import pages

    stale = []
    for name, text in pages().items():
        path = folder / name
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if not check:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    if stale and check:
        print(f"Not what the code says: {', '.join(stale)}. Run stepin docs build.")
        return 1
    print(f"Wrote {', '.join(stale)}." if stale else "Every page is what the code says.")
    return 0
