"""One page of a help centre, in Markdown or HTML, as sections of plain text."""

from __future__ import annotations

from html.parser import HTMLParser

import msgspec

_HIDDEN = frozenset({"script", "style", "template", "noscript", "nav", "footer", "svg"})
_BREAKS = frozenset(
    "p div li ul ol br tr table section article blockquote pre dd dt h4 h5 h6 hr header".split()  # noqa: SIM905
)
_HEADS = frozenset({"h1", "h2", "h3"})
_CELLS = frozenset({"td", "th"})


class PagePart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a page; a paragraph of its text is a line."""

    heading: str
    text: str
    questions: tuple[str, ...] = ()


class HelpPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page; what it doesn't tell is empty."""

    title: str = ""
    language: str = ""
    draft: bool = False
    sections: tuple[PagePart, ...] = ()


class _Writing:
    """Sections as they come: headings and lines, in order."""

    def __init__(self) -> None:
        self.title = ""
        self._heading, self._lines, self._questions = "", list[str](), list[str]()
        self._done: list[PagePart] = []

    def head(self, text: str, level: int) -> None:
        if level == 1 and not self.title:
            self.title = text
            return
        self._end()
        self._heading = text

    def line(self, text: str) -> None:
        if text:
            self._lines.append(text)

    def question(self, text: str) -> None:
        if text:
            self._questions.append(text)

    def sections(self) -> tuple[PagePart, ...]:
        self._end()
        return tuple(self._done)

    def _end(self) -> None:
        if self._lines:
            text, asked = "\n".join(self._lines), tuple(self._questions)
            self._done.append(PagePart(heading=self._heading, text=text, questions=asked))
        self._heading, self._lines, self._questions = "", [], []


def page_of_markdown(text: str) -> HelpPage:
    """Return a page of Markdown; what a line of front matter tells of it counts.

    Lines that begin with ``>`` right below a heading are questions that the section answers, as
    in the articles of a shop; elsewhere they are quotations.
    """
    lines = text.splitlines()
    told, start = _front_matter(lines)
    writing = _Writing()
    fenced = below = False
    for line in lines[start:]:
        line = line.strip()
        if line.startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced and (level := _level(line)):
            writing.head(_bare(line.lstrip("#").rstrip("#").strip()), level)
            below = True
        elif line.startswith(">") and below and not fenced:
            writing.question(line.lstrip(">").strip())
        elif line:
            below = False
            writing.line(line if fenced else _bare(line.lstrip("> ")))
    return HelpPage(
        title=told.get("title", "") or writing.title,
        language=told.get("lang", "") or told.get("language", "") or told.get("locale", ""),
        draft=told.get("draft", "").lower() == "true",
        sections=writing.sections(),
    )


def _level(line: str) -> int:
    """Return the level of a heading, 0 for another line."""
    hashes = len(line) - len(line.lstrip("#"))
    return hashes if 1 <= hashes <= 6 and line[hashes : hashes + 1] in ("", " ") else 0


def _front_matter(lines: list[str]) -> tuple[dict[str, str], int]:
    """Return what stands between two lines of ``---`` at the top, and where the text begins."""
    if not lines or lines[0].strip() != "---":
        return {}, 0
    for at, line in enumerate(lines[1:], 1):
        if line.strip() == "---":
            pairs = (one.partition(":") for one in lines[1:at])
            return {k.strip().lower(): v.strip().strip("\"'") for k, _, v in pairs}, at + 1
    return {}, 0


def _bare(line: str) -> str:
    """Return a line of Markdown as it is read: links as words and address, no marks."""
    found: list[str] = []
    at = 0
    while at < len(line):
        opened = line.find("[", at)
        middle = line.find("](", opened) if opened >= 0 else -1
        closed = line.find(")", middle) if middle >= 0 else -1
        if closed < 0:
            break
        image = opened > 0 and line[opened - 1] == "!"
        found.append(line[at : opened - image])
        words, address = line[opened + 1 : middle], line[middle + 2 : closed].split(" ")[0]
        if not image:
            found.append(_linked(words, address))
        at = closed + 1
    found.append(line[at:])
    text = "".join(found).replace("**", "").replace("__", "").replace("`", "")
    return " ".join(text.split())


def _linked(words: str, address: str) -> str:
    if not address.startswith(("http://", "https://", "mailto:")):
        return words
    address = address.removeprefix("mailto:")
    return words if address in words else f"{words} ({address})"


def page_of_html(text: str) -> HelpPage:
    """Return a page of HTML: what is seen of it, without menus and footers."""
    parser = _Parser()
    parser.feed(text)
    parser.close()
    return parser.page()


class _Parser(HTMLParser):
    """Collects sections; keeps no tree, so that nothing nests too deep."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._writing, self._said = _Writing(), list[str]()
        self._hidden = 0
        self._in_title = False
        self._title, self._language = list[str](), ""
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self._language = given.get("lang") or ""
        elif tag == "title":
            self._in_title = True
        elif tag in _HIDDEN:
            self._hidden += 1
        elif tag in _HEADS or tag in _BREAKS:
            self._end_line()
        elif tag == "a":
            self._links.append((given.get("href") or "", len(self._said)))
        elif tag in _CELLS and self._said:
            self._said.append(" · ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _HEADS:
            text = self._taken()
            if text:
                self._writing.head(text, int(tag[1]))
        elif tag in _BREAKS:
            self._end_line()
        elif tag == "a" and self._links:
            address, at = self._links.pop()
            words = "".join(self._said[at:])
            self._said[at:] = [_linked(words, address)]

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self._title.append(data)
        elif not self._hidden:
            self._said.append(data)

    def page(self) -> HelpPage:
        self._end_line()
        title = self._writing.title or " ".join("".join(self._title).split())
        return HelpPage(title=title, language=self._language, sections=self._writing.sections())

    def _taken(self) -> str:
        text = " ".join("".join(self._said).split()).strip("· ")
        self._said.clear()
        self._links.clear()
        return text

    def _end_line(self) -> None:
        self._writing.line(self._taken())
