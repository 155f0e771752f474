"""The reference engine: plain Python around a heap, asking the desk's own rules.

The order in which moments are planned is part of its meaning: the fast engine plans the same
moments in the same order and so handles ties alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from stepin.core.events.base import Cause
from stepin.floor.engine.calendar import (
    AI_DONE,
    BACK_AGAIN,
    CLIMB,
    FRESH,
    LEAVES,
    SHOWN,
    STAFF,
    WRITES,
)
from stepin.floor.engine.inputs import AWAY, BACK, DAY_MIN, OFF, ON, FloorInputs
from stepin.floor.engine.people import (
    AI_TURN,
    ALERTING,
    OVER,
    QUEUED,
    THINKING,
    WAITING,
    SimulatedChat,
    SimulatedWorker,
)
from stepin.floor.engine.reference_work import WorkingState
from stepin.floor.engine.trace import (
    ABANDONED,
    AI_SAID,
    ALERT,
    APPROVED,
    ASSIGNED,
    CLOSED,
    EMOTIONAL,
    EXPIRED,
    FLAG,
    HELD,
    HUMAN,
    NO_PATH,
    OPENED,
    OWNED,
    RESOLVED,
    STAFFED,
    TECHNICAL,
    TIMED_OUT,
    WITHDRAWN,
    Run,
)
from stepin.floor.model import equations as eq
from stepin.floor.randomness.purposes import (
    AI_LOOK,
    AI_RESULT,
    AI_WATCH,
    COMING_BACK,
    ENDING,
    FATE,
    HUMAN_MORE,
    HUMAN_RESULT,
    NATURE,
)

Progress = Callable[[int, int], None]
OF_WORKER: Final = 1_000_000
"""With chats that are always open, a worker's chats are numbered from here times the worker."""
CAUSES: Final[tuple[Cause, ...]] = ("technical", "emotional")


def run_reference(
    given: FloorInputs, *, trace: bool = False, progress: Progress | None = None
) -> Run:
    """Run one replication on the reference engine.

    Parameters
    ----------
    trace : whether every moment is kept.
    progress : called with days done and days in all.
    """
    return ReferenceEngine(given, trace=trace).run(progress)


