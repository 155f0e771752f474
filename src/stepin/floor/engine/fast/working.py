"""How workers work, as `engine.reference_work` says it."""

from __future__ import annotations

import math
from typing import Any

from stepin.floor.engine.calendar import LEAVES, READY, TURN_DONE
from stepin.floor.engine.fast.compiling import compiled, small
from stepin.floor.engine.fast.formulas import (
    avoidance,
    effort,
    exponential,
    four,
    patience,
    turn_time,
)
from stepin.floor.engine.fast.owners import change_load
from stepin.floor.engine.fast.plans import plan, tell
from stepin.floor.engine.fast.queues import join_worker, leave_worker
from stepin.floor.engine.people import SERVED, WAITING
from stepin.floor.engine.reference_work import CHARS_MEAN
from stepin.floor.engine.trace import FOCUS, HELD, TAKEN, TAKEOVER, WORKER_SAID
from stepin.floor.randomness.purposes import HUMAN_MORE, HUMAN_TIME, HUMAN_WORDS


@small
def care_of(c: Any, chat: Any, w: Any) -> float:
    """Return the effort of a worker's next turn in a chat."""
    return effort(c, w.trait, float(w.watched), chat.frustration, float(chat.ai_turns),
                  float(w.waiting))  # fmt: skip


@small
def wait(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, told: Any,
    n: int, at: float, asked: float,
) -> None:  # fmt: skip
    """Let a message wait for its worker, who may leave it alone for a while."""
    chat = chats[n]
    chat.state = WAITING
    chat.asked = asked
    chat.token += 1
    if chat.approval:
        join(s, c, chats, workers, tree, near, told, n, at)
        return
    chat.u, chat.v, avoiding, leaving = four(
        s, chat.base, chat.generation, chat.human_turns, HUMAN_TIME
    )
    if c.patience_min > 0.0:
        stays = patience(c, chat.irritability, leaving)
        plan(s, near, max(at, asked + stays), LEAVES, n, chat.token)
    if c.avoidance_min > 0.0:
        delay = avoidance(c, care_of(c, chat, workers[chat.server]), avoiding)
        plan(s, near, at + delay, READY, n, chat.token)
    else:
        join(s, c, chats, workers, tree, near, told, n, at)


@small
def join(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, told: Any, n: int, at: float
) -> None:
    """Let a message be ready; a worker who is free takes it at once."""
    chat = chats[n]
    w = workers[chat.server]
    first = 1 if chat.escalated or chat.approval else 0
    join_worker(chats, w, n, first, 0)
    chat.pickup_wait -= at
    if w.away:
        return
    if w.current < 0:
        start(s, c, chats, workers, tree, near, told, chat.server, at)
    elif s.preempt and first:
        busy = chats[w.current]
        if not (busy.escalated or busy.approval):
            _interrupt(s, chats, told, w, chat.server, at)
            start(s, c, chats, workers, tree, near, told, chat.server, at)


@small
def _interrupt(s: Any, chats: Any, told: Any, w: Any, who: int, at: float) -> None:
    n = w.current
    chat = chats[n]
    chat.left = w.ends - at
    spent(s, chats, told, w, who, n, at)
    w.current = -1
    w.token += 1
    chat.state = WAITING
    chat.pickup_wait -= at
    chat.switches += 1
    join_worker(chats, w, n, 0, 1)


@small
def spent(s: Any, chats: Any, told: Any, w: Any, who: int, n: int, at: float) -> None:
    """Count the attention of a turn, or of what there was of it."""
    minutes = at - w.started
    chats[n].attention += minutes
    w.busy += minutes
    w.last = n
    tell(s, told, at, FOCUS, n, who, minutes)


@small
def drop(chats: Any, workers: Any, n: int, at: float) -> None:
    """Take a chat out of its worker's line, if it stands there."""
    chat = chats[n]
    if chat.joined:
        leave_worker(chats, workers[chat.server], n)
        chat.pickup_wait += at


@compiled
def start(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, told: Any, who: int, at: float
) -> None:
    """Let a worker pick up the next message."""
    w = workers[who]
    n = w.first_head if w.first_head >= 0 else w.other_head
    leave_worker(chats, w, n)
    chat = chats[n]
    chat.pickup_wait += at
    minutes = c.switch_min if w.last != n and w.last >= 0 else 0.0
    if chat.left > 0.0:
        minutes += chat.left
        chat.left = 0.0
    elif chat.approval:
        minutes += c.approval_min
    else:
        if chat.ai_held:
            _take_over(s, chats, workers, tree, told, n, who, at)
        chat.care_now = care_of(c, chat, w)
        minutes += turn_time(c, w.speed, chat.care_now, chat.u, chat.v)
        if chat.unread:
            minutes += c.reading_min
            chat.unread = 0
    minutes += w.debt
    w.debt = 0.0
    chat.state = SERVED
    chat.token += 1
    w.current = n
    w.started = at
    w.ends = at + minutes
    w.token += 1
    plan(s, near, w.ends, TURN_DONE, who, w.token)


@small
def _take_over(
    s: Any, chats: Any, workers: Any, tree: Any, told: Any, n: int, who: int, at: float
) -> None:
    chat = chats[n]
    chat.ai_held = 0
    chat.takeovers += 1
    change_load(s, workers, tree, chat.worker, 0, -1)
    change_load(s, workers, tree, who, 1, 1)
    chat.worker = who
    if math.isnan(chat.taken):
        chat.taken = at
        chat.takeover_round = chat.ai_turns
    tell(s, told, at, TAKEN, n, who, float(chat.step))
    tell(s, told, at, HELD, n, who, float(TAKEOVER))


@small
def say(s: Any, c: Any, chats: Any, told: Any, n: int, at: float) -> float:
    """Count what a worker's turn says; return the draw that may hand the chat back."""
    chat = chats[n]
    turn, care = chat.human_turns, chat.care_now
    u, v, seeking, proposing = four(s, chat.base, chat.generation, turn, HUMAN_WORDS)
    empathy, initiative, back, length = four(s, chat.base, chat.generation, turn, HUMAN_MORE)
    messages = 1 + (1 if u < care else 0) + (1 if v < 0.5 * care else 0)
    chat.human_turns += 1
    chat.worker_messages += messages
    chat.worker_chars += messages * (10 + int(exponential(CHARS_MEAN, length)))
    chat.seeking += 1 if seeking < c.seeking + c.seeking_effort * care else 0
    chat.proposing += 1 if proposing < c.proposing + c.proposing_effort * care else 0
    chat.initiative += 1 if initiative < c.initiative + c.initiative_effort * care else 0
    chat.empathy += 1 if empathy < c.empathy else 0
    if math.isnan(chat.first_answer):
        chat.first_answer = at
    if math.isnan(chat.first_human):
        chat.first_human = at
    tell(s, told, at, WORKER_SAID, n, chat.worker, float(messages))
    return back
