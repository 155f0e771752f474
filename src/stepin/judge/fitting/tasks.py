"""What a detector is asked to tell: the labels of each task, and the heads it learns first.

==========  =====================================================================  =======
task        a turn's label                                                         turns
==========  =====================================================================  =======
handoff     this turn should go to a person                                        all
technical   handoff, and the customer's mood is not negative                       all
sentiment   0 negative, 1 neutral, 2 positive                                      all
emotional   the customer's mood is negative at this turn                           customer
hazard      a negative customer turn within the next two customer turns            before
                                                                                   the first
rating      the class of the chat's rating                                         all
risk        the chat ends rated 2 or less (1 of 3 classes), or is tried again      all
==========  =====================================================================  =======
"""

from __future__ import annotations

from typing import Literal, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from stepin.errors import Invalid
from stepin.judge.fitting.corpus import NO_LABEL, Corpus
from stepin.judge.models.heads import CUSTOMER

Task = Literal["handoff", "technical", "sentiment", "emotional", "hazard", "rating", "risk"]
TASKS: tuple[Task, ...] = get_args(Task)
CHAT_TASKS: frozenset[Task] = frozenset({"rating", "risk"})
"""Tasks whose label belongs to the chat."""

LEAST_RIGHT: dict[Task, float] = {"hazard": 0.5}
"""The share of flags that must be right, on chats left out of the fit, where a threshold is set.

A forecast is wrong more often than a finding; one that is wrong more often than right is ignored.
"""

AHEAD_CUSTOMER_TURNS = 2

Ints = NDArray[np.intp]
Head = tuple[Ints, NDArray[np.bool_]]
"""A 0/1 label a row, and the rows on which it is known."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What to learn: classes, the label of each row (-1 unknown), its weight, and the heads.

    ``headline`` is the class whose probability is the score.
    """

    classes: tuple[int, ...]
    headline: int
    label: Ints
    weight: NDArray[np.float64]
    now: tuple[Head, ...]
    recent: tuple[Head, ...]
    whole: tuple[Head, ...]


def target(task: Task, corpus: Corpus) -> Target:
    """Return what `task` asks of `corpus`.

    Raises
    ------
    Invalid
        If the labels that the task needs are absent, or all the same.
    """
    if task in ("handoff", "technical"):
        found = _handoff(corpus, technical=task == "technical")
    elif task == "sentiment":
        found = _sentiment(corpus)
    elif task in ("emotional", "hazard"):
        found = _mood(corpus, ahead=task == "hazard")
    else:
        found = _verdict(corpus, risk=task == "risk")
    present = np.unique(found.label[(found.label != NO_LABEL) & (found.weight > 0)])
    if len(present) < len(found.classes):
        raise Invalid(
            f"Task {task} needs turns of {len(found.classes)} classes; found {len(present)}.",
            code="labels_missing",
            hint="Give chats that carry the labels of this task, of every class.",
            task=task,
        )
    return found


def soon(corpus: Corpus, positive: NDArray[np.bool_]) -> tuple[Ints, NDArray[np.bool_]]:
    """Return whether one of the next two customer turns is positive, and where that is known.

    It is known at every turn that a customer turn follows.
    """
    label = np.zeros(corpus.n_rows, np.intp)
    known = np.zeros(corpus.n_rows, bool)
    for first, end in zip(corpus.start[:-1], corpus.start[1:], strict=True):
        ahead: list[int] = []
        for row in range(end - 1, first - 1, -1):
            if ahead:
                known[row] = True
                label[row] = int(any(positive[later] for later in ahead))
            if corpus.side[row] == CUSTOMER:
                ahead = [row, *ahead[: AHEAD_CUSTOMER_TURNS - 1]]
    return label, known


