"""The intents of a handbook: learned from its procedures' examples, kept beside them.

The model is fitted again when the files or the way of learning have changed; fitting takes a
second or two and needs scikit-learn, loading and scoring need neither.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from stepin.agent.shop.handbook import Handbook
from stepin.errors import StepinError
from stepin.judge.models.intent import IntentModel, fit
from stepin.language.patterns import phrases

ARTICLE = "article"
SMALL_TALK = ("hello", "thanks", "person", "robot", "unknown", "answer")
TALK = frozenset({*SMALL_TALK, ARTICLE})
_KEPT = ".intents-{0}.npz"


def examples_of(handbook: Handbook) -> list[tuple[str, str]]:
    """Return (text, intent) pairs: what leads to each procedure, small talk, and questions."""
    return [
        *(
            (text, procedure.name)
            for procedure in handbook.procedures.values()
            for texts in procedure.examples.values()
            for text in texts
        ),
        *((text, name) for name in SMALL_TALK for text in phrases("talk", name)),
        *((text, ARTICLE) for passage in handbook.passages for text in passage.questions),
    ]


def intents_of(handbook: Handbook, folder: Path | None = None) -> IntentModel:
    """Return the model of a handbook's intents; kept in `folder` if that can be written."""
    pairs = examples_of(handbook)
    name = sha256(repr(pairs).encode()).hexdigest()[:12]
    kept = None if folder is None else folder / _KEPT.format(name)
    if kept is not None:
        with suppress(StepinError, OSError):
            return IntentModel.load(kept)
    model = fit(pairs)
    if kept is not None:
        with suppress(StepinError, OSError):
            model.save(kept)
            for old in kept.parent.glob(_KEPT.format("*")):
                if old != kept:
                    old.unlink(missing_ok=True)
    return model
