"""Run the benchmarks and print one table: ``python -m benchmarks [part ...] [--quick]``."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SOURCE = HERE.parent / "src"


def scripts(parts: list[str]) -> list[str]:
    """Return the modules to run: all, those of a part, or one (``desk/append_rate``)."""
    found = sorted(
        path.relative_to(HERE).with_suffix("").as_posix()
        for path in HERE.glob("*/*.py")
        if not path.name.startswith("_") and '__name__ == "__main__"' in path.read_text()
    )
    if not parts:
        return found
    chosen = [name for name in found if name in parts or name.split("/")[0] in parts]
    unknown = set(parts) - set(found) - {name.split("/")[0] for name in found}
    if unknown:
        raise SystemExit(f"no benchmark is called {', '.join(sorted(unknown))}")
    return chosen


def run(name: str, *, quick: bool) -> tuple[list[dict[str, Any]], bool]:
    """Return a script's claims and whether it ran to its end, showing its output as it comes."""
    command = [sys.executable, "-m", f"benchmarks.{name.replace('/', '.')}"]
    process = subprocess.Popen(
        [*command, "--quick"] if quick else command,
        cwd=HERE.parent,
        env=_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    claims = []
    for text in process.stdout:
        claim = _claim(text)
        if claim is None:
            print(f"    {text}", end="", flush=True)
        else:
            claims.append(claim)
    return claims, process.wait() in (0, 1) and bool(claims)


def _environment() -> dict[str, str]:
    paths = [str(SOURCE), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}


def _claim(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return None
    return found if "claim" in found and "pass" in found else None


def table(rows: list[tuple[str, dict[str, Any]]]) -> str:
    """Return the claims as a table of text."""
    head = ("benchmark", "claim", "ours", "reference", "ratio", "goal", "")
    lines = [head] + [
        (
            name,
            str(c["claim"]),
            str(c.get("ours", "")),
            str(c.get("reference", "")),
            str(c.get("ratio", "")),
            str(c.get("goal", "")),
            "ok" if c["pass"] else "FAILS",
        )
        for name, c in rows
    ]
    widths = [max(len(cells[n]) for cells in lines) for n in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        for cells in lines
    )


def main() -> int:
    """Run what was asked for; 0 if every claim holds, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help="a folder (desk) or a script (desk/append_rate)")
    parser.add_argument("--quick", action="store_true", help="each script under a minute")
    parser.add_argument("--json", type=Path, help="write the claims to a file, too")
    given = parser.parse_args()
    rows: list[tuple[str, dict[str, Any]]] = []
    broken: list[str] = []
    for name in scripts(given.parts):
        print(f"{name} …", flush=True)
        started = time.monotonic()
        claims, ended = run(name, quick=given.quick)
        took_s, load = time.monotonic() - started, os.getloadavg()[0]
        print(f"{name}: {len(claims)} claims in {took_s:.0f} s (load {load:.1f})", flush=True)
        rows += [(name, claim) for claim in claims]
        if not ended:
            broken.append(name)
    print(f"\n{table(rows)}")
    if given.json is not None:
        given.json.write_text(
            json.dumps([{"benchmark": name, **claim} for name, claim in rows], indent=1) + "\n"
        )
    for name in broken:
        print(f"{name} did not run to its end")
    return 1 if broken or not all(claim["pass"] for _, claim in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
