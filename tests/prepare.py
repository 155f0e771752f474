"""What `make test` installs before it runs: Chromium, from Debian, where that is possible.

Whatever stays missing is said loudly; with `STEPIN_TEST_REQUIRE=all` it is an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.postgres import binaries

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def browser() -> str | None:
    """Return the path of an installed Chromium."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def _apt(*arguments: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", *arguments]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=environment)


def main() -> int:
    """Install what is missing and can be; return 1 if something required stays missing."""
    if browser() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests ...", flush=True)
        _apt("update")
        _apt("install", "-y", "--no-install-recommends", "chromium", "fonts-noto-cjk")
    missing = []
    if browser() is None:
        missing.append("No Chromium was found: the browser tests can't run.")
    if not os.environ.get("STEPIN_TEST_POSTGRES") and binaries() is None:
        missing.append(
            "No PostgreSQL was found: the tests on it can't run. Install `postgresql`, or name a "
            "database in STEPIN_TEST_POSTGRES."
        )
    for text in missing:
        print(f"!! {text}", file=sys.stderr)
    return 1 if missing and os.environ.get("STEPIN_TEST_REQUIRE") == "all" else 0


if __name__ == "__main__":
    sys.exit(main())
