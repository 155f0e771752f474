"""What `stepin doctor` looks at: a list of small checks, each on its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from stepin.cli.checks.check import At, Check
from stepin.cli.checks.log import look_at_accounts, look_at_disk, look_at_log
from stepin.cli.checks.machine import look_at_python
from stepin.cli.checks.served import look_at_cookies, look_at_settings
from stepin.cli.checks.shop import look_at_detectors, look_at_shop, look_at_webhooks
from stepin.cli.checks.texts import look_at_policy, look_at_replies

Look = Callable[[At], Awaitable[list[Check]]]

LOOKS: tuple[tuple[str, Look], ...] = (
    ("python", look_at_python),
    ("settings", look_at_settings),
    ("cookies", look_at_cookies),
    ("policy", look_at_policy),
    ("replies", look_at_replies),
    ("shop", look_at_shop),
    ("detectors", look_at_detectors),
    ("webhooks", look_at_webhooks),
    ("log", look_at_log),
    ("accounts", look_at_accounts),
    ("disk", look_at_disk),
)
"""The checks, in the order in which they are told. A check returns what it found, nothing where
there is nothing to look at; a `StepinError` that it raises is told as its failure, with its hint.
Each imports what is heavy inside itself."""
