"""What was said is found again, however far back."""

from __future__ import annotations

from stepin.core.command import ChangeLabels
from stepin.core.policy import AiPolicy, Policy
from stepin.desk.state.history import ChatFilter, Past
from tests.desk.conftest import ANN, Room
from tests.desk.test_actions import asked

BY_HAND = Policy(ai=AiPolicy(enabled=False))


async def test_a_search_goes_back_to_the_beginning_page_by_page(bare_room: Room) -> None:
    room = bare_room
    await room.add(policy=BY_HAND)
    first = await room.open('my lamp is "broken"')
    others = [await room.open(f"a lamp, number {n}") for n in range(4)]
    assert [h.chat_id for h in (await room.desk.search("lamp")).hits] == [*others[::-1], first]
    assert (await room.desk.search("lamp")).before is None

    small = Past(room.log, window=7)
    found, before = [], None
    while True:
        page = await small.search("LAMP", before=before)
        found += [h.chat_id for h in page.hits]
        if page.before is None:
            break
        assert before is None or page.before < before
        before = page.before
    assert found == [*others[::-1], first]

    page = await room.desk.search("lamp", limit=2)
    rest = await room.desk.search("lamp", limit=9, before=page.before)
    assert [h.chat_id for h in (*page.hits, *rest.hits)] == [*others[::-1], first]


async def test_every_word_counts_whatever_it_is_written_with(bare_room: Room) -> None:
    room = bare_room
    await room.add(policy=BY_HAND)
    chat_id = await room.open('my lamp is "broken" \\ 坏了')
    for text in ('"broken"', "\\", "坏了 lamp", 'LAMP "BROKEN"'):
        assert [h.chat_id for h in (await room.desk.search(text)).hits] == [chat_id], text
    for text in ("lamp table", "   ", "salt"):
        assert (await room.desk.search(text)).hits == (), text


async def test_a_customer_and_what_an_action_was_about_are_found(bare_room: Room) -> None:
    room = bare_room
    chat_id, action = await asked(room)
    opened = (await room.events(chat_id))[0].position
    for text, where, before in (
        ("dora", "customer", opened),
        ("a-1001", "action", None),
        ("money back", "message", None),
    ):
        (hit,) = (await room.desk.search(text, before=before)).hits
        assert (hit.chat_id, hit.where, hit.customer_id) == (chat_id, where, "dora"), text
        assert (hit.text != "") == (where == "message")
    assert action.arguments["order"] == "A-1001"


async def test_filters_leave_out_what_doesn_t_fit(bare_room: Room) -> None:
    room = bare_room
    await room.add(policy=BY_HAND)
    await room.sign_on("ann")
    chat_id = await room.open("my lamp hums")
    other = await room.open("another lamp")
    await room.until(chat_id, lambda c: c.owner == "ann")
    await room.desk.submit(ANN, ChangeLabels(chat_id=chat_id, add=("refund",)))

    async def among(text: str, **wanted: object) -> list[str]:
        found = await room.desk.search(text, among=ChatFilter(**wanted))  # type: ignore[arg-type]
        return [hit.chat_id for hit in found.hits]

    assert await among("lamp", label="refund") == [chat_id]
    assert await among("", label="refund") == [chat_id]
    assert await among("", customer="DORA") == [other, chat_id]
    assert await among("", customer="nobody") == []
    opened = (await room.desk.chat(chat_id)).opened_us
    assert await among("lamp", until_us=opened) == []
    assert chat_id in await among("lamp", since_us=opened, until_us=opened + 1)
    assert await among("lamp", state="closed") == []
    assert await among("") == [], "nothing was asked for"
