"""What a customer's words ask for: intents of the whole and of its clauses, in order."""

# ruff: noqa: E501
from __future__ import annotations

import re
from collections.abc import Container

import msgspec

from stepin.agent.builtin import consent, extract
from stepin.agent.builtin.work import value_of
from stepin.agent.domain import Handbook
from stepin.agent.understanding import TALK
from stepin.judge.intent import IntentModel

VERY_SURE, SURE, LIKELY, POSSIBLE, AHEAD = 0.7, 0.65, 0.25, 0.15, 0.08
NEAR = 4
_SPLIT = re.compile(
    r"[.!?;。！？；\n]+|,\s*(?:and|but|also|then)\b|\b(?:and also|and then|then also|as well as|but also)\b"
    r"|，(?:另外|还有|顺便|然后|再|也|以及)|(?:另外|顺便|还有就是|对了)|\band\b",
    re.I,
)
_ROBOT = re.compile(
    r"(?:是|还是)\s*(?:机器人?|AI|真人|人工)\s*(?:还是|吗|呀|啊|吧|\?|？)|\bare you (?:a )?(?:real|human|bot|robot|person)",
    re.I,
)
_PERSON = re.compile(
    r"\b(?:(?:talk|speak|chat|connect|transfer|put me|get me|give me|want|need)\b.{0,24}"
    r"\b(?:human|person|someone real|real person|representative|live agent|agent|manager|supervisor|"
    r"colleague|operator|member of staff|actual (?:person|human)))\b"
    r"|^\W*(?:a )?(?:real )?(?:human|person|agent|operator|representative|人工|客服)\W*$"
    r"|\b(?:stop|no more|enough) (?:of )?(?:this |the )?(?:bot|robot|machine)s?\b"
    r"|有没有(?:真|活)?人|有人吗.{0,6}人工|来个(?:真|活)?人|换(?:个|一个)?(?:真|活)?人(?:来|吧|跟|处理|$)|(?:你们)?(?:领导|主管|经理|负责人)(?:呢|在|来|电话)|不(?:要|想|跟).{0,4}(?:机器人|AI)(?:说|聊|谈|回)?|给我(?:回)?(?:打|来)个?电话|转(?:接)?(?:一下)?(?:客服|真人|专员|同事)|专人处理"
    r"|(?:要|想|找|叫|换|跟|和|接|让)(?:个|一个|你们)?.{0,3}(?:人|客服|专员|员工|店员|同事|顾问)(?:来|说|聊|谈|沟通|讲|处理|对接|解决|跟我|和我|给我|联系|吧|$|[,，。!！?？])"
    r"|转人工|人工客服|人工服务|真人|接人工|叫.{0,4}(?:经理|主管|领导)|找.{0,3}(?:经理|主管|领导|活人)",
    re.I,
)


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
    person : whether the customer asks for a person.
    """

    text: str
    language: str
    ranked: tuple[tuple[str, float], ...]
    requests: tuple[Clause, ...]
    person: bool

    @property
    def top(self) -> str:
        """The likeliest intent."""
        return self.ranked[0][0]

    @property
    def confidence(self) -> float:
        """How sure that is."""
        return self.ranked[0][1]


class Ear:
    """Understands texts with a handbook's intents and the cues of what must never be missed."""

    def __init__(self, handbook: Handbook, model: IntentModel) -> None:
        self._model, self._procedures = model, handbook.procedures
        self._telling = [
            (name, fact)
            for name, one in handbook.procedures.items()
            for fact in one.facts.values()
            if fact.kind in ("email", "phone") or (fact.kind == "code" and fact.default is None)
        ]
        self._cues = [
            (name, _cue_pattern(words))
            for name, one in handbook.procedures.items()
            if (words := [word for said in one.cues.values() for word in said])
        ]

    def hear(self, raw: str, *, language: str) -> Heard:
        """Return what a text asks for; `language` is the last one, for texts without words."""
        text = extract.normal(raw)[:4000]
        ranked = tuple(self._model.predict(text))
        clauses = [Clause(text, *ranked[0])]
        parts = [part.strip() for part in _SPLIT.split(text) if part and _weighty(part)]
        if len(parts) > 1:
            clauses = [Clause(part, *self._model.predict(part)[0]) for part in parts[:8]]
        requests = self._requests(text, ranked, clauses)
        person = bool(_PERSON.search(text)) or (
            not requests
            and any(
                clause.intent == "person" and clause.confidence >= SURE and _weighty(clause.text)
                for clause in clauses
            )
        )
        cued = tuple(Clause(text, name, 1.0) for name, cue in self._cues if cue.search(text))
        return Heard(
            text=text,
            language=extract.language_of(text, language),
            ranked=ranked,
            requests=cued or requests,
            person=person and not _ROBOT.search(text) and not _denies(text) and not cued,
        )

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
        shares = dict(ranked[:NEAR])
        named = [
            name
            for name, fact in self._telling
            if name in shares and value_of(fact, text, asked=False) is not None
        ]
        return Clause(text, max(named, key=shares.__getitem__), SURE) if named else None


def _cue_pattern(words: list[str]) -> re.Pattern[str]:
    return re.compile(
        "|".join(rf"\b{re.escape(w)}\b" if w.isascii() else re.escape(w) for w in words), re.I
    )


def _requests(
    text: str,
    ranked: tuple[tuple[str, float], ...],
    clauses: list[Clause],
    procedures: Container[str],
) -> tuple[Clause, ...]:
    found: dict[str, Clause] = {}
    for clause in clauses:
        if clause.intent in procedures and clause.confidence >= SURE:
            found.setdefault(clause.intent, clause)
    whole, confidence = ranked[0]
    enough = LIKELY if _weighty(text) else SURE
    ahead = confidence - ranked[1][1]
    if whole in procedures and not found and confidence >= enough and ahead >= AHEAD:
        found[whole] = Clause(text, whole, confidence)
    if not found and len(clauses) > 1:
        best = max(
            (c for c in clauses if c.intent in procedures), key=lambda c: c.confidence, default=None
        )
        if best is not None and best.confidence >= LIKELY and whole not in TALK - {"unknown"}:
            found[best.intent] = best
    if len(found) > 1 and consent.turns(text) and not consent.adds(text):
        last = list(found.values())[-1]
        return (last,)
    return tuple(found.values())


def _weighty(part: str) -> bool:
    chinese = len(re.findall(r"[\u4e00-\u9fff]", part))
    return chinese >= 3 or len(re.findall(r"[A-Za-z']+|\d+", part)) >= 3


def _denies(text: str) -> bool:
    return bool(
        re.search(
            r"(?:don['’]?t|no) (?:need|want) (?:a |to talk to a )?(?:human|person)|不(?:用|需要)(?:转)?人工",
            text,
            re.I,
        )
    )
