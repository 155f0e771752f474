"""``stepin agent``: check a shop's procedures, and try the AI out in the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

app = App(
    name="agent",
    help="Check a shop's procedures, bring its help centre, and try the AI out in the terminal.",
)
app.command("stepin.cli.articles:import_articles", name="import-articles")
app.command("stepin.cli.articles:articles", name="articles")

Folder = Annotated[Path, Parameter(help="The shop's folder.")]
SHOP = Path("examples/shop")


@app.command
def check(folder: Folder = SHOP, *, json: bool = False) -> int:
    """Find what is wrong with procedures, articles, tools and languages; exit 1 if anything is.

    Example: stepin agent check examples/shop

    Parameters
    ----------
    folder
        The shop's folder: domain.toml, procedures/, articles/ and its tools.
    json
        Print JSON instead of text.
    """
    import tempfile

    import msgspec

    from stepin.agent.shop.check import check as find
    from stepin.agent.shop.handbook import load_tools, read_handbook
    from stepin.agent.shop.intent_training import intents_of
    from stepin.agent.shop.language_check import language_problems
    from stepin.agent.shop.usage_check import unused_tools, usage_problems
    from stepin.errors import StepinError

    try:
        book = read_handbook(folder)
        with tempfile.TemporaryDirectory() as data:
            tools = {tool.name: tool for tool in load_tools(folder, Path(data), _now)}
        problems = [
            *find(book, tools, folder),
            *usage_problems(book, tools, folder),
            *language_problems(book),
        ]
    except StepinError as error:
        print(msgspec.json.encode(error.as_dict()).decode() if json else _put(error))
        return 1
    card = intents_of(book, folder).card
    if json:
        unused = unused_tools(book, tools)
        report = {
            "problems": problems,
            "unused_tools": unused,
            "procedures": sorted(book.procedures),
            "intents": card,
        }
        print(msgspec.json.encode(report).decode())
        return 1 if problems else 0
    for problem in problems:
        print(f"{problem.file}, line {problem.line}: {problem.message}")
    for name in unused_tools(book, tools):
        print(f"Note: no procedure uses the tool {name}, so the AI never calls it.")
    share = "unknown" if card.accuracy_share is None else f"{card.accuracy_share:.0%}"
    print(
        f"{len(book.procedures)} procedures, {len(book.passages)} passages, {len(tools)} tools, "
        f"{card.n_examples} examples (left-out accuracy {share}): {len(problems)} problems."
    )
    if not problems:
        print(f"Next: stepin agent try {folder}")
    return 1 if problems else 0


@app.command(name="try")
def try_(
    folder: Folder = SHOP,
    *,
    customer: str = "c1001",
    data: Path | None = None,
    money_limit: float = 150.0,
    brain: Annotated[str, Parameter(env_var="STEPIN_BRAIN")] = "builtin",
    anonymous: bool = False,
    quiet: bool = False,
) -> int:
    """Chat with the AI in the terminal and see every step that it takes.

    Type what a customer would; `/approve` and `/deny` decide what waits for a colleague, an
    empty line ends. Reads lines from a pipe as well.

    Example: stepin agent try --customer c1002

    Parameters
    ----------
    customer
        Who you are in the shop.
    data
        Where the shop keeps its data; a new shop for this chat if it isn't given.
    money_limit
        The most money that the AI may move without approval.
    brain
        Builtin, or an LLM such as ``openai:MODEL`` (STEPIN_LLM_URL and STEPIN_LLM_KEY name
        another endpoint that speaks the same protocol).
    anonymous
        A customer for whom the host site hasn't signed.
    quiet
        Show what is said only.
    """
    import asyncio
    import tempfile

    from stepin.errors import StepinError

    async def chat(place: Path) -> int:
        from stepin.agent.gate.material import material_of_shop
        from stepin.agent.open import open_brain, open_toolbox
        from stepin.agent.sandbox import Rehearsal
        from stepin.core.policy import ApprovalPolicy, Policy

        def watch(kind: str, text: str) -> None:
            if kind not in ("says", "drafts"):
                print(f"    · {kind} {text}")

        book, box = open_toolbox(folder, place, _now)
        rehearsal = Rehearsal(
            open_brain(brain, book, folder),
            {tool.name: tool for tool in box.all()},
            customer_id=customer,
            asserted=not anonymous,
            policy=Policy(approvals=ApprovalPolicy(ai_money_limit=money_limit)),
            watch=(lambda kind, text: None) if quiet else watch,
            material=material_of_shop(book),
        )
        while not rehearsal.ended and (line := _line()):
            waiting = rehearsal.waiting()
            if line in ("/approve", "/deny"):
                said = [
                    text
                    for action_id in waiting
                    for text in await rehearsal.decide(action_id, approve=line == "/approve")
                ]
            else:
                said = await rehearsal.customer_says(line)
            for text in said:
                print(f"AI: {text}")
        print(f"({rehearsal.ended or 'left'}{': ' if rehearsal.reason else ''}{rehearsal.reason})")
        return 0

    try:
        if data is not None:
            return asyncio.run(chat(data))
        with tempfile.TemporaryDirectory() as place:
            return asyncio.run(chat(Path(place)))
    except StepinError as error:
        print(_put(error), file=sys.stderr)
        return 1


def _line() -> str:
    try:
        return input("you: " if sys.stdin.isatty() else "").strip()
    except EOFError:
        return ""


def _now():  # type: ignore[no-untyped-def]
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _put(error) -> str:  # type: ignore[no-untyped-def]
    return f"{error.message}\n{error.hint}"
