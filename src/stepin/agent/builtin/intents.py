"""What a customer's words ask for: intents of the whole and of its clauses, in order."""

# ruff: noqa: E501
from __future__ import annotations

import asyncio
import re
from collections.abc import Container
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import msgspec

from stepin.agent.builtin import consent, extract
from stepin.agent.builtin.sending import sending
from stepin.agent.builtin.tasks import value_of
from stepin.agent.builtin.wishes import wished
from stepin.agent.shop.handbook import Handbook
from stepin.agent.shop.intent_training import ARTICLE, TALK
from stepin.judge.models.intent import IntentModel
from stepin.language.given import given
from stepin.language.languages import language_of
from stepin.language.patterns import sign
from stepin.language.person import asks_for_person
from stepin.language.safety import dangers

VERY_SURE, SURE, FAIRLY, LIKELY, POSSIBLE = 0.8, 0.65, 0.45, 0.25, 0.06
NEAR = 4
SHORT_CHARS = 300
OUTSTANDING, TIMES_NEXT, OWN_ARTICLE = 0.3, 4.0, 0.05
_DIGITS = re.compile(r"\d{3}")
_SPLIT = re.compile(
    r"[.!?;。！？；\n]+|,\s*(?:and|but|also|then)\b|\b(?:and also|and then|then also|as well as|but also)\b"
    r"|，(?:另外|还有|顺便|然后|再|也|以及)|(?:另外|顺便|还有就是|对了)|\band\b",
    re.I,
)

