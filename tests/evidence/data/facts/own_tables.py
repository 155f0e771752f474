"""Own tables of a few chats, with whatever is wrong with them, and hints that are followed."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path

from stepin.evidence.data.facts.mapping import Mapped, build_mapped, read_mapping

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
COLUMNS = {
    "chat_id": "chat",
    "customer_id": "person",
    "issue_class": "topic",
    "first_owner_id": "agent",
    "opened_at": "start",
    "closed_at": "end",
    "rating": "stars",
    "eligible": "bot",
}
LINE = re.compile(r"`(\w+ = \{ sql = \".*?[^\\]\" \})`")


def rows(count: int = 40) -> list[dict[str, str]]:
    """Chats of two workers on the first 20 days of March 2026, of ten minutes each."""
    found = []
    for i in range(count):
        start = dt.datetime(2026, 3, 1 + i // 2, 9 + i % 2, 5, 10, tzinfo=dt.UTC)
        found.append(
            {
                "chat": f"c{i:03d}",
                "person": f"p{i % 7}",
                "topic": "bill",
                "agent": f"w{i % 2}",
                "start": f"{start:%Y-%m-%d %H:%M:%S}",
                "end": f"{start + dt.timedelta(minutes=10):%Y-%m-%d %H:%M:%S}",
                "stars": str(1 + i % 5),
                "bot": "true",
                "secs": "600",
            }
        )
    return found


def text(chats: list[dict[str, str]]) -> str:
    """The chats as CSV; cells with a comma stand in quotes."""
    lines = [",".join(chats[0])]
    for chat in chats:
        lines.append(",".join(f'"{v}"' if "," in v else v for v in chat.values()))
    return "\n".join(lines) + "\n"


def mapping(lines: dict[str, str], *, people: str = 'arm = "group"', head: str = "") -> str:
    """A mapping with these lines of columns."""
    return (
        f'[chats]\nsource = "chats*.csv"\n{head}\n[chats.columns]\n'
        + "\n".join(lines.values())
        + f'\n[workers]\nsource = "people.csv"\n[workers.columns]\nworker_id = "id"\n{people}\n'
    )


def lines(without: tuple[str, ...] = (), **more: str) -> dict[str, str]:
    """The mapping's lines by column."""
    named = {c: f'{c} = "{name}"' for c, name in (COLUMNS | more).items() if c not in without}
    return {c: line.replace('"{', "{").replace('}"', "}") for c, line in named.items()}


def build(
    folder: Path, chats: list[dict[str, str]] | str, of: str | None = None, people: str = ""
) -> Mapped:
    """Write the tables and build facts from them."""
    written = chats if isinstance(chats, str) else text(chats)
    (folder / "chats.csv").write_text(written, "utf-8")
    (folder / "people.csv").write_text(people or "id,group\nw0,control\nw1,ai\n", "utf-8")
    return build_mapped(read_mapping(of or mapping(lines())), folder, folder / "facts", now=NOW)


def told(hint: str) -> list[dict[str, str]]:
    """The lines of a mapping that a hint tells, each with the column it is for."""
    found = [{line.partition(" ")[0]: line} for line in LINE.findall(hint)]
    for line in found:
        tomllib.loads(next(iter(line.values())))
    return found
