"""What happens in chats, as `engine.reference` says it: opening, the AI, replies, the end."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from stepin.floor.engine.calendar import AI_DONE, CLIMB, LEAVES, SHOWN, WRITES
from stepin.floor.engine.fast.compiling import compiled, small
from stepin.floor.engine.fast.ending import come_back, rate
from stepin.floor.engine.fast.formulas import (
    ai_resolves,
    can_solve,
    comes_back,
    exponential,
    failed,
    four,
    leaves,
    looks,
    normal,
    other_normal,
    patience,
    resolves,
    waited,
)
from stepin.floor.engine.fast.owners import (
    asked_in_pool,
    change_load,
    free_owners,
    owner_at,
)
from stepin.floor.engine.fast.plans import plan, tell
from stepin.floor.engine.fast.queues import join_queue, leave_queue
from stepin.floor.engine.fast.working import drop, say, spent, start, wait
from stepin.floor.engine.people import AI_TURN, ALERTING, OVER, QUEUED, THINKING, WAITING
from stepin.floor.engine.reference import OF_WORKER
from stepin.floor.engine.trace import (
    ABANDONED,
    AI_SAID,
    ALERT,
    APPROVED,
    ASSIGNED,
    CLOSED,
    CUSTOMER,
    EMOTIONAL,
    EXPIRED,
    FLAG,
    HAND_BACK,
    HELD,
    HUMAN,
    NO_PATH,
    OPENED,
    OWNED,
    RESOLVED,
    TECHNICAL,
    TIMED_OUT,
    WITHDRAWN,
)
from stepin.floor.randomness.purposes import (
    AI_LOOK,
    AI_RESULT,
    AI_WATCH,
    FATE,
    HUMAN_RESULT,
    NATURE,
)

_NAN = np.nan


@small
def _blank(chat: Any, base: int, generation: int, at: float) -> None:
    chat.base = base
    chat.generation = generation
    chat.opened = chat.asked = at
    chat.parent = chat.owner = chat.worker = chat.server = chat.arm = chat.step = -1
    chat.before = chat.after = -1
    chat.state = QUEUED
    chat.irritability = chat.owner_probability = 1.0
    chat.owned = chat.closed = chat.first_answer = chat.flag = chat.alert = _NAN
    chat.taken = chat.first_human = chat.handed_back = chat.back = _NAN


@small
def make(
    s: Any, c: Any, chats: Any, issues: Any, told: Any,
    at: float, base: int, generation: int, earlier: int,
) -> int:  # fmt: skip
    """Open a chat; return its number."""
    n = s.chats
    if n >= chats.size:
        s.full = 4
        return -1
    s.chats += 1
    chat = chats[n]
    _blank(chat, base, generation, at)
    u, v, w, z = four(s, base, generation, 0, NATURE)
    chat.difficulty = normal(v, w)
    if earlier < 0:
        issue = 0
        while issue + 1 < issues.size and u >= issues[issue].until:
            issue += 1
        chat.issue = issue
        chat.irritability = math.exp(c.irritability_sd * other_normal(v, w))
        chat.frustration = exponential(c.frustration, z)
    else:
        before = chats[earlier]
        chat.issue = before.issue
        chat.irritability = before.irritability
        chat.parent = earlier
        chat.frustration = exponential(c.frustration, z) + c.carried * before.frustration
        chat.difficulty += c.back_difficulty
    chat.difficulty += issues[chat.issue].difficulty
    chat.worst = chat.opening_mood = chat.frustration
    fate, _, _, _ = four(s, base, generation, 0, FATE)
    chat.can = 1 if fate < can_solve(c, chat.difficulty) else 0
    chat.customer_messages = 1
    chat.queue_length = s.queued
    tell(s, told, at, OPENED, n, -1, 0.0)
    return n


@small
def open_chat(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, issues: Any, told: Any,
    at: float, base: int, generation: int, earlier: int,
) -> None:  # fmt: skip
    """Open a chat and give it an owner, or let it wait for one."""
    n = make(s, c, chats, issues, told, at, base, generation, earlier)
    if n < 0 or place(s, c, chats, workers, tree, near, issues, told, n, at):
        return
    join_queue(s, chats, n)
    _, _, leaving, _ = four(s, base, generation, 0, FATE)
    if c.patience_min > 0.0:
        stays = patience(c, chats[n].irritability, leaving)
        plan(s, near, at + stays, LEAVES, n, chats[n].token)


@small
def place(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, issues: Any, told: Any,
    n: int, at: float,
) -> bool:  # fmt: skip
    """Draw an owner; return whether there was anybody to draw."""
    free = free_owners(s, workers)
    if free == 0:
        return False
    _, draw, _, _ = four(s, chats[n].base, chats[n].generation, 0, FATE)
    who = owner_at(s, workers, tree, int(draw * free))
    own(s, c, chats, workers, tree, near, issues, told, n, who, 1.0 / free, at)
    return True


@small
def treated(s: Any, chat: Any, at: float) -> bool:
    """Return whether the treated arm's policy holds for a chat."""
    return chat.arm == 1 and at >= s.treated_from


