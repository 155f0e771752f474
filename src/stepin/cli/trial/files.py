"""The files of a trial on paper: its plan, the policies beside it, its pool."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stepin.trial.plan_file import policy_files, text_of

if TYPE_CHECKING:
    from stepin.trial.design import Design
    from stepin.trial.plan import Plan
    from stepin.trial.pool import Pool


def read_plan(path: Path) -> tuple[Plan, str]:
    """Return a checked plan with its hash; its policies lie beside it."""
    from stepin.errors import Missing
    from stepin.trial.policies import check_policies
    from stepin.trial.reading import plan_hash, read

    if not path.is_file():
        raise Missing(f"There is no plan {path}.", hint="`stepin trial new` writes one.",
                      code="no_plan")  # fmt: skip
    known = read(text_of(path))
    texts = policy_files(known, path)
    digest = plan_hash(known, texts)
    check_policies(known, texts)
    return known, digest


def read_design(known: Plan, pool: Path) -> tuple[Design, Pool]:
    """Return the design of a plan over the units of a CSV, and the units."""
    from stepin.errors import Missing
    from stepin.trial.design import design
    from stepin.trial.pool import read_pool

    if not pool.is_file():
        raise Missing(f"There is no pool {pool}.", hint="It is a CSV file with one row per unit.",
                      code="no_pool")  # fmt: skip
    units = read_pool(text_of(pool), id_column=f"{known.unit}_id")
    return design(known, units), units
