"""`stepin evidence`: from facts to estimates, a report, power and comparisons."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from stepin.cli import output as out

app = App("evidence", help="From facts to estimates and a report.", help_format="plaintext")
app.command("stepin.cli.facts:facts", name="facts")
app.command("stepin.cli.facts:check", name="check")


@app.command
def run(
    *,
    facts: Path,
    plan: Path,
    out_dir: Annotated[Path, Parameter(name="--out")] = Path("report"),
    arm: str | None = None,
    early: bool = False,
    json: bool = False,
) -> int:
    """Write the report of a finished trial: one HTML page, figures, every number.

    Writes report.html, report.json, numbers.csv, tables.csv and figures/*.svg; running it again on
    the same facts writes the same bytes. Exits with 1 if a check says that the data can't
    be trusted.

    Example: stepin evidence run --facts facts --plan plan.toml --out report

    Parameters
    ----------
    facts
        The folder of facts.
    plan
        The registered plan; policy files beside it go into its hash.
    out_dir
        Where to write.
    arm
        The arm to compare with the control; by default the first other one.
    early
        Look before the plan's end, and say so in the report.
    json
        Print what was found as JSON.
    """
    from stepin.evidence.report.export import numbers
    from stepin.evidence.report.run import run_report

    report = run_report(
        facts,
        plan,
        out_dir,
        arm=arm,
        early=early,
        progress=lambda total: out.progress(total, quiet=json),
    )
    document = report.document
    if json:
        out.as_json(
            {
                "summary": document.summary,
                "report": str(report.page),
                "failed": report.failed,
                "lights": [
                    {"tone": x.tone, "title": x.title, "text": x.text} for x in document.lights
                ],
                "numbers": numbers(document),
            }
        )
    else:
        print(document.summary)
        for h in document.headlines:
            print(f"  {h.reading}")
        for x in document.lights:
            if x.tone in ("bad", "warn"):
                print(f"  {'FAILS' if x.tone == 'bad' else 'caution'}: {x.title} {x.text}")
        print(f"Open {report.page}")
    return 1 if report.failed else 0


@app.command
def compare(*, report: Path | None = None, json: bool = False) -> int:
    """Print published effects, beside those of a report if one is given.

    Example: stepin evidence compare --report report

    Parameters
    ----------
    report
        The folder that `stepin evidence run` wrote.
    json
        Print JSON.
    """
    from stepin.evidence.report.published import beside

    rows = beside(None if report is None else report / "report.json")
    if json:
        out.as_json(rows)
    else:
        out.table(
            ("source", "outcome", "chats", "published", "their p", "here", "95% interval"),
            [
                (r.source, r.outcome, r.chats, r.published, r.their_p, r.here, r.interval)
                for r in rows
            ],
        )
    return 0


@app.command
def power(
    *,
    facts: Path,
    plan: Path,
    outcome: str | None = None,
    days: tuple[int, ...] = (),
    workers: tuple[int, ...] = (),
    repetitions: int = 1000,
    period_days: int = 1,
    json: bool = False,
) -> int:
    """Print the smallest effect that a trial would detect, simulated on the days before it.

    Draws workers, whole teams, or teams switched on and off by periods of days, many times, on
    days without treatment. Exits with 1 if no design would detect the plan's minimal effect.

    Example: stepin evidence power --facts facts --plan plan.toml --days 7 --days 14

    Parameters
    ----------
    facts
        The folder of facts; only days before treatment are read.
    plan
        The plan, for its design, dates and minimal effects.
    outcome
        One outcome of the plan; by default its first.
    days
        Lengths of treatment to try.
    workers
        Numbers of workers to try, drawn from the past.
    repetitions
        Drawn trials at each point.
    period_days
        Length of a switchback's period.
    json
        Print JSON.
    """
    import msgspec

    from stepin.evidence.analysis.power.study import study
    from stepin.trial.plan_file import registered_plan

    registered, _ = registered_plan(plan)
    with out.progress(None, quiet=json) as tick:
        tick("Drawing trials")
        found = study(
            facts,
            registered,
            outcome=outcome,
            lengths=days,
            sizes=workers,
            repetitions=repetitions,
            period_days=period_days,
        )
    if json:
        out.as_json({**msgspec.to_builtins(found), "enough": found.enough})
    else:
        print(f"{found.label}, {found.sample}; worth knowing: {found.worth}")
        out.table(
            (
                "design",
                "units",
                "days",
                "clusters",
                "smallest effect seen",
                "power",
                "false alarms",
            ),
            [
                (
                    p.kind,
                    p.units,
                    p.days,
                    p.clusters,
                    found.shown(p.minimum) if p.minimum is not None else "no test",
                    "" if p.power is None else f"{p.power:.2f}",
                    "" if p.size is None else f"{p.size:.3f}",
                )
                for p in found.points
            ],
        )
        for why in dict.fromkeys(p.refused for p in found.points if p.refused):
            print(why)
    return 0 if found.enough else 1
