"""`stepin log`: verify, seal, export and redact the log."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from stepin.cli import output as out
from stepin.cli.common import OnLog, who

if TYPE_CHECKING:
    from stepin.log.protocol import Log
    from stepin.log.verify import Verdict

app = App(
    "log",
    help="""Verify, seal, export and redact the log.

The log is the one that --log names, else STEPIN_LOG, else `log` in stepin.toml:
sqlite:///FILE or postgresql://HOST/DATABASE?schema=NAME.

Example: stepin log verify --seal seals/2026-11-22.json""",
    help_format="plaintext",
)

Strings = Annotated[tuple[str, ...], Parameter(negative=())]


@app.command
def verify(
    *, seal: Annotated[tuple[Path, ...], Parameter(negative=())] = (), common: OnLog = OnLog()
) -> int:
    """Check whether an event was altered, removed or cut off; exit 1 if so.

    Only a seal that had left the machine shows that the end of the log was cut off.

    Example: stepin log verify --seal seals/2026-11-22.json

    Parameters
    ----------
    seal
        A file that `stepin log seal` has written; may be given more than once.
    """
    from stepin.log.seal import read_seal
    from stepin.log.verify import verify as walk

    seals = [read_seal(path) for path in seal]

    async def work(opened: Log) -> Verdict:
        return await walk(opened, seals=seals, progress=_progress("verified", quiet=common.json))

    verdict = common.on_log(work, write=False)
    return _verdict(verdict, json=common.json, sealed=bool(seals))


@app.command
def seal(path: Path, *, by: str | None = None, common: OnLog = OnLog()) -> int:
    """Verify the log, then write the root of all its streams to a file; exit 1 if it isn't intact.

    Move the file to another machine: anybody who can change the log could change the file, too.

    Example: stepin log seal seals/2026-11-22.json

    Parameters
    ----------
    path
        The file to write.
    by
        Who seals; by default the user of this machine.
    """
    from stepin.log.seal import Seal, write_seal
    from stepin.log.verify import seal as make

    async def work(opened: Log) -> Seal | Verdict:
        return await make(opened, by=who(by), progress=_progress("verified", quiet=common.json))

    _may_write(path)
    made = common.on_log(work)
    if not isinstance(made, Seal):
        return _verdict(made, json=common.json, sealed=False)
    write_seal(made, path)
    if common.json:
        out.as_json(made)
    else:
        print(f"Sealed {made.streams} streams through position {made.through_position}: {path}")
        print(f"Next: copy {path.name} to another machine.")
    return 0


@app.command
def export(
    folder: Path,
    *,
    with_text: Annotated[bool, Parameter(negative=())] = False,
    by: str | None = None,
    why: str | None = None,
    common: OnLog = OnLog(),
) -> int:
    """Write the events as Parquet, one file per UTC day, without the texts.

    A raw export shows outcomes by arm. While a trial runs it needs a reason, which is written into
    the log with your name (`Unblinded`).

    Example: stepin log export events/ --why "monthly backup for the auditors"

    Parameters
    ----------
    folder
        A new or empty folder.
    with_text
        Export texts and other private fields, too (column `private`).
    by
        Who asks; by default the user of this machine.
    why
        The reason.
    """
    from stepin.log.blinding import note_export
    from stepin.log.erasure import WITH_TEXTS
    from stepin.log.export import Exported
    from stepin.log.export import export as write

    async def work(opened: Log) -> tuple[Exported, list[str]]:
        scope = WITH_TEXTS if with_text else "export"
        trials = await note_export(opened, by=who(by), why=why, scope=scope)
        count = _progress("exported", quiet=common.json)
        done = await write(opened, folder, with_text=with_text, progress=lambda at, last: count(at))
        return done, trials

    done, trials = common.on_log(work)
    if common.json:
        out.as_json(
            {
                "folder": done.folder,
                "files": done.files,
                "events": done.events,
                "through_position": done.through_position,
                "unblinded": trials,
            }
        )
    else:
        print(f"{done.events} events in {done.files} files: {done.folder}")
        for trial in trials:
            print(f"The trial {trial} is unblinded: the log says so, and why.")
    return 0


@app.command
def redact(
    stream: str | None = None,
    *,
    reason: str,
    seq: Annotated[tuple[int, ...], Parameter(negative=())] = (),
    field: Strings = (),
    customer: str | None = None,
    by: str | None = None,
    common: OnLog = OnLog(),
) -> int:
    """Destroy texts and other private fields for good; the events and the hash chain stay.

    Example: stepin log redact chat/01J8 --seq 4 --reason "card number" --by worker:lea
    Example: stepin log redact --customer c-17 --reason "asked for erasure"

    Parameters
    ----------
    stream
        The stream, e.g. chat/ID; all of it unless --seq names events.
    reason
        Why; it stays in the log.
    seq
        An event in the stream; may be given more than once.
    field
        A private field, e.g. text; may be given more than once; all by default.
    customer
        Instead of a stream, every chat of a customer.
    by
        Who asks; by default the user of this machine.
    """
    from stepin.errors import Invalid, Missing
    from stepin.log.erasure import Erased, redact_streams

    if (stream is None) == (customer is None) or (customer is not None and seq):
        raise Invalid("Name one stream, or a customer (without --seq).", code="usage")

    async def work(opened: Log) -> Erased:
        streams = [stream] if stream else await opened.streams(ref=f"customer:{customer}")
        if not streams:
            raise Missing(f"There is no chat of the customer {customer}.", code="no_customer")
        return await redact_streams(
            opened, streams, reason=reason, actor=who(by), seqs=seq, fields=field
        )

    done = common.on_log(work)
    if common.json:
        out.as_json(done)
        return 0
    print(f"{len(done.events)} events have lost their private fields.")
    if done.exports:
        print(
            f"Exports with texts were made before (positions {_list(done.exports)}): "
            "delete their copies, too."
        )
    return 0


def _verdict(verdict: Verdict, *, json: bool, sealed: bool) -> int:
    if json:
        out.as_json({**_plain(verdict), "whole": verdict.whole})
        return 0 if verdict.whole else 1
    if verdict.whole:
        print(
            f"Intact: {verdict.events} events in {verdict.streams} streams, "
            f"{verdict.seals} seals compared, {verdict.redacted} events redacted."
        )
        if not sealed:
            print("No seal file was given: a tail that was cut off would not be seen.")
        return 0
    out.table(
        ("fault", "position", "stream", "seq", "what"),
        [(f.kind, f.position or "", f.stream, f.seq or "", f.detail) for f in verdict.faults],
    )
    print(f"Not whole: {len(verdict.faults)} faults in {verdict.events} events.")
    return 1


def _plain(verdict: Verdict) -> dict[str, object]:
    import msgspec

    plain: dict[str, object] = msgspec.to_builtins(verdict)
    return plain


def _may_write(path: Path) -> None:
    from stepin.errors import Unavailable

    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise Unavailable(f"Can't write {path}.", hint="Name another file.", code="unwritable")


def _progress(verb: str, *, quiet: bool) -> Callable[[int], None]:
    shown = sys.stderr.isatty() and not quiet

    def tell(position: int) -> None:
        if shown:
            print(f"\r{verb} {position:,}", end="", file=sys.stderr, flush=True)

    return tell


def _list(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))
