"""The domain's records in SQLite: copied for each task, hashed as one canonical document."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from stepin.agent.tools.tool import ToolFailed

Record = dict[str, Any]
LATER_FIELDS = (
    "cancel_reason", "exchange_items", "exchange_new_items", "exchange_payment_method_id",
    "exchange_price_difference", "return_items", "return_payment_method_id",
)  # fmt: skip


def data_folder() -> Path:
    """Return the folder of the domain's data, from STEPIN_TEST_DATA."""
    default = Path(__file__).resolve().parents[4] / "shared" / "data"
    return Path(os.environ.get("STEPIN_TEST_DATA", default)) / "tau2_retail"


def make_base(path: Path) -> None:
    """Write the domain's first state to a SQLite file."""
    document = json.loads((data_folder() / "db.json").read_text("utf-8"))
    for order in document["orders"].values():
        for field in LATER_FIELDS:
            order.setdefault(field, None)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("CREATE TABLE records (kind, id, body, PRIMARY KEY (kind, id))")
        connection.execute("CREATE TABLE changes (key PRIMARY KEY, tool, result)")
        connection.executemany(
            "INSERT INTO records VALUES (?, ?, ?)",
            [
                (kind, name, json.dumps(record))
                for kind, records in document.items()
                for name, record in records.items()
            ],
        )
    connection.close()


class Store:
    """One task's copy of the domain."""

    def __init__(self, path: Path, *, base: Path | None = None) -> None:
        if base is not None and not path.exists():
            shutil.copy(base, path)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA busy_timeout=5000")
        self._connection.execute("PRAGMA synchronous=FULL")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def find(self, kind: str, name: str) -> Record | None:
        """Return a record, or None."""
        row = self._connection.execute(
            "SELECT body FROM records WHERE kind = ? AND id = ?", (kind, name)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def get(self, kind: str, name: str) -> Record:
        """Return a record, or say that there is none."""
        record = self.find(kind, name)
        if record is None:
            raise ToolFailed("not_found", f"{kind[:-1].capitalize()} not found")
        return record

    def all(self, kind: str) -> list[Record]:
        """Return every record of a kind, in the domain's order."""
        rows = self._connection.execute(
            "SELECT body FROM records WHERE kind = ? ORDER BY rowid", (kind,)
        )
        return [json.loads(body) for (body,) in rows]

    def put(self, kind: str, name: str, record: Record) -> None:
        """Write a record back."""
        self._connection.execute(
            "UPDATE records SET body = ? WHERE kind = ? AND id = ?",
            (json.dumps(record), kind, name),
        )

    def once(self, key: str, tool: str, change: Callable[[], Record]) -> Record:
        """Carry a change out once for a key, in one transaction with the note of it."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            row = self._connection.execute(
                "SELECT result FROM changes WHERE key = ?", (key,)
            ).fetchone()
            if row is None:
                result = change()
                self._connection.execute(
                    "INSERT INTO changes VALUES (?, ?, ?)", (key, tool, json.dumps(result))
                )
            else:
                result = json.loads(row[0])
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        return result

    def done(self, key: str) -> Record | None:
        """Return the result of the change under a key, None if it wasn't made."""
        row = self._connection.execute(
            "SELECT result FROM changes WHERE key = ?", (key,)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def changes(self) -> list[str]:
        """Return the tools of the changes that were made, in order."""
        rows = self._connection.execute("SELECT tool FROM changes ORDER BY rowid")
        return [tool for (tool,) in rows]

    def sha256(self) -> str:
        """Return the hash of the whole state as canonical JSON."""
        rows = self._connection.execute("SELECT kind, id, body FROM records")
        document: dict[str, dict[str, Record]] = {}
        for kind, name, body in rows:
            document.setdefault(kind, {})[name] = json.loads(body)
        text = json.dumps(document, sort_keys=True, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()
