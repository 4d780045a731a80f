"""What the terminal shows: the list of rows, the table of results, and how long it still takes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from bench.page import at, figure, verdict
from bench.rows import Row
from bench.series import Clock, Series


def printer() -> Console:
    """Standard output; where it is no terminal, wide enough for the table."""
    return Console(width=None if sys.stdout.isatty() else 170)


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def show_list(console: Console, chosen: Sequence[tuple[Series, Sequence[Row]]], runs: int) -> None:
    """The rows that would be measured, and about how long each takes alone."""
    table = Table("row", "what", "scale", "held against", "goal", "alone, about", box=None)
    table.columns[0].no_wrap = table.columns[5].no_wrap = True
    for series, rows in chosen:
        for row in rows:
            scale = f"{row.scale:g}" if row.scale == row.asked_scale else f"{row.scale:g} of {row.asked_scale:g}"
            told = duration(series.estimate([row], runs))
            table.add_row(row.name, row.what, scale, row.peer_name, str(row.goal or "stated"), told)
    console.print(table)
    total = sum(series.estimate(rows, runs) for series, rows in chosen)
    console.print(
        f"\n{runs} run{'s' * (runs > 1)} each: about {duration(total)} in all, on a quiet machine with two cores."
    )


def show_results(console: Console, rows: Sequence[dict[str, Any]]) -> None:
    """The table of results."""
    table = Table(
        "row", "scale", "ours", "peer", "unit", "held against", "ratio", "CPU", "goal", "holds", "spread", box=None
    )
    for row in rows:
        colour = {"yes": "green", "stated": "default"}.get(verdict(row), "red")
        spread = f"{row['spread']:.0%}" if row.get("spread") is not None else "–"
        table.add_row(
            row["name"], at(row), figure(row["ours"]), figure(row["peer"]), row["unit"], row["peer_name"],
            figure(row["ratio"]), figure(row.get("cpu_ratio")), row["goal"] or "–",
            f"[{colour}]{verdict(row).strip('*')}[/]", spread,
        )  # fmt: skip
    console.print(table)
    for row in rows:
        if row.get("error"):
            console.print(f"{row['name']}: {row['error']}", style="red", markup=False, soft_wrap=True)


class Meter:
    """A bar with what is done now and the time left; lines where there is no terminal."""

    def __init__(self, console: Console, total: float) -> None:
        self._clock, self._console = Clock(total), console
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=1.0, left="")

    def __enter__(self) -> Meter:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, doing: str, estimate: float) -> None:
        self._clock.next(estimate)
        left = f"about {duration(self._clock.left())} left"
        self._bar.update(self._task, description=doing, completed=self._clock.fraction, left=left)
        if not self._console.is_terminal:
            self._console.print(f"{doing} ({left})", highlight=False)
