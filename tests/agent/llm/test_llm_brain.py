from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from examples.shop.database import Shop

from stepin.agent.gate.material import material_of_shop
from stepin.agent.llm.brain import LlmBrain
from stepin.agent.llm.connect import connect
from stepin.agent.sandbox import Rehearsal
from stepin.agent.shop.handbook import Handbook
from stepin.agent.tools.tool import Tool
from stepin.core.policy import AiPolicy, ApprovalPolicy, Policy
from tests.agent.conftest import order, status
from tests.agent.llm.endpoint import Endpoint, Reply, call, running

Script = Iterable[Reply] | Callable[[dict[str, Any]], Reply]


class Studio:
    """Opens chats with an LLM brain on scripted endpoints."""

    def __init__(self, book: Handbook, tools: dict[str, Tool]) -> None:
        self.book, self.tools = book, tools
        self.steps: list[tuple[str, str]] = []
        self.silence_s = 10.0
        self.waited: list[float] = []

    async def _wait(self, seconds: float) -> None:
        self.waited.append(seconds)

    @asynccontextmanager
    async def chat(
        self, script: Script, *, customer_id: str = "c1001", **ai: Any
    ) -> AsyncIterator[tuple[Rehearsal, Endpoint]]:
        async with running(script) as endpoint:
            model = connect("test", url=endpoint.url)
            brain = LlmBrain(
                self.book,
                model,
                name="test",
                silence_s=self.silence_s,
                pause_s=0.0,
                wait=self._wait,
            )
            policy = Policy(ai=AiPolicy(**ai), approvals=ApprovalPolicy(ai_money_limit=500))
            yield (
                Rehearsal(
                    brain,
                    self.tools,
                    customer_id=customer_id,
                    policy=policy,
                    material=material_of_shop(self.book),
                    watch=lambda kind, text: self.steps.append((kind, text)),
                ),
                endpoint,
            )
            await model.client.close()  # type: ignore[attr-defined]


@pytest.fixture
def studio(handbook: Handbook, tools: dict[str, Tool]) -> Studio:
    return Studio(handbook, tools)


async def test_the_draft_streams_and_the_customer_gets_whole_messages(studio: Studio) -> None:
    text = "Hello, I'm an AI. " + "A sentence that goes on. " * 40 + "\n\nHow can I help?"
    async with studio.chat([Reply(text)]) as (chat, _):
        said = await chat.customer_says("hi")
    drafts = [text for kind, text in studio.steps if kind == "drafts"]
    assert len(drafts) > 10
    assert text.startswith(drafts[0])
    assert len(said) == 3
    assert all(len(message) <= 600 for message in said)
    assert chat.tokens == 120


async def test_every_tool_is_offered_from_the_first_request_and_works_once_its_procedure_is_started(
    studio: Studio, shop: Shop
) -> None:
    paid = order(shop, "paid")
    script = [
        call("start_procedure", name="cancel"),
        call("get_order", order=paid),
        call("cancel_order", order=paid),
        call("cancel_order", order=paid),
        Reply("It is cancelled."),
    ]
    async with studio.chat(script) as (chat, endpoint):
        (asked,) = await chat.customer_says("cancel my order please")
        assert asked.startswith("Please confirm")
        assert status(shop, paid) == "paid"
        await chat.customer_says("yes")
    assert status(shop, paid) == "cancelled"
    offered = [{tool["function"]["name"] for tool in body["tools"]} for body in endpoint.asked]
    assert all({"cancel_order", "refund_item", "take_back"} <= names for names in offered)
    assert len({str(body["tools"]) for body in endpoint.asked}) == 1


async def test_nothing_is_changed_before_the_customer_was_asked(studio: Studio, shop: Shop) -> None:
    paid = order(shop, "paid")
    script = [
        call("start_procedure", name="cancel"),
        call("cancel_order", order=paid),
        Reply("Done."),
    ]
    async with studio.chat(script) as (chat, endpoint):
        (asked,) = await chat.customer_says("cancel my order")
    assert status(shop, paid) == "paid"
    assert paid in asked
    assert "cancel" in asked
    assert len(endpoint.asked) == 2


