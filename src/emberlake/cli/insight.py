"""`models explain`, `drift` and `export`: what a version looks at, whether its data has moved, and its scorer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from emberlake.cli.command import Call
from emberlake.cli.screen import table
from emberlake.cli.workbench import Name, narrow, on_spark, require_lake, short
from emberlake.errors import SettingsError

if TYPE_CHECKING:
    from emberlake.models.recipe import Recipe
    from emberlake.models.store import Store
    from emberlake.models.versions import Version


def explain(
    call: Call,
    name: Name,
    row: Annotated[str | None, typer.Option("--row", metavar="JSON", help="One row's columns and values.")] = None,
    order: Annotated[int | None, typer.Option("--order", metavar="ID", help="The row of this order.")] = None,
    user: Annotated[int | None, typer.Option("--user", metavar="ID", help="The row of this customer.")] = None,
    version: Annotated[int | None, typer.Option("--version", help="Default: the champion.")] = None,
) -> None:
    """Show what a model looks at, or what moved one prediction away from the average."""
    from emberlake.models import explain as explaining
    from emberlake.models.checks import require_rows_of_today
    from emberlake.models.saving import load_model

    if sum(given is not None for given in (row, order, user)) > 1:
        raise SettingsError("explain takes one of --row, --order and --user.")
    given = _object(row) if row is not None else None
    store, chosen, asked = _asked(call, name, version)
    if order is not None or user is not None:
        require_rows_of_today(chosen, "So none of them can be explained.")
    with on_spark(call, "Explaining") as (lake, tell):
        tell("loading the model", 0.2)
        model = load_model(store, chosen, asked.run_id)
        tell("asking", 0.4)
        if order is not None or user is not None:
            key = ("order_id", order) if order is not None else ("user_id", user)
            given = explaining.row_of(lake, chosen, model, *key)
        if given is None:
            shares, method = explaining.importance(lake.session, store, chosen, asked, model)
            _show_importance(call, asked.number, shares, method)
            return
        found = explaining.explain_row(lake.session, store, chosen, asked, model, given)
    _show_explanation(call, asked.number, asdict(found), given)


def _asked(call: Call, name: str, version: int | None) -> tuple[Store, Recipe, Version]:
    """The version that is asked for, or the champion."""
    from emberlake.models.champion import require_champion
    from emberlake.models.recipes import recipe
    from emberlake.models.store import open_store
    from emberlake.models.versions import version_of

    chosen = recipe(name)
    require_lake(call)
    store = open_store(call.settings)
    asked = require_champion(store, chosen) if version is None else version_of(store, chosen, version)
    return store, chosen, asked


def _said(value: Any) -> Any:
    return short(value) if isinstance(value, float) else value


def _object(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except ValueError as e:
        raise SettingsError(f"--row is no JSON: {e}.", """Write it as '{"column": value, …}'.""") from e
    if not isinstance(given, dict):
        raise SettingsError("--row is no JSON object.", """Write it as '{"column": value, …}'.""")
    return given


def _show_importance(call: Call, version: int, shares: dict[str, float], method: str) -> None:
    rows = [{"feature": name, "importance": value} for name, value in shares.items()]
    shown = [{"feature": name, "importance": short(value)} for name, value in shares.items()]
    data = {"version": version, "method": method, "importance": rows}
    call.screen.show(data, lambda: [table(shown, f"Version {version}: {method}")])


def _show_explanation(call: Call, version: int, found: dict[str, Any], row: dict[str, Any]) -> None:
    rows = [{"feature": n, "value": _said(row[n]), "moved it by": f"{part:+.4g}"} for n, part in found["parts"].items()]

    def view() -> Iterator[RenderableType]:
        said = f"Version {version} says {short(found['prediction'])}; the average is {short(found['average'])}."
        yield Text(said, style="bold")
        yield table(rows)
        yield Text(f"\n{found['method']}", style="dim")

    call.screen.show({"version": version, **found}, view)


def drift(
    call: Call,
    name: Name,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day of the rows.")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last day of the rows.")] = None,
) -> None:
    """Compare the rows of today with those that the champion learnt from, and write a report."""
    from emberlake.models import drift as drifting

    _, chosen, _ = _asked(call, name, None)
    drifting.require_measurable(chosen, since, until)
    with on_spark(call, "Drift") as (lake, tell):
        tell("counting", 0.3)
        found, files = drifting.drift(lake, chosen, since, until)
    shown = [
        {
            **asdict(feature),
            "p": f"{feature.p:.2g}",
            "index": f"{feature.index:.3f}",
            "null then": f"{feature.nulls_before:.1%}",
            "null now": f"{feature.nulls_now:.1%}",
        }
        for feature in sorted(found.features, key=lambda feature: -feature.index)
    ]

    def view() -> Iterator[RenderableType]:
        yield Text(f"Drifted: {found.sentence}.", style="bold")
        yield table(shown, columns=("feature", "verdict", "index", "test", "p", "null then", "null now"))
        yield Text(f"\nThe report: {files['html']}", style="dim")

    data = {**asdict(found), "files": {kind: str(path) for kind, path in files.items()}}
    call.screen.show(data, view)


def export(
    call: Call,
    name: Name,
    to: Annotated[Path, typer.Argument(metavar="FILE", help="Where the scorer is written.")],
    version: Annotated[int | None, typer.Option("--version", help="Default: the champion.")] = None,
) -> None:
    """Write a model of trees as a file that scores without a JVM, if it scores exactly as the pipeline does."""
    from emberlake.models.exporting import export_version, require_exportable

    store, chosen, asked = _asked(call, name, version)
    require_exportable(chosen)
    with on_spark(call, "Exporting") as (lake, tell):
        tell("exporting and comparing", 0.3)
        said = export_version(lake, store, chosen, asked, to)
    call.screen.show(said, lambda: narrow([{"what": name, "value": value} for name, value in said.items()]))
