"""The log's pages name every fault and every error code that the code can raise."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOG = ROOT / "src" / "stepin" / "log"


def test_every_fault_is_in_the_reference() -> None:
    raised = set(re.findall(r'(?:_fault\(|Fault\()\s*"(\w+)"', (LOG / "verify.py").read_text()))
    page = (ROOT / "docs" / "reference" / "log.md").read_text()
    listed = set(re.findall(r"`(\w+)`", page.partition("## Faults")[2]))
    assert raised
    assert raised <= listed


def test_every_error_of_opening_and_writing_is_in_the_how_to() -> None:
    codes = {
        code
        for path in LOG.rglob("*.py")
        for code in re.findall(
            r'code="((?:log_|append_|no_log|not_a_log|\w+_schema)\w*)"', path.read_text()
        )
    } - {"log_closed", "log_url", "log_unreadable"}
    page = (ROOT / "docs" / "how-to" / "look-after-the-log.md").read_text()
    assert {"no_log", "append_unknown"} <= codes
    assert {code for code in codes if f"`{code}`" not in page} == set()
