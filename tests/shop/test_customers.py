from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from examples.shop import tools_of
from examples.shop.customers import customers
from examples.shop.database import Shop

from stepin.agent.builtin.brain import BuiltinBrain
from stepin.agent.gate.material import material_of_shop
from stepin.agent.sandbox import Rehearsal
from stepin.agent.shop.handbook import Handbook, read_handbook
from stepin.agent.tools.toolbox import Toolbox
from stepin.core.policy import ApprovalPolicy, Policy
from stepin.judge.models.intent import IntentModel
from tests.agent.conftest import SHOP


def test_the_same_seed_draws_the_same_customers(shop: Shop) -> None:
    first = [one.opening() for one in islice(customers(shop, seed=3), 20)]
    assert first == [one.opening() for one in islice(customers(shop, seed=3), 20)]
    assert first != [one.opening() for one in islice(customers(shop, seed=4), 20)]


async def test_they_are_served_by_the_built_in_brain_alone(
    shop: Shop, intents: Callable[[Handbook], IntentModel]
) -> None:
    book = read_handbook(SHOP)
    brain = BuiltinBrain(book, intents(book))
    box = Toolbox(tools_of(shop), now_s=lambda: 0.0).limited(book.limits)
    resolved = asked_for_a_person = 0
    drawn = list(islice(customers(shop, seed=1), 40))
    for number, one in enumerate(drawn):
        chat = Rehearsal(
            brain,
            {tool.name: tool for tool in box.all()},
            customer_id=one.customer_id,
            language=one.language,
            policy=Policy(approvals=ApprovalPolicy(ai_money_limit=150)),
            key=str(number),
            material=material_of_shop(book),
        )
        said = await chat.customer_says_all(*one.opening())
        for _ in range(12):
            for waiting in chat.waiting():
                said += await chat.decide(waiting, approve=True)
            if chat.ended or (text := one.answer("\n".join(said))) is None:
                break
            said = await chat.customer_says(text)
        resolved += chat.ended == "resolved"
        asked_for_a_person += one.issue == "person" and chat.cause == "requested"
    persons = sum(one.issue == "person" for one in drawn)
    assert asked_for_a_person == persons
    assert resolved >= 0.8 * (len(drawn) - persons)
