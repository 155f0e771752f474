"""How workers work: what waits for them, what they pick up, and how long a turn takes."""

from __future__ import annotations

import math
from typing import Final

from stepin.floor.engine.calendar import (
    LEAVES,
    READY,
    TURN_DONE,
)
from stepin.floor.engine.people import (
    SERVED,
    WAITING,
    SimulatedChat,
    SimulatedWorker,
)
from stepin.floor.engine.reference_state import EngineState
from stepin.floor.engine.trace import (
    HAND_BACK,
    HELD,
    TAKEN,
    TAKEOVER,
    WORKER_SAID,
)
from stepin.floor.model import equations as eq
from stepin.floor.randomness.purposes import (
    HUMAN_MORE,
    HUMAN_TIME,
    HUMAN_WORDS,
)

CHARS_MEAN: Final = 60.0


class WorkingState(EngineState):
    """A floor on which messages wait and workers take their turns."""

    def _wait(self, chat: SimulatedChat, at: float, asked: float) -> None:
        """Let a message wait for its worker, who may leave it alone for a while."""
        chat.state, chat.asked = WAITING, asked
        chat.token += 1
        worker = self._workers[chat.server]
        _, _, avoiding, leaving = chat.draws.human(chat.human_turns, HUMAN_TIME)
        if not chat.approval:
            leaves = eq.patience(self._c, chat.irritability, leaving)
            if leaves < math.inf:
                self._calendar.plan(max(at, asked + leaves), LEAVES, chat.number, chat.token)
        if self._c.avoidance_min > 0.0 and not chat.approval:
            delay = eq.avoidance(self._c, self._effort(chat, worker), avoiding)
            self._calendar.plan(at + delay, READY, chat.number, chat.token)
        else:
            self._join(chat, at)

    def _on_ready(self, at: float, number: int, token: int) -> None:
        chat = self._chats[number]
        if chat.token == token:
            self._join(chat, at)

    def _join(self, chat: SimulatedChat, at: float) -> None:
        worker = self._workers[chat.server]
        first = chat.escalated or chat.approval
        (worker.first if first else worker.others)[chat] = None
        chat.joined, chat.pickup_wait = True, chat.pickup_wait - at
        if worker.away:
            return
        if worker.current is None:
            self._start(worker, at)
        elif self._preempt and first:
            busy = worker.current
            if not (busy.escalated or busy.approval):
                self._interrupt(worker, busy, at)
                self._start(worker, at)

    def _interrupt(self, worker: SimulatedWorker, chat: SimulatedChat, at: float) -> None:
        chat.left = worker.ends - at
        self._spent(worker, chat, at)
        worker.current = None
        worker.token += 1
        chat.state, chat.joined = WAITING, True
        chat.pickup_wait -= at
        chat.switches += 1
        worker.others[chat] = None
        worker.others.move_to_end(chat, last=False)

    def _start(self, worker: SimulatedWorker, at: float) -> None:
        queue = worker.first or worker.others
        chat, _ = queue.popitem(last=False)
        chat.joined, chat.pickup_wait = False, chat.pickup_wait + at
        c = self._c
        minutes = c.switch_min if worker.last != chat.number and worker.last >= 0 else 0.0
        if chat.left > 0.0:
            minutes += chat.left
            chat.left = 0.0
        elif chat.approval:
            minutes += c.approval_min
        else:
            if chat.ai_held:
                self._take_over(chat, worker, at)
            chat.care_now = self._effort(chat, worker)
            u, v, _, _ = chat.draws.human(chat.human_turns, HUMAN_TIME)
            minutes += eq.turn_time(c, worker.speed, chat.care_now, u, v)
            if chat.unread:
                minutes += c.reading_min
                chat.unread = False
        minutes += worker.debt
        worker.debt = 0.0
        chat.state = SERVED
        chat.token += 1
        worker.current, worker.started, worker.ends = chat, at, at + minutes
        worker.token += 1
        self._calendar.plan(worker.ends, TURN_DONE, worker.number, worker.token)

    def _take_over(self, chat: SimulatedChat, worker: SimulatedWorker, at: float) -> None:
        owner = self._workers[chat.worker]
        chat.ai_held = False
        chat.takeovers += 1
        self._load(owner, held=False, by=-1)
        self._load(worker, held=True, by=1)
        chat.worker = worker.number
        if math.isnan(chat.taken):
            chat.taken, chat.takeover_round = at, chat.ai_turns
        if self._tell:
            self._tell(at, TAKEN, chat.number, worker.number, chat.step)
            self._tell(at, HELD, chat.number, worker.number, TAKEOVER)

    def _words(self, chat: SimulatedChat, care: float, turn: int, at: float) -> None:
        c = self._c
        u, v, seeking, proposing = chat.draws.human(turn, HUMAN_WORDS)
        empathy, initiative, _, length = chat.draws.human(turn, HUMAN_MORE)
        messages = 1 + (u < care) + (v < 0.5 * care)
        chat.human_turns += 1
        chat.worker_messages += messages
        chat.worker_chars += messages * (10 + int(eq.exponential(CHARS_MEAN, length)))
        chat.seeking += seeking < c.seeking + c.seeking_effort * care
        chat.proposing += proposing < c.proposing + c.proposing_effort * care
        chat.initiative += initiative < c.initiative + c.initiative_effort * care
        chat.empathy += empathy < c.empathy
        if math.isnan(chat.first_answer):
            chat.first_answer = at
        if math.isnan(chat.first_human):
            chat.first_human = at
        if self._tell:
            self._tell(at, WORKER_SAID, chat.number, chat.worker, messages)

    def _hand_back(self, chat: SimulatedChat, at: float) -> None:
        worker = self._workers[chat.worker]
        chat.ai_held, chat.escalated, chat.failures = True, False, 0
        if math.isnan(chat.handed_back):
            chat.handed_back = at
        self._load(worker, held=True, by=-1)
        self._load(worker, held=False, by=1)
        if self._tell:
            self._tell(at, HELD, chat.number, -1, HAND_BACK)