_TWO_LETTERS = re.compile(r"[^\W\d_]{2}")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_WORDS = re.compile(r"[A-Za-z']+|\d+")
_COMMA = re.compile(r"[，,]|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_QUESTION_MARKS = ("?", "？")
_CODE = re.compile(r"(?<![A-Za-z])(?:[A-Za-z]{2,10}-)?\d[\dA-Za-z-]{4,}", re.ASCII)


class Clause(msgspec.Struct, frozen=True):
    """A part of what was said, with its likeliest intent."""

    text: str
    intent: str
    confidence: float


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What a text asks for.

    Attributes
    ----------
    text : the normalised text.
    ranked : every intent of the whole text, likeliest first.
    requests : the procedures that are asked for, each with its clause, in order.
    cued : whether words decided by themselves what is asked for.
    denied : whether the customer says what they don't want, and nothing else.
    person : whether the customer asks for a person.
    """

    text: str
    language: str
    ranked: tuple[tuple[str, float], ...]
    requests: tuple[Clause, ...]
    person: bool
    cued: bool = False
    denied: bool = False

    @property
    def top(self) -> str:
        """The likeliest intent."""
        return self.ranked[0][0]

    @property
    def confidence(self) -> float:
        """How sure that is."""
        return self.ranked[0][1]

    @property
    def corrects(self) -> bool:
        """Whether it rather sets right what was said than asks for something new."""
        sure = any(request.confidence >= SURE for request in self.requests)
        return consent.turns(self.text) and not consent.adds(self.text) and not sure


class Ear:
    """Understands texts with a handbook's intents and the cues of what must never be missed."""

    def __init__(self, handbook: Handbook, model: IntentModel) -> None:
        self._model, self._procedures = model, handbook.procedures
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stepin-hear")
        self._telling = [
            (name, fact)
            for name, one in handbook.procedures.items()
            for fact in one.facts.values()
            if fact.kind in ("email", "phone", "address")
            or (fact.kind == "code" and fact.default is None)
        ]
        self._numbers = tuple(
            {
                fact.pattern
                for one in handbook.procedures.values()
                for fact in one.facts.values()
                if fact.kind == "pick" and fact.pattern
            }
        )
        self._cues = [
            (name, tuple(word.lower() for word in words))
            for name, one in handbook.procedures.items()
            if (words := [word for said in one.cues.values() for word in said])
        ]
        self._dangers = {
            f"safety.{kind}": name
            for name, one in handbook.procedures.items()
            for kind in one.dangers
        }

    async def listen(self, raw: str, *, language: str, wary: bool = True) -> Heard:
        """Return what a text asks for; a long one in a thread, so that other chats don't wait.

        One thread for all of them: what is linear is soon done, and the loop gets its turn between
        any two steps of it.
        """
        if len(raw) <= SHORT_CHARS:
            return self.hear(raw, language=language, wary=wary)
        loop = asyncio.get_running_loop()
        hear = partial(self.hear, raw, language=language, wary=wary)
        return await loop.run_in_executor(self._thread, hear)

    def hear(self, raw: str, *, language: str, wary: bool = True) -> Heard:
        """Return what a text asks for.

        Parameters
        ----------
        language : the last one, for texts without words.
        wary : whether danger in it leads to the procedure for it; not where a person has looked
            and left the chat to the AI.
        """
        text = extract.normal(raw)[:4000]
        wish = wished(text)
        wanted = wish.text if wish.denied else text
        ranked = self._ranked(wanted or text)
        clauses = [self._clause(wanted or text)]
        parts = _clauses(wanted)
        if len(parts) > 1:
            clauses = [self._clause(part) for part in parts[:8]]
        requests = self._requests(wanted, ranked, clauses) if wanted else ()
        names = [name for name, cues in self._cues if _says(text, cues)]
        found = dangers(raw) if wary and self._dangers else ()
        names += [self._dangers[one.kind] for one in found if one.kind in self._dangers]
        cued = tuple(Clause(text, name, 1.0) for name in dict.fromkeys(names))
        return Heard(
            text=text,
            language=language_of(text, language),
            ranked=ranked,
            requests=cued or requests,
            cued=bool(cued),
            denied=wish.denied and not _weighty(wanted),
            person=asks_for_person(text) and not cued,
        )

    def _ranked(self, text: str) -> tuple[tuple[str, float], ...]:
        """Return the intents of a text, likeliest first; a place to send to is evidence."""
        bare = _bare(text)
        wish = sending(text, bare)
        ranked = tuple(self._model.predict(bare))
        if wish is None:
            return self._about_own(text, ranked)
        takes = {name for name, fact in self._telling if fact.kind == wish.kind == "address"}
        if fits := [name for name, _ in ranked if name in takes][:1]:
            left = tuple((name, share * (1 - SURE)) for name, share in ranked if name != fits[0])
            return ((fits[0], SURE), *left)
        if wish.rest:
            return tuple(self._model.predict(wish.rest))
        return tuple((name, share * POSSIBLE) for name, share in ranked)

    def _about_own(
        self, text: str, ranked: tuple[tuple[str, float], ...]
    ) -> tuple[tuple[str, float], ...]:
        """Return the intents where something of the customer's own is spoken of.

        A number of a record, or "where is my mouse", is evidence against a general question.
        """
        if ranked[0][0] != ARTICLE or not self._speaks_of_own(text):
            return ranked
        shares = {name: share * (OWN_ARTICLE if name == ARTICLE else 1) for name, share in ranked}
        whole = sum(shares.values()) or 1.0
        again = [(name, share / whole) for name, share in shares.items()]
        again.sort(key=lambda one: -one[1])
        return tuple(again) if again[0][0] != ARTICLE and again[0][1] >= FAIRLY else ranked

    def _speaks_of_own(self, text: str) -> bool:
        if sign("requests", "own").stands_in(text.lower()):
            return True
        return any(given(one).stands_in(text) for one in self._numbers if _DIGITS.search(text))

    def _clause(self, part: str) -> Clause:
        first, second, *_ = self._ranked(part)
        stands_out = first[1] >= OUTSTANDING and first[1] >= TIMES_NEXT * second[1]
        sure = stands_out and first[0] in self._procedures
        return Clause(part, first[0], max(first[1], SURE) if sure else first[1])

    def _requests(
        self, text: str, ranked: tuple[tuple[str, float], ...], clauses: list[Clause]
    ) -> tuple[Clause, ...]:
        """Return the requests; for an ineligible kind the model has to be very sure."""
        found = _requests(text, ranked, clauses, self._procedures)
        if not any(clause.confidence >= SURE for clause in found):
            told = self._told(text, ranked)
            found = (told,) if told is not None else found
        return tuple(
            request
            for request in found
            if self._procedures[request.intent].eligible or request.confidence >= VERY_SURE
        )

    def _told(self, text: str, ranked: tuple[tuple[str, float], ...]) -> Clause | None:
        """Return the likeliest procedure one of whose facts stands in the text, unasked."""
        if (wish := sending(text, _bare(text))) is not None and wish.kind == "email":
            return None
        shares = dict(ranked[:NEAR])
        named = [
            name
            for name, fact in self._telling
            if name in shares and value_of(fact, text, asked=False) is not None
        ]
        return Clause(text, max(named, key=shares.__getitem__), SURE) if named else None


def asks(text: str) -> bool:
    """Return whether a text asks something."""
    marked = any(mark in text for mark in _QUESTION_MARKS)
    return marked or sign("requests", "asks").stands_in(text)


def _says(text: str, cues: tuple[str, ...]) -> bool:
    """Return whether one of a shop's words stands in a text, one of letters as a word of its own."""
    lowered = text.lower()
    return any(extract.stands(cue, lowered) for cue in cues)


def _requests(
    text: str,
    ranked: tuple[tuple[str, float], ...],
    clauses: list[Clause],
    procedures: Container[str],
) -> tuple[Clause, ...]:
    found: dict[str, Clause] = {}
    least = FAIRLY if len(clauses) > 1 and consent.adds(text) else SURE
    for clause in clauses:
        if clause.intent in procedures and clause.confidence >= least:
            found.setdefault(clause.intent, clause)
    whole, confidence = ranked[0]
    enough = FAIRLY if _weighty(text) else SURE
    stands_out = confidence >= OUTSTANDING and confidence >= TIMES_NEXT * ranked[1][1]
    if whole in procedures and not found and (confidence >= enough or stands_out):
        found[whole] = Clause(text, whole, confidence)
    if not found and len(clauses) > 1:
        best = max(
            (c for c in clauses if c.intent in procedures), key=lambda c: c.confidence, default=None
        )
        if best is not None and best.confidence >= FAIRLY and whole not in TALK - {"unknown"}:
            found[best.intent] = best
    if len(found) > 1 and consent.turns(text) and not consent.adds(text):
        last = list(found.values())[-1]
        return (last,)
    return tuple(found.values())


def _bare(text: str) -> str:
    """Return a text without order numbers, addresses and the like, unless little else is said."""
    bare = _CODE.sub(" ", text)
    if (place := extract.address(text, asked=False)) is not None:
        bare = _CODE.sub(" ", text.replace(place, " "))
    return bare if _TWO_LETTERS.search(bare) else text


def _clauses(text: str) -> list[str]:
    """Return the parts of a text that may each ask for something."""
    parts = [part.strip() for part in _SPLIT.split(text) if part and _weighty(part)]
    return [piece for part in parts for piece in (_commas(part) if _HAN.search(part) else [part])]


def _commas(part: str) -> list[str]:
    """Return the parts between Chinese commas, those without weight joined to their neighbour."""
    pieces: list[str] = []
    for piece in _COMMA.split(part):
        if pieces and not (_weighty(piece) and _weighty(pieces[-1])):
            pieces[-1] += f"，{piece}"
        else:
            pieces.append(piece)
    return pieces


def _weighty(part: str) -> bool:
    # "查下ST-1" is a wish: a number weighs as much as its noun.
    han = len(_HAN.findall(part))
    coded = 2 if han and _CODE.search(part) is not None else 0
    return han + coded >= 3 or len(_WORDS.findall(part)) >= 3
