"""The document as one HTML page: no script, no outside links, light and dark, phone and wide."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.resources import files

from stepin.evidence.base.finding import Finding
from stepin.evidence.base.scale import RANGE, interval, shown, signed
from stepin.evidence.report import svg
from stepin.evidence.report.document import (
    Block,
    Callout,
    Document,
    Grid,
    Headline,
    Light,
    Picture,
    Prose,
    Section,
    Tone,
)

GLYPHS: dict[Tone, str] = {"good": "\u2713", "warn": "!", "bad": "\u2715", "plain": "i"}
WORDS: dict[Tone, str] = {"good": "holds", "warn": "caution", "bad": "fails", "plain": "note"}
VERDICTS = {
    "good": ("good", "better for customers"),
    "bad": ("bad", "worse for customers"),
    "neutral": ("plain", "changed"),
    "unclear": ("plain", "no clear effect"),
    "refused": ("warn", "can't be tested"),
}


@cache
def style() -> str:
    """Return the page's style sheet."""
    return files("stepin.evidence.report").joinpath("page.css").read_text(encoding="utf-8")


def _gauge(finding: Finding) -> str:
    """Return a bar of the interval around no difference, drawn with plain HTML."""
    e = finding.estimate
    if e.low is None or e.high is None:
        return ""
    low, high, value = (shown(v, finding.scale) for v in (e.low, e.high, e.value))
    reach = max(abs(low), abs(high)) * 1.15 or 1.0

    def place(v: float) -> float:
        return 50 + 50 * v / reach

    return (
        '<div class="gauge" aria-hidden="true"><i class="zero"></i>'
        f'<i class="span" style="left:{place(low):.2f}%;width:{place(high) - place(low):.2f}%"></i>'
        f'<i class="dot" style="left:{place(value):.2f}%"></i></div>'
    )


def _headline(h: Headline) -> str:
    tone, word = VERDICTS[h.finding.verdict]
    e = h.finding.estimate
    span = "" if e.low is None else interval(e.low, e.high, h.finding.scale)
    return (
        f'<article class="card {tone}"><h3>{escape(h.title)} '
        f"<small>{escape(h.finding.sample)}</small></h3>"
        f'<p class="big">{escape(signed(e.value, h.finding.scale))}</p>'
        f'<p class="badge {tone}">{word}</p>{_gauge(h.finding)}'
        f'<p class="span-text">{escape(span) or RANGE}</p>{_mean(h.mean)}'
        f'{_rows(h)}<p class="said">{escape(h.reading)}</p></article>'
    )


def _rows(h: Headline) -> str:
    """Return what a roll-out brings: the effect on the chats it is for, on others, on all."""
    if not h.rows:
        return ""
    lines = "".join(
        f'<tr><th scope="row">{escape(row.chats)}</th><td>{escape(row.base)}</td>'
        f"<td>{escape(row.change)}</td><td>{escape(row.span or RANGE)}</td>"
        f"<td>{VERDICTS[row.verdict][1]}</td></tr>"
        for row in h.rows
    )
    heads = "".join(
        f'<th scope="col">{head}</th>'
        for head in ("On", "Without", "Change", "95% interval", "Verdict")
    )
    return f'<table class="rows"><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>'


def _mean(f: Finding | None) -> str:
    """Return the effect on the mean, small, beside one on typical values."""
    if f is None:
        return ""
    e = f.estimate
    span = "" if e.low is None else f" ({interval(e.low, e.high, f.scale)})"
    text = f"in all {signed(e.value, f.scale)}{span}"
    return f'<p class="span-text">{escape(text)}</p>'


def _light(light: Light) -> str:
    return (
        f'<li class="{light.tone}"><a href="#{escape(light.section)}">'
        f'<span class="glyph" role="img" aria-label="{WORDS[light.tone]}">'
        f"{GLYPHS[light.tone]}</span><span><b>{escape(light.title)}</b> "
        f"{escape(light.text)}</span></a></li>"
    )


def _picture(p: Picture) -> str:
    label = escape(f"{p.title}. {p.reading}", quote=True).replace("\\", r"\\")
    return (
        f'<figure id="figure-{escape(p.name)}"><figcaption><b>{escape(p.title)}</b>'
        f"<p>{escape(p.reading)}</p></figcaption>"
        f'<div class="wide">{svg.inline(p.wide, label)}</div>'
        f'<div class="narrow">{svg.inline(p.narrow, label)}</div></figure>'
    )


def _grid(g: Grid) -> str:
    def cell(i: int, text: str, tone: Tone, head: str, tag: str) -> str:
        names = " ".join(
            n for n in ("num" if i in g.numeric else "", tone if tone != "plain" else "") if n
        )
        shape = f' class="{names}"' if names else ""
        scope = ' scope="row"' if tag == "th" else ""
        return f'<{tag}{shape}{scope} data-head="{escape(head)}">{escape(text)}</{tag}>'

    heads = "".join(
        f'<th scope="col"{" class=num" if i in g.numeric else ""}>{escape(h)}</th>'
        for i, h in enumerate(g.heads)
    )
    body = "".join(
        "<tr>"
        + "".join(
            cell(i, c.text, c.tone, h, "td" if i else "th")
            for i, (c, h) in enumerate(zip(row, g.heads, strict=True))
        )
        + "</tr>"
        for row in g.rows
    )
    note = f'<p class="note">{escape(g.note)}</p>' if g.note else ""
    return (
        f'<div class="grid"><table><caption>{escape(g.title)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{note}</div>"
    )


def _block(block: Block) -> str:
    if isinstance(block, Prose):
        return f"<p>{escape(block.text)}</p>"
    if isinstance(block, Callout):
        return (
            f'<aside class="callout {block.tone}"><b>{escape(block.title)}</b> '
            f"{escape(block.text)}</aside>"
        )
    if isinstance(block, Picture):
        return _picture(block)
    return _grid(block)


def _section(number: int, section: Section) -> str:
    blocks = "".join(_block(b) for b in section.blocks)
    return (
        f'<section id="{escape(section.id)}"><h2><span>{number}</span>'
        f'{escape(section.title)}</h2><p class="lead">{escape(section.lead)}</p>{blocks}</section>'
    )


def _pairs(pairs: tuple[tuple[str, str], ...], kind: str) -> str:
    return (
        f'<dl class="{kind}">'
        + "".join(f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in pairs)
        + "</dl>"
    )


def html(document: Document) -> str:
    """Return the whole page; the same document gives the same bytes."""
    contents = "".join(
        f'<li><a href="#{escape(s.id)}">{escape(s.title)}</a></li>' for s in document.sections
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(document.title)}</title>\n<style>\n{style()}</style>\n</head>\n<body>\n"
        f"<header><p class=kicker>Evidence report</p><h1>{escape(document.title)}</h1>"
        f"<p class=question>{escape(document.subtitle)}</p>{_pairs(document.facts, 'facts')}"
        "</header>\n<main>\n"
        f'<section class="verdict" id="verdict" aria-label="Verdict">'
        f'<p class="summary">{escape(document.summary)}</p>'
        f'<div class="cards">{"".join(_headline(h) for h in document.headlines)}</div>'
        f'<h2 class="small">Can you trust it?</h2>'
        f'<ul class="lights">{"".join(_light(x) for x in document.lights)}</ul></section>\n'
        f'<nav aria-label="Contents"><ol>{contents}</ol></nav>\n'
        + "\n".join(_section(i, s) for i, s in enumerate(document.sections, 1))
        + f"\n</main>\n<footer>{_pairs(document.digest, 'digest')}</footer>\n</body>\n</html>\n"
    )
