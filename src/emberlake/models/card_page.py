"""Cards as Markdown, and as one HTML page that needs nothing else."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape

from emberlake.models.card import Card, Grid, Section

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .4rem; }
.lead { color: #4d4d4d; font-size: 1.1rem; margin-top: .3rem; } p { margin: .3rem 0; }
table { border-collapse: collapse; margin: .6rem 0; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid #e6e6e6; overflow-wrap: anywhere; }
.n { text-align: right; }
img { max-width: 100%; display: block; margin: 1rem 0; }
"""


def to_markdown(card: Card) -> str:
    """The card as Markdown; pictures are beside it in `figures/`."""
    lines = [f"# {_flat(card.title)}", "", _flat(card.lead), ""]
    for section in card.sections:
        lines += _markdown(section)
    if card.figures:
        lines += ["## Pictures", ""]
        lines += [f"![{name}](figures/{name}.png)" for name in card.figures]
    return "\n".join(lines).rstrip() + "\n"


def _markdown(section: Section) -> list[str]:
    lines = [f"## {_flat(section.title)}", ""]
    for sentence in section.sentences:
        lines += [_flat(sentence), ""]
    if section.grid and section.grid.rows:
        lines += [_row(section.grid.header), "|" + "---|" * len(section.grid.header)]
        lines += [*[_row(row) for row in section.grid.rows], ""]
    lines += [f"- {_flat(point)}" for point in section.points]
    return [*lines, ""] if section.points else lines


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(_flat(text).replace("|", "\\|") for text in cells) + " |"


def _flat(text: str) -> str:
    """One line without HTML: names of categories and countries were typed by visitors of the shop."""
    return " ".join(text.split()).replace("<", "&lt;")


def to_html(card: Card, pictures: Mapping[str, bytes]) -> str:
    """The card as a page with its pictures (PNG by name) inside."""
    parts = [f"<h1>{escape(card.title)}</h1>", f'<p class="lead">{escape(card.lead)}</p>']
    parts += [_html(section) for section in card.sections]
    if pictures:
        parts.append("<h2>Pictures</h2>")
    for name, png in pictures.items():
        data = base64.b64encode(png).decode()
        parts.append(f'<img alt="{escape(name, quote=True)}" src="data:image/png;base64,{data}">')
    return page(card.title, "\n".join(parts))


def page(title: str, body: str) -> str:
    """A whole page."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def _html(section: Section) -> str:
    parts = [f"<h2>{escape(section.title)}</h2>"]
    parts += [f"<p>{escape(sentence)}</p>" for sentence in section.sentences]
    if section.grid and section.grid.rows:
        parts.append(html_table(section.grid))
    if section.points:
        parts.append("<ul>" + "".join(f"<li>{escape(point)}</li>" for point in section.points) + "</ul>")
    return "\n".join(parts)


def html_table(grid: Grid) -> str:
    """A table of texts."""
    places = range(len(grid.header))
    # Numbers to the right, under each other; words to the left.
    sides = [' class="n"' if grid.rows and all(_is_number(row[i]) for row in grid.rows) else "" for i in places]
    head = "".join(f"<th{side}>{escape(name)}</th>" for side, name in zip(sides, grid.header, strict=True))
    rows = ["".join(f"<td{s}>{escape(text)}</td>" for s, text in zip(sides, row, strict=True)) for row in grid.rows]
    return f"<table><tr>{head}</tr>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def _is_number(text: str) -> bool:
    return bool(text) and (text[0] in "<–" or text.lstrip("-+")[:1].isdigit())
