"""What a turn costs: the built-in brain's CPU, the LLM brain over a bare run of pydantic-ai.

Both sides of the LLM pair stream from the same scripted model once, with the same history and
the same tools; the bare side keeps its agent from run to run. So the ratio is what procedures,
journal, drafts and budgets add. Imports are measured in a process of their own.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

from examples.shop import tools_of

from benchmarks.agent.player import new_shop
from benchmarks.harness import finish, line, options, paired, report
from stepin.agent.gate.material import material_of_shop
from stepin.agent.open import open_brain
from stepin.agent.sandbox import Rehearsal
from stepin.agent.shop.handbook import read_handbook
from stepin.agent.tools.toolbox import Toolbox

SHOP = Path(__file__).parents[2] / "examples" / "shop"
GOAL_MS = 2.0
CHAT = (
    "hi, where is my parcel and can I also get an invoice?", "the newest one", "my own name",
    "我想退货", "第三个", "第一件", "不用了", "how long does delivery take?", "thanks, that's all",
)  # fmt: skip


def builtin_ms(chats: int) -> float:
    """Return the CPU milliseconds of a turn, tools of the shop included."""
    book = read_handbook(SHOP)
    brain = open_brain("builtin", book, SHOP)
    material = material_of_shop(book)
    spent, turns = 0.0, 0
    for _ in range(chats):
        shop = new_shop()
        box = Toolbox(tools_of(shop), now_s=time.monotonic).limited(book.limits)
        chat = Rehearsal(
            brain, {t.name: t for t in box.all()}, customer_id="c1001", material=material
        )

        async def play(chat: Rehearsal = chat) -> int:
            taken = 0
            for text in CHAT:
                await chat.customer_says(text)
                taken += 1
                if chat.ended:
                    break
            return taken

        began = time.process_time()
        turns += asyncio.run(play())
        spent += time.process_time() - began
        shop.close()
    return spent * 1e3 / turns


def llm_pair(turns: int) -> tuple[list[float], list[float]]:
    """Return the CPU milliseconds of a turn of ours, and of a bare run of the same model."""
    from pydantic_ai import Agent
    from pydantic_ai.messages import ModelMessage
    from pydantic_ai.models.function import AgentInfo, FunctionModel

    from stepin.agent.llm.brain import LlmBrain
    from stepin.agent.llm.history import history_of
    from stepin.agent.llm.instructions import rules
    from stepin.agent.llm.toolset import Toolset, tools_for

    text = "Your order is on its way. Is there anything else that I can do for you?"

    async def stream(messages: list[ModelMessage], info: AgentInfo):  # type: ignore[no-untyped-def]
        for start in range(0, len(text), 12):
            yield text[start : start + 12]

    book = read_handbook(SHOP)
    shop = new_shop()
    tools = {tool.name: tool for tool in Toolbox(tools_of(shop), now_s=time.monotonic).all()}
    model = FunctionModel(stream_function=stream)
    brain = LlmBrain(book, model, name="scripted")
    material = material_of_shop(book)

    def ours() -> float:
        async def play() -> float:
            began = time.process_time()
            for number in range(turns):
                chat = Rehearsal(
                    brain, tools, customer_id="c1001", key=str(number), material=material
                )
                await chat.customer_says("where is my parcel?")
            return (time.process_time() - began) * 1e3 / turns

        return asyncio.run(play())

    agent = Agent(
        model,
        instructions=rules(book, language="en", disclosed=True),
        deps_type=Toolset,
        tools=tools_for(tools),
    )

    def bare() -> float:
        async def play() -> float:
            began = time.process_time()
            for number in range(turns):
                chat = Rehearsal(
                    brain, tools, customer_id="c1001", key=str(number), material=material
                )
                chat._line("customer", "where is my parcel?")
                async with agent.run_stream(
                    message_history=history_of(chat.lines),
                    deps=Toolset(book, _context(chat), chat, {}),
                ) as run:
                    async for _ in run.stream_text(debounce_by=None):
                        pass
            return (time.process_time() - began) * 1e3 / turns

        return asyncio.run(play())

    ours()
    bare()
    return paired(5, ours, bare)


def _context(chat: Rehearsal):  # type: ignore[no-untyped-def]
    from stepin.agent.brain import TurnContext

    return TurnContext(
        chat=chat.chat, lines=tuple(chat.lines), basis_seq=1, now_us=1, policy=chat.policy,
        tools=chat.tools,
    )  # fmt: skip


def imported() -> set[str]:
    """Return the heavy packages that `import stepin` and the agent's ports bring along."""
    code = (
        "import stepin, stepin.agent.brain, stepin.cli, sys;"
        "print([m for m in ('pydantic_ai', 'sklearn', 'numpy', 'openai') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(eval(done.stdout))


def main() -> None:
    chosen = options(__doc__)
    builtin_ms(2)
    ours = [builtin_ms(chosen.pick(30, 5)) for _ in range(5)]
    report("CPU of a built-in turn", ours, [GOAL_MS] * 5, goal=1.0, at_least=False, unit="ms")
    mine, bare = llm_pair(chosen.pick(60, 10))
    report("LLM turn over a bare run", mine, bare, goal=1.3, at_least=False, unit="ms CPU")
    heavy = imported()
    print(f"import stepin brings along: {sorted(heavy) or 'nothing heavy'}")
    line("heavy imports of `import stepin`", ours=len(heavy), reference=1, ratio=len(heavy),
         goal="= 0", holds=not heavy)  # fmt: skip
    finish()


if __name__ == "__main__":
    main()
