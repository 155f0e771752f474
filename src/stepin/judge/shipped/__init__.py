"""The detectors that come with Stepin, and the folders from which a team loads its own.

The shipped ones were fitted by `examples/shop/train.py` on generated dialogues of the sample shop:
enough to try the desk out, no substitute for a team's own log. Their cards say so.
"""

from __future__ import annotations

from pathlib import Path

from stepin.errors import Invalid, Missing
from stepin.judge.detectors.learned import ChatModel
from stepin.judge.detectors.opinions import CAUSES
from stepin.judge.models import intent, store
from stepin.judge.models.intent import IntentModel

FOLDER = Path(__file__).parent


def load_detectors(folder: Path | None = None) -> tuple[ChatModel, ...]:
    """Return the detectors in a folder's ``.npz`` files by name, the shipped ones without one.

    Raises
    ------
    Missing
        There is no such folder, or no detector in it.
    Invalid
        A file isn't a detector, two are of one task, or the task has no cause to speak for.
    """
    place = FOLDER if folder is None else folder
    if not place.is_dir():
        raise Missing(
            f"There is no folder {place}.",
            hint="Give the folder with the models that `stepin judge fit` wrote.",
            code="no_folder",
            path=str(place),
        )
    found: dict[str, ChatModel] = {}
    for file in sorted(place.glob("*.npz")):
        stored = store.load(file)
        if stored.kind == intent.KIND:
            continue
        model = ChatModel.from_stored(stored)
        if model.name in found:
            raise Invalid(
                f"{place} holds two detectors of the task {model.name}.",
                hint="Leave the one that the desk should use.",
                code="detector_twice",
                task=model.name,
            )
        found[model.name] = model
    if not found:
        raise Missing(
            f"There is no detector in {place}.",
            hint="Fit one with `stepin judge fit`, or leave the setting empty.",
            code="no_model",
            path=str(place),
        )
    order = list(CAUSES)
    return tuple(sorted(found.values(), key=lambda model: order.index(model.name)))


def load_opening(folder: Path | None = None) -> IntentModel | None:
    """Return the model of the opening message in a folder, None if there is none."""
    file = (FOLDER if folder is None else folder) / "opening.npz"
    return IntentModel.load(file) if file.is_file() else None
