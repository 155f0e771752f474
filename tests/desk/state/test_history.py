"""What was said is found again, however far back."""

from __future__ import annotations

from stepin.core.policy import AiPolicy, Policy
from stepin.desk.state.history import Past
from tests.desk.conftest import Room

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
