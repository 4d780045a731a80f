"""`models`: list, train, write and the cards; the other commands of the group are in `champions` and `insight`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from emberlake.cli.champions import compare, promote, rollback
from emberlake.cli.command import Call, command
from emberlake.cli.insight import drift, explain, export
from emberlake.cli.screen import table
from emberlake.cli.workbench import Name, baseline, minute, narrow, on_spark, short
from emberlake.errors import SettingsError

app = typer.Typer(no_args_is_help=True, help="Models: train, compare, promote, roll back, explain.")

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME…]", help="Default: all but optional ones.")]


def show_all(call: Call) -> None:
    """List the models: champion, what it reaches beside the best baseline, when it was trained, drift."""
    from emberlake.models.listing import list_models

    rows = list_models(call.settings)

    def view() -> Iterator[RenderableType]:
        yield narrow([_shown(row) for row in rows])
        if without := [row for row in rows if row["why_not"]]:
            yield ""
            yield narrow(without, "This data does not allow", ("name", "why_not"))

    call.screen.show(rows, view)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    drifted = (row["drift"] or "").partition(":")[0].partition(" features")[0]
    return {
        "name": row["name"],
        "champion": row["champion"],
        "challenger": row["challenger"],
        "measure": row["title"],
        "value": short(row["value"], row["unit"]),
        "baseline": short(row["baseline_value"], row["unit"]),
        "beaten": row["beats_baseline"],
        "trained (UTC)": minute(row["trained_at"]),
        "drifted": drifted.replace("none", "0") or None,
    }


def train(
    call: Call,
    names: Names = None,
    again: Annotated[bool, typer.Option("--again", help="Fit also where neither data nor code have changed.")] = False,
) -> None:
    """Train models, compare each with its champion, and write what the champion says to gold."""
    from emberlake.models.every import train_all
    from emberlake.models.recipes import recipe

    for name in names or ():
        recipe(name)  # a wrong name is said before an engine starts
    with on_spark(call, "Training") as (lake, tell):
        done = train_all(lake, names, tell, again)

    def view() -> Iterator[RenderableType]:
        trained = [model for model in done.models if not model["why_not"]]
        shown = [{**m, "value": short(m["value"], m["unit"]), "best baseline": baseline(m, m["unit"])} for m in trained]
        yield narrow(shown, columns=("name", "is", "measure", "value", "best baseline", "seconds", "why"))
        if without := [model for model in done.models if model["why_not"]]:
            yield ""
            yield narrow(without, "This data does not allow", ("name", "why_not"))

    call.screen.show(done.models, view)


def write(call: Call, names: Names = None) -> None:
    """Write what champions say to gold, without training."""
    from emberlake.models.champion import write_scores
    from emberlake.models.recipes import recipe, recipes

    chosen = [recipe(name) for name in names] if names else [r for r in recipes().values() if r.write]
    rows = []
    with on_spark(call, "Scoring") as (lake, tell):
        for number, each in enumerate(chosen):
            tell(each.title, number / len(chosen))
            rows += [{"model": each.name, "table": t, "rows": n} for t, n in write_scores(lake, each).items()]
    call.screen.show(rows, lambda: table(rows))


def card(
    call: Call,
    name: Name,
    version: Annotated[int | None, typer.Option("--version", help="Default: the champion.")] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE.html", help="Write it as a page.")] = None,
) -> None:
    """Show a version's model card: question, data, measure beside baselines, fairness, limits."""
    from emberlake.models.artifacts import CARD, CARD_PAGE
    from emberlake.models.champion import require_champion
    from emberlake.models.recipes import recipe
    from emberlake.models.store import open_store
    from emberlake.models.versions import version_of

    chosen, store = recipe(name), open_store(call.settings)
    asked = require_champion(store, chosen) if version is None else version_of(store, chosen, version)
    text = store.artifact(asked.run_id, CARD).read_text(encoding="utf-8")
    if html:
        _save(html, store.artifact(asked.run_id, CARD_PAGE).read_bytes())
        call.screen.note(f"Wrote {html}")
    if call.screen.as_json:
        call.screen.raw(json.dumps({"name": name, "version": asked.number, "markdown": text}, indent=2) + "\n")
    elif not html:
        call.screen.raw(text)


def _save(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as e:
        raise SettingsError(f"{path} cannot be written: {e.strerror}.", "Name a file in a folder that is there.") from e


for _name, _function, _examples in (
    ("list", show_all, ("emberlake models list", "emberlake models list --json")),
    ("train", train, ("emberlake models train", "emberlake models train segments churn")),
    ("compare", compare, "emberlake models compare churn"),
    ("promote", promote, ("emberlake models promote churn",
                          "emberlake models promote churn --version 3 --force --reason 'fairer to new customers'")),
    ("rollback", rollback, "emberlake models rollback churn"),
    ("write", write, ("emberlake models write", "emberlake models write churn")),
    ("explain", explain, ("emberlake models explain churn", "emberlake models explain churn --user 42")),
    ("drift", drift, ("emberlake models drift churn",
                      "emberlake models drift order_value --from 2026-01-01 --to 2026-01-31")),
    ("export", export, "emberlake models export order_value order_value.scorer"),
    ("card", card, ("emberlake models card churn", "emberlake models card churn --html churn.html")),
):  # fmt: skip
    command(app, _name, _examples)(_function)
