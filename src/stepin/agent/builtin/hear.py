"""What a customer's words ask for: intents of the whole and of its clauses, in order."""

# ruff: noqa: E501
from __future__ import annotations

import re
from collections.abc import Container

import msgspec

from stepin.agent.builtin import consent, extract
from stepin.agent.builtin.sending import sending
from stepin.agent.builtin.wishes import wished
from stepin.agent.builtin.work import value_of
from stepin.agent.domain import Handbook
from stepin.agent.understanding import TALK
from stepin.judge.intent import IntentModel

VERY_SURE, SURE, FAIRLY, LIKELY, POSSIBLE = 0.8, 0.65, 0.45, 0.25, 0.06
NEAR = 4
OUTSTANDING, TIMES_NEXT = 0.3, 4.0
_SPLIT = re.compile(
    r"[.!?;。！？；\n]+|,\s*(?:and|but|also|then)\b|\b(?:and also|and then|then also|as well as|but also)\b"
    r"|，(?:另外|还有|顺便|然后|再|也|以及)|(?:另外|顺便|还有就是|对了)|\band\b",
    re.I,
)
_ROBOT = re.compile(
    r"(?:是|还是)\s*(?:机器人?|AI|真人|人工)\s*(?:还是|吗|呀|啊|吧|\?|？)|\bare you (?:a )?(?:real|human|bot|robot|person)",
    re.I,
)
_WHO = (
    r"(?:human(?: being)?s?|person|people|someone|somebody|anyone|anybody|representative|rep|agent|manager|supervisor|boss|"
    r"colleague|operator|employee|advisor|adviser|specialist|staff|member of (?:staff|your team|the team)|"
    r"(?:your|the) (?:team|people|staff)|one of you(?:r \w+)?)"
)
_PERSON = re.compile(
    rf"\b(?:talk(?:ing)?|speak(?:ing)?|chat(?:ting)?|deal(?:ing)?|connect(?:ed)?|transfer(?:red)?|hand (?:me|this)|pass (?:me|this)|put me|escalate|discuss)\b"
    rf".{{0,30}}\b(?:to|with|through to|over to|onto|in touch with|on to) (?:an? |the |your |my )?(?:\w+ ){{0,2}}{_WHO}\b"
    r"|\b(?:get|give|want|need|fetch|find|call|prefer|ask for|put) (?:me |in )?(?:an? |the |your )?"
    r"(?:real |live |actual |human |proper |genuine |competent |flesh.and.blood )*"
    r"(?:human(?: being)?|person|representative|rep|agent|manager|supervisor|boss|colleague|operator|employee|staff member|member of (?:staff|your team|the team))\b"
    r"(?! (?:to|who|that) (?:deliver|sign|collect|pick))"
    r"|\b(?:real|live|actual|human|proper|genuine|living) (?:person|people|human|agent|operator|employee|staff|representative)\b"
    r"|\b(?:some|any)(?:one|body) (?:real|human|else|alive|competent|senior|in charge|from (?:your|the) (?:team|staff|company|office|shop|side)|on your (?:team|staff|side)|who works)\b"
    r"|\b(?:(?:can|could|have|let|get|make) |would )(?:please )?(?:some(?:one|body)|one of (?:your|you)\b[\w ]{0,20}|a colleague)(?: please)? (?:to )?(?:call|ring|phone|contact|get back|talk|speak|help|handle|look|deal|take over|answer|reply)\b"
    r"|\b(?:please|can you|could you|just|to) (?:call|ring|phone) me(?: back)?\b(?! when| if| before)|\bwho(?:ever)? (?:can|could|do|should) I (?:call|phone|ring|speak|talk)\b|\bwhoever is in charge\b"
    r"|\b(?:take|takes|took) over\b.{0,12}\bperson\b|\bwith a pulse\b"
    r"|^\W*(?:an? )?(?:real |live )?(?:human|person|agent|operator|representative|manager|supervisor|人工|客服)(?: please| now)?\W*$"
    r"|\b(?:stop|no more|enough|sick|tired) (?:of |with )?(?:talking to |dealing with )?(?:this |the |an? |your )?(?:bot|robot|machine|chatbot|ai|computer)s?\b"
    r"|\b(?:not|don['’]?t want|won['’]?t|rather not|refuse|hate)\b.{0,20}\b(?:talk|speak|chat|deal|typ|discuss)\w*\b.{0,10}\b(?:bot|robot|machine|chatbot|ai|computer|software|algorithm)s?\b"
    r"|有没有(?:[真活]?人|能喘气)|有人吗.{0,6}人工|来(?:个|一个)(?:[真活]?人|能)|换(?:个|一个)[真活]?人(?:来|吧|跟|处理|$)"
    r"|(?:领导|主管|经理|负责人|管事的|上级|店长)(?:呢|在哪|在不在|来|出来|给我|跟我|和我|联系|说|谈|电话)"
    r"|(?:叫|找|让|喊|要|见|换|请|联系)(?:一下|下)?.{0,3}(?:领导|主管|经理|负责人|老板|管事的|上级|店长|活人|真人|人工|懂行的|懂的人|专人)"
    r"|(?:不|别|懒得|没法|不想|不愿)(?:再)?(?:要|想|跟|和|与|用|让)?.{0,4}(?:机器人?|AI|电脑|程序|智能客服|自动回复)(?:.{0,3}(?:说|聊|谈|讲|回|沟通|打交道|糊弄|啰嗦)|$|[，,。!！])"
    r"|(?:请|能|可以|让人?|麻烦|安排|希望)[^，,。没]{0,6}(?:回|打|来)(?:个|一个)?电话|给我(?:回|打|来)(?:个|一个)?电话"
    r"|(?:请|让|麻烦|安排|叫|派|希望|能不能)[^，,。没]{0,8}(?:联系我|打给我|回我电话)"
    r"|(?:转|接|换|找|要|联系|呼叫|连线)(?:接|入|到)?(?:一下|下|个|一个|你们的?|到)?.{0,2}(?:客服|真人|人工|专员|同事|工作人员)"
    r"|(?:跟|和|同|与|由|让|请|找|要|叫|换|派|安排)(?:个|一个|一位|位|你们的?)?(?:.{0,5}的)?(?:真人|活人|专员|顾问|工作人员|专人|人工)"
    r"|你们的?(?:员工|店员|同事|人)(?:来|谈|说|聊|讲|处理|联系|沟通|解决|帮)|(?:让|请|叫|派|安排|找|转接?)[^，,。]{0,4}(?:员工|店员|同事)(?:来|谈|说|聊|讲|处理|联系|沟通|解决|帮|跟|看|$)"
    r"|(?:跟|和)你们(?:的)?(?:员工|店员|同事|人)"
    r"|(?:让|请|找|叫|换|派|安排|来|要|想跟|想和|跟|和)(?:个|一个|一位|位|你们的?)(?:.{0,5}的)?人(?:来|说|聊|谈|沟通|讲|处理|对接|解决|跟我|跟进|和我|给我|联系|帮|看|吧|回|$|[,，。!！?？])"
    r"|(?:跟|和)(?:真|活)?人(?:说|聊|谈|讲|沟通|对话)|让人(?:来|给我|联系|回|跟我|处理)|(?:说|会)人话|喘气的"
    r"|人工(?:客服|服务|坐席|处理|在吗|呢|！|!|$)|^\W*\w*\W*人工|真人客服|(?:我)?要投诉.{0,6}(?:找|叫)",
    re.I,
)
_NOT_PERSON = re.compile(
    r"送人|收件人|收货人|别人|家人|客人|男人|女人|老人|本人|友人|爱人|他人|熟人|亲人|法人|人工智能"
    r"|(?:快递|小哥|骑手|司机|师傅|配送|送货|驿站)[^，,。！!？?]{0,15}(?:电话|联系|打给)|没(?:有)?人?(?:给我)?(?:打|联系|来|接)[^，,。]{0,8}"
    r"|\b(?:another|different|other|no|wrong) person\b|\bpersonal\b|\btravel agent\b|\b(?:talk|speak|spoke|talked)\w* to (?:the |your )?(?:courier|driver|neighbou?rs?)\b",
    re.I,
)


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


