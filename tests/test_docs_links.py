"""What a document points to is there: links, files, commands with their options, other pages."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from cyclopts import App

from stepin.cli import COMMANDS, build
from tests.documents import (
    DOCS,
    PAGES,
    ROOT,
    anchors,
    headings,
    hints,
    name_of,
    prose,
    read,
    strings,
)

LINK = re.compile(r"(?:\]\(|<img src=\")([^)\s\"]+)[)\"]")
FILE = re.compile(r"(?<![\w/.-])(?:src|docs|tests|examples|frontend|benchmarks)/[\w./*-]*[\w/*]")
CODE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"^ *```\w*\n(.*?)^ *```|^    (\S[^\n]*)$", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?:^|[\s`])(?:\.venv/bin/)?stepin ([a-z][^`]*)")
SHOWN = re.compile(r"^\*\*`([^`]+)`\*\*$", re.MULTILINE)
POINTER = re.compile(
    r"\b[Ss]ee the ((?:[\w-]+ ){0,3}?(?:reference|page|how-to|guide|dictionary)\b"
    r"(?: page)?(?: (?:of|on|about) [\w -]+)?)"
)
BARE = re.compile(r"(?<![\w./@-])stepin((?: +[a-z][a-z-]*)+)")
EXAMPLE = re.compile(r"^ *Example: (.*stepin .*)$", re.MULTILINE)
EMPTY = {"the", "a", "of", "on", "about", "reference", "page", "how-to", "guide", "for", "and"}
HISTORY = {"docs/decisions/0023-rooms-and-the-fields-words.md", "CHANGELOG.md"}
"""Pages that tell what was; the files that they name may be gone."""

ids = {"ids": name_of}


@pytest.mark.parametrize("page", PAGES, **ids)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        to = (page.parent / name).resolve() if name else page
        if not to.exists() or (anchor and anchor not in anchors(to)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, **ids)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    if any(name_of(page).startswith(part) for part in HISTORY):
        return
    made = set(SHOWN.findall(read(page)))
    named = set(FILE.findall(LINK.sub("", read(page)))) - made
    assert [name for name in sorted(named) if not _there(name)] == []


def _there(name: str) -> bool:
    return any(ROOT.glob(name)) if "*" in name else (ROOT / name).exists()


@pytest.mark.parametrize("page", PAGES, **ids)
def test_every_command_exists_with_its_options(page: Path) -> None:
    made = {Path(name).stem for name in SHOWN.findall(read(page)) if "/cli/" in name}
    told = [call for call in calls(read(page)) if call.split()[0] not in made]
    assert [wrong for call in told if (wrong := fault(call))] == []


def test_hints_name_commands_that_are_there_with_their_options() -> None:
    wrong = []
    for place, text in hints():
        bare = [found.strip() for found in BARE.findall(CODE.sub("", text))]
        wrong += [f"{place}: {said}" for call in (*calls(text), *bare) if (said := fault(call))]
    assert wrong == []


def test_hints_name_pages_and_files_that_are_there() -> None:
    wrong = []
    for place, text in hints():
        wrong += [f"{place}: {p}" for p in POINTER.findall(text) if not leads_somewhere(p)]
        wrong += [f"{place}: {name}" for name in FILE.findall(text) if not _there(name)]
    assert wrong == []


def test_every_command_that_the_source_names_exists_with_its_options() -> None:
    wrong = []
    for place, text in strings():
        typed = "\n".join(f"`{example}`" for example in EXAMPLE.findall(text))
        wrong += [f"{place}: {said}" for call in calls(text + typed) if (said := fault(call))]
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, **ids)
def test_a_page_that_is_named_in_words_is_there(page: Path) -> None:
    pointers = POINTER.findall(LINK.sub("", prose(page)))
    assert [pointer for pointer in pointers if not leads_somewhere(pointer)] == []


def test_what_is_broken_is_found() -> None:
    assert fault("log verify --no-such-option") == "log verify --no-such-option: --no-such-option"
    assert fault("config secrets") == "config secrets: there is no such command"
    assert fault("nothing at all") == "nothing at all: there is no such command"
    assert fault("log verify --seal seals/a.json && echo done") == ""
    assert leads_somewhere("how-to on connecting a shop")
    assert not leads_somewhere("works-council guide")
    assert fault("config ghost")
    assert fault("ghost")
    everything = {call for page in PAGES for call in calls(read(page))}
    everything |= {call for _, text in strings() for call in calls(text)}
    assert {"config secret", "doctor"} <= everything
    assert list(calls("Run `stepin doctor` or\n\n    STEPIN_LOG=x stepin serve  # now\n")) == [
        "doctor",
        "serve",
    ]


def calls(text: str) -> Iterator[str]:
    """Yield what stands behind `stepin` in the code of a text."""
    fenced = [a or b for a, b in BLOCK.findall(text)]
    lines = [line for block in fenced for line in block.splitlines()]
    for line in (*CODE.findall(BLOCK.sub("", text)), *lines):
        for part in re.split(r"&&|;|\||  #", line):
            if found := CALL.search(part.rstrip()):
                yield found[1].strip()


def fault(call: str) -> str:
    """Return what is wrong with a call of the command line, empty if nothing."""
    try:
        tokens = shlex.split(re.split(r"&&|;|\||#", call)[0])
    except ValueError:
        return f"{call}: can't be read"
    names, rest = known(tokens)
    if names is None:
        return f"{call}: there is no such command"
    options = [token.partition("=")[0] for token in rest if token.startswith("--")]
    wrong = [option for option in options if option not in names]
    return f"{call}: {', '.join(wrong)}" if wrong else ""


def known(tokens: list[str]) -> tuple[frozenset[str] | None, list[str]]:
    """Return the options of the command that these words begin with, and the rest of them."""
    if tokens[0] not in {name for name, *_ in COMMANDS}:
        return None, []
    chain, apps, rest = _line(tokens[0]).parse_commands(tokens)
    if apps[-1].default_command is None:
        missing = bool(rest) and not rest[0].startswith("-")
        return (None if missing else frozenset({"--help"})), rest
    return _options(chain), rest


@cache
def _line(command: str) -> App:
    return build(command)


@cache
def _options(chain: tuple[str, ...]) -> frozenset[str]:
    app = _line(chain[0]).parse_commands(list(chain))[1][-1]
    arguments = app.assemble_argument_collection()
    return frozenset({"--help", *(name for one in arguments for name in one.names)})


@cache
def _titles() -> tuple[frozenset[str], ...]:
    """Return the words of every page's name and headings."""
    found = []
    for page in DOCS.rglob("*.md"):
        for title in (page.stem.replace("-", " "), *headings(page)):
            found.append(frozenset(re.findall(r"\w+", title.lower())))
    return tuple(found)


def leads_somewhere(pointer: str) -> bool:
    """Return whether some page or heading has all the words that a pointer names."""
    words = [word for word in pointer.lower().split() if word not in EMPTY]
    stems = [word[:6].rstrip("s") for word in words]
    return bool(stems) and any(
        all(any(word.startswith(stem) for word in title) for stem in stems) for title in _titles()
    )
