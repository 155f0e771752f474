"""``stepin judge``: fit detectors on labelled chats, score chats, and report honestly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from stepin.cli.common import OnLog
from stepin.errors import Invalid

app = App(name="judge", help="Fit and check the detectors.", help_format="plaintext")

FitTask = Literal[
    "handoff", "technical", "sentiment", "emotional", "hazard", "rating", "risk", "intent"
]
Files = Annotated[Path, Parameter(name="--in", help="Chats, one JSON object per line.")]
Model = Annotated[Path, Parameter(name="--model", help="A model that `fit` wrote.")]
Out = Annotated[Path, Parameter(name="--out", help="Where to write.")]
AsJson = Annotated[bool, Parameter(name="--json", help="Print JSON instead of text.")]


@app.command
def fit(
    *,
    task: FitTask,
    out: Out,
    chats: Annotated[Path | None, Parameter(name="--in")] = None,
    facts: Path | None = None,
    extra: tuple[Path, ...] = (),
    features_from: Path | None = None,
    picture: Path | None = None,
    seed: int = 0,
    common: OnLog = OnLog(),
) -> int:
    """Fit a detector on labelled chats; the same files and seed give the same model.

    A line of a file is {"chat_id": …, "turns": [{"role": "customer", "text": …}, …]} with the
    labels of the task: handoff and sentiment on turns, rating, retrial or intent on the chat.
    About a hundred labelled chats make a useful detector. Or take them from your own log: with
    --facts the ratings, retrials and takeovers are the labels (tasks handoff, rating, risk), and
    the report is on the last quarter of the chats, scored by a fit on those before them.

    Example: stepin judge fit --task handoff --in labelled.jsonl --out handoff.model
    Example: stepin judge fit --task risk --facts facts --out models/risk.npz --picture risk.svg

    Parameters
    ----------
    task
        What to tell.
    out
        The model file.
    chats
        Labelled chats.
    facts
        A folder that `stepin evidence facts` wrote, instead of labelled chats.
    extra
        More labelled chats, added to the others.
    features_from
        Another detector whose running scores this one reads, e.g. of sentiment.
    picture
        With --facts, the report as a picture too, an SVG file.
    seed
        Of every draw in the fit.
    """
    from datetime import UTC, datetime

    from stepin.cli.judge.fit import fit_model

    today = datetime.now(UTC).date().isoformat()
    if (chats is None) == (facts is None):
        raise Invalid(
            "Give labelled chats or facts.", hint="--in FILE, or --facts DIR", code="no_source"
        )
    if facts is None and picture is not None:
        raise Invalid(
            "A fit on a file has no report to draw.",
            hint="Evaluate on other chats: stepin judge evaluate --picture FILE.svg",
            code="no_report",
        )
    if facts is not None:
        from stepin.cli.judge.facts import fit_facts

        return fit_facts(
            task, facts, common.log, common.config, out, picture, seed, today, as_json=common.json
        )
    assert chats is not None
    sources = [chats, *extra]
    return fit_model(task, sources, out, features_from, seed, today, as_json=common.json)


@app.command
def score(*, model: Model, chats: Files, out: Out, json: AsJson = False) -> int:
    """Score every turn of every chat from the turns up to it alone.

    Writes one JSON object per chat: `scores`, one per turn; `flags`, those at or above the model's
    threshold; for ratings also `rating`, the class by the last turn. For intents `intents`, the
    opening message's intents with their confidences.

    Example: stepin judge score --model handoff.model --in chats.jsonl --out scores.jsonl

    Parameters
    ----------
    model
        A model that `fit` wrote.
    chats
        Chats; labels are not looked at.
    out
        The scores, one JSON object per line.
    json
        Print the summary as JSON.
    """
    from stepin.cli.judge.fit import score_file

    return score_file(model, chats, out, as_json=json)


@app.command
def evaluate(
    *,
    model: Model,
    chats: Files,
    threshold: float | None = None,
    asymmetry: float = 0.0,
    require_f1: float | None = None,
    picture: Path | None = None,
    json: AsJson = False,
) -> int:
    """Report how a detector does on labelled chats, with the floors beside it.

    F1, macro F1, AUC, average precision, golden transfer within 1, 2, 3 turns, the floors of
    flagging never and always, false alarms and misses by chat, lead time, precision of the
    worst-scored turns, calibration. Chats that the model was fitted on are counted and named.

    Example: stepin judge evaluate --model handoff.model --in other.jsonl

    Parameters
    ----------
    model
        A model that `fit` wrote.
    chats
        Labelled chats that it wasn't fitted on.
    threshold
        Instead of the model's own.
    asymmetry
        Lambda of the golden transfer measure; above 0 late flags cost more.
    require_f1
        Exit 1 if F1 (for rating and sentiment macro F1) is lower.
    picture
        The report as a picture too, an SVG file.
    json
        Print the report as JSON.
    """
    from stepin.cli.judge.fit import evaluate_file

    return evaluate_file(model, chats, threshold, asymmetry, require_f1, picture, as_json=json)


@app.command
def card(*, model: Model, json: AsJson = False) -> int:
    """Show where a model comes from and how it did on chats left out of its fit.

    Example: stepin judge card --model handoff.model

    Parameters
    ----------
    model
        A model that `fit` wrote.
    json
        Print the card as JSON.
    """
    from stepin.cli.judge.fit import show_card

    return show_card(model, as_json=json)


@app.command
def curve(
    *,
    task: Literal["handoff", "technical", "sentiment", "emotional", "hazard", "rating", "risk"],
    chats: Files,
    seed: int = 0,
    json: AsJson = False,
) -> int:
    """Show a learning curve: fits on 1/8, 1/4, 1/2 and all of three quarters.

    Every fit is scored on the same last quarter of the chats.

    Example: stepin judge curve --task handoff --in labelled.jsonl

    Parameters
    ----------
    task
        What to tell.
    chats
        Labelled chats.
    seed
        Of the split and the fits.
    json
        Print JSON.
    """
    from stepin.cli.judge.fit import show_curve

    return show_curve(task, chats, seed, as_json=json)


@app.command
def agreement(
    *,
    coded: Files,
    llm: str | None = None,
    require_kappa: float | None = None,
    json: AsJson = False,
) -> int:
    """Compare an effort coder with people: accuracy, kappa, agreement of reruns.

    A line is {"text": …, "coder_a": {"information_seeking": 0, "solution_provision": 1,
    "empathy": 0, "proactivity": 0}, …}; every key but text and context is a coder. The light
    coder, or a language model, is compared with each, and the people with each other.

    Example: stepin judge agreement --in coded.jsonl
    Example: stepin judge agreement --in coded.jsonl --llm openai:MODEL

    Parameters
    ----------
    coded
        Messages coded by people.
    llm
        Codes with this model instead of the light coder; needs stepin[llm].
    require_kappa
        Exit 1 if the coder's kappa with any person is lower in any dimension.
    json
        Print JSON.
    """
    from stepin.cli.judge.fit import show_agreement

    return show_agreement(coded, llm, require_kappa, as_json=json)


@app.command
def rescore(
    *,
    out: Out,
    chats: Annotated[Path | None, Parameter(name="--in")] = None,
    detectors: Path | None = None,
    common: OnLog = OnLog(),
) -> int:
    """Score old chats with other detectors, as the desk would have; nothing in the log changes.

    Writes one JSON object per chat: for each turn its `seq` and `author`, the `scores` by cause and
    detector, and after a customer's turn the causes that reach their thresholds (`flags`). What
    was scored and decided then stays as it is.

    Example: stepin judge rescore --detectors models --out scores.jsonl

    Parameters
    ----------
    out
        The scores, one JSON object per line.
    chats
        Chats in a file, one JSON object per line, instead of the log.
    detectors
        A folder of models; by default those that come with Stepin.
    """
    from stepin.cli.judge.rescore import rescore_all

    return rescore_all(out, chats, common.log, detectors, common.config, as_json=common.json)
