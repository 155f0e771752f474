"""What the AI was writing when its chat was taken away: whether that would be lost."""

from __future__ import annotations

from stepin.core.chat import Chat, stream_of
from stepin.core.events.chat import MessagePosted
from stepin.log.protocol import Log


async def is_lost(log: Log, chat: Chat, turn_id: str, draft: str) -> bool:
    """Return whether a draft stands nowhere although the AI has lost the chat.

    The takeover is in the log when this is asked, so that a message that isn't there by now is
    never going to be. While the AI still holds the chat, the turn is taken again.

    Parameters
    ----------
    chat : as the turn began.
    """
    if not draft:
        return False
    since = await log.read(stream_of(chat.chat_id), after_seq=chat.seq)
    if not since or since[-1].epoch == chat.epoch:
        return False
    return draft not in {
        recorded.event.text
        for recorded in since
        if isinstance(recorded.event, MessagePosted) and recorded.event.turn_id == turn_id
    }
