"""The one door: which function decides which command."""

from __future__ import annotations

from stepin.core.chat import Chat
from stepin.core.command import (
    AcknowledgeAlert,
    Actor,
    AddNote,
    AnyCommand,
    ChangeLabels,
    CloseChat,
    DeclineEscalation,
    EndWrapUp,
    HandBack,
    PostMessage,
    Rate,
    Reply,
    TakeOver,
    Transfer,
    Whisper,
)
from stepin.core.danger import Safety
from stepin.core.decide.decision import Decision, must_not_be_ahead
from stepin.core.decide.ending import close_chat, end_wrap_up
from stepin.core.decide.escalating import Reachable
from stepin.core.decide.holding import Here, hand_back, take_over, transfer
from stepin.core.decide.rating import rate
from stepin.core.decide.replying import attended, await_reply
from stepin.core.decide.speaking import add_note, change_labels, post_message, reply, whisper
from stepin.core.decide.supervising import acknowledge, decline
from stepin.core.decide.wording import must_be_worded
from stepin.core.policy import Policy
from stepin.errors import Conflict, Missing, Unsupported


def decide(
    chat: Chat,
    command: AnyCommand,
    actor: Actor,
    policy: Policy,
    reachable: Reachable,
    safety: Safety,
    *,
    now_us: int,
) -> Decision:
    """Return what a command leads to in a chat.

    Parameters
    ----------
    reachable, safety : who can be alerted now, and the rules about somebody's safety, which look
        at every word of a customer's.

    Raises
    ------
    StepinError
        A typed refusal: the chat stays as it is.
    """
    if chat.episode == "new":
        raise Missing(f"There is no chat {command.chat_id}.", code="no_chat")
    must_be_current(chat, command)
    must_be_worded(command)
    if isinstance(command, PostMessage):
        posted = post_message(chat, command, actor, policy, reachable, safety, now_us=now_us)
        return await_reply(chat, posted, policy, now_us=now_us)
    if isinstance(command, Rate):
        return rate(chat, command, actor, policy, reachable, safety, now_us=now_us)
    decision = _decided(chat, command, actor, policy, reachable.here, now_us=now_us)
    if isinstance(command, TakeOver | Transfer):
        return await_reply(chat, decision, policy, now_us=now_us)
    return decision


def _decided(
    chat: Chat, command: AnyCommand, actor: Actor, policy: Policy, here: Here, *, now_us: int
) -> Decision:
    match command:
        case Reply():
            return attended(chat, reply(chat, command, actor, here), actor)
        case AddNote():
            return add_note(chat, command, actor)
        case ChangeLabels():
            return change_labels(chat, command, actor)
        case Whisper():
            return whisper(chat, command, actor)
        case TakeOver():
            return take_over(chat, command, actor, here)
        case HandBack():
            return hand_back(chat, command, actor, policy)
        case Transfer():
            return transfer(chat, command, actor, here)
        case CloseChat():
            return close_chat(chat, command, actor, policy, now_us=now_us)
        case EndWrapUp():
            return end_wrap_up(chat, command, actor)
        case AcknowledgeAlert():
            return acknowledge(chat, command, actor)
        case DeclineEscalation():
            return decline(chat, command, actor)
        case _:
            raise Unsupported(f"{type(command).__name__} is decided with the tools at hand.")


def must_be_current(chat: Chat, command: AnyCommand) -> None:
    """Refuse a command that was decided on another picture than the chat's present one.

    Raises
    ------
    Conflict
        ``stale_picture``, with the chat's current seq and epoch.
    Invalid
        ``ahead_of_log``: it was decided on a picture that the chat hasn't had.
    """
    seq, epoch = command.expect_seq, command.expect_epoch
    must_not_be_ahead(chat, seq=seq or 0, epoch=epoch or 0)
    if epoch is not None and epoch != chat.epoch:
        told = f"The holder of chat {chat.chat_id} has changed since."
    elif seq is not None and seq != chat.seq:
        told = f"Chat {chat.chat_id} has moved on to {chat.seq} since {seq}."
    else:
        return
    raise Conflict(told, code="stale_picture", seq=chat.seq, epoch=chat.epoch)
