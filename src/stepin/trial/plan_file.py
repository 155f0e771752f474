"""A plan as a file on disk, with the policy files that lie beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stepin.errors import Invalid, Missing

if TYPE_CHECKING:
    from stepin.trial.plan import Plan


def text_of(path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    Invalid
        ``not_utf8``: its bytes aren't UTF-8.
    """
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(
            f"{path} isn't UTF-8: byte {error.object[error.start]:#04x} at {error.start}.",
            code="not_utf8",
            hint="Save it as UTF-8: spreadsheets and older editors ask for the encoding.",
        ) from error


def policy_files(known: Plan, path: Path) -> dict[str, bytes]:
    """Return the policy files of a plan that lie beside it, by the names that it gives them."""
    named = {arm.policy: path.parent / arm.policy for arm in known.arms}
    return {name: file.read_bytes() for name, file in named.items() if file.is_file()}


def registered_plan(path: Path) -> tuple[Plan, dict[str, bytes] | None]:
    """Return the plan in a file, and its policy files if all of them lie beside it.

    Raises
    ------
    Missing
        ``no_plan``: there is no such file.
    Invalid
        As `stepin.trial.reading.read` and `text_of`.
    """
    from stepin.trial.reading import read

    if not path.is_file():
        raise Missing(
            f"There is no plan at {path}.",
            code="no_plan",
            hint="Name the plan's TOML file with --plan.",
        )
    plan = read(text_of(path))
    policies = policy_files(plan, path)
    return plan, policies if len(policies) == len({a.policy for a in plan.arms}) else None
