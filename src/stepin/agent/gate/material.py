"""What the shop's own texts hold: the links, e-mail addresses and braces that an answer may show.

Scanned word by word, without patterns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from stepin.agent.shop.handbook import Handbook
from stepin.agent.shop.procedure import Procedure
from stepin.language.claims import Kind, kinds_named, money_in, sentences_in

_MOST_LINK_CHARS = 2_000
_BETWEEN = frozenset(" \t\r\n<>\"'`“”‘’«»()[]|\\^，。；：、！？【】《》（）「」『』…·")
_AROUND = ".,;:!?*_~-/&="
_SCHEMES = ("mailto:", "javascript:", "data:", "tel:", "vbscript:", "file:")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENDINGS = _set("""
com net org info biz io co ai app dev xyz top site online shop store club live link click icu
vip win work space website tech pro cc tv me us eu uk de fr it es nl be ch at se no dk fi pl pt
ie cz gr ru ua cn hk tw jp kr in id my sg th vn au nz ca mx br ar cl za ng ke tr il ae sa ly gl
gd to ws su tk ml ga cf gq example test invalid local edu gov mil int mobi name asia bank money
pay cash loan page web wiki news email support help center chat world today life zone run sale
deals promo bid trade market host fun icu cam cfd sbs rest buzz
""")
# Endings that are words too, in some text that lost the space after a full stop.
_WORDS = _set("""
it me us in id my to at be no se de fr es nl ie is ae sa la pm net name help run work win live
link click club store shop online site top page web news email support center chat world today
life zone sale deals bid trade market host fun money pay cash loan bank ws th space test example
invalid local mobi ch il br ke za app info bar
""")


class Link(msgspec.Struct, frozen=True):
    """A link or e-mail address in a text, spelt so that two spellings of one are equal.

    Attributes
    ----------
    harmless : a bare e-mail address or the bare name of a site, as a customer's own words hold.
    """

    spelt: str
    harmless: bool = False

    @property
    def host(self) -> str:
        """The site."""
        return self.spelt.partition("/")[0].partition("?")[0].partition("#")[0]


class Material(msgspec.Struct, frozen=True):
    """What answers may show.

    Attributes
    ----------
    links : whole links, sites and e-mail addresses.
    stems : beginnings of links whose end a procedure fills in.
    gaps : pieces in braces or brackets that stand so in the shop's articles.
    amounts : of money, that the shop's articles and procedures name.
    factors : numbers with which the procedures work amounts out: 0.9 in ``{o.total * 0.9|money}``.
    told : the sentences of the shop's articles, spelt by `spelt_sentence`.
    acts : what is done when a tool has succeeded, as its procedures' words tell.
    """

    links: frozenset[str] = frozenset()
    stems: frozenset[str] = frozenset()
    gaps: frozenset[str] = frozenset()
    amounts: frozenset[float] = frozenset()
    factors: frozenset[float] = frozenset()
    told: frozenset[str] = frozenset()
    acts: Mapping[str, frozenset[Kind]] = {}

    def holds(self, link: Link) -> bool:
        """Return whether the shop's texts hold a link."""
        return link.spelt in self.links or any(link.spelt.startswith(stem) for stem in self.stems)

    def __or__(self, other: Material) -> Material:
        return Material(
            self.links | other.links,
            self.stems | other.stems,
            self.gaps | other.gaps,
            self.amounts | other.amounts,
            self.factors | other.factors,
            self.told | other.told,
            {**self.acts, **other.acts},
        )


def material_of(texts: Iterable[str]) -> Material:
    """Return what texts hold that customers may read as they are."""
    links, gaps = set[str](), set[str]()
    for text in texts:
        for link in links_in(text):
            links |= {link.spelt, link.host}
        gaps |= {*_between(text, "{", "}"), *_between(text, "[", "]")}
    return Material(frozenset(links), frozenset(), frozenset(gaps))


def material_of_shop(book: Handbook) -> Material:
    """Return what a shop's articles, procedures and words hold."""
    told = [*book.speech.name.values(), *book.speech.money.values()]
    procedures = list(_texts(msgspec.to_builtins(tuple(book.procedures.values()))))
    told += [word for text in book.speech.words.values() for word in text.values()]
    told += [part for one in book.passages for part in (one.title, one.heading, one.text)]
    links, stems = set[str](), set[str]()
    for template in procedures:
        for link in links_in(template):
            stem, gap, _ = link.spelt.partition("{")
            if not gap:
                links |= {link.spelt, link.host}
            elif "/" in stem or "?" in stem:
                stems.add(stem)
    articles = "\n".join(part for one in book.passages for part in (one.title, one.text))
    return material_of(told) | Material(
        frozenset(links),
        frozenset(stems),
        amounts=frozenset(
            value for one in money_in("\n".join([*told, *procedures])) for value in one.readings
        )
        | {
            float(bound)
            for limit in book.limits
            for bound in (limit.amount, limit.approve_above)
            if bound is not None
        },
        factors=frozenset(value for text in procedures for value in _factors(text)),
        told=frozenset(spelt_sentence(one) for one in sentences_in(articles)),
        acts=_acts(book.procedures.values()),
    )