async def test_a_tool_that_no_started_procedure_names_is_refused(
    studio: Studio, shop: Shop
) -> None:
    script = [
        call("get_order", order=order(shop, "delivered")),
        call("refund_item", order=order(shop, "delivered"), item=1),
        Reply("Sorry."),
    ]
    async with studio.chat(script) as (chat, endpoint):
        assert await chat.customer_says("refund now") == ["Sorry."]
    assert chat.calls == []
    for body in endpoint.asked[1:]:
        told = msgspec.json.decode(body["messages"][-1]["content"])
        assert told["state"] == "refused"
        assert told["error"].startswith("not_started")
    assert shop.all("SELECT * FROM changes") == []


async def test_malformed_arguments_are_given_back_to_the_model(studio: Studio) -> None:
    script = [
        Reply(calls=(("start_procedure", '{"name": "can'),)),
        call("start_procedure", name="cancel"),
        Reply("Which order?"),
    ]
    async with studio.chat(script) as (chat, endpoint):
        assert await chat.customer_says("cancel") == ["Which order?"]
    assert len(endpoint.asked) == 3


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ([Reply(status=429)], "http_429"),
        ([Reply(status=500)], "http_500"),
        ([Reply(status=401)], "http_401"),
        ([Reply(silent=True)], "TimeoutError"),
        ([Reply("A long answer that is cut.", cut_after=2)], ""),
        ([Reply(refused=True, text="I can't")], "refused"),
        ([Reply(calls=(("start_procedure", "{{{"),))], "unusable_answer"),
        ([Reply("")], ""),
    ],
)
async def test_a_provider_that_fails_ends_with_an_honest_message_and_a_person(
    studio: Studio, script: list[Reply], reason: str
) -> None:
    studio.silence_s = 0.5 if script[0].silent else studio.silence_s
    async with studio.chat(script) as (chat, _):
        said = await chat.customer_says("hello?")
    assert (chat.ended, chat.cause) == ("given_up", "technical")
    assert reason in chat.reason
    assert "colleague" in said[-1]


@pytest.mark.parametrize(
    "bad", [Reply(status=429), Reply(status=503), Reply("cut", piece=1, cut_after=2)]
)
async def test_trouble_that_passes_is_not_noticed(studio: Studio, bad: Reply) -> None:
    async with studio.chat([bad, Reply("Here I am.")]) as (chat, endpoint):
        assert await chat.customer_says("hello?") == ["Here I am."]
    assert len(endpoint.asked) == 2


async def test_a_crashed_turn_asks_no_model_and_no_tool_twice(studio: Studio, shop: Shop) -> None:
    paid = order(shop, "paid")
    script = [
        call("start_procedure", name="parcel"),
        call("track_parcel", order=paid),
        Reply("Not sent yet."),
    ]

    class Cut(Exception):
        pass

    died: list[str] = []

    async with studio.chat(script) as (chat, endpoint):
        whole = chat.journal

        async def dies(step: str, compute: Callable[[], Awaitable[bytes]]) -> bytes:
            if step == "model:3" and not died:
                died.append(step)
                await whole(step, compute)
                raise Cut
            return await whole(step, compute)

        chat.journal = dies  # type: ignore[method-assign]
        with pytest.raises(Cut):
            await chat.customer_says("where is it?")
        assert len(endpoint.asked) == 3
        assert await chat.turn() == ["Not sent yet."]
        assert len(endpoint.asked) == 3


@pytest.mark.parametrize(
    ("ai", "reason"), [({"turn_steps": 3}, "turn_budget"), ({"turn_tokens": 300}, "turn_budget")]
)
async def test_a_model_that_goes_in_circles_runs_out_of_budget(
    studio: Studio, ai: dict[str, Any], reason: str
) -> None:
    async with studio.chat([call("start_procedure", name="parcel")], **ai) as (chat, endpoint):
        await chat.customer_says("where is it?")
    assert chat.ended == "given_up"
    assert reason in chat.reason
    assert len(endpoint.asked) <= 4


