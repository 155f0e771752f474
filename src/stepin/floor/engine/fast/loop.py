"""The loop of the fast engine: the earliest moment first, of four sources."""

from __future__ import annotations

from typing import Any

from stepin.floor.engine.calendar import AI_DONE, CLIMB, LEAVES, READY, SHOWN, TURN_DONE, WRITES
from stepin.floor.engine.fast.chatting import (
    ai_turn,
    another,
    ask,
    climb,
    close,
    customer_writes,
    frustrate,
    on_ai_done,
    on_turn_done,
    open_chat,
    serve_queue,
)
from stepin.floor.engine.fast.compiling import compiled, small
from stepin.floor.engine.fast.formulas import waited
from stepin.floor.engine.fast.owners import recount
from stepin.floor.engine.fast.plans import pop, tell
from stepin.floor.engine.fast.queues import leave_queue
from stepin.floor.engine.fast.working import drop, join, start, wait
from stepin.floor.engine.inputs import AWAY, BACK, OFF, ON
from stepin.floor.engine.people import QUEUED
from stepin.floor.engine.trace import ABANDONED, STAFFED


@compiled
def _on_staff(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, issues: Any, told: Any,
    staff: Any,
) -> None:  # fmt: skip
    row = staff[s.staff]
    at, who, code = row.at, row.worker, row.code
    s.staff += 1
    if s.staff < staff.size:
        s.staff_at = staff[s.staff].at
        s.staff_place = s.place
        s.place += 1
    w = workers[who]
    tell(s, told, at, STAFFED, -1, who, float(code))
    if code in (ON, OFF):
        w.on = 1 if code == ON else 0
        w.away = 0
    else:
        w.away = 1 if code == AWAY else 0
    recount(s, workers, tree, who)
    if code == BACK and w.current < 0 and w.waiting:
        start(s, c, chats, workers, tree, near, told, who, at)
    if code == ON and s.always and who < s.owners:
        for _ in range(s.always):
            another(s, c, chats, workers, tree, near, issues, told, who, at)
    elif code in (ON, BACK):
        serve_queue(s, c, chats, workers, tree, near, issues, told, at)


@small
def _on_leaves(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, far: Any, issues: Any,
    told: Any, clock: Any, effects: Any, n: int, at: float,
) -> None:  # fmt: skip
    chat = chats[n]
    if chat.state == QUEUED:
        leave_queue(s, chats, n)
    drop(chats, workers, n, at)
    frustrate(chat, waited(c, chat.irritability, at - chat.asked))
    close(s, c, chats, workers, tree, near, far, issues, told, clock, effects,
          n, False, ABANDONED, at)  # fmt: skip


@small
def _on_planned(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, far: Any, issues: Any,
    told: Any, clock: Any, effects: Any,
) -> None:  # fmt: skip
    """Handle the first plan of those that come soon."""
    row = near[0]
    at, kind, n, token = row.at, row.kind, row.whom, row.token
    pop(near, s.near)
    s.near -= 1
    if kind == TURN_DONE:
        on_turn_done(s, c, chats, workers, tree, near, far, issues, told, clock, effects,
                     n, token, at)  # fmt: skip
        return
    if chats[n].token != token:
        return
    if kind == WRITES:
        customer_writes(s, chats, told, n, at)
        if chats[n].ai_held:
            ai_turn(s, c, chats, near, n, at)
        else:
            chats[n].server = chats[n].worker
            wait(s, c, chats, workers, tree, near, told, n, at, at)
    elif kind == READY:
        join(s, c, chats, workers, tree, near, told, n, at)
    elif kind == LEAVES:
        _on_leaves(s, c, chats, workers, tree, near, far, issues, told, clock, effects, n, at)
    elif kind == AI_DONE:
        on_ai_done(s, c, chats, workers, tree, near, far, issues, told, clock, effects,
                   n, token, at)  # fmt: skip
    elif kind == SHOWN:
        ask(s, c, chats, workers, tree, near, told, n, at)
    elif kind == CLIMB:
        climb(s, c, chats, workers, tree, near, told, n, token, at)


@compiled
def run_until(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, far: Any, issues: Any,
    told: Any, clock: Any, effects: Any, fresh: Any, staff: Any, until: float,
) -> bool:  # fmt: skip
    """Handle every moment before `until`; return whether there is none left at all."""
    while not s.full:
        source, at, place = 0, 0.0, 0
        if s.near > 0:
            source, at, place = 1, near[0].at, near[0].place
        if s.far > 0 and (
            not source or far[0].at < at or (far[0].at == at and far[0].place < place)
        ):
            source, at, place = 2, far[0].at, far[0].place
        if s.fresh < fresh.size and (
            not source or s.fresh_at < at or (s.fresh_at == at and s.fresh_place < place)
        ):
            source, at, place = 3, s.fresh_at, s.fresh_place
        if s.staff < staff.size and (
            not source or s.staff_at < at or (s.staff_at == at and s.staff_place < place)
        ):
            source, at, place = 4, s.staff_at, s.staff_place
        if source == 0:
            return True
        if at >= until:
            return False
        s.events += 1
        if source == 1:
            _on_planned(s, c, chats, workers, tree, near, far, issues, told, clock, effects)
        elif source == 2:
            n = far[0].whom
            pop(far, s.far)
            s.far -= 1
            open_chat(s, c, chats, workers, tree, near, issues, told,
                      at, chats[n].base, chats[n].generation + 1, n)  # fmt: skip
        elif source == 3:
            n = s.fresh
            s.fresh += 1
            if s.fresh < fresh.size:
                s.fresh_at = fresh[s.fresh]
                s.fresh_place = s.place
                s.place += 1
            open_chat(s, c, chats, workers, tree, near, issues, told, at, n, 0, -1)
        else:
            _on_staff(s, c, chats, workers, tree, near, issues, told, staff)
    return True
