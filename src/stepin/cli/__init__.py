"""The command line: one module per command, each loaded only when it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cyclopts import App, Group

from stepin.errors import StepinError

DESK = Group("Run a desk", sort_key=1)
EXPERIMENT = Group("Run an experiment", sort_key=2)
DATA = Group("Look after it", sort_key=3)
BUILD = Group("Add to it", sort_key=4)

COMMANDS: tuple[tuple[str, str, Group, str], ...] = (
    (
        "init",
        "stepin.cli.init:init",
        DESK,
        "Make a settings file, a policy, canned replies and the first admin.",
    ),
    (
        "serve",
        "stepin.cli.serve:serve",
        DESK,
        "Serve the desk: API, live feeds, console; --demo for a sample shop.",
    ),
    (
        "worker",
        "stepin.cli.worker:app",
        DESK,
        "Workers: add, list, disable; watch is the console in a terminal.",
    ),
    ("chat", "stepin.cli.chat:chat", DESK, "Chat as a customer in the terminal."),
    (
        "demo",
        "stepin.cli.demo.command:app",
        DESK,
        "Simulated customers for a desk; a finished trial.",
    ),
    ("agent", "stepin.cli.agent:app", DESK, "Check and try the AI's procedures and articles."),
    ("judge", "stepin.cli.judge.command:app", EXPERIMENT, "Fit and check the detectors."),
    (
        "trial",
        "stepin.cli.trial.command:app",
        EXPERIMENT,
        "Design, register, lock and follow a trial.",
    ),
    (
        "floor",
        "stepin.cli.floor.command:app",
        EXPERIMENT,
        "Simulate a floor of workers, customers and the AI.",
    ),
    ("evidence", "stepin.cli.evidence:app", EXPERIMENT, "From the log to estimates and a report."),
    ("log", "stepin.cli.log:app", DATA, "Verify, seal, export and redact the log."),
    ("key", "stepin.cli.key:app", DATA, "API keys of integrators: add, list, revoke."),
    ("config", "stepin.cli.config:app", DATA, "Settings and where each comes from; secrets."),
    ("doctor", "stepin.cli.doctor:doctor", DATA, "Check the installation."),
    ("new", "stepin.cli.new.command:app", BUILD, "Write a template and its failing test."),
    ("docs", "stepin.cli.docs:app", BUILD, "Write the reference pages from the code."),
)
"""Name, `module:object`, group and help of every command."""

_INTERRUPTED = "Query interrupted"
"""What DuckDB makes of a KeyboardInterrupt."""

HELP = """A service desk in which an AI resolves chats, named people supervise it and step in,
and every roll-out is a randomized experiment.

Begin with `stepin serve --demo`, then open a second terminal and type `stepin chat`."""


def build(chosen: str = "") -> App:
    """Return the command line with every command.

    The `chosen` one tells its own help, parameters and example included; of the others one line is
    told, without loading them.
    """
    app = App("stepin", help=HELP, help_format="plaintext", version=_version)
    for name, target, group, text in COMMANDS:
        if name == chosen:
            app.command(target, name=name, group=group)
        else:
            app.command(target, name=name, group=group, help=text)
    return app


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command and exit: 0 done, 1 a check or the desk said no, 2 wrong usage."""
    tokens = list(sys.argv[1:] if argv is None else argv)
    try:
        result = build(next(iter(tokens), ""))(
            tokens, result_action="return_value", exit_on_error=False
        )
    except StepinError as error:
        sys.exit(_refused(error, as_json="--json" in tokens))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:
        if type(error).__module__.startswith("cyclopts"):
            sys.exit(2)
        if isinstance(error, RuntimeError) and str(error) == _INTERRUPTED:
            sys.exit(130)
        raise
    sys.exit(result if isinstance(result, int) else 0)


def _refused(error: StepinError, *, as_json: bool) -> int:
    if as_json:
        import msgspec

        print(msgspec.json.encode({"error": error.as_dict()}).decode())
    else:
        print(f"stepin: {error.message}\n  {error.hint}", file=sys.stderr)
        if (why := error.because) is not None:
            print(f"  {why}", file=sys.stderr)
    return 1


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("stepin")
    except PackageNotFoundError:
        return "0 (not installed)"
