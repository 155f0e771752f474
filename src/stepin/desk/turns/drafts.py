"""What the AI was writing when its chat was taken away: whether that would be lost."""

from __future__ import annotations

from collections.abc import Sequence

from stepin.core.chat import Chat, apply, stream_of
from stepin.core.events.chat import (
    DiscardReason,
    DraftDiscarded,
    MessagePosted,
    TurnFailed,
    TurnFinished,
)
from stepin.core.record import Recorded
from stepin.core.work import Claimed
from stepin.log.protocol import Log


def discarded(
    work: Claimed, chat: Chat, text: str, refused: str, *, basis_seq: int, gate: str
) -> DraftDiscarded:
    """Return the event by which workers see what the fence or the gate has refused.

    Parameters
    ----------
    chat : as the turn began.
    refused : why the fence refused it, or ``gate``; whatever else it was is ``seq``.
    """
    known: tuple[DiscardReason, ...] = ("epoch", "attempt", "basis", "gate")
    reason: DiscardReason = next((one for one in known if one == refused), "seq")
    return DraftDiscarded(
        turn_id=work.work_id,
        attempt=work.attempt,
        reason=reason,
        gate=gate,
        text=text,
        basis_seq=basis_seq,
        draft_epoch=chat.epoch,
    )


async def is_lost(log: Log, chat: Chat, turn_id: str, draft: str) -> bool:
    """Return whether a draft stands nowhere although the AI has lost the chat, or this turn.

    The takeover, or the message that told of danger, is in the log when this is asked, so that a
    message that isn't there by now is never going to be. While the AI still holds the chat and the
    turn stands, it is taken again.

    Parameters
    ----------
    chat : as the turn began.
    """
    if not draft:
        return False
    since = await log.read(stream_of(chat.chat_id), after_seq=chat.seq)
    if not since or not _ended(chat, since, turn_id):
        return False
    return draft not in {
        recorded.event.text
        for recorded in since
        if isinstance(recorded.event, MessagePosted) and recorded.event.turn_id == turn_id
    }


def _ended(chat: Chat, since: Sequence[Recorded], turn_id: str) -> bool:
    """Return whether the chat was taken from the AI, or the turn was ended without its doing."""
    now = chat
    for recorded in since:
        event = recorded.event
        if isinstance(event, TurnFinished | TurnFailed) and event.turn_id == turn_id:
            return False
        now = apply(now, recorded)
    return now.epoch != chat.epoch or now.turn_id != turn_id
