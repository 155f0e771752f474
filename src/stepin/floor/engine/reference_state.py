"""What the reference engine knows while it runs, and the smallest things that change it."""

from __future__ import annotations

from collections import OrderedDict

from stepin.core.policy import Policy
from stepin.floor.engine.calendar import (
    Calendar,
)
from stepin.floor.engine.collected import Collected
from stepin.floor.engine.desk_rules import DeskRules
from stepin.floor.engine.inputs import DAY_MIN, FloorInputs
from stepin.floor.engine.people import (
    SimulatedChat,
    SimulatedWorker,
)
from stepin.floor.engine.trace import (
    CUSTOMER,
    FOCUS,
)
from stepin.floor.model import equations as eq
from stepin.floor.randomness.draws import KeyedDraws
from stepin.floor.randomness.purposes import (
    ENDING,
    FATE,
)


class EngineState:
    """People, chats and plans of one replication."""

    def __init__(self, given: FloorInputs, *, trace: bool = False) -> None:
        self._given, self._c = given, given.c
        self._draws = KeyedDraws(given.seed, given.replication)
        self._workers = [
            SimulatedWorker(n, int(given.arm[n]), float(given.effort_trait[n]), float(speed))
            for n, speed in enumerate(given.speed)
        ]
        self._rules = DeskRules(given, self._workers)
        self._cap = self._rules.assignment.cap
        self._queue: OrderedDict[SimulatedChat, None] = OrderedDict()
        self._chats: list[SimulatedChat] = []
        self._calendar = Calendar()
        self._collected = Collected(trace=trace)
        self._tell = self._collected.tell if trace else None
        self._preempt = given.scenario.staff.preempt
        self._always = given.scenario.arrivals.always_open
        self._fresh: list[float] = given.fresh_min.tolist()
        self._staff = list(
            zip(
                given.staff_min.tolist(),
                given.staff_worker.tolist(),
                given.staff_code.tolist(),
                strict=True,
            )
        )
        self._issues: list[float] = given.issue_share.tolist()
        self._clock: list[float] = given.clock.tolist()
        self._ready = 0.0

    def _policy(self, chat: SimulatedChat, at: float) -> Policy:
        treated = chat.arm == 1 and at >= self._given.treated_from_min
        return self._rules.policies[treated]

    def _load(self, worker: SimulatedWorker, *, held: bool, by: int) -> None:
        before = worker.held + worker.supervised
        if held:
            worker.held += by
        else:
            worker.supervised += by
        if max(before, before + by) == self._cap:
            self._rules.changed()

    def _frustrate(self, chat: SimulatedChat, by: float) -> None:
        chat.frustration += by
        chat.worst = max(chat.worst, chat.frustration)

    def _customer_writes(self, chat: SimulatedChat, at: float) -> None:
        chat.customer_messages += 1
        if self._tell:
            self._tell(at, CUSTOMER, chat.number, -1, 0.0)

    def _effort(self, chat: SimulatedChat, worker: SimulatedWorker) -> float:
        return eq.effort(
            self._c, worker.trait, worker.watched, chat.frustration, chat.ai_turns, worker.waiting
        )

    def _spent(self, worker: SimulatedWorker, chat: SimulatedChat, at: float) -> None:
        minutes = at - worker.started
        chat.attention += minutes
        worker.busy += minutes
        worker.last = chat.number
        if self._tell:
            self._tell(at, FOCUS, chat.number, worker.number, minutes)

    def _drop(self, chat: SimulatedChat, at: float) -> None:
        """Take a chat out of its worker's queue, if it stands there."""
        if chat.joined:
            worker = self._workers[chat.server]
            worker.first.pop(chat, None)
            worker.others.pop(chat, None)
            chat.joined, chat.pickup_wait = False, chat.pickup_wait + at

    def _rate(self, chat: SimulatedChat, resolved: bool, at: float) -> None:
        c = self._c
        u, v, _, invited = chat.draws.chat(ENDING)
        effect = 0.0
        if chat.human_turns:
            day = min(int(chat.opened // DAY_MIN), self._given.days)
            effect = float(self._given.rating_effect[chat.worker, day])
        rating = eq.stars(
            c, 1.0 if resolved else -1.0, chat.frustration, chat.worst, chat.care, effect,
            eq.normal(u, v),
        )  # fmt: skip
        chat.stars = int(rating)
        chat.invited = int(invited < c.invited)
        chat.answered = int(chat.draws.chat(FATE)[3] < eq.answers(c, rating))
