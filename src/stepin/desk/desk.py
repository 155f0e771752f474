"""The desk: takes commands, decides them on a fresh picture, appends what they lead to."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

import msgspec

from stepin.core.chat import Chat, stream_of
from stepin.core.command import Actor, AnyCommand, OpenChat
from stepin.core.decide import Decision, decide
from stepin.core.decide.opening import Opening, open_chat
from stepin.core.policy import Policy
from stepin.core.record import Recorded
from stepin.desk.book import ChatBook
from stepin.errors import Conflict, Unavailable
from stepin.log.protocol import Append, Appended, Log, NotAppended

TRIES = 20


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a command led to. `replayed` if an earlier call with the same id had done it."""

    chat_id: str
    seq: int
    position: int
    events: tuple[Recorded, ...]
    replayed: bool = False


class Desk:
    """The commands of one desk on one log; any number of processes may run one.

    Parameters
    ----------
    log : where everything is written.
    policy : the policy in force for a chat.
    new_id : returns a fresh chat id.
    """

    def __init__(
        self, log: Log, *, policy: Callable[[Chat], Policy], new_id: Callable[[], str]
    ) -> None:
        self.log = log
        self.book = ChatBook(log)
        self._policy = policy
        self._new_id = new_id

    async def open_chat(self, actor: Actor, command: OpenChat, opening: Opening) -> Receipt:
        """Open a chat for a customer; it waits until an owner is drawn."""
        chat_id = self._new_id()
        now_us = await self.log.now_us()
        decision = open_chat(command, actor, opening, chat_id=chat_id, now_us=now_us)
        item = _item(chat_id, decision, seq=0, command_id=None, digest=b"")
        return self._receipt(chat_id, await self.log.append(item))

    async def submit(self, actor: Actor, command: AnyCommand) -> Receipt:
        """Carry out a command, or raise the typed refusal.

        Decides on what is remembered; where the log has moved on, reads and decides again.

        Raises
        ------
        StepinError
            The rules say no; nothing was appended.
        """
        digest = _digest(actor, command)
        chat = await self.book.get(command.chat_id)
        for _ in range(TRIES):
            now_us = await self.log.now_us()
            decision = decide(chat, command, actor, self._policy(chat), now_us=now_us)
            item = _item(
                command.chat_id,
                decision,
                seq=chat.seq,
                command_id=_scoped(actor, command.command_id),
                digest=digest,
            )
            outcome = await self.log.append(item)
            if isinstance(outcome, NotAppended) and outcome.reason == "seq":
                chat = await self.book.fresh(command.chat_id)
                continue
            return self._receipt(command.chat_id, outcome)
        raise Unavailable(
            f"Chat {command.chat_id} changes faster than this command can be decided.",
            code="contended",
        )

    def _receipt(self, chat_id: str, outcome: Appended | NotAppended) -> Receipt:
        if isinstance(outcome, NotAppended):
            raise Conflict(
                "This command id was used for another command.",
                hint="Use a new command id for a new command.",
                code="command_reused",
                reason=outcome.reason,
            )
        self.book.see(outcome.events)
        last = outcome.events[-1]
        return Receipt(
            chat_id=chat_id,
            seq=last.seq,
            position=last.position,
            events=outcome.events,
            replayed=outcome.replayed,
        )


def _item(
    chat_id: str, decision: Decision, *, seq: int, command_id: str | None, digest: bytes
) -> Append:
    return Append(
        stream=stream_of(chat_id),
        events=decision.events,
        expect_seq=seq,
        command_id=command_id,
        command_digest=digest,
        work=decision.work,
    )


def _digest(actor: Actor, command: AnyCommand) -> bytes:
    body = msgspec.json.encode((str(actor), command), order="deterministic")
    return sha256(body).digest()


def _scoped(actor: Actor, command_id: str | None) -> str | None:
    return None if command_id is None else f"{actor}/{command_id}"