class Ear:
    """Understands texts with a handbook's intents and the cues of what must never be missed."""

    def __init__(self, handbook: Handbook, model: IntentModel) -> None:
        self._model, self._procedures = model, handbook.procedures
        self._telling = [
            (name, fact)
            for name, one in handbook.procedures.items()
            for fact in one.facts.values()
            if fact.kind in ("email", "phone", "address")
            or (fact.kind == "code" and fact.default is None)
        ]
        self._cues = [
            (name, _cue_pattern(words))
            for name, one in handbook.procedures.items()
            if (words := [word for said in one.cues.values() for word in said])
        ]

    def hear(self, raw: str, *, language: str) -> Heard:
        """Return what a text asks for; `language` is the last one, for texts without words."""
        text = extract.normal(raw)[:4000]
        wish = wished(text)
        wanted = wish.text if wish.denied else text
        ranked = self._ranked(wanted or text)
        clauses = [self._clause(wanted or text)]
        parts = _clauses(wanted)
        if len(parts) > 1:
            clauses = [self._clause(part) for part in parts[:8]]
        requests = self._requests(wanted, ranked, clauses) if wanted else ()
        person = bool(_PERSON.search(_NOT_PERSON.sub(" ", text))) or any(
            clause.intent == "person"
            and clause.confidence >= (VERY_SURE if requests else SURE)
            and _weighty(clause.text)
            for clause in clauses
        )
        cued = tuple(Clause(text, name, 1.0) for name, cue in self._cues if cue.search(text))
        return Heard(
            text=text,
            language=extract.language_of(text, language),
            ranked=ranked,
            requests=cued or requests,
            cued=bool(cued),
            denied=wish.denied and not _weighty(wanted),
            person=person and not _ROBOT.search(text) and not _denies(text) and not cued,
        )

    def _ranked(self, text: str) -> tuple[tuple[str, float], ...]:
        """Return the intents of a text, likeliest first; a place to send to is evidence."""
        bare = _bare(text)
        wish = sending(text, bare)
        ranked = tuple(self._model.predict(bare))
        if wish is None:
            return ranked
        takes = {name for name, fact in self._telling if fact.kind == wish.kind == "address"}
        if fits := [name for name, _ in ranked if name in takes][:1]:
            left = tuple((name, share * (1 - SURE)) for name, share in ranked if name != fits[0])
            return ((fits[0], SURE), *left)
        if wish.rest:
            return tuple(self._model.predict(wish.rest))
        return tuple((name, share * POSSIBLE) for name, share in ranked)

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
    return bare if re.search(r"[^\W\d_]{2}", bare) else text


def _clauses(text: str) -> list[str]:
    """Return the parts of a text that may each ask for something."""
    parts = [part.strip() for part in _SPLIT.split(text) if part and _weighty(part)]
    return [
        piece
        for part in parts
        for piece in (_commas(part) if re.search(r"[\u4e00-\u9fff]", part) else [part])
    ]


def _commas(part: str) -> list[str]:
    """Return the parts between Chinese commas, those without weight joined to their neighbour."""
    pieces: list[str] = []
    for piece in re.split(r"[，,]|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", part):
        if pieces and not (_weighty(piece) and _weighty(pieces[-1])):
            pieces[-1] += f"，{piece}"
        else:
            pieces.append(piece)
    return pieces


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