def before_first(corpus: Corpus, positive: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the rows of each chat before its first positive row."""
    calm = np.ones(corpus.n_rows, bool)
    for first, end in zip(corpus.start[:-1], corpus.start[1:], strict=True):
        hits = np.flatnonzero(positive[first:end])
        if len(hits):
            calm[first + hits[0] : end] = False
    return calm


def _negative(corpus: Corpus) -> NDArray[np.bool_]:
    return np.asarray((corpus.sentiment == 0) & (corpus.side == CUSTOMER), np.bool_)


def _handoff(corpus: Corpus, *, technical: bool) -> Target:
    known = corpus.handoff != NO_LABEL
    wanted = corpus.handoff == 1
    if technical:
        known &= corpus.sentiment != NO_LABEL
        wanted &= corpus.sentiment != 0
    label = np.where(known, wanted, NO_LABEL).astype(np.intp)
    ahead, ahead_known = soon(corpus, wanted)
    now = (((wanted).astype(np.intp), known), (ahead, ahead_known & known))
    return Target(
        classes=(0, 1), headline=1, label=label, weight=np.ones(corpus.n_rows), now=now,
        recent=now, whole=(),
    )  # fmt: skip


def _moods(corpus: Corpus) -> tuple[Head, Head]:
    known = corpus.sentiment != NO_LABEL
    return (
        ((corpus.sentiment == 0).astype(np.intp), known),
        ((corpus.sentiment == 2).astype(np.intp), known),
    )


def _sentiment(corpus: Corpus) -> Target:
    moods = _moods(corpus)
    return Target(
        classes=(0, 1, 2), headline=0, label=corpus.sentiment.copy(),
        weight=np.ones(corpus.n_rows), now=moods, recent=moods[:1], whole=(),
    )  # fmt: skip


def _mood(corpus: Corpus, *, ahead: bool) -> Target:
    known = corpus.sentiment != NO_LABEL
    negative = _negative(corpus)
    coming, followed = soon(corpus, negative)
    if ahead:
        usable = known & before_first(corpus, negative)
        label = np.where(usable, coming, NO_LABEL)
        future: Head = (coming, known)
    else:
        label = np.where(known & (corpus.side == CUSTOMER), negative, NO_LABEL)
        future = (coming, followed & known)
    return Target(
        classes=(0, 1), headline=1, label=label.astype(np.intp), weight=np.ones(corpus.n_rows),
        now=(*_moods(corpus), future), recent=(future,), whole=(),
    )  # fmt: skip


def _verdict(corpus: Corpus, *, risk: bool) -> Target:
    ratings = [chat.rating for chat in corpus.chats]
    given = sorted({rating for rating in ratings if rating is not None})
    low = 2 if given and given[-1] > 3 else 1
    classes: tuple[int, ...] = (0, 1) if risk else tuple(given)
    if len(classes) < 2:
        classes = (0, 1)
    by_chat = np.full(len(corpus.chats), NO_LABEL)
    for place, chat in enumerate(corpus.chats):
        if risk and (chat.rating is not None or chat.retrial is not None):
            rated_low = chat.rating is not None and chat.rating <= low
            by_chat[place] = int(rated_low or bool(chat.retrial))
        elif not risk and chat.rating is not None:
            by_chat[place] = classes.index(chat.rating)
    label = by_chat[corpus.chat]
    length = np.diff(corpus.start)[corpus.chat]
    place_in_chat = np.arange(corpus.n_rows) - corpus.start[:-1][corpus.chat] + 1
    is_last = place_in_chat == length
    weight = (place_in_chat > 0.3 * length) / length + is_last
    known = label != NO_LABEL
    if risk:
        heads: tuple[Head, ...] = (((label == 1).astype(np.intp), known),)
    else:
        ends = {0, len(classes) - 1}
        heads = tuple(((label == place).astype(np.intp), known) for place in sorted(ends))
    labelled = corpus.sentiment != NO_LABEL
    moods = _moods(corpus) if labelled.any() else ()
    at_marks = known & (is_last | (place_in_chat == (length + 1) // 2))
    whole = tuple((head, at_marks) for head, _ in heads)
    return Target(
        classes=classes, headline=1 if risk else 0, label=label, weight=weight,
        now=(*heads, *moods), recent=(), whole=whole,
    )  # fmt: skip
