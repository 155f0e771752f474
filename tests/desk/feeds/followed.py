"""A hub with a follower of its own, as a process has them, that begins with an empty floor."""

from __future__ import annotations

from stepin.core.policy import Policy
from stepin.desk.feeds.hub import Hub, Start
from stepin.desk.state.floor import Floor
from stepin.desk.state.follower import Follower
from stepin.desk.state.policies import Policies
from stepin.desk.state.projection import Projection
from stepin.log.protocol import Log


class FollowedHub(Hub):
    """Starts and stops its follower with itself. It may read another log than is followed."""

    def __init__(self, log: Log, *, reads: Log | None = None, **sizes: int) -> None:
        self.follower = Follower(log, Floor(), Projection(log), Policies(Policy()))
        super().__init__(reads or log, self.follower.listen, self._now, name_of=str.title, **sizes)

    def _now(self) -> Start:
        return Start(position=self.follower.position, chats=(), presence={}, switches={})

    async def start(self) -> None:
        await self.follower.start()
        await super().start()

    async def stop(self) -> None:
        await super().stop()
        await self.follower.stop()
