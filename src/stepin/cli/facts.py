"""`stepin evidence facts` and `stepin evidence check`: from events to typed tables."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from stepin.cli import output as out
from stepin.cli.common import OnLog, who

if TYPE_CHECKING:
    from stepin.evidence.data.facts.build import Built
    from stepin.evidence.data.facts.mapping import Mapped
    from stepin.log.protocol import Log

Flag = Annotated[bool, Parameter(negative=())]


def facts(
    out_dir: Annotated[Path, Parameter(name="--out")],
    *,
    events: Path | None = None,
    mapping: Path | None = None,
    trial: str | None = None,
    before_treatment: Flag = False,
    why: str | None = None,
    by: str | None = None,
    slice_rows: int = 1_000_000,
    common: OnLog = OnLog(),
) -> int:
    """Build facts: from the log, from exported events, or from your own tables.

    Example: stepin evidence facts --out facts

    While a trial runs, its outcomes stay hidden: build what came before treatment
    (--before-treatment), or give a reason (--why), which goes into the log with your name.

    Example: stepin evidence facts --out facts
    Example: stepin evidence facts --events export/ --out facts
    Example: stepin evidence facts --mapping ours.toml --out facts

    Parameters
    ----------
    out_dir
        A new or empty folder.
    events
        A folder that `stepin log export` wrote, instead of the log.
    mapping
        A mapping of your own CSV or Parquet files, instead of the log.
    trial
        The trial whose arms are joined; by default the one registered last.
    before_treatment
        Only what happened before the trial's treatment began.
    why
        Why outcomes of a running trial must be seen.
    by
        Who asks; by default the user of this machine.
    slice_rows
        About how many events are held in memory at once.
    """
    from stepin.errors import Invalid

    if events is not None and mapping is not None:
        raise Invalid("Name --events or --mapping, not both.", code="usage")
    if mapping is not None:
        return _mapped(mapping, out_dir, json=common.json)
    tell = _progress(quiet=common.json)
    if events is not None:
        built = _from_events(events, out_dir, trial, before_treatment, slice_rows, tell)
    else:
        with tempfile.TemporaryDirectory(prefix="stepin-events-") as folder:
            exported = Path(folder) / "events"
            _export(common, exported, by, None if before_treatment else why)
            built = _from_events(exported, out_dir, trial, before_treatment, slice_rows, tell)
    if common.json:
        out.as_json(built)
    else:
        out.table(("table", "rows"), list(built.rows.items()))
        print(f"{built.events} events read; {built.open_chats} chats are still open.")
        print(f"Next: `stepin evidence check {out_dir}`.")
    return 0


def check(facts: Path, *, json: bool = False) -> int:
    """Say which analyses a data set supports, and what the others are missing.

    Exits with 1 if none of duration, retrial and rating can be compared.

    Example: stepin evidence check facts

    Parameters
    ----------
    facts
        The folder of facts.
    json
        Print JSON.
    """
    from stepin.evidence.data.facts.check import check_facts

    found = check_facts(facts)
    if json:
        out.as_json(found)
    else:
        out.table(
            ("analysis", "possible", "missing or weak"),
            [
                (f.analysis, "yes" if f.supported else "no", "; ".join(f.missing or f.cautions))
                for f in found
            ],
        )
    core = [f for f in found if f.analysis in ("duration", "retrial", "rating")]
    return 0 if any(f.supported for f in core) else 1


def _from_events(
    events: Path,
    out_dir: Path,
    trial: str | None,
    before_treatment: bool,
    slice_rows: int,
    tell: Callable[[str, int, int], None],
) -> Built:
    from stepin.evidence.data.facts.blind import require_open
    from stepin.evidence.data.facts.build import build_facts
    from stepin.evidence.data.facts.events import end_us, slices
    from stepin.evidence.data.facts.registered import registered

    parts = slices(events)
    known = registered(parts, trial)
    before_us = known.treatment_us if before_treatment else None
    require_open(known, end_us(parts), before_us=before_us)
    return build_facts(
        events, out_dir, trial_id=trial, before_us=before_us, slice_rows=slice_rows, progress=tell
    )


def _export(common: OnLog, folder: Path, by: str | None, why: str | None) -> None:
    from stepin.core.events.floor import Unblinded
    from stepin.core.record import NewEvent
    from stepin.log.blinding import running_trials
    from stepin.log.export import export
    from stepin.log.protocol import Append
    from stepin.trial.state import stream

    async def work(opened: Log) -> None:
        if why:
            for name in await running_trials(opened):
                seen = Unblinded(trial_id=name, why=why, scope="facts")
                new = (NewEvent(event=seen, actor=who(by)),)
                await opened.append(Append(stream=stream(name), events=new))
        await export(opened, folder)

    common.on_log(work)


def _mapped(mapping: Path, out_dir: Path, *, json: bool) -> int:
    from stepin.errors import Missing
    from stepin.evidence.data.facts.mapping import build_mapped, read_mapping
    from stepin.trial.plan_file import text_of

    if not mapping.is_file():
        raise Missing(f"There is no mapping {mapping}.", code="no_mapping")
    now = dt.datetime.now(dt.UTC)
    done = build_mapped(read_mapping(text_of(mapping)), mapping.parent, out_dir, now=now)
    if json:
        out.as_json(done)
    else:
        out.table(("table", "rows"), list(done.rows.items()))
        for table in done.rows:
            names = [n.removeprefix(f"{table}.") for n in done.unmapped if n.startswith(table)]
            if names:
                print(f"Left empty in {table}: {', '.join(names)}.")
        for name, count in done.empty.items():
            print(f"Missing: {name} in {count:,} rows; such chats leave that outcome's sample.")
        for line in _noted(done):
            print(line)
        print(f"Next: `stepin evidence check {out_dir}`.")
    return 0


def _noted(done: Mapped) -> list[str]:
    """Return what is worth knowing of tables that were let in."""
    found = []
    if done.strangers:
        alike = f" {done.alike[0]!r} and {done.alike[1]!r} look alike." if done.alike else ""
        found.append(f"{done.strangers:,} chats belong to nobody in the table of workers.{alike}")
    for name, count in done.midnight.items():
        found.append(f"At exactly 00:00:00, as dates without a time are: {name} in {count:,} rows.")
    if done.apart:
        found.append(
            f"In {done.apart:,} chats the mapped duration_s isn't the time from opened_at to "
            "closed_at. The mapped one is used."
        )
    if done.known_until is not None:
        found.append(
            f"Returns count as known until {done.known_until:%Y-%m-%d %H:%M:%S}, the end of the "
            "export or the last opening."
        )
    return found


def _progress(*, quiet: bool) -> Callable[[str, int, int], None]:
    shown = sys.stderr.isatty() and not quiet

    def tell(stage: str, done: int, total: int) -> None:
        if shown:
            end = "\n" if done == total else ""
            print(f"\r{stage} {done:,} of {total:,}", end=end, file=sys.stderr, flush=True)

    return tell
