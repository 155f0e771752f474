"""``stepin agent import-articles`` and ``stepin agent articles``: a help centre and its use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from stepin.cli import output as out
from stepin.cli.common import OnLog

if TYPE_CHECKING:
    from stepin.core.article_use import ArticleUse
    from stepin.log.protocol import Log

Flag = Annotated[bool, Parameter(negative=())]
_AT_ONCE = 1_000


def import_articles(
    path: Path,
    *,
    into: Path,
    language: str = "en",
    replace: Flag = False,
    json: Flag = False,
) -> int:
    """Bring a help centre: Markdown, HTML, or an export of Zendesk or Intercom.

    Writes NAME.LANGUAGE.md, an article each, into the articles of a shop's folder; a desk that
    serves the shop reads them without a restart. Drafts and empty pages are left out and named.

    Example: stepin agent import-articles export/articles.json --into examples/shop

    Parameters
    ----------
    path
        A folder of Markdown and HTML pages, or a file: one page, or JSON as Zendesk's
        /api/v2/help_center/articles.json and Intercom's /articles answer it.
    into
        The shop's folder.
    language
        Of pages that don't tell theirs by their name, their folder or in themselves.
    replace
        Write over articles of the same name.
    json
        Print JSON.
    """
    from stepin.agent.shop.article import read_articles
    from stepin.agent.shop.help_centre import read_help_centre, write_articles

    centre = read_help_centre(path, language=language)
    files = write_articles(centre.articles, into / "articles", replace=replace)
    n_passages = len(read_articles(into / "articles"))
    if json:
        names = [file.name for file in files]
        out.as_json({"written": names, "skipped": centre.skipped, "passages": n_passages})
        return 0
    for one in centre.skipped:
        print(f"Left out: {one.what or 'a page without a title'}: {one.why}.")
    print(f"{len(files)} articles written to {into / 'articles'}; it holds {n_passages} passages.")
    print(f"Next: stepin agent check {into}")
    return 0


def articles(*, shop: Path | None = None, questions: Flag = False, common: OnLog = OnLog()) -> int:
    """Show how often the AI told each passage, and how often none answered.

    A miss counts for the passage that came nearest. Nothing is said about how chats ended.

    Example: stepin agent articles --shop examples/shop --log sqlite:///desk.db

    Parameters
    ----------
    shop
        The shop's folder: its passages that nobody was ever told are listed, too.
    questions
        Show the questions that no passage answered, in the customers' words.
    """
    from stepin.agent.shop.article import read_articles
    from stepin.core.article_use import ArticleUse

    async def work(log: Log) -> ArticleUse:
        use, at = ArticleUse(), 0
        while found := await log.read_all(after_position=at, limit=_AT_ONCE):
            use.add(found)
            at = found[-1].position
        return use

    use = common.on_log(work, write=False)
    for passage in read_articles(shop / "articles") if shop is not None else ():
        use.of(passage.source)
    if common.json:
        told = {"passages": use.all(), "unanswered": len(use.unanswered)}
        out.as_json(told | ({"questions": use.unanswered} if questions else {}))
        return 0
    rows = [(one.source, one.told, one.chats, one.missed) for one in use.all()]
    out.table(("passage", "told", "chats", "missed"), rows)
    print(f"{len(use.unanswered)} searches without an answer.")
    if questions:
        out.table(
            ("nearest", "asked"), [(one.nearest or "none", one.asked) for one in use.unanswered]
        )
    return 0
