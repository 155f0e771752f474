"""Small logs for the tests of verification, export and redaction."""

from __future__ import annotations

from stepin.core.events import Event
from stepin.core.events.action import ActionProposed
from stepin.core.events.chat import ChatOpened, HolderChanged, MessagePosted, WhisperSent
from stepin.core.events.floor import TrialRegistered
from stepin.core.holder import NOBODY, ai, worker
from stepin.core.record import NewEvent
from stepin.log.protocol import Append, Appended, Log

SECRET = "4111-1111-1111-1111"


def put(stream: str, *events: Event, epoch: int | None = None, actor: str = "system") -> Append:
    return Append(
        stream=stream, events=tuple(NewEvent(event=e, epoch=epoch, actor=actor) for e in events)
    )


async def fill(log: Log, *, chats: int = 3) -> None:
    """Two sides of a few chats, with a takeover, a whisper and a tool call."""
    for n in range(chats):
        chat = f"chat/{n}"
        items = [
            put(chat, ChatOpened(customer_id=f"c{n}", asserted=True, customer_name="Ida")),
            put(chat, HolderChanged(from_=NOBODY, to=ai("1"), reason="assigned"), epoch=1),
            put(chat, MessagePosted(author="customer", text=f"my card is {SECRET}")),
            put(
                chat,
                ActionProposed(
                    action_id=f"a{n}",
                    tool="refund",
                    tool_version="1",
                    risk="money",
                    arguments={"card": SECRET, "cents": 1200},
                    digest="d",
                    business_key=f"order-{n}/refund/1",
                ),
                MessagePosted(author="ai", text="One moment."),
            ),
            put(chat, WhisperSent(text="check the order first"), actor="worker:ann"),
            put(chat, HolderChanged(from_=ai("1"), to=worker("ann"), reason="takeover"), epoch=2),
        ]
        assert all(isinstance(done, Appended) for done in await log.append_many(items))


async def register_trial(log: Log, trial_id: str) -> None:
    await log.append(
        put(f"trial/{trial_id}", TrialRegistered(trial_id=trial_id, plan="{}", plan_hash="h"))
    )