class ReferenceEngine(WorkingState):
    """One replication while it runs."""

    def run(self, progress: Progress | None = None) -> Run:
        """Handle every moment until nothing is planned any more."""
        plan, take = self._calendar.plan, self._calendar.next
        if self._staff:
            plan(self._staff[0][0], STAFF, 0, 0)
        if self._fresh:
            plan(self._fresh[0], FRESH, 0, 0)
        handle = (
            self._on_fresh, self._on_staff, self._on_ai_done, self._on_writes, self._on_ready,
            self._on_leaves, self._on_turn_done, self._on_shown, self._on_climb, self._on_back,
        )  # fmt: skip
        events, day = 0, 0
        calendar = self._calendar
        while len(calendar):
            at, _, kind, whom, token = take()
            events += 1
            handle[kind](at, whom, token)
            if progress is not None and at >= (day + 1) * DAY_MIN and day < self._given.days:
                day = min(self._given.days, int(at // DAY_MIN))
                progress(day, self._given.days)
        return Run(
            inputs=self._given,
            chats=self._collected.chats(self._chats),
            busy_min=self._collected.busy(self._workers),
            events=events,
            engine="reference",
            trace=self._collected.trace(),
        )

    def _on_fresh(self, at: float, number: int, _: int) -> None:
        if number + 1 < len(self._fresh):
            self._calendar.plan(self._fresh[number + 1], FRESH, number + 1, 0)
        self._open(at, number, 0, None)

    def _on_back(self, at: float, number: int, _: int) -> None:
        earlier = self._chats[number]
        self._open(at, earlier.base, earlier.generation + 1, earlier)

    def _on_staff(self, at: float, number: int, _: int) -> None:
        _, who, code = self._staff[number]
        if number + 1 < len(self._staff):
            self._calendar.plan(self._staff[number + 1][0], STAFF, number + 1, 0)
        worker = self._workers[who]
        if self._tell:
            self._tell(at, STAFFED, -1, who, code)
        if code in (ON, OFF):
            worker.on, worker.away = code == ON, False
        else:
            worker.away = code == AWAY
        self._rules.changed()
        if code == BACK and worker.current is None and worker.waiting:
            self._start(worker, at)
        if code == ON and self._always and who < self._given.workers:
            for _n in range(self._always):
                self._another(worker, at)
        elif code in (ON, BACK):
            self._serve_queue(at)

    def _another(self, worker: SimulatedWorker, at: float) -> None:
        base = worker.number * OF_WORKER + worker.next
        worker.next += 1
        chat = self._make(at, base, 0, None)
        self._own(chat, worker, 1.0, at)

    def _open(self, at: float, base: int, generation: int, earlier: SimulatedChat | None) -> None:
        chat = self._make(at, base, generation, earlier)
        if not self._place(chat, at):
            self._queue[chat] = None
            leaves = eq.patience(self._c, chat.irritability, chat.draws.chat(FATE)[2])
            if leaves < math.inf:
                self._calendar.plan(at + leaves, LEAVES, chat.number, chat.token)

    def _make(
        self, at: float, base: int, generation: int, earlier: SimulatedChat | None
    ) -> SimulatedChat:
        c = self._c
        chat = SimulatedChat(
            len(self._chats), base, generation, self._draws.of(base, generation), at
        )
        u, v, w, z = chat.draws.chat(NATURE)
        chat.difficulty = eq.normal(v, w)
        if earlier is None:
            while chat.issue + 1 < len(self._issues) and u >= self._issues[chat.issue]:
                chat.issue += 1
            chat.irritability = math.exp(c.irritability_sd * eq.other_normal(v, w))
            chat.frustration = eq.exponential(c.frustration, z)
        else:
            chat.issue, chat.irritability = earlier.issue, earlier.irritability
            chat.parent = earlier.number
            chat.frustration = eq.exponential(c.frustration, z) + c.carried * earlier.frustration
            chat.difficulty += c.back_difficulty
        chat.difficulty += float(self._given.issue_difficulty[chat.issue])
        chat.worst = chat.opening_mood = chat.frustration
        chat.can = chat.draws.chat(FATE)[0] < eq.can_solve(c, chat.difficulty)
        chat.customer_messages = 1
        chat.queue_length = len(self._queue)
        self._chats.append(chat)
        if self._tell:
            self._tell(at, OPENED, chat.number, -1, 0.0)
        return chat

    def _place(self, chat: SimulatedChat, at: float) -> bool:
        free = self._rules.free()
        if not free:
            return False
        drawn = free[int(chat.draws.chat(FATE)[1] * len(free))]
        self._own(chat, self._workers[drawn], 1.0 / len(free), at)
        return True

    def _own(
        self, chat: SimulatedChat, worker: SimulatedWorker, probability: float, at: float
    ) -> None:
        chat.owner = chat.worker = chat.server = worker.number
        chat.owner_probability, chat.owned, chat.arm = probability, at, worker.arm
        chat.concurrency = worker.held + worker.supervised
        chat.supervised = worker.supervised
        chat.token += 1
        if self._tell:
            self._tell(at, OWNED, chat.number, worker.number, probability)
        by_ai = self._policy(chat, at).ai.enabled and self._given.issue_eligible[chat.issue]
        chat.ai_held = bool(by_ai)
        chat.ai = int(by_ai)
        self._load(worker, held=not by_ai, by=1)
        if self._tell:
            self._tell(at, HELD, chat.number, -1 if by_ai else worker.number, ASSIGNED)
        if by_ai:
            self._ai_turn(chat, at)
        else:
            self._wait(chat, at, chat.opened)

    def _serve_queue(self, at: float) -> None:
        while self._queue and self._rules.free():
            chat, _ = self._queue.popitem(last=False)
            self._place(chat, at)

    def _ai_turn(self, chat: SimulatedChat, at: float) -> None:
        chat.state = AI_TURN
        chat.token += 1
        step = eq.exponential(self._c.step_min, chat.draws.ai(chat.ai_turns, AI_RESULT)[0])
        self._calendar.plan(at + step, AI_DONE, chat.number, chat.token)

    def _on_ai_done(self, at: float, number: int, token: int) -> None:
        chat = self._chats[number]
        if chat.token != token:
            return
        c, turn = self._c, chat.ai_turns
        _, success, wrong, leaving = chat.draws.ai(turn, AI_RESULT)
        chat.ai_turns += 1
        chat.unread = True
        if self._tell:
            self._tell(at, AI_SAID, number, -1, 0.0)
        if math.isnan(chat.first_answer):
            chat.first_answer = at
        if chat.can and success < eq.ai_resolves(c, chat.difficulty):
            if chat.draws.ai(turn, AI_LOOK)[1] < c.approval:
                chat.approval = True
                chat.server = chat.worker
                self._wait(chat, at, at)
            else:
                self._close(chat, True, RESOLVED, at)
            return
        if wrong < c.wrong:
            self._frustrate(chat, c.wrong_frustration)
            self._close(chat, False, RESOLVED, at)
            return
        self._frustrate(chat, eq.failed(c, chat.irritability, chat.failures))
        chat.failures += 1
        if leaving < eq.leaves(c, chat.frustration):
            self._close(chat, False, ABANDONED, at)
            return
        self._detect(chat, turn, at)

    def _detect(self, chat: SimulatedChat, turn: int, at: float) -> None:
        c = self._c
        think, technical, v, w = chat.draws.ai(turn, AI_WATCH)
        names = self._rules.causes[self._policy(chat, at) is self._rules.policies[1]]
        stuck = technical < (c.technical_false if chat.can else c.technical_sensitivity)
        stuck = stuck and names["technical"]
        mood = chat.frustration + c.emotional_sd * eq.normal(v, w)
        upset = names["emotional"] and mood > self._given.cut[chat.arm == 1]
        if stuck or upset:
            both = self._rules.graver(*CAUSES)
            cause = both if stuck and upset else CAUSES[bool(upset)]
            self._flag(chat, TECHNICAL if cause == "technical" else EMOTIONAL, at)
            return
        owner = self._workers[chat.worker]
        if chat.draws.ai(turn, AI_LOOK)[0] < eq.looks(c, owner.waiting, chat.difficulty):
            owner.debt += c.look_min
            seen = chat.frustration + c.emotional_sd * eq.other_normal(v, w)
            if seen > c.look_threshold:
                self._step_in(chat, at)
                return
        chat.state = THINKING
        thinking = eq.exponential(c.think_ai_min, think)
        self._calendar.plan(at + thinking, WRITES, chat.number, chat.token)

    def _flag(self, chat: SimulatedChat, path: int, at: float) -> None:
        if chat.path == NO_PATH:
            chat.path = path
        chat.state, chat.step, chat.asked = ALERTING, -1, at
        self._customer_writes(chat, at)
        if math.isnan(chat.flag):
            chat.flag, chat.flag_cause, chat.flag_round = at, path, chat.customer_messages
        if self._tell:
            self._tell(at, FLAG, chat.number, chat.worker, path)
        self._calendar.plan(at + self._c.delay_min, SHOWN, chat.number, chat.token)

    def _step_in(self, chat: SimulatedChat, at: float) -> None:
        if chat.path == NO_PATH:
            chat.path = HUMAN
        chat.escalated, chat.server, chat.step = True, chat.worker, -1
        self._customer_writes(chat, at)
        self._wait(chat, at, at)

    def _on_shown(self, at: float, number: int, token: int) -> None:
        chat = self._chats[number]
        if chat.token == token:
            self._ask(chat, at)

    def _on_climb(self, at: float, number: int, token: int) -> None:
        chat = self._chats[number]
        if chat.token != token:
            return
        self._drop(chat, at)
        if self._tell:
            self._tell(at, EXPIRED, number, chat.server, chat.step)
        self._ask(chat, at)

    def _ask(self, chat: SimulatedChat, at: float) -> None:
        """Show the alert at the next step of the ladder, or let the AI go on."""
        policy = self._policy(chat, at)
        found = self._rules.step(policy, self._workers[chat.worker], chat.step)
        if found is None:
            chat.escalated, chat.server = False, chat.worker
            self._ai_turn(chat, at)
            return
        chat.step, chat.server = found
        chat.escalated = True
        if math.isnan(chat.alert):
            chat.alert = at
        if self._tell:
            self._tell(at, ALERT, chat.number, chat.server, chat.step)
        self._wait(chat, at, chat.asked)
        ladder = policy.ladder
        lasts_s = (ladder.owner_s, ladder.pool_s, ladder.lead_s)[chat.step]
        if chat.state == WAITING:
            self._calendar.plan(at + lasts_s / 60.0, CLIMB, chat.number, chat.token)

    def _on_turn_done(self, at: float, number: int, token: int) -> None:
        worker = self._workers[number]
        if worker.token != token or worker.current is None:
            return
        chat = worker.current
        worker.current = None
        self._spent(worker, chat, at)
        if chat.approval:
            chat.approval = False
            if self._tell:
                self._tell(at, APPROVED, chat.number, number, 0.0)
            self._close(chat, True, RESOLVED, at)
        else:
            self._reply(chat, at)
        if worker.current is None and worker.waiting and not worker.away:
            self._start(worker, at)

    def _reply(self, chat: SimulatedChat, at: float) -> None:
        c, care, turn = self._c, chat.care_now, chat.human_turns
        wait = at - chat.asked
        chat.waited += wait
        self._frustrate(chat, eq.waited(c, chat.irritability, wait))
        chat.frustration *= 1.0 - c.relief * care
        chat.care += care
        self._words(chat, care, turn, at)
        success, giving_up, leaving, thinking = chat.draws.human(turn, HUMAN_RESULT)
        back = chat.draws.human(turn, HUMAN_MORE)[2]
        if success < eq.resolves(c, care, chat.difficulty):
            self._close(chat, True, RESOLVED, at)
        elif giving_up < c.give_up * (1.0 - care):
            self._close(chat, False, TIMED_OUT, at)
        elif leaving < eq.leaves(c, chat.frustration):
            self._close(chat, False, ABANDONED, at)
        else:
            if chat.ai and back < c.hand_back:
                self._hand_back(chat, at)
            chat.state = THINKING
            chat.token += 1
            thinking = eq.exponential(c.think_min, thinking)
            self._calendar.plan(at + thinking, WRITES, chat.number, chat.token)

    def _on_writes(self, at: float, number: int, token: int) -> None:
        chat = self._chats[number]
        if chat.token != token:
            return
        self._customer_writes(chat, at)
        if chat.ai_held:
            self._ai_turn(chat, at)
        else:
            chat.server = chat.worker
            self._wait(chat, at, at)

    def _on_leaves(self, at: float, number: int, token: int) -> None:
        chat = self._chats[number]
        if chat.token != token:
            return
        if chat.state == QUEUED:
            del self._queue[chat]
        self._drop(chat, at)
        self._frustrate(chat, eq.waited(self._c, chat.irritability, at - chat.asked))
        self._close(chat, False, ABANDONED, at)

    def _close(self, chat: SimulatedChat, resolved: bool, reason: int, at: float) -> None:
        c = self._c
        waiting = chat.state == WAITING and chat.escalated and chat.ai_held
        if self._tell:
            if waiting and chat.step >= 0:
                self._tell(at, WITHDRAWN, chat.number, chat.server, chat.step)
            self._tell(at, CLOSED, chat.number, chat.worker, reason)
        chat.state = OVER
        chat.token += 1
        chat.closed, chat.reason, chat.resolved = at, reason, int(resolved)
        self._rate(chat, resolved, at)
        _, _, back, _ = chat.draws.chat(ENDING)
        chat.comes_back = int(back < eq.comes_back(c, resolved, chat.frustration))
        if chat.comes_back:
            self._plan_return(chat, at)
        if chat.worker < 0:
            return
        worker = self._workers[chat.worker]
        self._load(worker, held=not chat.ai_held, by=-1)
        if chat.ai:
            self._workers[chat.owner].watched += 1
        if self._always:
            if at < self._given.end_min:
                self._another(self._workers[chat.owner], at)
        elif self._queue:
            self._serve_queue(at)

    def _plan_return(self, chat: SimulatedChat, at: float) -> None:
        after, hour, _, _ = chat.draws.chat(COMING_BACK)
        day = math.floor((at + DAY_MIN * eq.back_after(self._c, after)) / DAY_MIN)
        back = day * DAY_MIN + eq.time_of_day(self._clock, hour)
        if back <= at:
            back += DAY_MIN
        chat.back = back
        if back < self._given.end_min and not self._always:
            self._calendar.plan(back, BACK_AGAIN, chat.number, 0)
