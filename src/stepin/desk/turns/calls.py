"""How far a call has come, as the turn that made it is told."""

from __future__ import annotations

from stepin.agent.brain import Called
from stepin.core.action import Action
from stepin.core.chat import Chat


def not_now(action_id: str) -> Called:
    """Return what a call is answered while the customer waits for a person."""
    return Called(
        action_id=action_id,
        state="failed",
        error="waits_for_person",
        message="The customer waits for a person: nothing is looked up or changed till then.",
    )


def is_decided(action: Action | None, chat: Chat) -> bool:
    """Return whether the turn that made a call needn't wait for more: it is over, or people's."""
    if action is None:
        return False
    if action.state == "proposed" and action.needs_approval:
        return True
    return action.settled or not chat.ai_holds or action.state == "unknown"
