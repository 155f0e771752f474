"""Reads a help centre that was kept elsewhere: Markdown, HTML, and exports of Zendesk and Intercom.

What comes out are articles of one form; see `stepin.agent.shop.article` for the files that they
are written to. What can't be used (drafts, empty pages) is named, with its reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from stepin.agent.shop.help_page import PagePart, page_of_html, page_of_markdown
from stepin.errors import Invalid, Missing

MOST_BYTES = 64_000_000
MOST_PAGE_CHARS = 1_000_000
MOST_PASSAGE_CHARS = 900
MOST_NAME_CHARS = 60
_MARKDOWN, _HTML = (".md", ".markdown"), (".html", ".htm")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,8})?", re.I)
_SHORT = re.compile(r"[a-z]{2}")
_NO_NAME = re.compile(r"[^\w]+")


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """An article of a help centre."""

    name: str
    language: str
    title: str
    sections: tuple[PagePart, ...]


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """What was left out, and why."""

    what: str
    why: str


class HelpCentre(msgspec.Struct, frozen=True, kw_only=True):
    """What a path holds."""

    articles: tuple[Article, ...]
    skipped: tuple[Skipped, ...]


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page before it is an article; `id` tells pages of one title apart."""

    title: str
    language: str
    sections: tuple[PagePart, ...] = ()
    id: str = ""
    name: str = ""
    skip: str = ""


def read_help_centre(path: Path, *, language: str) -> HelpCentre:
    """Return the articles of a file, or of all files in a folder and the folders in it.

    Parameters
    ----------
    language : of pages that don't tell theirs.

    Raises
    ------
    Missing
        ``import_missing``: there is nothing.
    Invalid
        ``import_unreadable``: a file is no text, or too large; ``import_unknown``: its JSON is no
        export that is known; ``import_empty``: nothing holds an article.
    """
    pages = [page for file in _files(path) for page in _pages(file, path, language)]
    articles, skipped, taken = list[Article](), list[Skipped](), set[tuple[str, str]]()
    for page in pages:
        sections = tuple(_bounded(page.sections))
        if page.skip or not sections:
            why = page.skip or "it has no text"
            skipped.append(Skipped(what=page.title or page.name or page.id, why=why))
            continue
        name = _name(page, taken)
        taken.add((name, page.language))
        title = page.title or name.replace("-", " ")
        articles.append(Article(name=name, language=page.language, title=title, sections=sections))
    if not articles:
        raise Invalid(
            f"{path} holds no article.",
            code="import_empty",
            hint="Name a folder of Markdown or HTML pages, or an export of Zendesk or Intercom.",
        )
    return HelpCentre(articles=tuple(articles), skipped=tuple(skipped))


