"""The summary of `up` as it looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from emberlake.cli.screen import cell, size
from emberlake.cli.workbench import short
from emberlake.steps import Summary

_WIDTH = 104
# More rules than these are in `emberlake lake loads`.
_RULES_SHOWN = 14


def view(summary: Summary) -> Iterator[RenderableType]:
    """The whole summary, top to bottom."""
    yield ""
    yield _title(summary)
    yield ""
    for file in summary.left_out:
        yield Text(f"  Left out: {file['problem']} {file['hint']}", style="yellow")
    if summary.headlines:
        yield _headlines(summary)
        yield ""
    right = Group(_tables(summary, "gold"), "", _steps(summary))
    yield Columns([_rows_in(summary), _tables(summary, "silver"), right], padding=(0, 4))
    yield ""
    if summary.graphs:
        yield from _graphs(summary.graphs)
        yield ""
    if summary.models:
        yield from _models(summary)
        yield ""
    if summary.live:
        yield from _live(summary.live)
        yield ""
    yield _places(summary)


def as_svg(summary: Summary) -> str:
    """The summary as a picture, for the README."""
    console = Console(record=True, width=_WIDTH, file=StringIO(), force_terminal=True, highlight=False)
    console.print(Text("$ make up", style="bold"))
    for item in view(summary):
        console.print(item)
    # Rich's own template fetches a font from the web; the reader's monospace font will do.
    template = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    template = template.replace("Fira Code, monospace", "DejaVu Sans Mono, Menlo, Consolas, monospace")
    return console.export_svg(title="emberlake up", code_format=template)


def _title(summary: Summary) -> RenderableType:
    line = Text("Emberlake is up", style="bold")
    if summary.did:
        engine = f" on {summary.engine.split(',')[0]}" if summary.engine else ""
        line.append(
            f"   built in {summary.seconds:.1f} s{engine}, at most {size(summary.peak_bytes)}", style="not bold dim"
        )
    else:
        line.append(f"   nothing was new; looked for {summary.seconds:.1f} s", style="not bold dim")
    return line


def _headlines(summary: Summary) -> RenderableType:
    grid = Table.grid(padding=(0, 4))
    grid.add_row(*(Text(_value(h["value"], h.get("unit", "")), style="bold cyan") for h in summary.headlines))
    grid.add_row(*(Text(str(h["title"]), style="dim") for h in summary.headlines))
    return Padding(grid, (0, 0, 0, 2))


def _value(value: object, unit: str) -> str:
    if isinstance(value, (int, float)) and unit == "share":
        return f"{value:.1%}"
    if isinstance(value, float) and value >= 100_000:
        return f"{value:,.0f} {unit}".rstrip()
    return f"{cell(value)} {unit}".rstrip()


def _rows_in(summary: Summary) -> RenderableType:
    grid = _grid("Rows in")
    for name in ("read", "accepted", "refused", "deleted", "files"):
        if summary.loads.get(name) or name in ("read", "accepted", "refused"):
            grid.add_row(name, cell(summary.loads.get(name, 0)))
    rules = list(summary.refused_by_rule.items())
    if rules:
        grid.add_row(Text("\nRefused, in quarantine", style="bold"), "")
        for rule, rows in rules[:_RULES_SHOWN]:
            grid.add_row(Text(rule), cell(rows))
        if rest := rules[_RULES_SHOWN:]:
            grid.add_row(Text("others", style="dim"), cell(sum(rows for _, rows in rest)))
    return grid


def _tables(summary: Summary, layer: str) -> RenderableType:
    grid = _grid(f"{layer.capitalize()} tables", "rows")
    for name, rows in summary.tables.get(layer, {}).items():
        grid.add_row(Text(name), cell(rows))
    return grid


def _steps(summary: Summary) -> RenderableType:
    grid = _grid("Steps", "seconds", "memory")
    for step in summary.steps:
        grid.add_row(step["name"], f"{step['seconds']:.1f}", size(step["peak_bytes"]) if step["peak_bytes"] else "–")
    if summary.engine_seconds:
        grid.add_row(Text("engine's start", style="dim"), f"{summary.engine_seconds:.1f}", "")
    return grid


def _models(summary: Summary) -> Iterator[RenderableType]:
    """What each model reached on rows that it had not seen, beside the best of what is simpler."""
    grid = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    grid.add_column("Models")
    grid.add_column(Text("on rows not seen", style="dim"))
    for column in ("reached", "simpler"):
        grid.add_column(Text(column, style="dim"), justify="right", no_wrap=True)
    grid.add_column(Text("is", style="dim"))
    trained = [model for model in summary.models if not model["why_not"]]
    for model in trained:
        beaten = "" if model["beats_baseline"] else "  not beaten"
        grid.add_row(
            Text(model["name"]), Text(model["measure"]), short(model["value"], model["unit"]),
            Text(short(model["baseline_value"], model["unit"])).append(beaten, style="yellow"), Text(model["is"]),
        )  # fmt: skip
    if trained:
        yield grid
    for model in summary.models:
        if model["why_not"]:
            yield Text(f"  Not trained: {model['name']}. {model['why_not']}", style="dim")


def _graphs(graphs: dict[str, Any]) -> Iterator[RenderableType]:
    """Who follows and invites whom, in figures."""
    if graphs["why_not"]:
        yield Text(f"  No graph of follows: {graphs['why_not']}", style="dim")
    named = (
        ("follows", "follows"), ("communities", "communities"), ("inside_share", "of follows stay inside"),
        ("most_influential", "is followed by the followed"), ("invited", "users came by a friend"),
    )  # fmt: skip
    shown = [(name, said) for name, said in named if name in graphs]
    if not shown:
        return
    yield Text("Graphs", style="bold")
    grid = Table.grid(padding=(0, 4))
    grid.add_row(*(Text(_graph_figure(name, graphs[name]), style="bold cyan") for name, _ in shown))
    grid.add_row(*(Text(said, style="dim") for _, said in shown))
    yield Padding(grid, (0, 0, 0, 2))


def _graph_figure(name: str, value: Any) -> str:
    if name == "most_influential":
        return f"user {value}"
    return f"{value:.0%}" if name == "inside_share" else f"{value:,}"


def _live(live: dict[str, Any]) -> Iterator[RenderableType]:
    """How fast orders are scored as they come, and how near."""
    if live["why_not"]:
        yield Text(f"  Not shown live: {live['why_not']}", style="dim")
        return
    yield Text("Live scoring", style="bold").append(
        f"   {live['scored']:,} orders through Kafka, {live['rate']:,.0f} a second", style="not bold dim"
    )
    grid = Table.grid(padding=(0, 4))
    grid.add_row(
        *(Text(f"{live[name]:,.3g} {unit}", style="bold cyan")
          for name, unit in (("p50_ms", "ms"), ("p99_ms", "ms"), ("off_by", "EUR")))
    )  # fmt: skip
    grid.add_row(
        *(Text(said, style="dim") for said in ("from order to score", "at worst in 99 of 100", "off by, on average"))
    )
    yield Padding(grid, (0, 0, 0, 2))


def _grid(title: str, *columns: str) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold", show_header=True)
    grid.add_column(title, no_wrap=True)
    for column in columns or ("rows",):
        grid.add_column(Text(column, style="dim"), justify="right", no_wrap=True)
    return grid


def _places(summary: Summary) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for name, place in summary.places.items():
        grid.add_row(Text(name, style="dim"), Text(_near(place)))
    if refused := len(summary.reports.get("not_allowed", ())):
        said = f"{summary.reports['ran']} answered; this data does not allow {refused} (report --list says why)"
        grid.add_row(Text("questions", style="dim"), Text(said))
    grid.add_row(Text("next", style="dim"), Text("emberlake report --list · emberlake lake loads · emberlake clean"))
    return grid


def _near(place: str) -> str:
    """A path as somebody in this folder would write it."""
    here = Path.cwd()
    return str(Path(place).relative_to(here)) if Path(place).is_relative_to(here) else place
