"""What a demo's first screen says: in a terminal, and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

_PLACE = "URL"
_WIDTH = 98


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """Where somebody is, how to get in, and what to try.

    Attributes
    ----------
    about : one paragraph.
    worker, password : who can sign in at the console, and with what.
    ways : what else there is, each with its command in a terminal; `URL` is the desk's address.
    steps : what to try, and how.
    report : whether a finished trial's report can be read.
    end : how it stops.
    """

    about: str
    worker: str
    password: str
    ways: tuple[tuple[str, str], ...]
    steps: tuple[tuple[str, str], ...] = ()
    report: bool = False
    end: str = "Stop with Ctrl-C."

    def text(self, url: str) -> str:
        """Return the screen for a terminal."""
        entries = [
            ("Sign in:", f"{url}/console/  as {self.worker}, the password is {self.password}"),
            ("Be a customer:", f"{url}/shop"),
        ]
        if self.report:
            entries.append(("Read a report:", f"{url}/console/evidence"))
        entries += [(f"{what}:", how.replace(_PLACE, url)) for what, how in self.ways]
        lines = [f"The desk is at {url}", "", *_table(entries)]
        lines += ["", *wrap(self.about, _WIDTH, initial_indent="  ", subsequent_indent="  ")]
        if self.steps:
            lines += ["", "  Try this, once you have signed in and started taking chats:"]
            lines += [f"  {line}" for line in _table(self.steps)]
        return "\n".join([*lines, "", *wrap(self.end, _WIDTH)])

    def page(self) -> str:
        """Return the screen as HTML, for the first page."""
        report = _card("/console/evidence", "The report", "Read what a finished trial found.")
        steps = "".join(
            f"<div><dt>{escape(what)}</dt><dd>{escape(how)}</dd></div>" for what, how in self.steps
        )
        tries = f"<h2>What to try</h2><dl>{steps}</dl>" if steps else ""
        ways = "".join(
            f"<p>{escape(what)}: <code>{escape(how.replace(f' --url {_PLACE}', ''))}</code></p>"
            for what, how in self.ways
        )
        password = f"<code>{escape(self.password)}</code>"
        who = f"Sign in as {escape(self.worker)}, the password is {password}."
        return (
            f'<p>{escape(self.about)}</p><div class="cards">'
            f"{_card('/console/', 'The console', who)}"
            f"{_card('/shop', 'The shop', 'Open it in a second window, and be a customer.')}"
            f"{report if self.report else ''}</div>{tries}<h2>In a terminal</h2>{ways}"
        )


def _card(path: str, title: str, text: str) -> str:
    """Return a card that leads to a page; `text` is HTML."""
    return f'<section><h2><a href="{path}">{title}</a></h2><p>{text}</p></section>'


def _table(rows: Sequence[tuple[str, str]]) -> list[str]:
    width = max(len(what) for what, _ in rows) + 2
    lines: list[str] = []
    for what, how in rows:
        first, *more = wrap(how, _WIDTH - width - 4)
        lines += [f"  {what:<{width}}{first}", *(" " * (width + 2) + line for line in more)]
    return lines