@small
def own(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, issues: Any, told: Any,
    n: int, who: int, probability: float, at: float,
) -> None:  # fmt: skip
    """Give a chat its owner, and to the AI if the owner's policy says so."""
    chat, w = chats[n], workers[who]
    chat.owner = chat.worker = chat.server = who
    chat.owner_probability = probability
    chat.owned = at
    chat.arm = w.arm
    chat.concurrency = w.held + w.supervised
    chat.supervised = w.supervised
    chat.token += 1
    tell(s, told, at, OWNED, n, who, probability)
    enabled = s.ai1 if treated(s, chat, at) else s.ai0
    by_ai = 1 if enabled and issues[chat.issue].eligible else 0
    chat.ai_held = chat.ai = by_ai
    change_load(s, workers, tree, who, 1 - by_ai, 1)
    tell(s, told, at, HELD, n, -1 if by_ai else who, float(ASSIGNED))
    if by_ai:
        ai_turn(s, c, chats, near, n, at)
    else:
        wait(s, c, chats, workers, tree, near, told, n, at, chat.opened)


@compiled
def serve_queue(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, issues: Any, told: Any,
    at: float,
) -> None:  # fmt: skip
    """Give owners to those who wait for one."""
    while s.queued > 0 and free_owners(s, workers) > 0:
        n = s.queue_head
        leave_queue(s, chats, n)
        place(s, c, chats, workers, tree, near, issues, told, n, at)


@compiled
def another(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, issues: Any, told: Any,
    who: int, at: float,
) -> None:  # fmt: skip
    """Open a worker's next chat where so many are always open."""
    w = workers[who]
    base = who * OF_WORKER + w.numbered
    w.numbered += 1
    n = make(s, c, chats, issues, told, at, base, 0, -1)
    if n >= 0:
        own(s, c, chats, workers, tree, near, issues, told, n, who, 1.0, at)


@small
def ai_turn(s: Any, c: Any, chats: Any, near: Any, n: int, at: float) -> None:
    """Let the AI begin a turn."""
    chat = chats[n]
    chat.state = AI_TURN
    chat.token += 1
    u, _, _, _ = four(s, chat.base, chat.generation, chat.ai_turns, AI_RESULT)
    plan(s, near, at + exponential(c.step_min, u), AI_DONE, n, chat.token)


@small
def frustrate(chat: Any, by: float) -> None:
    """Add frustration, and remember the worst."""
    chat.frustration += by
    chat.worst = max(chat.worst, chat.frustration)


@small
def on_ai_done(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, far: Any, issues: Any,
    told: Any, clock: Any, effects: Any, n: int, token: int, at: float,
) -> None:  # fmt: skip
    """Let a turn of the AI end: solved, wrong, given up on, seen, or neither."""
    chat = chats[n]
    if chat.token != token:
        return
    turn = chat.ai_turns
    _, success, wrong, leaving = four(s, chat.base, chat.generation, turn, AI_RESULT)
    chat.ai_turns += 1
    chat.unread = 1
    tell(s, told, at, AI_SAID, n, -1, 0.0)
    if math.isnan(chat.first_answer):
        chat.first_answer = at
    if chat.can and success < ai_resolves(c, chat.difficulty):
        _, approval, _, _ = four(s, chat.base, chat.generation, turn, AI_LOOK)
        if approval < c.approval:
            chat.approval = 1
            chat.server = chat.worker
            wait(s, c, chats, workers, tree, near, told, n, at, at)
        else:
            close(s, c, chats, workers, tree, near, far, issues, told, clock, effects,
                  n, True, RESOLVED, at)  # fmt: skip
        return
    if wrong < c.wrong:
        frustrate(chat, c.wrong_frustration)
        close(s, c, chats, workers, tree, near, far, issues, told, clock, effects,
              n, False, RESOLVED, at)  # fmt: skip
        return
    frustrate(chat, failed(c, chat.irritability, float(chat.failures)))
    chat.failures += 1
    if leaving < leaves(c, chat.frustration):
        close(s, c, chats, workers, tree, near, far, issues, told, clock, effects,
              n, False, ABANDONED, at)  # fmt: skip
        return
    _detect(s, c, chats, workers, tree, near, told, n, turn, at)


