"""What `make test` installs before it runs: Chromium, from Debian, where that is possible.

Whatever stays missing is said loudly; with `STEPIN_TEST_REQUIRE=all` it is an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

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
    if browser() is None:
        print("!! No Chromium was found: the browser tests can't run.", file=sys.stderr)
        return 1 if os.environ.get("STEPIN_TEST_REQUIRE") == "all" else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
