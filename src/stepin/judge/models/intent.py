"""What a customer wants: an intent and how sure that is, learned from a few examples of each.

`fit` takes (text, intent) pairs in any language; `IntentModel.predict` returns every intent
with a calibrated confidence, the likeliest first. Fitting uses scikit-learn (one-against-rest
linear machines on words and pieces of words); scoring uses numpy alone. The temperature that
turns margins into confidences is fitted on folds that were left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from stepin.errors import Invalid
from stepin.judge.fitting.folds import folds_of
from stepin.judge.models import sparse, store
from stepin.judge.models.calibration import fit_temperature, softmax
from stepin.judge.models.tokens import words
from stepin.judge.models.vocabulary import Vocabulary, Weights

KIND = "intent"
_FEW_EXAMPLES, _MANY_EXAMPLES = 1000, 3000
_COST = 1.0


class IntentCard(msgspec.Struct, frozen=True, kw_only=True):
    """Where an intent model comes from, and how it did on examples that were left out.

    ``accuracy_share`` and ``calibration_error_share`` (the gap between confidence and accuracy,
    averaged over ten bins) are measured on folds that the fit hadn't seen; None when an intent
    has a single example each and nothing could be left out.
    """

    n_examples: int
    n_intents: int
    seed: int
    fewest_examples: int
    accuracy_share: float | None
    calibration_error_share: float | None


class IntentModel(store.FileModel):
    """A fitted intent classifier; immutable.

    Attributes
    ----------
    intents : the intents, sorted by name.
    card : where the model comes from.
    version : 12 hexadecimal digits, the same for the same content.
    """

    kind = KIND

    __slots__ = (
        "_coefficients", "_intercepts", "_temperature", "_vocabulary", "card", "intents", "version"
    )  # fmt: skip

    def __init__(
        self,
        intents: Sequence[str],
        vocabulary: Vocabulary,
        coefficients: NDArray[np.float32],
        intercepts: NDArray[np.float64],
        temperature: float,
        card: IntentCard,
    ) -> None:
        self.intents = tuple(intents)
        self.card = card
        self._vocabulary = vocabulary
        self._coefficients = coefficients
        self._intercepts = intercepts
        self._temperature = temperature
        stored = self.stored()
        self.version = store.content_version(stored.kind, stored.header, stored.arrays)

    def predict(self, text: str) -> list[tuple[str, float]]:
        """Return every intent with its confidence, likeliest first; confidences sum to 1.

        A text with nothing in it that the model knows gets low confidences throughout.
        """
        shares = self.shares(text)
        order = np.argsort(-shares, kind="stable")
        return [(self.intents[place], float(shares[place])) for place in order]

    def shares(self, text: str) -> NDArray[np.float64]:
        """Return the confidence of each intent in the order of `intents`; sums to 1."""
        row = self._vocabulary.weigh(text)
        margins = _margins(row, self._coefficients, self._intercepts)
        return softmax(margins, self._temperature)

    @classmethod
    def from_stored(cls, stored: store.StoredModel) -> Self:
        """Return the model that a file held."""
        arrays = stored.arrays
        return cls(
            stored.header["intents"],
            Vocabulary.from_arrays(arrays),
            arrays["coefficients"],
            arrays["intercepts"],
            float(arrays["temperature"][0]),
            msgspec.convert(stored.header["card"], IntentCard),
        )

    def stored(self) -> store.StoredModel:
        """Return what the file holds."""
        return store.StoredModel(
            kind=KIND,
            header={"intents": list(self.intents), "card": msgspec.to_builtins(self.card)},
            arrays={
                **self._vocabulary.to_arrays(),
                "coefficients": self._coefficients,
                "intercepts": self._intercepts,
                "temperature": np.array([self._temperature]),
            },
        )


def fit(examples: Iterable[tuple[str, str]], *, seed: int = 0) -> IntentModel:
    """Return a model of the intents in (text, intent) pairs; same pairs and seed, same model.

    Five examples an intent are enough to be useful, twenty are good. To have texts that fit no
    intent recognised, give examples of them under an intent of their own.

    Raises
    ------
    Invalid
        If there are fewer than two intents, or an example has no words.
    """
    pairs = list(examples)
    counts = _counts(pairs)
    intents = sorted(counts)
    place_of = {intent: place for place, intent in enumerate(intents)}
    truth = np.array([place_of[intent] for _, intent in pairs], np.intp)
    texts = [text for text, _ in pairs]
    said = [words(text) for text in texts]
    vocabulary = Vocabulary.learn_words(said)
    rows = [vocabulary.weigh_words(one) for one in said]
    for text, row in zip(texts, rows, strict=True):
        if not len(row.places):
            raise Invalid(
                f"The example {text!r} has no words.",
                code="empty_example",
                hint="Leave it out.",
                text=text,
            )
    coefficients, intercepts = _fit_margins(rows, len(vocabulary), truth, len(intents), seed)
    temperature, accuracy, gap = _calibrate(said, truth, len(intents), seed)
    return IntentModel(
        intents,
        vocabulary,
        coefficients,
        intercepts,
        temperature,
        IntentCard(
            n_examples=len(pairs),
            n_intents=len(intents),
            seed=seed,
            fewest_examples=min(counts.values()),
            accuracy_share=accuracy,
            calibration_error_share=gap,
        ),
    )


def _counts(pairs: list[tuple[str, str]]) -> Counter[str]:
    counts = Counter(intent for _, intent in pairs)
    if len(counts) < 2:
        raise Invalid(
            f"{len(counts)} intents in {len(pairs)} examples; at least two are needed.",
            code="too_few_intents",
            hint="Give examples of at least two intents.",
            intents=len(counts),
        )
    return counts


def _margins(
    row: Weights, coefficients: NDArray[np.float32], intercepts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the margins, pulled together by what is unknown of the text: none known, all equal."""
    return np.asarray(sparse.linear(row, coefficients, intercepts) * row.known_share, np.float64)


