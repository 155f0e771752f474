"""The table of turns: one row per public message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from stepin.evidence.data.facts.arrays import (
    NONE,
    CodedText,
    day_array,
    moment_array,
    real_array,
    whole_array,
)
from stepin.evidence.data.facts.per_chat.batch import Batch
from stepin.evidence.data.facts.per_chat.rows import after_colon
from stepin.evidence.data.facts.per_chat.talk import AI, AUTHORS, WORKER, Talk


def turns_table(batch: Batch, said: Talk) -> Iterator[tuple[int, Mapping[str, pa.Array]]]:
    """Yield the columns of `turns` day by day of opening."""
    authors = pa.array(AUTHORS, pa.string())
    actor = after_colon(said.actor)
    reply = ((said.author == AI) | (said.author == WORKER)) & (said.asked_us != NONE)
    latency = np.where(reply, (said.at_us - said.asked_us) / 1e6, np.nan)
    for day, a, b in batch.days():
        rows = slice(int(said.begins[a]), int(said.begins[b]))
        count = rows.stop - rows.start
        if not count:
            continue
        yield (
            day,
            {
                "chat_id": CodedText(said.k[rows] - np.int32(a), batch.ids.slice(a, b - a)).arrow(),
                "day": day_array(np.full(count, day)),
                "seq": whole_array(said.seq[rows]),
                "at": moment_array(said.at_us[rows]),
                "author": CodedText(said.author[rows].astype(np.int32), authors).arrow(),
                "author_id": CodedText(actor.codes[rows], actor.words).arrow(),
                "round": whole_array(said.rounds[rows]),
                "epoch": whole_array(said.epoch[rows]),
                "chars": whole_array(said.chars[rows]),
                "latency_s": real_array(latency[rows]),
                **{
                    name if name == "sentiment" else f"{name}_score": real_array(values[rows])
                    for name, values in said.scores.items()
                },
            },
        )