def write_articles(articles: Iterable[Article], folder: Path, *, replace: bool) -> list[Path]:
    """Write articles into a folder, a file each, and return the files.

    Raises
    ------
    Invalid
        ``import_exists``: a file is there already, and `replace` isn't set; nothing was written.
    """
    files = {folder / f"{one.name}.{one.language}.md": one for one in articles}
    there = sorted(file.name for file in files if file.exists())
    if there and not replace:
        raise Invalid(
            f"{len(there)} of the articles are there already, e.g. {there[0]}.",
            code="import_exists",
            hint="Give --replace to write over them, or import into another folder.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    for file, article in files.items():
        file.write_text(_told(article), "utf-8")
    return sorted(files)


def _told(article: Article) -> str:
    parts = [f"# {article.title}"]
    for section in article.sections:
        parts += [f"## {section.heading or article.title}"]
        if section.questions:
            parts += ["\n".join(f"> {question}" for question in section.questions)]
        parts += ["\n".join(_plain(line) for line in section.text.splitlines())]
    return "\n\n".join(parts) + "\n"


def _plain(line: str) -> str:
    """Return a line of text that an article's file doesn't take for a heading or a question."""
    return line.strip().lstrip("#>").strip()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise Missing(f"There is no {path}.", code="import_missing", path=str(path))
    kinds = (*_MARKDOWN, *_HTML, ".json", ".jsonl")
    return sorted(file for file in path.rglob("*") if file.is_file() and _suffix(file) in kinds)


def _suffix(file: Path) -> str:
    return file.suffix.lower()


def _pages(file: Path, root: Path, language: str) -> Iterator[_Page]:
    text = _text(file)
    if _suffix(file) in (".json", ".jsonl"):
        yield from _exported(file, text, language)
        return
    stem, _, told = file.stem.partition(".")
    if not _LANGUAGE.fullmatch(told):
        told = _folder_language(file, root)
    if _suffix(file) in _MARKDOWN:
        page = page_of_markdown(text)
    elif _suffix(file) in _HTML:
        page = page_of_html(text)
    else:
        raise Invalid(
            f"{file.name} is neither Markdown, HTML nor JSON.",
            code="import_unknown",
            hint="Name a folder, or a file that ends in .md, .html or .json.",
            file=str(file),
        )
    yield _Page(
        title=page.title,
        name=_slug(stem),
        id=_slug(file.parent.name),
        language=_language(told or page.language, language),
        sections=page.sections,
        skip="it is a draft" if page.draft else "",
    )


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise Invalid(
                f"{file.name} is larger than {MOST_BYTES // 1_000_000} MB.",
                code="import_unreadable",
                file=str(file),
            )
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = "it is no UTF-8" if isinstance(error, UnicodeDecodeError) else str(error.strerror)
        raise Invalid(
            f"{file.name} can't be read: {why}.", code="import_unreadable", file=str(file)
        ) from error


def _exported(file: Path, text: str, language: str) -> Iterator[_Page]:
    found = list(_records(_json(file, text)))
    if not found:
        raise Invalid(
            f"{file.name} holds no articles of Zendesk or Intercom.",
            code="import_unknown",
            hint="Zendesk: the answer of /api/v2/help_center/articles.json. Intercom: that of "
            "/articles. Each has a title and a body.",
            file=str(file),
        )
    for record in found:
        yield from _page_of(record, language)


def _json(file: Path, text: str) -> Any:
    try:
        if _suffix(file) == ".jsonl":
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise Invalid(
            f"{file.name} is no JSON{where}.", code="import_unreadable", file=str(file)
        ) from error


def _records(told: Any) -> Iterator[Mapping[str, Any]]:
    """Return the articles of an export: of one page of it, of several, or in a bare list."""
    if isinstance(told, list):
        for one in told:
            yield from _records(one)
    elif isinstance(told, dict):
        for key in ("articles", "data"):
            if isinstance(told.get(key), list):
                yield from _records(told[key])
                return
        if "body" in told and ("title" in told or "name" in told):
            yield told


def _page_of(record: Mapping[str, Any], otherwise: str) -> Iterator[_Page]:
    """Return an article's page, and one for each language that Intercom has it in."""
    language = _language(_string(record, "locale") or _string(record, "default_locale"), otherwise)
    yield _exported_page(record, language, str(record.get("id", "")))
    translated = record.get("translated_content")
    for code, told in translated.items() if isinstance(translated, dict) else ():
        other = _language(code, "")
        if isinstance(told, dict) and other and other != language and _string(told, "body"):
            yield _exported_page(told, other, str(record.get("id", "")))


def _exported_page(record: Mapping[str, Any], language: str, key: str) -> _Page:
    title = _string(record, "title") or _string(record, "name")
    body = _string(record, "body")
    draft = record.get("draft") is True or record.get("state") == "draft"
    long = len(body) > MOST_PAGE_CHARS
    return _Page(
        title=" ".join(title.split()),
        language=language,
        id=key,
        name=_slug(title),
        sections=() if draft or long else page_of_html(body).sections,
        skip="it is a draft" if draft else "it is far too long" if long else "",
    )


def _string(record: Mapping[str, Any], key: str) -> str:
    told = record.get(key)
    return told if isinstance(told, str) else ""


def _language(told: str, otherwise: str) -> str:
    """Return the language of a tag ("en-us" is en)."""
    if not _LANGUAGE.fullmatch(told):
        return otherwise
    return told.lower().replace("_", "-").partition("-")[0]


def _folder_language(file: Path, root: Path) -> str:
    """Return the language that a folder on the way to a file is named after, the nearest first."""
    inside = file.relative_to(root).parent.parts if root.is_dir() else ()
    return next((part for part in reversed(inside) if _SHORT.fullmatch(part)), "")


def _slug(text: str) -> str:
    return _NO_NAME.sub("-", text.lower()).strip("-_")[:MOST_NAME_CHARS].strip("-_")


def _name(page: _Page, taken: set[tuple[str, str]]) -> str:
    """Return a file's name that no other page of the language has."""
    name = page.name or _slug(page.title) or _slug(page.id) or "article"
    if (name, page.language) in taken and page.id:
        name = f"{name}-{_slug(page.id)}"
    number, tried = 1, name
    while (tried, page.language) in taken:
        number += 1
        tried = f"{name}-{number}"
    return tried


def _bounded(sections: Iterable[PagePart]) -> Iterator[PagePart]:
    """Return sections that can be told in one message: long ones in parts of whole paragraphs."""
    for section in sections:
        part: list[str] = []
        for line in section.text.splitlines():
            if not _plain(line):
                continue
            if part and sum(map(len, part)) + len(line) > MOST_PASSAGE_CHARS:
                yield msgspec.structs.replace(section, text="\n".join(part))
                part = []
            part.append(line.strip())
        if part:
            yield msgspec.structs.replace(section, text="\n".join(part))
