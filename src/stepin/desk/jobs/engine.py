"""The machinery of one process: what follows the log, and what does the work that it asks for."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stepin.core.escalation import SAFETY
from stepin.core.events import ActionEvent, Event
from stepin.core.events.action import ActionApproved
from stepin.core.events.chat import (
    ChatClosed,
    ChatOpened,
    HolderChanged,
    MessagePosted,
    OwnerSet,
    WhisperSent,
    WrapUpEnded,
    WrapUpStarted,
)
from stepin.core.events.floor import (
    PresenceChanged,
    SwitchThrown,
    TrialStopped,
    WorkerSignedOff,
    WorkerSignedOn,
)
from stepin.core.events.supervision import EscalationDeclined, FlagRaised
from stepin.desk.alerts.detection import Watch
from stepin.desk.alerts.scoring import Watchers
from stepin.desk.jobs.dispatcher import Dispatcher
from stepin.desk.jobs.effects import EffectRunner
from stepin.desk.jobs.runner import Workshop
from stepin.desk.jobs.timers import Timers
from stepin.desk.services import Services
from stepin.desk.state.projection import LogStep
from stepin.desk.turns.turns import TurnRunner

_MOVES_FLOOR = (
    ChatOpened,
    ChatClosed,
    HolderChanged,
    OwnerSet,
    WrapUpStarted,
    WrapUpEnded,
    WorkerSignedOn,
    WorkerSignedOff,
    PresenceChanged,
    SwitchThrown,
    TrialStopped,
)
_ASKS_TURN = (HolderChanged, WhisperSent, EscalationDeclined, ActionEvent)


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How fast and how much at once one process works.

    Attributes
    ----------
    lease_s : after which another process takes the work of one that has died.
    look_s : how often to look for work that nobody has announced.
    turns, effects, timers : how many of each at once.
    scores : 1 where this process may look at turns with the detectors, else 0.
    attention_days : for how long what workers looked at is kept; 0 is for good.
    """

    lease_s: float = 10.0
    look_s: float = 0.5
    retry_s: float = 1.0
    reconcile_s: float = 2.0
    turns: int = 32
    effects: int = 16
    timers: int = 16
    scores: int = 1
    attention_days: int = 0


class Engine:
    """Starts, wakes and stops the follower, the dispatcher and the workshops."""

    def __init__(
        self, services: Services, *, watches: Sequence[Watch], pace: Pace, holder: str
    ) -> None:
        self._services = services
        log = services.log
        lease_s, look_s, retry_s = pace.lease_s, pace.look_s, pace.retry_s
        effects = EffectRunner(services, lease_s=lease_s, reconcile_s=pace.reconcile_s)
        self.dispatcher = Dispatcher(
            log,
            services.floor,
            services.follower,
            services.policies,
            holder=holder,
            lease_s=lease_s,
            look_s=look_s,
        )
        self.taking = TurnRunner(services, retry_s=retry_s)
        self.turns = Workshop(
            log,
            ["turn"],
            self.taking.take,
            holder=holder,
            at_once=pace.turns,
            lease_s=lease_s,
            look_s=look_s,
            retry_s=retry_s,
        )
        self.effects = Workshop(
            log,
            ["effect"],
            effects.carry_out,
            holder=holder,
            at_once=pace.effects,
            lease_s=lease_s,
            look_s=look_s,
            retry_s=retry_s,
        )
        self.timers = Workshop(
            log,
            ["timer"],
            Timers(services, attention_days=pace.attention_days).go_off,
            holder=holder,
            at_once=pace.timers,
            lease_s=lease_s,
            look_s=look_s,
            retry_s=retry_s,
        )
        self.watchers = Watchers(services, watches)
        self.scores = Workshop(
            log,
            ["score"],
            self.watchers.follow,
            holder=holder,
            at_once=pace.scores,
            lease_s=lease_s,
            look_s=look_s,
            retry_s=retry_s,
        )

    @property
    def workshops(self) -> tuple[Workshop, ...]:
        """The workshops, in the order in which they start."""
        return (self.turns, self.effects, self.timers, self.scores)

    async def start(self) -> None:
        """Read the floor, then follow, dispatch and work."""
        await self._services.follower.start()
        await self.watchers.begin()
        self._services.follower.listen(self.watchers.see)
        self._services.follower.listen(self._wake)
        await self.dispatcher.start()
        for workshop in self.workshops:
            workshop.start()
            workshop.ring()

    async def stop(self) -> None:
        """Stop; leases are given back."""
        for workshop in self.workshops:
            await workshop.stop()
        await self.dispatcher.stop()
        await self._services.follower.stop()

    def _wake(self, steps: Sequence[LogStep]) -> None:
        for step in steps:
            recorded, event = step.recorded, step.recorded.event
            if isinstance(event, _MOVES_FLOOR):
                self.dispatcher.ring()
            if isinstance(event, (HolderChanged, ChatClosed)) or _ends_turn(event):
                chat = self._services.floor.chats.get(recorded.stream.removeprefix("chat/"))
                self.turns.cancel(recorded.stream, keep=None if chat is None else chat.turn_id)
            if isinstance(event, MessagePosted) and event.author == "customer":
                if step.after is not None:
                    self.taking.interrupt(step.after)
                self.turns.ring()
            if isinstance(event, _ASKS_TURN):
                self.turns.ring()
            if isinstance(event, ActionApproved):
                self.effects.ring()


def _ends_turn(event: Event) -> bool:
    """Return whether somebody may be in danger: the AI's turn has ended where it stood."""
    return isinstance(event, FlagRaised) and event.kind.startswith(SAFETY) and not event.shadow
