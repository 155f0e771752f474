"""The chats and workers of the reference engine while it runs."""

from __future__ import annotations

import math
from collections import OrderedDict

from stepin.floor.randomness.draws import ChatDraws

QUEUED, AI_TURN, ALERTING, WAITING, SERVED, THINKING, OVER = range(7)
"""What a chat waits for: an owner, the AI, an alert, a worker, the end of a turn, its customer."""


class SimulatedChat:
    """One chat; the names of its results are those of `trace.WHOLE_COLUMNS` and `REAL_COLUMNS`."""

    __slots__ = (
        "ai", "ai_held", "ai_turns", "alert", "answered", "approval", "arm", "asked", "attention",
        "back", "base", "can", "care", "care_now", "closed", "comes_back", "concurrency",
        "customer_messages", "difficulty", "draws", "empathy", "escalated", "failures",
        "first_answer", "first_human", "flag", "flag_cause", "flag_round", "frustration",
        "generation", "handed_back", "human_turns", "initiative", "invited", "irritability",
        "issue", "joined", "left", "number", "opened", "opening_mood", "owned", "owner",
        "owner_probability", "parent", "path", "pickup_wait", "proposing", "queue_length",
        "reason", "resolved", "seeking", "server", "stars", "state", "step", "supervised",
        "switches", "taken", "takeover_round", "takeovers", "token", "unread", "waited",
        "waited_owner", "worker", "worker_chars", "worker_messages", "worst",
    )  # fmt: skip

    def __init__(
        self, number: int, base: int, generation: int, draws: ChatDraws, opened: float
    ) -> None:
        self.number, self.base, self.generation, self.draws = number, base, generation, draws
        self.opened = self.asked = opened
        self.parent = self.owner = self.worker = self.server = -1
        self.ai = self.resolved = self.invited = self.answered = self.comes_back = 0
        self.arm, self.path, self.reason, self.step, self.stars = -1, 0, 0, -1, 0
        self.issue = self.concurrency = self.supervised = self.queue_length = 0
        self.ai_turns = self.human_turns = self.failures = self.takeovers = self.switches = 0
        self.customer_messages = self.worker_messages = self.worker_chars = 0
        self.flag_cause = self.flag_round = 0
        self.seeking = self.proposing = self.initiative = self.empathy = self.takeover_round = 0
        self.state, self.token = QUEUED, 0
        self.can = self.ai_held = self.escalated = self.approval = self.joined = False
        self.unread = False
        self.frustration = self.worst = self.opening_mood = self.care = self.care_now = 0.0
        self.difficulty, self.irritability = 0.0, 1.0
        self.attention = self.waited = self.waited_owner = self.pickup_wait = self.left = 0.0
        self.owner_probability = 1.0
        self.owned = self.closed = self.first_answer = self.flag = self.alert = math.nan
        self.taken = self.first_human = self.handed_back = self.back = math.nan


class SimulatedWorker:
    """One worker and the messages that wait for them; takeovers come before all others."""

    __slots__ = (
        "arm", "away", "busy", "current", "debt", "ends", "first", "held", "last", "next", "number",
        "on", "others", "speed", "started", "supervised", "token", "trait", "watched",
    )  # fmt: skip

    def __init__(self, number: int, arm: int, trait: float, speed: float) -> None:
        self.number, self.arm, self.trait, self.speed = number, arm, trait, speed
        self.first: OrderedDict[SimulatedChat, None] = OrderedDict()
        self.others: OrderedDict[SimulatedChat, None] = OrderedDict()
        self.current: SimulatedChat | None = None
        self.on = self.away = False
        self.token = self.held = self.supervised = self.watched = self.next = 0
        self.last = -1
        self.busy = self.debt = self.ends = self.started = 0.0

    @property
    def waiting(self) -> int:
        """How many messages wait to be picked up."""
        return len(self.first) + len(self.others)