@small
def _detect(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, told: Any,
    n: int, turn: int, at: float,
) -> None:  # fmt: skip
    chat = chats[n]
    think, technical, v, w = four(s, chat.base, chat.generation, turn, AI_WATCH)
    second = treated(s, chat, at)
    by_technical = s.technical1 if second else s.technical0
    by_emotional = s.emotional1 if second else s.emotional0
    stuck = by_technical and technical < (
        c.technical_false if chat.can else c.technical_sensitivity
    )
    mood = chat.frustration + c.emotional_sd * normal(v, w)
    upset = by_emotional and mood > (s.cut1 if chat.arm == 1 else s.cut0)
    if stuck or upset:
        if stuck and upset:
            path = TECHNICAL if s.graver_technical else EMOTIONAL
        else:
            path = EMOTIONAL if upset else TECHNICAL
        _flag(s, c, chats, near, told, n, path, at)
        return
    owner = workers[chat.worker]
    look, _, _, _ = four(s, chat.base, chat.generation, turn, AI_LOOK)
    if look < looks(c, float(owner.waiting), chat.difficulty):
        owner.debt += c.look_min
        if chat.frustration + c.emotional_sd * other_normal(v, w) > c.look_threshold:
            if chat.path == NO_PATH:
                chat.path = HUMAN
            chat.escalated = 1
            chat.server = chat.worker
            chat.step = -1
            customer_writes(s, chats, told, n, at)
            wait(s, c, chats, workers, tree, near, told, n, at, at)
            return
    chat.state = THINKING
    plan(s, near, at + exponential(c.think_ai_min, think), WRITES, n, chat.token)


@small
def _flag(s: Any, c: Any, chats: Any, near: Any, told: Any, n: int, path: int, at: float) -> None:
    chat = chats[n]
    if chat.path == NO_PATH:
        chat.path = path
    chat.state = ALERTING
    chat.step = -1
    chat.asked = at
    customer_writes(s, chats, told, n, at)
    if math.isnan(chat.flag):
        chat.flag = at
        chat.flag_cause = path
        chat.flag_round = chat.customer_messages
    tell(s, told, at, FLAG, n, chat.worker, float(path))
    plan(s, near, at + c.delay_min, SHOWN, n, chat.token)


@small
def customer_writes(s: Any, chats: Any, told: Any, n: int, at: float) -> None:
    """Count a message of the customer."""
    chats[n].customer_messages += 1
    tell(s, told, at, CUSTOMER, n, -1, 0.0)


@compiled
def ask(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, told: Any, n: int, at: float
) -> None:
    """Show the alert at the next step of the ladder, or let the AI go on."""
    chat = chats[n]
    second = treated(s, chat, at)
    pooled = s.pooled1 if second else s.pooled0
    step = 1 if pooled and chat.step < 0 else chat.step + 1
    who = -1
    if step == 0:
        if workers[chat.worker].away:
            step = 1
        else:
            who = chat.worker
    if step == 1:
        who = asked_in_pool(s, workers, chat.worker, pooled)
    if who < 0:
        chat.escalated = 0
        chat.server = chat.worker
        ai_turn(s, c, chats, near, n, at)
        return
    chat.step = step
    chat.server = who
    chat.escalated = 1
    if math.isnan(chat.alert):
        chat.alert = at
    tell(s, told, at, ALERT, n, who, float(step))
    wait(s, c, chats, workers, tree, near, told, n, at, chat.asked)
    if step == 0:
        lasts = s.owner_min1 if second else s.owner_min0
    else:
        lasts = s.pool_min1 if second else s.pool_min0
    if chat.state == WAITING:
        plan(s, near, at + lasts, CLIMB, n, chat.token)


@compiled
def climb(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, told: Any,
    n: int, token: int, at: float,
) -> None:  # fmt: skip
    """Let an alert that nobody followed reach the next step."""
    chat = chats[n]
    if chat.token != token:
        return
    drop(chats, workers, n, at)
    tell(s, told, at, EXPIRED, n, chat.server, float(chat.step))
    ask(s, c, chats, workers, tree, near, told, n, at)