async def test_a_chat_that_has_spent_its_tokens_is_handed_over(studio: Studio) -> None:
    async with studio.chat([Reply("ok")], chat_tokens=200) as (chat, endpoint):
        await chat.customer_says("one")
        await chat.customer_says("two")
        await chat.customer_says("three")
    assert (chat.ended, "chat_tokens" in chat.reason, len(endpoint.asked)) == ("given_up", True, 2)


async def test_handing_over_and_closing_are_the_models_to_ask_for(studio: Studio) -> None:
    script = [call("hand_over", cause="requested", reason="wants a person"), Reply("One moment.")]
    async with studio.chat(script) as (chat, _):
        assert await chat.customer_says("a human please") == ["One moment."]
    assert (chat.ended, chat.cause, chat.reason) == ("given_up", "requested", "wants a person")


async def test_the_boundary_of_a_hand_back_and_its_note_reach_the_model(studio: Studio) -> None:
    async with studio.chat([Reply("Noted.")]) as (chat, endpoint):
        chat._line("boundary", "Refund agreed by phone.")
        await chat.customer_says("so?")
    assert "Refund agreed by phone." in msgspec.json.encode(endpoint.asked[0]).decode()


@pytest.mark.parametrize("in_time", [True, False])
async def test_what_waits_for_approval_can_be_taken_back(
    studio: Studio, shop: Shop, in_time: bool
) -> None:
    paid = order(shop, "paid")
    script = [
        call("start_procedure", name="cancel"),
        call("cancel_order", order=paid),
        call("cancel_order", order=paid),
        Reply("A colleague has to approve it."),
        call("take_back"),
        Reply("It is stopped." if in_time else "It may be too late."),
        Reply("Bye."),
    ]
    async with studio.chat(script) as (chat, endpoint):
        approvals = ApprovalPolicy(ai_money_limit=0)
        chat.policy = msgspec.structs.replace(chat.policy, approvals=approvals)
        await chat.customer_says("cancel my order")
        await chat.customer_says("yes")
        (action_id,) = chat.waiting()
        if not in_time:

            async def gone(action: str) -> bool:
                return False

            chat.withdraw = gone  # type: ignore[method-assign]
        await chat.customer_says("no, stop")
        assert chat.chat.actions[action_id].withdrawn == in_time
        assert status(shop, paid) == "paid"
    told = endpoint.asked[5]["messages"][-1]["content"]
    key = "taken_back" if in_time else "too_late"
    assert msgspec.json.decode(told)[key] == ["cancel_order"]


async def test_the_model_gets_the_five_nearest_passages_whatever_the_floor(
    studio: Studio, handbook: Handbook
) -> None:
    asked = "are you hiring people for your warehouse"
    assert handbook.ranking.find(asked, "en") == []
    script = [call("search_articles", question=asked, language="en"), Reply("I don't know.")]
    async with studio.chat(script) as (chat, endpoint):
        await chat.customer_says(asked)
    told = endpoint.asked[-1]["messages"][-1]["content"]
    nearest = handbook.ranking.best(asked, "en")
    assert all(hit.passage.text in told for hit in nearest)
    assert "none of them answers" in told
    missed = [text for kind, text in studio.steps if kind == "finds no article"]
    assert missed == [f"nearest {nearest[0].passage.source}"]


async def test_a_passage_is_cited_only_where_it_answers(studio: Studio, handbook: Handbook) -> None:
    asked = "how long does standard delivery take"
    script = [call("search_articles", question=asked, language="en"), Reply("Two to four days.")]
    async with studio.chat(script) as (chat, _):
        await chat.customer_says(asked)
    source = handbook.ranking.find(asked, "en")[0].passage.source
    assert [text for kind, text in studio.steps if kind == "says"] == [
        f"Two to four days.  [{source}]"
    ]
