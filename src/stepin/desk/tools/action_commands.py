"""Workers' commands about actions: tools resolve first, then the rules decide."""

from __future__ import annotations

from collections.abc import Callable

from stepin.core.chat import Chat
from stepin.core.command import (
    Actor,
    ApproveAction,
    DenyAction,
    EditAction,
    ProposeAction,
)
from stepin.core.decide import actions
from stepin.core.decide.decision import Decision
from stepin.desk.state.policies import Policies
from stepin.desk.tools.gateway import ToolRoom
from stepin.errors import Missing

ActionCommand = ProposeAction | ApproveAction | EditAction | DenyAction


class Acting:
    """Turns a worker's command about an action into a decision on the chat as it is.

    Parameters
    ----------
    new_id : returns a fresh action id.
    """

    def __init__(self, tools: ToolRoom, policies: Policies, new_id: Callable[[], str]) -> None:
        self._tools, self._policies, self._new_id = tools, policies, new_id

    async def prepare(
        self, chat: Chat, command: ActionCommand, actor: Actor
    ) -> Callable[[Chat, int], Decision]:
        """Return the decision as a function of the chat; what tools had to say is in it."""
        match command:
            case ProposeAction():
                return await self._propose(chat, command, actor)
            case EditAction():
                return await self._edit(chat, command, actor)
            case ApproveAction():
                return lambda now, now_us: actions.approve(
                    now,
                    command.action_id,
                    command.digest,
                    actor,
                    now_us=now_us,
                    seen_seq=command.seen_seq,
                )
            case DenyAction():
                return lambda now, now_us: actions.deny(
                    now, command.action_id, command.reason, actor, now_us=now_us
                )

    async def _propose(
        self, chat: Chat, command: ProposeAction, actor: Actor
    ) -> Callable[[Chat, int], Decision]:
        actions.may_propose(chat, actor)
        resolved = await self._tools.resolve(
            chat, command.tool, command.arguments, again=command.again
        )
        action_id = self._new_id()

        def decide(now: Chat, now_us: int) -> Decision:
            actions.may_propose(now, actor)
            return actions.propose(
                now,
                resolved,
                str(actor),
                self._policies.of(now),
                action_id=action_id,
                role=actor.role,
                now_us=now_us,
            )

        return decide

    async def _edit(
        self, chat: Chat, command: EditAction, actor: Actor
    ) -> Callable[[Chat, int], Decision]:
        action = chat.actions.get(command.action_id)
        if action is None:
            raise Missing(f"There is no action {command.action_id}.", code="no_action")
        resolved = await self._tools.resolve(
            chat,
            action.tool,
            command.arguments,
            again=self._tools.ordinal_of(action.business_key) > 1,
        )
        return lambda now, now_us: actions.edit(
            now,
            command.action_id,
            command.digest,
            resolved,
            actor,
            self._policies.of(now),
            now_us=now_us,
            seen_seq=command.seen_seq,
        )