@small
def on_turn_done(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, far: Any, issues: Any,
    told: Any, clock: Any, effects: Any, who: int, token: int, at: float,
) -> None:  # fmt: skip
    """Let a worker's turn end, and the next one begin."""
    w = workers[who]
    if w.token != token or w.current < 0:
        return
    n = w.current
    chat = chats[n]
    w.current = -1
    spent(s, chats, told, w, who, n, at)
    if chat.approval:
        chat.approval = 0
        tell(s, told, at, APPROVED, n, who, 0.0)
        close(s, c, chats, workers, tree, near, far, issues, told, clock, effects,
              n, True, RESOLVED, at)  # fmt: skip
    else:
        _reply(s, c, chats, workers, tree, near, far, issues, told, clock, effects, n, at)
    if w.current < 0 and w.waiting and not w.away:
        start(s, c, chats, workers, tree, near, told, who, at)


@small
def _reply(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, far: Any, issues: Any,
    told: Any, clock: Any, effects: Any, n: int, at: float,
) -> None:  # fmt: skip
    chat = chats[n]
    care, turn = chat.care_now, chat.human_turns
    waiting = at - chat.asked
    chat.waited += waiting
    frustrate(chat, waited(c, chat.irritability, waiting))
    chat.frustration *= 1.0 - c.relief * care
    chat.care += care
    back = say(s, c, chats, told, n, at)
    success, giving_up, leaving, think = four(s, chat.base, chat.generation, turn, HUMAN_RESULT)
    if success < resolves(c, care, chat.difficulty):
        close(s, c, chats, workers, tree, near, far, issues, told, clock, effects,
              n, True, RESOLVED, at)  # fmt: skip
    elif giving_up < c.give_up * (1.0 - care):
        close(s, c, chats, workers, tree, near, far, issues, told, clock, effects,
              n, False, TIMED_OUT, at)  # fmt: skip
    elif leaving < leaves(c, chat.frustration):
        close(s, c, chats, workers, tree, near, far, issues, told, clock, effects,
              n, False, ABANDONED, at)  # fmt: skip
    else:
        if chat.ai and back < c.hand_back:
            _hand_back(s, chats, workers, tree, told, n, at)
        chat.state = THINKING
        chat.token += 1
        plan(s, near, at + exponential(c.think_min, think), WRITES, n, chat.token)


@small
def _hand_back(s: Any, chats: Any, workers: Any, tree: Any, told: Any, n: int, at: float) -> None:
    chat = chats[n]
    chat.ai_held = 1
    chat.escalated = 0
    chat.failures = 0
    if math.isnan(chat.handed_back):
        chat.handed_back = at
    change_load(s, workers, tree, chat.worker, 1, -1)
    change_load(s, workers, tree, chat.worker, 0, 1)
    tell(s, told, at, HELD, n, -1, float(HAND_BACK))


@compiled
def close(
    s: Any, c: Any, chats: Any, workers: Any, tree: Any, near: Any, far: Any, issues: Any,
    told: Any, clock: Any, effects: Any, n: int, resolved: bool, reason: int, at: float,
) -> None:  # fmt: skip
    """End a chat: its rating, whether its customer comes back, and who is free now."""
    chat = chats[n]
    if chat.state == WAITING and chat.escalated and chat.ai_held and chat.step >= 0:
        tell(s, told, at, WITHDRAWN, n, chat.server, float(chat.step))
    tell(s, told, at, CLOSED, n, chat.worker, float(reason))
    chat.state = OVER
    chat.token += 1
    chat.closed = at
    chat.reason = reason
    chat.resolved = 1 if resolved else 0
    back = rate(s, c, chat, effects, resolved)
    if back < comes_back(c, resolved, chat.frustration):
        chat.comes_back = 1
        come_back(s, c, chat, far, clock, n, at)
    if chat.worker < 0:
        return
    change_load(s, workers, tree, chat.worker, 0 if chat.ai_held else 1, -1)
    if chat.ai:
        workers[chat.owner].watched += 1
    if s.always:
        if at < s.end:
            another(s, c, chats, workers, tree, near, issues, told, chat.owner, at)
    elif s.queued > 0:
        serve_queue(s, c, chats, workers, tree, near, issues, told, at)
