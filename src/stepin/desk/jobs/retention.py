"""Retention: what a worker looked at is destroyed when it is older than the settings allow.

A worker's stream has one piece of work, which comes due once a day. The events stay, and so does
the hash chain; chats, durations and lengths of drafts go.
"""

from __future__ import annotations

from stepin.core.events.floor import DraftAbandoned, DraftStarted, FocusMoved
from stepin.core.record import SYSTEM
from stepin.core.work import Claimed, DropWork, PutWork
from stepin.log.protocol import Log

TABLE = "forgotten"
AT_ONCE = 2_000
DAY_US = 86_400_000_000
_TELLING = (FocusMoved, DraftStarted, DraftAbandoned)


def stream_of_focus(worker_id: str) -> str:
    """Return the stream of a worker's attention."""
    return f"focus/{worker_id}"


def retention_work(worker_id: str, *, due_us: int, replace: bool = False) -> PutWork:
    """Return the work that forgets a worker's old attention, unless it is there already."""
    stream = stream_of_focus(worker_id)
    return PutWork(
        work_id=f"forget/{worker_id}", kind="timer", stream=stream, due_us=due_us, replace=replace
    )


class Retention:
    """Forgets attention that is older than `days`, by the log's clock; 0 keeps it for good.

    It is gone at the latest a day after it has become too old, while any process of the desk runs.
    """

    def __init__(self, log: Log, days: int) -> None:
        self._log = log
        self._days = days

    async def go_off(self, work: Claimed) -> None:
        """Forget a few thousand events, and come back for the rest or in a day."""
        log, stream = self._log, work.stream
        if not self._days:
            await log.change_work([DropWork(work_id=work.work_id)], by=work)
            return
        now_us = await log.now_us()
        too_old_us = now_us - self._days * DAY_US
        done = int(await log.record_get(TABLE, stream) or 0)
        page = await log.read(stream, after_seq=done, limit=AT_ONCE)
        old = [e for e in page if e.at_us < too_old_us]
        telling = [
            e.seq for e in old if isinstance(e.event, _TELLING) and e.schema_version >= e.event.form
        ]
        if telling:
            reason = f"older than {self._days} days"
            await log.redact(
                stream, telling[0], through_seq=telling[-1], reason=reason, actor=SYSTEM
            )
        if old:
            await log.record_put(TABLE, stream, str(old[-1].seq).encode())
        if len(old) == AT_ONCE:
            await log.release(work, due_us=now_us)
            return
        if telling:
            await log.erase()
        due_us = now_us + DAY_US
        if len(old) < len(page):
            due_us = max(due_us, page[len(old)].at_us + self._days * DAY_US)
        elif not old:
            due_us = now_us + self._days * DAY_US
        await log.release(work, due_us=due_us)
