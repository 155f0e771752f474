"""What somebody who approves a call should know besides: the limits, and what came before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from stepin.core.action import Action, ActionState
from stepin.core.chat import Chat
from stepin.core.policy import ApprovalPolicy
from stepin.errors import Missing

EARLIER_AT_MOST = 20


class EarlierAction(msgspec.Struct, frozen=True, kw_only=True):
    """What was done for the same customer before; it says neither who did it nor who allowed it."""

    chat_id: str
    tool: str
    state: ActionState
    arguments: dict[str, Any]
    records: dict[str, Any]
    amount: float
    opened_us: int


class Background(msgspec.Struct, frozen=True, kw_only=True):
    """What stands behind an action that waits.

    Attributes
    ----------
    ai_limit : [the shop's currency] up to this amount the AI acts without approval.
    role_limit : [the shop's currency] up to this amount the least role that may approve it may;
        None where nothing bounds it, or no money moves.
    earlier : actions that moved money or can't be undone, of this customer's, newest chat first.
    """

    ai_limit: float
    role_limit: float | None
    earlier: tuple[EarlierAction, ...]


def background_of(
    chat: Chat, action_id: str, limits: ApprovalPolicy, past: Iterable[Chat]
) -> Background:
    """Return what stands behind an action of a chat.

    Parameters
    ----------
    past : the customer's chats, newest first; the chat itself may be among them.

    Raises
    ------
    Missing
        There is no such action in the chat.
    """
    action = chat.actions.get(action_id)
    if action is None:
        raise Missing(f"There is no action {action_id} in this chat.", code="no_action")
    moves = action.risk == "money"
    by_role = {"worker": limits.worker_money_limit, "lead": limits.lead_money_limit}
    others = [one for one in past if one.chat_id != chat.chat_id]
    return Background(
        ai_limit=limits.ai_money_limit if moves else 0.0,
        role_limit=by_role.get(action.approver_role) if moves else None,
        earlier=tuple(
            EarlierAction(
                chat_id=one.chat_id,
                tool=before.tool,
                state=before.state,
                arguments=before.arguments,
                records=before.records,
                amount=before.amount,
                opened_us=one.opened_us,
            )
            for one in (chat, *others)
            for before in one.actions.values()
            if _counts(before) and before.action_id != action_id
        )[:EARLIER_AT_MOST],
    )


def _counts(action: Action) -> bool:
    return action.risk in ("money", "irreversible") and action.state in (
        "succeeded",
        "executing",
        "unknown",
        "denied",
    )
