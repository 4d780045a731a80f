"""What the commands on models share: their argument, a lake on Spark, and how a measure is shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.constrain import Constrain
from rich.table import Table

from emberlake.cli.command import Call
from emberlake.cli.meter import one_bar
from emberlake.cli.screen import table
from emberlake.errors import LakeError
from emberlake.progress import Progress

if TYPE_CHECKING:
    from emberlake.lake import Lake

Name = Annotated[str, typer.Argument(metavar="NAME", help="The model; `models list` shows all.")]
_WIDE = 120


@contextmanager
def on_spark(call: Call, title: str) -> Iterator[tuple[Lake, Progress]]:
    """The lake on a Spark session, and a bar."""
    from emberlake.engine import open_engine
    from emberlake.lake import Lake

    require_lake(call)
    with one_bar(call.screen, title) as tell:
        tell("starting spark", 0.0)
        with open_engine(call.settings, "spark") as engine, Lake(engine.session, call.settings) as lake:
            yield lake, tell


def require_lake(call: Call) -> None:
    """Fail where nothing was ever built: told before an engine starts."""
    if not call.settings.lake.exists():
        raise LakeError(f"There is no lakehouse in {call.settings.root} yet.", "Build it first: emberlake up.")


def short(value: float | None, unit: str = "") -> str:
    """A measure in four digits, with its unit."""
    if value is None:
        return "–"
    if unit == "share":
        return f"{100 * value:.4g} %"
    return f"{value:,.0f} {unit}".rstrip() if abs(value) >= 10_000 else f"{value:.4g} {unit}".rstrip()


def baseline(row: dict[str, Any], unit: str = "") -> str:
    """The best baseline and what it reaches."""
    if row["baseline"] is None:
        return "–"
    return f"{short(row['baseline_value'], unit)} ({row['baseline']})" + (
        "" if row["beats_baseline"] else ", NOT beaten"
    )


def minute(moment: str | None) -> str | None:
    """An ISO moment in UTC without its seconds."""
    return moment and moment[:16].replace("T", " ")


def narrow(rows: list[dict[str, Any]], title: str = "", columns: tuple[str, ...] | None = None) -> RenderableType:
    """A table that fits into 120 columns: long texts go on in the next line."""
    made = table(rows, title, columns)
    if isinstance(made, Table) and made.columns:
        made.columns[0].no_wrap = True  # a name is copied into the next command
    return Constrain(made, _WIDE)
