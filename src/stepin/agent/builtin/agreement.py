"""A yes is a full match of known words: whatever else stands in an answer leaves it unclear.

The words are read one after the other, the longest known phrase first, so that the work grows
with the answer's length alone. Words that name an act ("cancel it") agree only where the question
names that act too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import msgspec

from stepin.language.languages import kept
from stepin.language.patterns import HAN, SPACED, acts, pairs, phrases
from stepin.language.reading import folded

LONGEST_CHARS = 240

_TOPIC = "agreement"
_DOUBTS = ("...", "..", "。。")
_PUNCTUATION = frozenset(
    "#£$€¥&+ \t\r\n.,!:;-~()*、。，！：；—–～（）·\u3000\ufe0f\u200d🏻🏼🏽🏾🏿"
)


class _Yes(msgspec.Struct, frozen=True):
    """The words of a yes, by how they are written.

    Attributes
    ----------
    said, beside, acting : between spaces: what says yes, what may stand beside it, and acts with
        the words by which questions name them.
    run_said, run_beside, run_acting : the same in a run of characters.
    never, run_never, run_never_alone : what is no yes, whatever stands around it.
    breaks_off : beginnings: an answer that ends with one has broken off.
    named : every word by which a question names an act.
    """

    said: frozenset[tuple[str, ...]]
    beside: frozenset[tuple[str, ...]]
    acting: dict[tuple[str, ...], tuple[str, ...]]
    run_said: frozenset[str]
    run_beside: frozenset[str]
    run_acting: dict[str, tuple[str, ...]]
    never: tuple[str, ...]
    run_never: tuple[str, ...]
    run_never_alone: frozenset[str]
    breaks_off: frozenset[tuple[str, ...]]
    named: frozenset[str]
    most_words: int
    most_chars: int
    spelling: dict[str, str]


@kept
def _yes() -> _Yes:
    things = ("", *phrases(_TOPIC, "things", SPACED))
    acting = {
        tuple(f"{verb} {thing}".split()): named
        for verbs, named in acts(_TOPIC, "act", SPACED)
        for verb in verbs
        for thing in things
    }
    run_acting = {verb: named for verbs, named in acts(_TOPIC, "act", HAN) for verb in verbs}
    said, beside = _split("yes"), _split("beside_yes")
    run_said = frozenset(phrases(_TOPIC, "yes", HAN))
    run_beside = frozenset(phrases(_TOPIC, "beside_yes", HAN))
    return _Yes(
        said=said,
        beside=beside,
        acting=acting,
        run_said=run_said,
        run_beside=run_beside,
        run_acting=run_acting,
        never=phrases(_TOPIC, "never", SPACED),
        run_never=phrases(_TOPIC, "never", HAN),
        run_never_alone=frozenset(phrases(_TOPIC, "never_alone", HAN)),
        breaks_off=_split("breaks_off"),
        named=frozenset(act for named in (*acting.values(), *run_acting.values()) for act in named),
        most_words=max(map(len, (*said, *beside, *acting))),
        most_chars=max(map(len, (*run_said, *run_beside, *run_acting)), default=0),
        spelling=pairs(_TOPIC, "spelling"),
    )


def _split(name: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(one.split()) for one in phrases(_TOPIC, name, SPACED))


@kept
def _characters() -> dict[int, str]:
    """Return how characters are written that are read as others."""
    return {ord(written): read for written, read in pairs(_TOPIC, "characters").items()}


def simplified(text: str) -> str:
    """Return a text in compatibility form, lower case and, mostly, simplified characters."""
    normal = folded(text.replace("…", "..")).lower()
    shown = "".join(
        char for char in normal if unicodedata.category(char) != "Cf" or char == "\u200d"
    )
    return shown.replace("’", "'").replace("‘", "'").replace("`", "'").translate(_characters())


class _Asked(msgspec.Struct, frozen=True):
    """What a question names: its text, its numbers, and the act that it names first."""

    text: str
    codes: frozenset[str]
    main: str

    def names(self, acts: tuple[str, ...]) -> bool:
        """Return whether the question names one of these acts; each does where none is known."""
        return not self.text or any(act in self.text for act in acts)

    def means(self, acts: tuple[str, ...]) -> bool:
        """Return whether the question is about one of these acts."""
        return not self.text or self.main in acts


def _asked(question: str) -> _Asked:
    text = simplified(question)
    codes = (word for word in _words(text, strict=False) or () if any(map(str.isdigit, word)))
    sentence = text.partition("?")[0]
    for stop in (". ", "。", "\n"):
        sentence = sentence.rpartition(stop)[2]
    main = _first_act(sentence) or _first_act(text)
    return _Asked(text, frozenset(codes), main)


def _first_act(text: str) -> str:
    found = [(at, -len(act), act) for act in _yes().named if (at := text.find(act)) >= 0]
    return min(found)[2] if found else ""


def agrees(text: str, question: str = "") -> bool:
    """Return whether a text is nothing but a yes.

    Parameters
    ----------
    text : the answer, at most `LONGEST_CHARS` characters of which can be a yes.
    question : what was asked. Its numbers may be repeated, and acts that it names; the one that
        it names first says yes by itself. Without a question any act may be named.
    """
    said = _unquoted(simplified(text).strip())
    if not said or len(said) > LONGEST_CHARS or asks(said) or any(d in said for d in _DOUBTS):
        return False
    words = _words(said)
    if words is None:
        return False
    spaced = f" {' '.join(words)} "
    known = _yes()
    if any(f" {never} " in spaced for never in known.never):
        return False
    if any(never in spaced for never in known.run_never):
        return False
    asked = _asked(question)
    core, at, step = False, 0, 0
    while at < len(words):
        word = words[at]
        if not word.isascii() and len(word) > 1 and _is_chinese(word[0]):
            found = _agrees_in_chinese(word, asked)
            if found is None:
                return False
            core, at, step = core or found, at + 1, 1
            continue
        step, counts = _longest(words, at, asked)
        if not step:
            if word in asked.codes:
                step = 1
            elif _is_chinese(word[0]) and (found := _agrees_in_chinese(word, asked)) is not None:
                step, counts = 1, found
            else:
                return False
        core, at = core or counts, at + step
    return core and tuple(words[len(words) - step :]) not in known.breaks_off


def asks(text: str) -> bool:
    """Return whether a text is a question."""
    return (
        "?" in text
        or any(mark in text for mark in phrases(_TOPIC, "asks"))
        or text.rstrip(" .。!！~～").endswith(phrases(_TOPIC, "asks_at_end"))
    )


def _longest(words: list[str], at: int, asked: _Asked) -> tuple[int, bool]:
    """Return how many words from a place are known together, and whether they say yes."""
    known = _yes()
    for length in range(min(known.most_words, len(words) - at), 0, -1):
        phrase = tuple(words[at : at + length])
        if phrase in known.said:
            return length, True
        named = known.acting.get(phrase)
        if named is not None and asked.names(named):
            return length, asked.means(named)
        if phrase in known.beside:
            return length, False
    return 0, False


def _agrees_in_chinese(run: str, asked: _Asked) -> bool | None:
    """Return whether a run of Chinese characters says yes; None if it says something else too."""
    known = _yes()
    core, at = False, 0
    while at < len(run):
        for length in range(min(known.most_chars, len(run) - at), 0, -1):
            word = run[at : at + length]
            if word in known.run_never_alone:
                return None
            named = known.run_acting.get(word)
            if named is not None and asked.names(named):
                core = core or asked.means(named)
                break
            if word in known.run_said or word in known.run_beside:
                core = core or word in known.run_said
                break
        else:
            return None
        at += length
    return core


def _words(text: str, *, strict: bool = True) -> list[str] | None:
    """Return the words of a text, runs of Chinese characters each as one.

    None if a character is neither part of a word nor known punctuation.
    """
    found: list[str] = []
    word: list[str] = []
    kind = ""
    for char in f"{text} ":
        now = _kind(char)
        if now == "other" and strict:
            return None
        if now != kind or now in ("gap", "sign"):
            if word:
                found.append("".join(word))
            word = []
        if now in ("latin", "chinese", "sign"):
            word.append(char)
        kind = now
    spelling = _yes().spelling
    return [spelling.get(one, one) for one in _joined(found)]


def _joined(words: Iterable[str]) -> Iterable[str]:
    return (bare for word in words if (bare := word.strip("-'")))


def _kind(char: str) -> str:
    if char in _PUNCTUATION and char != "-":
        return "gap"
    if _is_chinese(char):
        return "chinese"
    if (char.isascii() and (char.isalnum() or char in "'-%")) or char.isalpha():
        return "latin"
    if (char,) in _yes().said or (char,) in _yes().beside:
        return "sign"
    return "gap" if char == "-" else "other"


def _is_chinese(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff"


def _unquoted(text: str) -> str:
    """Return a text without quotation marks around the whole of it."""
    pairs = ('""', "''", "“”", "「」", "『』")
    quoted = len(text) > 2 and f"{text[0]}{text[-1]}" in pairs
    return text[1:-1] if quoted else text