def _factors(template: str) -> Iterator[float]:
    """Yield the numbers in the gaps of a template that are shown as money."""
    for gap in template.split("{")[1:]:
        expression, money, _ = gap.partition("|money}")
        if money and "}" not in expression:
            spaced = "".join(c if c.isdigit() or c == "." else " " for c in expression)
            for piece in spaced.split():
                with suppress(ValueError):
                    yield float(piece)


def spelt_sentence(text: str) -> str:
    """Return a sentence so that two spellings of one are equal."""
    return "".join(char for char in text.lower() if char.isalnum())


def _acts(procedures: Iterable[Procedure]) -> dict[str, frozenset[Kind]]:
    """Return the acts that each tool's procedures tell of once it has succeeded."""
    found: dict[str, frozenset[Kind]] = {}
    for procedure in procedures:
        tool = ""
        for step in procedure.steps:
            tool = step.call or tool
            if tool and step.say:
                kinds = frozenset(k for text in step.say.values() for k in kinds_named(text))
                found[tool] = found.get(tool, frozenset()) | kinds
    return found


def material_of_values(values: Iterable[Any]) -> Material:
    """Return what results of tools hold: mappings, lists and texts in any depth."""
    return material_of(text for value in values for text in _texts(value))


def links_in(text: str) -> tuple[Link, ...]:
    """Return the links and e-mail addresses of a text, in order."""
    return tuple(link for token in _tokens(text) if (link := _link(token)) is not None)


def _tokens(text: str) -> Iterator[str]:
    start = None
    for at, char in enumerate(f"{text} "):
        apart = char in _BETWEEN or "\u3000" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef"
        if apart and start is not None:
            yield text[start : min(at, start + _MOST_LINK_CHARS)]
            start = None
        elif not apart and start is None:
            start = at


def _link(token: str) -> Link | None:
    word = token.strip(_AROUND).lower()
    _, apart, rest = word.partition("://")
    if apart:
        return Link(_spelt(rest), False) if rest else None
    if word.startswith(_SCHEMES):
        kind, _, rest = word.partition(":")
        return Link(rest if kind == "mailto" else word, False)
    if word.startswith("www."):
        return Link(_spelt(word), "/" not in word and "?" not in word)
    host, _, _ = _cut(word)
    before, at, after = word.partition("@")
    if at:
        return Link(word, True) if before and "." in after.strip(".") else None
    return Link(_spelt(word), host == word) if _is_a_site(token.strip(_AROUND), host) else None


def _spelt(word: str) -> str:
    return word.removeprefix("www.").rstrip("/")


def _cut(word: str) -> tuple[str, str, str]:
    """Return a word's site, and what parts it from the rest."""
    for at, char in enumerate(word):
        if char in "/?#:":
            return word[:at], char, word[at + 1 :]
    return word, "", ""


def _is_a_site(written: str, host: str) -> bool:
    labels = host.split(".")
    ending = labels[-1]
    if len(labels) < 2 or not all(
        label and label.isascii() and label.replace("-", "").isalnum() for label in labels
    ):
        return False
    if ending.isdigit():
        return len(labels) == 4 and len(host) < len(written)
    if ending not in _ENDINGS:
        return False
    if ending not in _WORDS:
        return True
    # "…cancelled.It is…" is a sentence that lost its space, not a site in Italy.
    said = written[: len(host)]
    shouted = said.isupper() and len(host) > len(ending) + 3
    return (said[-len(ending) :].islower() or shouted) and len(labels[-2]) > 1


def _between(text: str, first: str, last: str) -> Iterator[str]:
    for at, char in enumerate(text):
        if char == first and (end := text.find(last, at, at + 96)) > 0:
            yield text[at : end + 1]


def _texts(value: Any) -> Iterator[str]:
    left: list[Any] = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            left += [*one.keys(), *one.values()]
        elif isinstance(one, Sequence) and not isinstance(one, bytes):
            left += one
