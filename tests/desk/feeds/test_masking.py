"""What a worker reads of colleagues in a trial: nothing from which somebody's arm can be told."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from stepin.core.chat import chat_id_of
from stepin.core.events import KINDS
from stepin.core.events.chat import ChatOpened, HolderChanged, MessagePosted, OwnerSet
from stepin.core.events.floor import WorkerSignedOn
from stepin.core.events.supervision import AlertAcknowledged, AlertShown, FlagRaised
from stepin.core.holder import NOBODY, ai, worker
from stepin.core.record import NewEvent
from stepin.desk.feeds.hub import Hub
from stepin.desk.feeds.masking import COLLEAGUE, Veil, Viewer
from stepin.desk.feeds.visibility import WORKER_FIELDS, worker_entry
from stepin.log.protocol import Append
from stepin.log.sqlite import SqliteLog
from tests.desk.feeds.test_customer import _fields, recorded
from tests.desk.feeds.test_hub import LEAD, Ears, hub_at_the_start, opened, tell
from tests.golden import story

ANN = Viewer("ann", "worker")
SIGNED = WorkerSignedOn(worker_id="ben", capacity=3, supervised_capacity=9)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteLog]:
    log = await SqliteLog.open(tmp_path / "log.sqlite")
    yield log
    await log.close()


@pytest.fixture
async def hub(log: SqliteLog) -> AsyncIterator[Hub]:
    hub = await hub_at_the_start(log)
    yield hub
    await hub.stop()


@pytest.mark.parametrize("kind", sorted(WORKER_FIELDS))
def test_no_field_of_any_entry_names_a_colleague(kind: str) -> None:
    fields = _fields(KINDS[kind])
    if kind == "FlagRaised":
        fields["shadow"] = False
    entry = worker_entry(recorded(KINDS[kind](**fields), 3))
    assert entry is not None
    (shown,) = Veil("ann").entries((entry,))
    assert shown.actor == f"worker:{COLLEAGUE}"
    people = {"owner", "previous", "worker_id", "to", "from"} & set(entry.data)
    for name in people:
        assert b"LEAK" not in msgspec.json.encode(shown.data[name]), name
        assert b"LEAK" in msgspec.json.encode(entry.data[name]), name
    for name in set(entry.data) - people:
        assert shown.data[name] == entry.data[name]


async def test_a_worker_s_feed_of_a_trial_names_no_other_worker(log: SqliteLog, hub: Hub) -> None:
    told, leads = Ears(), Ears()
    me = Viewer("w1", "worker")
    hub.watch_floor(told, me, hub.board.position)
    hub.watch_floor(leads, LEAD, hub.board.position)
    chats = set()
    for event in story.load()[1:]:
        new = NewEvent(event=event.event, actor=event.actor, epoch=event.epoch)
        done = await log.append(Append(stream=event.stream, events=(new,)))
        await hub.caught_up(done.events[-1].position)  # type: ignore[union-attr]
        chats.add(chat_id_of(event.stream))
    others = re.compile(rb'"(worker:)?w(?!1")\d+"|"ai:[^"]')
    shown = [f for f in told.frames if b'"chat"' in f]
    shown += [msgspec.json.encode(await hub.chat_view(c, me)) for c in chats - {None}]
    shown += [
        msgspec.json.encode(await hub.entries(c, me, after_seq=0, limit=1_000))
        for c in chats - {None}
    ]
    assert len(shown) > 2 * len(chats)
    assert b'"w1"' in b"".join(shown)
    assert not [found.group() for frame in shown for found in others.finditer(frame)]
    assert others.search(b"".join(leads.frames))


async def test_loads_and_their_changes_are_for_leads(log: SqliteLog, hub: Hub) -> None:
    last = await tell(log, "worker/ben", SIGNED)
    await hub.caught_up(last.position)
    ann, lena = Ears(), Ears()
    hub.watch_floor(ann, ANN, None)
    hub.watch_floor(lena, LEAD, None)
    await opened(log, "c1", owner="ben")
    for before, after in ((NOBODY, ai("b")), (ai("b"), worker("ben"))):
        held = HolderChanged(from_=before, to=after, reason="assigned")
        last = await tell(log, "chat/c1", held)
        await hub.caught_up(last.position)
    loads = [w.load for u in lena.floor for w in u.workers]
    assert [(one.holds, one.supervises) for one in loads if one] == [(0, 1), (1, 0)]
    assert [u for u in ann.floor if u.workers or u.chat] == []
    assert b'"load":{' not in b"".join(ann.frames)
    assert b'"load":{' in b"".join(lena.frames)


async def test_an_alert_to_an_arm_tells_each_only_that_it_is_theirs(
    log: SqliteLog, hub: Hub
) -> None:
    ann, lena = Ears(), Ears()
    hub.watch_floor(ann, ANN, hub.board.position)
    hub.watch_floor(lena, LEAD, hub.board.position)
    for chat_id, trial in (("c1", "pilot"), ("c2", None)):
        last = await tell(
            log,
            f"chat/{chat_id}",
            ChatOpened(customer_id="k", asserted=False, trial_id=trial),
            OwnerSet(owner="ben"),
            HolderChanged(from_=NOBODY, to=ai("two"), reason="assigned"),
            FlagRaised(cause="requested", turn_seq=1, raised_by="customer"),
            AlertShown(
                flag_seq=4, cause="requested", step="pool", to=("ann", "cy"), expires_at_us=9
            ),
            AlertAcknowledged(flag_seq=4, worker_id="cy"),
            MessagePosted(author="worker", text="seen", visibility="note"),
            actor="worker:cy",
        )
        await hub.caught_up(last.position)
    (in_trial, outside) = [u.chat for u in ann.floor if u.chat]
    assert in_trial.escalation is not None
    assert outside.escalation is not None
    assert (in_trial.owner, outside.owner) == (COLLEAGUE, "ben")
    assert (in_trial.holder.id, outside.holder.id) == ("", "two")
    assert (in_trial.escalation.to, outside.escalation.to) == (("ann",), ("ann", "cy"))
    assert in_trial.escalation.acknowledged_by == COLLEAGUE
    assert [u.chat.owner for u in lena.floor if u.chat] == ["ben", "ben"]
    for chat_id in ("c1", "c2"):
        hub.worker_looks(chat_id, "cy")
        hub.worker_types(chat_id, "cy")
    for kind in ("looking", "typing"):
        names = [msgspec.json.decode(frame)["worker_id"] for frame in ann.of(kind)]
        assert names == [COLLEAGUE, "cy"]
