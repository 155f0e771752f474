"""A chat: independent axes, each a struct with a fold of its own, put together by `Chat`."""

from stepin.core.chat.chat import Chat, apply, chat_id_of, fold, stream_of
from stepin.core.chat.episode import Episode, Stage
from stepin.core.chat.holding import Hold
from stepin.core.chat.need import Need
from stepin.core.chat.origin import ChatOrigin
from stepin.core.chat.ownership import Ownership
from stepin.core.chat.pacing import Pacing
from stepin.core.chat.talk import Conversation
from stepin.core.chat.turn import AiTurn

__all__ = [
    "AiTurn",
    "Chat",
    "ChatOrigin",
    "Conversation",
    "Episode",
    "Hold",
    "Need",
    "Ownership",
    "Pacing",
    "Stage",
    "apply",
    "chat_id_of",
    "fold",
    "stream_of",
]
