"""What ``stepin judge fit --facts`` does: a team's own log as labelled chats, and an honest report.

Labels come from the facts: ratings, retrials, and the turn of the first takeover; texts come from
the log. The report is on the last quarter of the chats, by their opening, scored by a fit on those
before them; the model that is written is fitted on all.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import cast

import duckdb
import msgspec

from stepin.cli.judge.fit import print_card, print_report, show_points
from stepin.cli.judge.picture import must_be_drawable, write_picture
from stepin.cli.judge.rescore import heard_in
from stepin.cli.output import as_json as print_json
from stepin.cli.output_file import must_be_writable
from stepin.errors import Invalid, Missing
from stepin.judge.chat import LabelledChat, Turn
from stepin.judge.detectors.learned import ChatModel
from stepin.judge.evaluation.report import evaluate
from stepin.judge.fitting.fit import fit
from stepin.judge.fitting.learning_curve import learning_curve
from stepin.judge.fitting.tasks import Task
from stepin.judge.transcript import Transcript
from stepin.settings import load

TASKS = ("handoff", "rating", "risk")
"""The tasks whose labels a desk's own log holds."""

_QUERY = """
SELECT chat_id, rating, retrial_7d, takeover_round
FROM read_parquet(?) ORDER BY opened_at, chat_id
"""


def labelled(facts: Path, heard: dict[str, Transcript]) -> list[LabelledChat]:
    """Return the chats of the facts whose texts are in the log, oldest first, with their labels.

    Raises
    ------
    Missing
        The folder holds no table `chats`.
    """
    files = [facts / "chats.parquet"] if (facts / "chats.parquet").is_file() else []
    files = files or sorted((facts / "chats").glob("*.parquet"))
    if not files:
        raise Missing(
            f"There is no table of chats in {facts}.",
            hint="Build facts first: stepin evidence facts --out facts",
            code="no_facts",
            path=str(facts),
        )
    with duckdb.connect() as con:
        rows = con.execute(_QUERY, [[str(file) for file in files]]).fetchall()
    found = []
    for chat_id, rating, retrial, round_taken in rows:
        transcript = heard.get(chat_id)
        if transcript is None or not transcript.turns:
            continue
        turns = _turns(transcript, round_taken)
        found.append(LabelledChat(chat_id=chat_id, turns=turns, rating=rating, retrial=retrial))
    return found


def _turns(transcript: Transcript, round_taken: int | None) -> tuple[Turn, ...]:
    """Return the turns; where the AI spoke, the customer's before the takeover needed a person."""
    turns = [spoken.turn for spoken in transcript.turns]
    if not any(turn.role == "ai" for turn in turns):
        return tuple(turns)
    labelled_turns, rounds, before = [], 0, ""
    for turn in turns:
        rounds += turn.role == "customer" and before != "customer"
        before = turn.role
        needed = round_taken is not None and rounds == round_taken and turn.role == "customer"
        labelled_turns.append(msgspec.structs.replace(turn, handoff=needed))
    return tuple(labelled_turns)


def fit_facts(
    task: str,
    facts: Path,
    log: str | None,
    config: Path | None,
    out: Path,
    picture: Path | None,
    seed: int,
    date: str,
    *,
    as_json: bool,
) -> int:
    """Fit on a log's own labels, report out of sample, and save; returns the exit code."""
    if task not in TASKS:
        raise Invalid(
            f"A log has no labels of {task}.",
            hint=f"It has those of {', '.join(TASKS)}; label chats in a file for others (--in).",
            code="labels_missing",
            task=task,
        )
    must_be_writable(out)
    must_be_drawable(picture)
    settings = load({"log": log}, env=os.environ, file=config).settings
    chats = [c for c in labelled(facts, asyncio.run(heard_in(settings.log))) if _has(task, c)]
    first = round(0.75 * len(chats))
    kind = cast(Task, task)
    early = fit(kind, chats[:first], seed=seed, data=facts.name, date=date)
    report = evaluate(early, chats[first:])
    points = learning_curve(kind, chats, seed=seed)
    model: ChatModel = fit(kind, chats, seed=seed, data=f"facts {facts.name}", date=date)
    model.save(out)
    if picture is not None:
        write_picture(picture, report, points)
    if as_json:
        print_json({"version": model.version, "card": model.card, "later": report, "curve": points})
        return 0
    later = len(chats) - first
    print(f"Out of sample: fitted on the first {first} chats, scored on the {later} after them")
    print_report(report)
    print("\nWhat more labels buy")
    show_points(points)
    print("\nThe model that was written, on all of them")
    print_card(model, as_json=False)
    print(f"Next: put {out} into a folder and name it in the settings: detectors = …")
    return 0


def _has(task: str, chat: LabelledChat) -> bool:
    if task == "handoff":
        return any(turn.handoff is not None for turn in chat.turns)
    return chat.rating is not None or (task == "risk" and chat.retrial is not None)
