"""The only place that prints: tables for people, JSON for programs, errors in one sentence."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

# Wide enough that a table in a log or a pipe is not cut.
_PIPE_WIDTH = 240


class Screen:
    """Results on stdout, all else on stderr.

    Args:
        as_json: print results as one JSON document and no notes.
    """

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        self.out = Console(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
        self.err = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else _PIPE_WIDTH)

    def show(self, data: object, view: Callable[[], RenderableType | Iterable[RenderableType]]) -> None:
        """Print a result: `data` as JSON, or what `view` makes of it."""
        if self.as_json:
            self.raw(json.dumps(data, default=_plain, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
            return
        made = view()
        for item in [made] if isinstance(made, str) or hasattr(made, "__rich_console__") else made:  # type: ignore[union-attr]
            self.out.print(item)

    def raw(self, text: str) -> None:
        """Write a document (JSON, CSV) to stdout as it is."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def note(self, text: str) -> None:
        """Say something beside the result; programs do not see it."""
        if not self.as_json:
            self.err.print(Text(text))

    def error(self, problem: str, hint: str = "") -> None:
        """Say in one sentence what was wrong, then what to do."""
        line = Text("Error: ", style="bold red").append(problem, style="not bold default")
        self.err.print(line, soft_wrap=True)
        if hint:
            self.err.print(Text(hint), soft_wrap=True)

    def ask(self, question: str) -> str | None:
        """One line of an answer; None where there is nobody (more) to answer."""
        self.err.print(Text(f"{question} "), end="")
        line = sys.stdin.readline()
        return line.strip() if line else None

    def confirm(self, question: str) -> bool:
        """Ask; anything but yes is no, and so is a terminal that cannot answer."""
        if not sys.stdin.isatty():
            return False
        self.err.print(Text(f"{question} [y/N] "), end="")
        return sys.stdin.readline().strip().lower() in ("y", "yes")


def table(rows: Sequence[dict[str, Any]], title: str = "", columns: Sequence[str] | None = None) -> RenderableType:
    """Rows as a table: numbers to the right with thousands marks, nothing as a dash."""
    names = list(columns or (rows[0] if rows else ()))
    made = Table(
        title=title or None, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False
    )
    for name in names:
        right = any(_is_number(row.get(name)) for row in rows)
        made.add_column(name.replace("_", " "), justify="right" if right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell(row.get(name))) for name in names))
    return made if rows else Text(f"{title}: none" if title else "none")


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return value.endswith("%")
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def cell(value: object) -> str:
    """One value as people read it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {cell(part)}" for name, part in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(cell(part) for part in value)
    return str(value)


def size(count: float) -> str:
    """Bytes as people read them."""
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit != "MiB" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.2f} GiB"


def _plain(value: object) -> object:
    from emberlake.steps.wire import plain

    return plain(value)
