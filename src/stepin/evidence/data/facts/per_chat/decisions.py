"""Decision points, fired or not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from stepin.core.events.supervision import ASSIGNING, NOTHING
from stepin.evidence.data.facts.arrays import (
    CodedText,
    day_array,
    moment_array,
    real_array,
    whole_array,
)
from stepin.evidence.data.facts.per_chat.alarms import ids
from stepin.evidence.data.facts.per_chat.batch import Batch
from stepin.evidence.data.facts.per_chat.rows import joined
from stepin.evidence.data.facts.per_chat.talk import Talk


def decisions_table(batch: Batch, said: Talk, first_owner: CodedText) -> dict[str, pa.Array]:
    """Return the columns of the table `decisions`; empty without any."""
    drawn = batch.rows.get("DecisionDrawn")
    if drawn is None:
        return {}
    rows = joined([drawn])
    chats = batch.ids.take(pa.array(rows.k))
    available, chosen = rows.truth("available"), rows.text("drawn")
    point = rows.text("point")
    acts = point.among(*ASSIGNING) | ~chosen.among(NOTHING)
    return {
        "decision_id": ids(chats, rows.whole("seq")),
        "chat_id": chats,
        "first_owner_id": first_owner.take(rows.k).arrow(""),
        "day": day_array(batch.day[rows.k]),
        "point": point.arrow(),
        "at": moment_array(rows.whole("at_us")),
        "round": whole_array(said.round_at(rows.keys())),
        "available": pa.array(available),
        "options": rows.text("options").arrow(),
        "probabilities": rows.text("probabilities").arrow(),
        "score": real_array(rows.real("score")),
        "threshold": real_array(rows.real("threshold")),
        "draw_key": rows.text("draw_key").arrow(),
        "drawn": chosen.arrow(),
        "probability": real_array(rows.real("probability")),
        "fired": pa.array(np.logical_and(available, acts)),
    }
