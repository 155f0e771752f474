"""What is done with a trial on paper: write a plan, read it, draw its arms, compare them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from stepin.cli import output as out
from stepin.cli.trial.files import read_design, read_plan

Names = Annotated[tuple[str, ...], Parameter(negative=())]


def new(path: Path, *, name: str | None = None, json: bool = False) -> int:
    """Write a plan to start from, complete and commented, and the two policies that it names.

    Example: stepin trial new pilot.toml

    Parameters
    ----------
    path
        The file to write; neither it nor a policy beside it may be there yet.
    name
        The trial's name; by default the file's.
    json
        Print JSON.
    """
    import datetime as dt
    import secrets

    from stepin.errors import Conflict
    from stepin.trial.reading import read
    from stepin.trial.template import POLICIES, template

    for target in (path, *(path.with_name(name) for name in POLICIES)):
        if target.exists():
            raise Conflict(f"{target} is there already.", hint="Name another.", code="exists")
    today = dt.datetime.now(dt.UTC).date()
    text = template(name or path.stem.lower(), today, secrets.randbelow(10**9))
    read(text)
    path.write_text(text, "utf-8")
    for policy, body in POLICIES.items():
        path.with_name(policy).write_text(body, "utf-8")
    if json:
        out.as_json({"plan": str(path)})
    else:
        print(f"{path} and its policies are written. Next: edit, then `stepin trial plan {path}`.")
    return 0


def plan(path: Path, *, json: bool = False) -> int:
    """Check a plan and print what it fixes, with its hash.

    Example: stepin trial plan pilot.toml

    Parameters
    ----------
    path
        The plan.
    json
        Print the canonical plan and its hash as JSON.
    """
    import msgspec

    from stepin.trial.reading import canonical

    known, digest = read_plan(path)
    if json:
        out.as_json({"plan": msgspec.json.decode(canonical(known)), "hash": digest})
        return 0
    dates = known.dates
    out.table(
        ("what", "fixed as"),
        [
            ("trial", f"{known.name}: {known.question}"),
            ("arms", ", ".join(f"{a.name} {a.share:g} ({a.policy})" for a in known.arms)),
            ("unit", f"{known.unit}, compared with {known.control}"),
            ("before", f"{dates.pre_from} to the day before {dates.treatment_from}"),
            ("treatment", f"{dates.treatment_from} to {dates.treatment_until}, {known.days} days"),
            ("primary", ", ".join(f"{o.name} on {o.chats} chats" for o in known.primary)),
            ("harm rule", f"{', '.join(known.harm.outcomes)} at {known.harm.alpha:g}, one-sided"),
            ("hash", digest),
        ],
    )
    return 0


def draw(
    path: Path,
    *,
    pool: Path,
    out_file: Annotated[Path | None, Parameter(name="--out")] = None,
    json: bool = False,
) -> int:
    """Draw the assignment on paper: the same plan and pool always give the same.

    Example: stepin trial draw pilot.toml --pool workers.csv --out assignment.csv

    Parameters
    ----------
    path
        The plan.
    pool
        A CSV with the column worker_id (customer_id, chat_id) and the covariates.
    out_file
        A CSV to write; by default the table is printed.
    json
        Print JSON.
    """
    import csv

    from stepin.trial.assignment import assign as drawn
    from stepin.trial.assignment import assignment_hash

    known, _ = read_plan(path)
    of, _units = read_design(known, pool)
    rows = drawn(of)
    if json:
        out.as_json({"hash": assignment_hash(rows), "units": rows})
        return 0
    cells = [(r.unit, r.arm, r.block) for r in rows]
    headers = (f"{known.unit}_id", "arm", "block")
    if out_file is None:
        out.table(headers, cells)
    else:
        with out_file.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([headers, *cells])
    counts = {arm: sum(r.arm == arm for r in rows) for arm in of.arms}
    print(f"{', '.join(f'{n} {arm}' for arm, n in counts.items())}; {rows[0].draw_key}")
    return 0


def balance(path: Path, *, pool: Path, covariate: Names = (), repetitions: int = 2000,
            picture: Path | None = None, json: bool = False) -> int:  # fmt: skip
    """Compare the arms before treatment; exit 1 if they differ more than in 99 % of draws.

    Example: stepin trial balance pilot.toml --pool workers.csv

    Parameters
    ----------
    path
        The plan.
    pool
        The pool's CSV.
    covariate
        A column; may be given more than once; by default every column of numbers.
    repetitions
        Assignments replayed for the joint test.
    picture
        An SVG to write: the love plot, one arm below the other, each covariate in its band.
    json
        Print JSON.
    """
    from stepin.trial.balance import balance as compare

    known, _ = read_plan(path)
    of, units = read_design(known, pool)
    numeric = [n for n, v in units.covariates.items() if not any(isinstance(x, str) for x in v)]
    table = compare(of, units, list(covariate) or numeric, control=known.control,
                    repetitions=repetitions)  # fmt: skip
    if picture is not None:
        from stepin.evidence.report.figures.love import love
        from stepin.evidence.report.svg import draw as drawing

        several = len(known.arms) > 2
        names = [f"{r.covariate}, {r.arm}" if several else r.covariate for r in table.rows]
        sizes, bands = ([r.standardized for r in table.rows], [r.band for r in table.rows])
        wide, _ = drawing("balance", love(names, sizes, None, bands=bands))
        picture.write_text(wide, encoding="utf-8", newline="\n")
    if json:
        out.as_json(table)
    else:
        out.table(
            ("covariate", "arm", known.control, "in the arm", "difference", "se", "p", "smd",
             "95 % of draws"),
            [
                (r.covariate, r.arm, *(f"{m:.4g}" for m in r.means), f"{r.difference:.3g}",
                 f"{r.standard_error:.3g}", f"{r.p:.3f}", f"{r.standardized:+.3f}",
                 f"±{r.band:.3f}")
                for r in table.rows
            ],
        )  # fmt: skip
        print(f"All together: p = {table.joint_p:.3f} by {table.repetitions} of its own draws.")
    return 1 if table.joint_p < 0.01 else 0
