"""Rules as data: words, stems and gaps, read from a file and matched in one pass.

A line of a rule file is a rule: elements that follow each other in one sentence.

    kill|killing ~2 @self            one of these, at most 2 tokens, one of the list @self
    battery|batteries <6> swell*     the same in either order, at most 6 tokens between them
    !< if|could                      not where one of these stands up to 8 tokens before
    !> detector                      not where one of these stands up to 3 tokens behind
    ! costume                        not where one of these stands anywhere in the sentence

``stem*`` matches any word that begins so, ``two_words`` words in a row; ideographs need no ``_``;
``$`` among the words of an element is the end of a sentence, ``#`` any number. ``^`` before the
first element wants the start of a sentence, ``$`` behind the last its end. ``@name = …`` names a
list, ``[kind flag …]`` begins the rules of a kind. The flags: `bare` rules are not silenced by the
harmless phrases, `negatable` ones are by a negation just before them, `supposed` ones by words of
supposing (if, could, in case) before them. A line that begins with ``+`` is bare, with ``-``
negatable, with ``?`` supposed, whatever its section says.

There are no free patterns: what a rule can match is finite, and the time that a text takes is
proportional to its length.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from stepin.errors import Invalid
from stepin.language.safety.folding import PAUSE, Folded, fold

END, NUMBER = "$", "#"
BEFORE, BEHIND, NEGATED, SUPPOSED = 8, 3, 3, 10
Span = tuple[int, int]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule; elements are tuples of ids of words."""

    kind: str
    line: str
    elements: tuple[tuple[int, ...], ...]
    gaps: tuple[int, ...]
    starts: bool = False
    ends: bool = False
    bare: bool = False
    negatable: bool = False
    supposed: bool = False
    before: tuple[int, ...] = ()
    behind: tuple[int, ...] = ()
    anywhere: tuple[int, ...] = ()


EVERYDAY = tuple(
    """
    a an and are as at be been but can do for from get go had has have he her him i in is it
    just like me my no not now of on or our out she so some that the their them then there they
    this to up was we were what when where which who will with would you your
    我 你 他 她 了 的 在 是 有 不 要 这 那 就 都 也 和 吗 一 到 把 给 没 去 会 很 还 说
    """.split()  # noqa: SIM905
)
"""Words that stand in most sentences: a rule is looked up by another one of its words."""


