"""What the commands of ``stepin judge`` do; imported only when one of them runs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import msgspec
import numpy as np
from rich.console import Console

from stepin.cli.judge.picture import must_be_drawable, write_picture
from stepin.cli.output import as_json as print_json
from stepin.cli.output import table
from stepin.cli.output_file import must_be_writable, whole_file
from stepin.errors import Invalid
from stepin.judge.chat import LabelledChat, opening, read_jsonl
from stepin.judge.detectors.batch import score_chats
from stepin.judge.detectors.learned import ChatModel
from stepin.judge.effort import AskedCoder, LightCoder
from stepin.judge.evaluation.effort_agreement import Agreement, Coded, agree, read_coded
from stepin.judge.evaluation.report import Report, evaluate
from stepin.judge.fitting.fit import fit
from stepin.judge.fitting.fitted_chats import fingerprints
from stepin.judge.fitting.learning_curve import LearningPoint, learning_curve
from stepin.judge.fitting.tasks import CHAT_TASKS, Task
from stepin.judge.models import intent, store


def fit_model(
    task: str,
    sources: Sequence[Path],
    out: Path,
    features_from: Path | None,
    seed: int,
    date: str,
    *,
    as_json: bool,
) -> int:
    """Fit and save; returns the exit code."""
    must_be_writable(out)
    chats = [chat for source in sources for chat in read_jsonl(source)]
    _must_differ(chats)
    with Console(stderr=True).status(f"Fitting {task} on {len(chats)} chats …"):
        if task == "intent":
            model: ChatModel | intent.IntentModel = intent.fit(_examples(chats), seed=seed)
        else:
            inner = None if features_from is None else ChatModel.load(features_from)
            names = ", ".join(source.name for source in sources)
            model = fit(
                cast(Task, task), chats, seed=seed, features_from=inner, data=names, date=date
            )
    model.save(out)
    print_card(model, as_json=as_json)
    if not as_json:
        print(f"Next: stepin judge evaluate --model {out} --in OTHER.jsonl")
    return 0


def _must_differ(chats: Sequence[LabelledChat]) -> None:
    """Refuse chats that come twice: a fold would be tested on what it was fitted on."""
    marks = fingerprints(chats)
    _, first = np.unique(marks, return_index=True)
    again = sorted(set(range(len(chats))) - {int(place) for place in first})
    if again:
        chat = chats[again[0]]
        raise Invalid(
            f"{len(again)} chats come twice, word for word: the first is {chat.chat_id!r}.",
            code="chat_twice",
            hint="Give every chat once, in --in or in --extra.",
        )


def score_file(path: Path, source: Path, out: Path, *, as_json: bool) -> int:
    """Score and write; returns the exit code."""
    must_be_writable(out)
    stored = store.load(path)
    chats = read_jsonl(source)
    lines: list[dict[str, object]] = []
    if stored.kind == intent.KIND:
        model = intent.IntentModel.from_stored(stored)
        lines = [{"chat_id": c.chat_id, "intents": model.predict(opening(c))} for c in chats]
        version = model.version
    else:
        detector = ChatModel.load(path)
        version = detector.version
        for chat, shares in zip(chats, score_chats(detector, chats), strict=True):
            scores = shares[:, detector.headline]
            line: dict[str, object] = {
                "chat_id": chat.chat_id,
                "scores": [round(float(score), 6) for score in scores],
                "flags": [bool(score >= detector.threshold) for score in scores],
            }
            if detector.task == "sentiment":
                line["sentiment"] = [detector.classes[int(p)] for p in shares.argmax(axis=1)]
            if detector.task == "rating" and len(shares):
                line["rating"] = detector.classes[int(shares[-1].argmax())]
            lines.append(line)
    with whole_file(out) as file:
        file.writelines(msgspec.json.encode(line) + b"\n" for line in lines)
    summary = {"model": version, "chats": len(lines), "out": str(out)}
    if as_json:
        print_json(summary)
    else:
        print(f"Scored {len(lines)} chats with {version} into {out}.")
    return 0


def evaluate_file(
    path: Path,
    source: Path,
    threshold: float | None,
    asymmetry: float,
    require_f1: float | None,
    picture: Path | None,
    *,
    as_json: bool,
) -> int:
    """Evaluate, print and draw; returns the exit code.

    Raises
    ------
    Invalid
        The threshold or the asymmetry is out of range; the picture can't be written; a file
        doesn't hold what it should.
    """
    if threshold is not None and not 0.0 <= threshold <= 1.0:
        raise Invalid(
            f"--threshold is {threshold}.", code="out_of_range", hint="Scores are from 0 to 1."
        )
    if not -1.0 < asymmetry < 1.0:
        raise Invalid(
            f"--asymmetry is {asymmetry}.", code="out_of_range", hint="Above -1 and below 1."
        )
    must_be_drawable(picture)
    stored = store.load(path)
    chats = read_jsonl(source)
    if stored.kind == intent.KIND:
        if picture is not None:
            raise Invalid("There is no picture of an intent model.", code="no_report")
        return _evaluate_intents(
            intent.IntentModel.from_stored(stored), chats, require_f1, as_json=as_json
        )
    report = evaluate(ChatModel.load(path), chats, threshold=threshold, asymmetry=asymmetry)
    if picture is not None:
        write_picture(picture, report)
    if as_json:
        print_json(report)
    else:
        print_report(report)
    measured = report.macro_f1 if report.task in ("rating", "sentiment") else report.f1
    return int(require_f1 is not None and measured < require_f1)


def show_card(path: Path, *, as_json: bool) -> int:
    """Print a model's card; returns the exit code."""
    stored = store.load(path)
    if stored.kind == intent.KIND:
        print_card(intent.IntentModel.from_stored(stored), as_json=as_json)
    else:
        print_card(ChatModel.from_stored(stored), as_json=as_json)
    return 0