def _fit_margins(
    rows: list[Weights], n_terms: int, truth: NDArray[np.intp], n_intents: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return coefficients (n_terms, n_intents) and intercepts; absent intents stay at -1."""
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=_COST, random_state=seed, tol=1e-3, max_iter=5000)
    machine.fit(sparse.matrix(rows, n_terms), truth)
    coefficients = np.zeros((n_terms, n_intents), np.float32)
    intercepts = np.full(n_intents, -1.0)
    present = machine.classes_
    if len(present) == 2:
        coefficients[:, present[1]] = machine.coef_[0]
        coefficients[:, present[0]] = -machine.coef_[0]
        intercepts[present[1]] = machine.intercept_[0]
        intercepts[present[0]] = -machine.intercept_[0]
    else:
        coefficients[:, present] = machine.coef_.T
        intercepts[present] = machine.intercept_
    return coefficients, intercepts


def _calibrate(
    said: list[list[str]], truth: NDArray[np.intp], n_intents: int, seed: int
) -> tuple[float, float | None, float | None]:
    """Return the temperature, and accuracy and calibration error on left-out folds."""
    n_folds = 5 if len(said) <= _FEW_EXAMPLES else 3 if len(said) <= _MANY_EXAMPLES else 2
    fold = folds_of(truth.tolist(), n_folds, seed=seed)
    held: list[NDArray[np.float64]] = []
    held_truth: list[NDArray[np.intp]] = []
    for number in range(n_folds):
        out = np.flatnonzero(fold == number)
        kept = np.flatnonzero(fold != number)
        seen = np.unique(truth[kept])
        out = out[np.isin(truth[out], seen)]
        if len(seen) < 2 or not len(out):
            continue
        vocabulary = Vocabulary.learn_words(said[place] for place in kept)
        rows = [vocabulary.weigh_words(said[place]) for place in kept]
        coefficients, intercepts = _fit_margins(rows, len(vocabulary), truth[kept], n_intents, seed)
        held.extend(
            _margins(vocabulary.weigh_words(said[place]), coefficients, intercepts) for place in out
        )
        held_truth.append(truth[out])
    if not held:
        return 1.0, None, None
    margins, right = np.array(held), np.concatenate(held_truth)
    temperature = fit_temperature(margins, right)
    shares = softmax(margins, temperature)
    hits = shares.argmax(axis=1) == right
    return temperature, float(hits.mean()), _calibration_error(shares.max(axis=1), hits)


def _calibration_error(confidence: NDArray[np.float64], hits: NDArray[Any]) -> float:
    bins = np.minimum((confidence * 10).astype(int), 9)
    gaps = [
        abs(confidence[bins == number].mean() - hits[bins == number].mean())
        * (bins == number).mean()
        for number in np.unique(bins)
    ]
    return float(sum(gaps))
