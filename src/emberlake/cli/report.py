"""`report`: one business question, answered as a table, CSV, JSON, a chart or a picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from emberlake.cli.command import Call, command
from emberlake.cli.meter import one_bar
from emberlake.cli.screen import cell, table
from emberlake.errors import LakeError, ReportError, SettingsError
from emberlake.steps.record import read_runs

if TYPE_CHECKING:
    from emberlake.reports import Answer

# A terminal shows this many rows; files and pipes get all.
_ROWS_SHOWN = 40


def register(app: typer.Typer) -> None:
    """Add the command."""
    examples = (
        "emberlake report revenue_by_month",
        "emberlake report top_products --param category=Toys --csv > top.csv",
        "emberlake report funnel --plot funnel.html",
        "emberlake report --list",
    )
    command(app, "report", examples)(_report)


def _report(
    call: Call,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The report; --list shows all.")] = None,
    every: Annotated[bool, typer.Option("--list", help="List the reports and what they ask.")] = False,
    param: Annotated[list[str] | None, typer.Option("--param", "-p", metavar="NAME=VALUE", help="Repeat it.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="TIME", help="As the lake was then, UTC.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE.html", help="Write a chart.")] = None,
    png: Annotated[Path | None, typer.Option("--png", metavar="FILE.png", help="Write a picture.")] = None,
) -> None:
    """Answer a business question from the lakehouse."""
    from emberlake.reports import find_report

    if every or name is None:
        _list(call)
        return
    find_report(name)  # a wrong name is said before an engine starts
    given = _parameters(param or [])
    if not call.settings.lake.exists():
        raise LakeError(f"There is no lakehouse in {call.settings.root} yet.", "Build it first: emberlake up.")
    got = _ask(call, name, given, as_of)
    _write(call, got, csv, plot, png)


def _list(call: Call) -> None:
    from emberlake.reports import list_reports

    runs = read_runs(call.settings)
    not_allowed = runs["reports"].figures.get("not_allowed", {}) if "reports" in runs else {}
    rows = [
        {"name": r.name, "topic": r.topic, "question": r.question, "parameters": list(r.parameters)}
        | {"why_not": not_allowed.get(r.name)}
        for r in list_reports()
    ]

    def view() -> Iterator[RenderableType]:
        can = [{**row, "parameters": cell(row["parameters"])} for row in rows if row["why_not"] is None]
        yield table(can, columns=("name", "topic", "question", "parameters"))
        if not_allowed:
            yield ""
            yield table([row for row in rows if row["why_not"]], "This data does not allow", ("name", "why_not"))
        yield Text("\nAsk one: emberlake report NAME", style="dim")

    call.screen.show(rows, view)


def _parameters(given: list[str]) -> dict[str, str]:
    for pair in given:
        if "=" not in pair:
            raise SettingsError(f"--param {pair!r} has no value.", "Write it as --param NAME=VALUE.")
    return dict(pair.split("=", 1) for pair in given)


def _ask(call: Call, name: str, given: dict[str, str], as_of: str | None) -> Answer:
    from emberlake.engine import open_engine, resolve_engine
    from emberlake.lake import Lake
    from emberlake.reports import answer, available

    with one_bar(call.screen, name) as tell:
        kind = resolve_engine(call.settings)
        tell(f"starting {kind}", 0.0)
        with open_engine(call.settings, kind, short=True) as engine, Lake(engine.session, call.settings) as lake:
            tell("asking", 0.5)
            got = answer(engine.session, lake, name, given, as_of)
            if not got.rows.num_rows:
                # No rows is an answer, unless the data could not give another.
                for each in available(lake):
                    if each.report.name == got.report.name and not each.allowed:
                        raise ReportError(f"Report {name!r} cannot be answered from this data.", each.why_not)
    return got


def _write(call: Call, got: Answer, csv: bool, plot: Path | None, png: Path | None) -> None:
    from emberlake.reports import to_csv, to_html, to_json, to_png

    for path, make in ((plot, to_html), (png, to_png)):
        if path:
            made = make(got)
            _save(path, made if isinstance(made, bytes) else made.encode())
            call.screen.note(f"Wrote {path}")
    if csv:
        call.screen.raw(to_csv(got))
    elif call.screen.as_json:
        call.screen.raw(to_json(got).rstrip("\n") + "\n")
    elif not (plot or png):
        call.screen.show({}, lambda: _view(got))


def _save(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as e:
        raise SettingsError(f"{path} cannot be written: {e.strerror}.", "Name a file in a folder that is there.") from e


def _view(got: Answer) -> Iterator[RenderableType]:
    yield Text(got.report.question, style="bold")
    asked = {name: value for name, value in got.parameters.items() if value is not None}
    if asked:
        yield Text(f"with {cell(asked)}", style="dim")
    units = {name: column.unit for name, column in got.report.columns.items()}
    rows = got.rows.slice(0, _ROWS_SHOWN).to_pylist()
    named = {name: f"{name} ({unit})" if unit in ("EUR", "USD") else name for name, unit in units.items()}
    yield table([{named[n]: _shown(value, units[n]) for n, value in row.items()} for row in rows])
    if (rest := got.rows.num_rows - len(rows)) > 0:
        yield Text(f"… {rest:,} more rows; all of them: --csv or --json", style="dim")


def _shown(value: Any, unit: str) -> Any:
    if unit == "share" and value is not None:
        return f"{value:.1%}"
    if type(value).__name__ == "Decimal":
        return float(value)
    return value
