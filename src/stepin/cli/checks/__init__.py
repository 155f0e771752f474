"""What `stepin doctor` looks at: a list of small checks, each on its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from stepin.cli.checks.check import At, Check
from stepin.cli.checks.files import look_at_modes
from stepin.cli.checks.log import (
    look_at_accounts,
    look_at_clock,
    look_at_disk,
    look_at_log,
    look_at_secrets,
)
from stepin.cli.checks.machine import look_at_open_files, look_at_python
from stepin.cli.checks.served import look_at_cookies, look_at_settings
from stepin.cli.checks.shop import (
    look_at_detectors,
    look_at_extension,
    look_at_shop,
    look_at_webhooks,
)
from stepin.cli.checks.texts import look_at_helplines, look_at_policy, look_at_replies
from stepin.cli.checks.trial import look_at_trial

Look = Callable[[At], Awaitable[list[Check]]]

LOOKS: tuple[tuple[str, Look], ...] = (
    ("python", look_at_python),
    ("settings", look_at_settings),
    ("cookies", look_at_cookies),
    ("policy", look_at_policy),
    ("replies", look_at_replies),
    ("helplines", look_at_helplines),
    ("extension", look_at_extension),
    ("shop", look_at_shop),
    ("detectors", look_at_detectors),
    ("webhooks", look_at_webhooks),
    ("log", look_at_log),
    ("secrets", look_at_secrets),
    ("accounts", look_at_accounts),
    ("trial", look_at_trial),
    ("clock", look_at_clock),
    ("disk", look_at_disk),
    ("modes", look_at_modes),
    ("open files", look_at_open_files),
)
"""The checks, in the order in which they are told. A check returns what it found, nothing where
there is nothing to look at; a `StepinError` that it raises is told as its failure, with its hint.
Each imports what is heavy inside itself."""
