"""Articles: what the shop tells its customers, in passages of one section each.

An article is a Markdown file `NAME.LANGUAGE.md`: a title, then sections. Text before the first of
them is a section under the title. Lines of a section that begin with ``>`` are questions that it
answers, as customers put them.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from stepin.errors import Invalid


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """One section. `source` is what an answer cites: ``delivery#2`` is the second section."""

    source: str
    language: str
    title: str
    heading: str
    text: str
    questions: tuple[str, ...] = ()


def read_articles(folder: Path) -> tuple[Passage, ...]:
    """Return the passages of every article in a folder, by file name; none if there is no folder.

    Raises
    ------
    Invalid
        If a file's name has no language, or a section no text; with the file and line.
    """
    return tuple(passage for path in sorted(folder.glob("*.md")) for passage in _read(path))


def _read(path: Path) -> list[Passage]:
    name, _, language = path.stem.partition(".")
    if not language:
        raise _bad(path, 1, "its name should be NAME.LANGUAGE.md")
    title, passages = "", list[Passage]()
    heading, started, questions, body = "", 0, list[str](), list[str]()

    def finish() -> None:
        if not heading:
            return
        text = " ".join(line for line in body if line)
        if not text:
            raise _bad(path, started, f"the section {heading!r} has no text")
        passages.append(
            Passage(
                source=f"{name}#{len(passages) + 1}",
                language=language,
                title=title,
                heading=heading,
                text=text,
                questions=tuple(questions),
            )
        )

    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        line = line.strip()
        if line.startswith("## "):
            finish()
            heading, started, questions, body = line[3:].strip(), number, [], []
        elif line.startswith("# "):
            title = line[2:].strip()
        elif line.startswith(">"):
            questions.append(line[1:].strip())
        elif heading:
            body.append(line)
        elif line:
            heading, started, questions, body = title or name, number, [], [line]
    finish()
    return passages


def _bad(path: Path, line: int, why: str) -> Invalid:
    return Invalid(
        f"{path.name}, line {line}: {why}.",
        code="article_invalid",
        hint="See the reference page on articles.",
        file=str(path),
        line=line,
    )
