"""The shop's own database: one SQLite file, any number of processes.

Every change happens once for each key, in one transaction with the note of it in `changes`;
the same key again returns the first result.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from stepin.agent.tools.tool import Caller, Reconciled, ToolFailed

Row = sqlite3.Row
SCHEMA = Path(__file__).parent / "schema.sql"


class Shop:
    """The open database.

    Parameters
    ----------
    path : the file, made if it isn't there; ``":memory:"`` for tests.
    now : the shop's clock.
    """

    def __init__(self, path: Path | str, *, now: Callable[[], datetime]) -> None:
        self.now = now
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA busy_timeout=5000")
        self._connection.executescript(SCHEMA.read_text("utf-8"))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def empty(self) -> bool:
        """Return whether nobody has ever bought here."""
        return self.one("SELECT 1 FROM customers LIMIT 1") is None

    def today(self) -> date:
        """Return the shop's day."""
        return self.now().date()

    def one(self, query: str, *values: object) -> Row | None:
        """Return the first row of a query, or None."""
        row: Row | None = self._connection.execute(query, values).fetchone()
        return row

    def all(self, query: str, *values: object) -> list[Row]:
        """Return the rows of a query."""
        return self._connection.execute(query, values).fetchall()

    def run(self, query: str, *values: object) -> int:
        """Carry out a statement and return how many rows it changed."""
        return self._connection.execute(query, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and nobody writes in between."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def own_order(self, caller: Caller, order: str) -> Row:
        """Return an order of the caller's; anybody else's is as unknown as one that isn't there."""
        row = self.one("SELECT * FROM orders WHERE order_id = ?", order)
        if row is None or not may_touch(caller, row["customer_id"]):
            raise ToolFailed("no_such_order", f"No order {order} in this account.")
        return row

    def own_line(self, caller: Caller, order: str, item: int) -> Row:
        """Return one line of an order of the caller's, with its product."""
        self.own_order(caller, order)
        row = self.one(
            "SELECT * FROM lines JOIN products USING (sku) WHERE order_id = ? AND line = ?",
            order,
            item,
        )
        if row is None:
            raise ToolFailed("no_such_item", f"Order {order} has no item {item}.")
        return row

    def once(
        self,
        caller: Caller,
        tool: str,
        subject: str,
        arguments: dict[str, Any],
        change: Callable[[], tuple[dict[str, Any], float]],
    ) -> dict[str, Any]:
        """Carry a change out once for the caller's key; return its result, now or as it was.

        `change` runs inside the transaction and returns the result and the money moved.
        """
        if not caller.key:
            raise ToolFailed("no_key", "A change needs an idempotency key.")
        with self.transaction():
            known = self.one("SELECT tool, subject, result FROM changes WHERE key = ?", caller.key)
            if known is not None:
                if (known["tool"], known["subject"]) != (tool, subject):
                    raise ToolFailed("key_reused", "The key was used for another change.")
                first: dict[str, Any] = json.loads(known["result"])
                return first
            result, amount = change()
            self.run(
                "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                caller.key,
                tool,
                caller.customer_id,
                subject,
                json.dumps(arguments, ensure_ascii=False),
                json.dumps(result, ensure_ascii=False),
                amount,
                self.now().isoformat(),
            )
            return result

    async def reconcile(self, caller: Caller) -> tuple[Reconciled, dict[str, Any]]:
        """Return whether the change under the caller's key was made, and its result."""
        row = self.one("SELECT result FROM changes WHERE key = ?", caller.key)
        return ("failed", {}) if row is None else ("succeeded", json.loads(row["result"]))


def may_touch(caller: Caller, customer_id: str) -> bool:
    """Return whether the caller may see and change what belongs to this customer."""
    return caller.asserted and caller.customer_id == customer_id
