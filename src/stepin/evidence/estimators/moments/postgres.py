"""Building a cube on PostgreSQL: the same statement, run where the chats are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stepin.errors import Missing
from stepin.evidence.estimators.moments.cells import Cube, from_columns
from stepin.evidence.estimators.moments.spec import CubeSpec

if TYPE_CHECKING:
    import asyncpg


async def build(connection: asyncpg.Connection, relation: str, spec: CubeSpec) -> Cube:
    """Return the cube of the chats in a PostgreSQL table or view.

    Only the cells cross the wire.

    Parameters
    ----------
    connection : an open asyncpg connection.
    relation : the quoted name of a table with the columns of `chats` that `spec` reads.
    spec : what to hold; give origins to keep digits.

    Raises
    ------
    Missing
        ``no_facts``: the table has no row.
    """
    rows = await connection.fetch(spec.sql(relation))
    if not rows:
        raise Missing("The table has no chats.", code="no_facts", table=relation)
    width = len(rows[0])
    head = [np.array([row[i] for row in rows]) for i in range(3)]
    body = np.array([[0.0 if v is None else float(v) for v in tuple(row)[3:width]] for row in rows])
    return from_columns(spec, [*head, *body.T])