class RuleWords:
    """Every word that rules name, found in a text in one pass."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._by_start: dict[tuple[str, ...], list[tuple[tuple[str, ...], bool, int]]] = {}
        self._stems: dict[str, int] = {}
        self._shortest = self._longest = 0
        self.vocabulary: set[str] = set()
        self._firsts: set[str] = set()
        self._stems_of = lru_cache(maxsize=16_384)(self._look_up_stems)

    def id_of(self, word: str) -> int:
        """Return the id of a word as a rule writes it."""
        known = self._ids.get(word)
        if known is not None:
            return known
        new = self._ids[word] = len(self._ids)
        if word in (END, NUMBER):
            return new
        tokens = fold(word.replace("_", " ").removesuffix("*")).tokens
        if not tokens:
            raise ValueError(f"{word!r} holds no letter")
        self.vocabulary.update(tokens)
        if word.endswith("*") and len(tokens) == 1:
            self._stems[tokens[0]] = new
            self._shortest = min(len(s) for s in self._stems)
            self._longest = max(len(s) for s in self._stems)
        else:
            stem = word.endswith("*")
            # Two tokens tell far more phrases apart than one; a stem isn't a whole token.
            start = tokens[:1] if stem and len(tokens) == 2 else tokens[:2]
            self._by_start.setdefault(start, []).append((tokens, stem, new))
            self._firsts.add(tokens[0])
        self._stems_of.cache_clear()
        return new

    def known(self, words: Iterable[str]) -> Iterable[int]:
        """Return the ids of those words that some rule names."""
        return [self._ids[word] for word in words if word in self._ids]

    def knows(self, token: str) -> bool:
        """Return whether a token is a word of some rule, or begins with a stem of one."""
        return token in self.vocabulary or bool(self._stems_of(token))

    def _look_up_stems(self, token: str) -> tuple[int, ...]:
        lengths = range(self._shortest, min(self._longest, len(token)) + 1)
        return tuple(self._stems[token[:n]] for n in lengths if token[:n] in self._stems)

    def find(self, text: Folded) -> dict[int, list[Span]]:
        """Return where each word stands, in order; the end of a sentence is a word, too."""
        tokens, sentences = text.tokens, text.sentences
        found: dict[int, list[Span]] = {}
        if END in self._ids:
            after = (*sentences, -1)[1:]
            found[self._ids[END]] = [
                (place + 1, place + 1)
                for place, (here, there) in enumerate(zip(sentences, after, strict=True))
                if here != there
            ]
        number = self._ids.get(NUMBER)
        for place, token in enumerate(tokens):
            if number is not None and token.isdigit():
                found.setdefault(number, []).append((place, place + 1))
            starts = ((token,), tokens[place : place + 2]) if token in self._firsts else ()
            for start in starts:
                for words, stem, word_id in self._by_start.get(start, ()):
                    end = place + len(words)
                    if len(words) == len(start) or _stand(words, tokens[place:end], stem=stem):
                        found.setdefault(word_id, []).append((place, end))
                if len(tokens) == place + 1:
                    break  # Both starts are the last token: it isn't found twice.
            for word_id in self._stems_of(token):
                found.setdefault(word_id, []).append((place, place + 1))
        return found


def _stand(words: tuple[str, ...], tokens: tuple[str, ...], *, stem: bool) -> bool:
    """Return whether tokens are these words; of a `stem` the last may go on."""
    if not stem:
        return tokens == words
    return (
        len(tokens) == len(words) and tokens[:-1] == words[:-1] and tokens[-1].startswith(words[-1])
    )


class Rulebook:
    """The rules of some files.

    Parameters
    ----------
    texts : the files' texts, by name.

    Raises
    ------
    Invalid
        ``rule_file``: a line can't be read; with the file and the line's number.
    """

    def __init__(self, texts: dict[str, str]) -> None:
        self.words = RuleWords()
        self.rules: list[Rule] = []
        self._lists: dict[str, tuple[str, ...]] = {}
        for name, text in texts.items():
            section: tuple[str, frozenset[str]] = ("", frozenset())
            for number, line in enumerate(text.splitlines(), start=1):
                line = "" if line.startswith("# ") else line.strip()
                try:
                    section = self._read(line, section)
                except (ValueError, KeyError, IndexError) as error:
                    raise Invalid(f"{name}:{number}: {error}", code="rule_file") from error
        self.negations = self._ids("@not") if "@not" in self._lists else ()
        self.suppositions = self._ids("@maybe") if "@maybe" in self._lists else ()
        self.kinds = tuple(dict.fromkeys(rule.kind for rule in self.rules))
        self._by_word: dict[int, list[int]] = {}
        common = {self.words.id_of(END), self.words.id_of(NUMBER), *self.words.known(EVERYDAY)}
        for number, rule in enumerate(self.rules):
            rarest = min(rule.elements, key=lambda ids: (not common.isdisjoint(ids), len(ids)))
            for word in rarest:
                self._by_word.setdefault(word, []).append(number)

    def _read(self, line: str, section: tuple[str, frozenset[str]]) -> tuple[str, frozenset[str]]:
        if not line:
            return section
        if line.startswith("["):
            kind, *flags = line.strip("[]").split()
            return kind, frozenset(flags)
        if line.startswith("@") and " = " in line:
            name, _, words = line.partition(" = ")
            self._lists[name.strip()] = self._lists.get(name.strip(), ()) + self._words(words)
            return section
        if not section[0]:
            raise ValueError("a rule stands before the first [kind]")
        self.rules += self._rules(line, *section)
        return section

    def _words(self, element: str) -> tuple[str, ...]:
        found: list[str] = []
        for word in element.split("|"):
            word = word.strip()
            if not word:
                raise ValueError("an empty word")
            found += self._lists[word] if word.startswith("@") else [word]
        return tuple(dict.fromkeys(found))

    def _ids(self, element: str) -> tuple[int, ...]:
        return tuple(self.words.id_of(word) for word in self._words(element))

    def _rules(self, line: str, kind: str, flags: frozenset[str]) -> Iterable[Rule]:
        signs = line[: len(line) - len(line.lstrip("+-?"))]
        parts = line.lstrip("+-?").split()
        outside: dict[str, tuple[int, ...]] = {}
        while len(parts) > 2 and parts[-2] in ("!", "!<", "!>"):
            word, sign = parts.pop(), parts.pop()
            if END in word.split("|"):
                raise ValueError("$ stands among what is looked for, not among what isn't")
            outside[sign] = outside.get(sign, ()) + self._ids(word)
        starts, ends = parts[0] == "^", parts[-1] == "$"
        parts = parts[starts : len(parts) - ends]
        elements: list[tuple[int, ...]] = []
        gaps: list[int] = []
        turn, gap = 0, 0
        for part in parts:
            if part.startswith("~"):
                gap = int(part[1:])
            elif part.startswith("<"):
                turn, gap = len(elements), int(part.strip("<>"))
            else:
                elements.append(self._ids(part))
                gaps.append(gap)
                gap = 0
        orders = [(elements, gaps)]
        if turn:
            wide = gaps[turn]
            first, second = elements[:turn], elements[turn:]
            orders.append(
                (second + first, [0, *gaps[turn + 1 :], wide, *gaps[1:turn]][: len(elements)])
            )
        for some, between in orders:
            yield Rule(
                kind=kind,
                line=line,
                elements=tuple(some),
                gaps=tuple(between),
                starts=starts,
                ends=ends,
                bare="+" in signs or "bare" in flags,
                negatable="-" in signs or "negatable" in flags,
                supposed="?" in signs or "supposed" in flags,
                before=outside.get("!<", ()),
                behind=outside.get("!>", ()),
                anywhere=outside.get("!", ()),
            )

    def candidates(self, found: Iterable[int]) -> list[Rule]:
        """Return the rules of which these words could be a part, in their order.

        A rule needs a word of each of its elements, so it is enough to look it up by the words of
        one: the one with the fewest, and with none of every sentence's words if it can be. Most
        sentences leave none of a thousand rules.
        """
        there = frozenset(found)
        numbers = {number for word in there for number in self._by_word.get(word, ())}
        rules = [self.rules[number] for number in sorted(numbers)]
        return [r for r in rules if not any(there.isdisjoint(ids) for ids in r.elements)]

    def match(self, text: Folded) -> Matched:
        """Return a text with its words found, to be asked for kinds."""
        return Matched(self, text)


class Matched:
    """A text in which the words of a rulebook were found."""

    def __init__(self, book: Rulebook, text: Folded) -> None:
        self._book, self._text = book, text
        self._found = book.words.find(text)
        self._rules = book.candidates(self._found)
        self._merged: dict[tuple[tuple[int, ...], bool], list[Span]] = {}
        self._masked = [False] * len(text.tokens)

    def mask(self, kind: str) -> None:
        """Silence the words of every match of a kind for rules that aren't bare."""
        for rule in self._rules:
            if rule.kind == kind:
                for start, end in self._matches(rule, bare=True):
                    if self._allowed(rule, (start, end)):
                        self._masked[start:end] = [True] * (end - start)

    def first(self, kind: str) -> str | None:
        """Return the line of the first rule of a kind that fires, None if none does."""
        for rule in self._rules:
            if rule.kind == kind and any(
                self._allowed(rule, span) for span in self._matches(rule, bare=rule.bare)
            ):
                return rule.line
        return None

    def _spans(self, element: tuple[int, ...], *, bare: bool) -> list[Span]:
        known = self._merged.get((element, bare))
        if known is None:
            found = [self._found[word] for word in element if word in self._found]
            known = sorted({span for spans in found for span in spans})
            if not bare:
                known = [s for s in known if not any(self._masked[s[0] : s[1]])]
            self._merged[element, bare] = known
        return known

    def _matches(self, rule: Rule, *, bare: bool) -> list[Span]:
        """Return the spans of a rule's matches: for each last word the nearest ones before it."""
        there = self._found.keys()
        if any(there.isdisjoint(element) for element in rule.elements):
            return []
        sentences = self._text.sentences
        reached = self._spans(rule.elements[0], bare=bare)
        if rule.starts:
            reached = [s for s in reached if self._opens(s[0])]
        for element, gap in zip(rule.elements[1:], rule.gaps[1:], strict=True):
            reached = sorted(reached, key=lambda span: span[1])
            ends = [end for _, end in reached]
            after: list[Span] = []
            for start, end in self._spans(element, bare=bare):
                at = bisect_right(ends, start) - 1
                if at < 0 or start - ends[at] > gap:
                    continue
                if sentences[reached[at][0]] == sentences[end - 1]:
                    after.append((reached[at][0], end))
            if not after:
                return []
            reached = after
        return [s for s in reached if not rule.ends or self._closes(s[1])]

    def _opens(self, place: int) -> bool:
        return place == 0 or self._text.sentences[place - 1] != self._text.sentences[place]

    def _closes(self, place: int) -> bool:
        sentences = self._text.sentences
        return place == len(sentences) or sentences[place - 1] != sentences[place]

    def _allowed(self, rule: Rule, span: Span) -> bool:
        book = self._book
        start, end = span
        if rule.before and self._near(rule.before, start - BEFORE, start, start):
            return False
        if rule.behind and self._near(rule.behind, end, end + BEHIND, end - 1):
            return False
        if rule.anywhere and self._in_sentence(rule.anywhere, start):
            return False
        if rule.supposed and self._near(book.suppositions, start - SUPPOSED, end, start):
            return False
        return not (rule.negatable and self._negated(start))

    def _negated(self, start: int) -> bool:
        low = start
        while low > max(0, start - NEGATED) and self._text.tokens[low - 1] != PAUSE:
            low -= 1
        return self._near(self._book.negations, low, start, start)

    def _near(self, words: tuple[int, ...], low: int, high: int, place: int) -> bool:
        """Return whether one of the words stands in [low, high), in the sentence of a place."""
        sentences = self._text.sentences
        spans = self._spans(words, bare=True)
        at = bisect_left(spans, (max(low, 0), 0))
        while at < len(spans) and spans[at][0] < high:
            if spans[at][1] <= high and sentences[spans[at][0]] == sentences[place]:
                return True
            at += 1
        return False

    def _in_sentence(self, words: tuple[int, ...], place: int) -> bool:
        sentences = self._text.sentences
        spans = self._spans(words, bare=True)
        at = bisect_left(spans, (bisect_left(sentences, sentences[place]), 0))
        return at < len(spans) and sentences[spans[at][0]] == sentences[place]