def show_curve(task: str, source: Path, seed: int, *, as_json: bool) -> int:
    """Print a learning curve; returns the exit code."""
    chats = read_jsonl(source)
    with Console(stderr=True).status(f"Fitting {task} four times …"):
        points = learning_curve(cast(Task, task), chats, seed=seed)
    if as_json:
        print_json(points)
        return 0
    show_points(points)
    return 0


def show_points(points: Sequence[LearningPoint]) -> None:
    """Print the points of a learning curve."""
    rows = [(p.n_chats, f"{p.f1:.3f}", f"{p.macro_f1:.3f}", _number(p.auc)) for p in points]
    table(("labelled chats", "F1", "macro F1", "AUC"), rows)


def show_agreement(
    source: Path, llm: str | None, require_kappa: float | None, *, as_json: bool
) -> int:
    """Print the agreement of a coder with people; returns the exit code."""
    messages = read_coded(source)
    found = agree(messages) if llm is None else _agree_with_llm(messages, llm)
    if as_json:
        print_json(found)
    else:
        rows = [
            (a.one, a.other, a.dimension, a.n, f"{a.accuracy_share:.3f}", _number(a.kappa))
            for a in found
        ]
        table(("coder", "coder", "dimension", "messages", "accuracy", "kappa"), rows)
    if require_kappa is None:
        return 0
    coder = llm or LightCoder.name
    ours = [a.kappa for a in found if a.one == coder and a.other != f"{coder} again"]
    return int(not ours or any(kappa is None or kappa < require_kappa for kappa in ours))


def _agree_with_llm(messages: Sequence[Coded], name: str) -> list[Agreement]:
    from stepin.agent.open import open_llm

    model = open_llm(name)
    with asyncio.Runner() as runner, Console(stderr=True).status(f"Asking {name} …"):
        coder = AskedCoder(lambda told, text: runner.run(model.answer(told, text)), name=name)
        try:
            return agree(messages, coder)
        finally:
            runner.run(model.close())


def _examples(chats: Sequence[LabelledChat]) -> list[tuple[str, str]]:
    pairs = [(opening(chat), chat.intent) for chat in chats if chat.intent is not None]
    return [(text, label) for text, label in pairs if text.strip()]


def _evaluate_intents(
    model: intent.IntentModel,
    chats: Sequence[LabelledChat],
    require_f1: float | None,
    *,
    as_json: bool,
) -> int:
    pairs = _examples(chats)
    if not pairs:
        raise Invalid(
            "No chat has an intent.", code="labels_missing", hint="Add `intent` to the chats."
        )
    hits = [model.predict(text)[0][0] == label for text, label in pairs]
    accuracy = sum(hits) / len(hits)
    if as_json:
        print_json({"version": model.version, "chats": len(pairs), "accuracy_share": accuracy})
    else:
        print(f"intent {model.version}: accuracy {accuracy:.3f} on {len(pairs)} chats.")
    return int(require_f1 is not None and accuracy < require_f1)


def print_card(model: ChatModel | intent.IntentModel, *, as_json: bool) -> None:
    """Print where a model comes from and how it did."""
    card = msgspec.to_builtins(model.card)
    if as_json:
        print_json({"version": model.version, "card": card})
        return
    print(f"version {model.version}")
    for name, value in card.items():
        shown = f"{value:.4g}" if isinstance(value, float) else value
        print(f"  {name.replace('_', ' ')}: {'not known' if value is None else shown}")


def print_report(report: Report) -> None:
    """Print the figures of an evaluation."""
    unit = "chats" if report.task in CHAT_TASKS else "turns"
    print(f"{report.task} {report.version} on {report.n_chats} chats, {report.n_rows} {unit}")
    if report.n_seen_chats:
        print(f"CAUTION: {report.n_seen_chats} of these chats were fitted on; figures flatter.")
    rows: list[tuple[str, str]] = [
        ("share in the class", _number(report.base_share)),
        ("threshold", _number(report.threshold)),
        ("F1", _number(report.f1)),
        ("macro F1", _number(report.macro_f1)),
        ("macro F1 at half of the chat", _number(report.half_macro_f1)),
        ("AUC", _number(report.auc)),
        ("average precision", _number(report.average_precision)),
        ("calibration error", _number(report.calibration_error_share)),
    ]
    if report.golden and report.never and report.always and report.timing:
        shown = (("", report.golden), (", never", report.never.golden),
                 (", always", report.always.golden))  # fmt: skip
        for name, golden in shown:
            values = (golden.gt_1, golden.gt_2, golden.gt_3)
            rows.append((f"golden transfer I / II / III{name}",
                         " / ".join(f"{v:.3f}" for v in values)))  # fmt: skip
        rows += [
            ("F1, always", _number(report.always.f1)),
            ("chats with a false alarm", _number(report.timing.false_alarm_share)),
            ("chats missed", _number(report.timing.miss_share)),
            ("median lead in turns", _number(report.timing.lead_turns)),
            ("flagged in time", _number(report.timing.early_share)),
        ]
    table(("figure", "value"), rows)
    print()
    table(
        ("worst-scored share", "precision", "recall"),
        [(f"{b.turn_share:.0%}", f"{b.precision:.3f}", f"{b.recall:.3f}") for b in report.budget],
    )
    print()
    table(
        ("mean score", "true share", unit),
        [(f"{b.mean_score:.3f}", f"{b.true_share:.3f}", b.n) for b in report.calibration],
    )


def _number(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.3f}"
