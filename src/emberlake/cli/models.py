"""`models`: train, compare, promote and explain."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from emberlake.cli.command import Call, command
from emberlake.cli.meter import one_bar
from emberlake.cli.screen import table
from emberlake.errors import LakeError, SettingsError
from emberlake.progress import Progress

if TYPE_CHECKING:
    from emberlake.lake import Lake

app = typer.Typer(no_args_is_help=True, help="Models: train, compare, promote, roll back, explain.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The model; `models list` shows all.")]
Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME…]", help="Default: every model.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Kept in the record of changes.")]


@contextmanager
def _on_spark(call: Call, title: str) -> Iterator[tuple[Lake, Progress]]:
    """The lake on a Spark session, and a bar."""
    from emberlake.engine import open_engine
    from emberlake.lake import Lake

    if not call.settings.lake.exists():
        raise LakeError(f"There is no lakehouse in {call.settings.root} yet.", "Build it first: emberlake up.")
    with one_bar(call.screen, title) as tell:
        tell("starting spark", 0.0)
        with open_engine(call.settings, "spark") as engine, Lake(engine.session, call.settings) as lake:
            yield lake, tell


def show_all(call: Call) -> None:
    """List the models: champion, what it reaches beside the best baseline, when it was trained, drift."""
    from emberlake.models.listing import list_models

    rows = list_models(call.settings)

    def view() -> Iterator[RenderableType]:
        shown = [{**row, "value": short(row["value"]), "best baseline": _baseline(row)} for row in rows]
        columns = ("name", "champion", "challenger", "metric", "value", "best baseline", "trained_at", "drift")
        yield table(shown, columns=columns)
        if without := [row for row in rows if row["why_not"]]:
            yield ""
            yield table(without, "This data does not allow", ("name", "why_not"))

    call.screen.show(rows, view)


def _baseline(row: dict[str, Any]) -> str:
    if row["baseline"] is None:
        return "–"
    return f"{short(row['baseline_value'])} ({row['baseline']})" + ("" if row["beats_baseline"] else ", NOT beaten")


def short(value: float | None) -> str:
    """A measure in four digits."""
    return "–" if value is None else f"{value:.4g}"


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
    with _on_spark(call, "Training") as (lake, tell):
        done = train_all(lake, names, tell, again)

    def view() -> Iterator[RenderableType]:
        trained = [model for model in done.models if not model["why_not"]]
        shown = [{**m, "value": short(m["value"]), "best baseline": _baseline(m)} for m in trained]
        yield table(shown, columns=("name", "is", "measure", "value", "best baseline", "seconds", "why"))
        if without := [model for model in done.models if model["why_not"]]:
            yield ""
            yield table(without, "This data does not allow", ("name", "why_not"))

    call.screen.show(done.models, view)


def compare(call: Call, name: Name) -> None:
    """Show champion and challenger on the same hold-out, with the interval of their difference."""
    from emberlake.models.listing import compare_versions
    from emberlake.models.recipes import recipe

    found = compare_versions(call.settings, recipe(name))

    def view() -> Iterator[RenderableType]:
        sides = [{"is": role, **found[role]} for role in ("champion", "challenger") if found[role]]
        shown = [{**side, "value": short(side["value"]), "best baseline": _baseline(side)} for side in sides]
        yield table(shown, columns=("is", "version", "value", "best baseline", "trained_at"))
        yield Text(f"\n{found['why']}")
        if found["changes"]:
            yield ""
            yield table(found["changes"], "Changes", ("at", "alias", "before", "after", "by", "why"))

    call.screen.show(found, view)


def promote(
    call: Call,
    name: Name,
    version: Annotated[int | None, typer.Option("--version", help="Default: the challenger.")] = None,
    reason: Reason = "",
    force: Annotated[bool, typer.Option("--force", help="Also one that did not win; needs --reason.")] = False,
) -> None:
    """Make a version champion: one that won, or any other with a reason."""
    from emberlake.models import promotion
    from emberlake.models.recipes import recipe
    from emberlake.models.store import open_store
    from emberlake.models.training import training_lock
    from emberlake.models.versions import settle

    chosen = recipe(name)
    store = open_store(call.settings)
    with training_lock(call.settings):
        settle(store, chosen)
        change = promotion.promote(store, chosen, version, reason, force)
    _changed(call, name, asdict(change))


def rollback(call: Call, name: Name, reason: Reason = "") -> None:
    """Give the title back to the champion before this one."""
    from emberlake.models import promotion
    from emberlake.models.recipes import recipe
    from emberlake.models.store import open_store
    from emberlake.models.training import training_lock
    from emberlake.models.versions import settle

    chosen = recipe(name)
    store = open_store(call.settings)
    with training_lock(call.settings):
        settle(store, chosen)
        change = promotion.rollback(store, chosen, reason)
    _changed(call, name, asdict(change))


def _changed(call: Call, name: str, change: dict[str, Any]) -> None:
    said = f"Version {change['after']} of {name} is champion now; before it was version {change['before']}."
    call.screen.show(change, lambda: [Text(said), Text(f"Bring gold up to date: emberlake models write {name}")])


def write(call: Call, names: Names = None) -> None:
    """Write what champions say to gold, without training."""
    from emberlake.models.champion import write_scores
    from emberlake.models.recipes import recipe, recipes

    chosen = [recipe(name) for name in names] if names else [r for r in recipes().values() if r.write]
    rows = []
    with _on_spark(call, "Scoring") as (lake, tell):
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
    asked = version_of(store, chosen, version) if version else require_champion(store, chosen)
    text = store.artifact(asked.run_id, CARD).read_text(encoding="utf-8")
    if html:
        _save(html, store.artifact(asked.run_id, CARD_PAGE).read_bytes())
        call.screen.note(f"Wrote {html}")
    if call.screen.as_json:
        call.screen.raw(json.dumps({"name": name, "version": asked.number, "markdown": text}, indent=2) + "\n")
    elif not html:
        call.screen.raw(text)


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
    from emberlake.models.champion import require_champion
    from emberlake.models.recipes import recipe
    from emberlake.models.saving import load_model
    from emberlake.models.store import open_store
    from emberlake.models.versions import version_of

    if sum(given is not None for given in (row, order, user)) > 1:
        raise SettingsError("explain takes one of --row, --order and --user.")
    given = _object(row) if row is not None else None
    chosen, store = recipe(name), open_store(call.settings)
    asked = version_of(store, chosen, version) if version else require_champion(store, chosen)
    with _on_spark(call, "Explaining") as (lake, tell):
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
    rows = [{"feature": n, "value": row[n], "moved it by": f"{part:+.4g}"} for n, part in found["parts"].items()]

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
    from emberlake.models.recipes import recipe

    chosen = recipe(name)
    with _on_spark(call, "Drift") as (lake, tell):
        tell("counting", 0.3)
        found, files = drifting.drift(lake, chosen, since, until)
    rows = [{**asdict(feature), "p": f"{feature.p:.2g}", "index": f"{feature.index:.3f}"} for feature in found.features]

    def view() -> Iterator[RenderableType]:
        yield Text(f"Drifted: {found.sentence}.", style="bold")
        yield table(rows, columns=("feature", "verdict", "index", "test", "p", "nulls_before", "nulls_now"))
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
    from emberlake.models.champion import require_champion
    from emberlake.models.exporting import export_version
    from emberlake.models.recipes import recipe
    from emberlake.models.store import open_store
    from emberlake.models.versions import version_of

    chosen, store = recipe(name), open_store(call.settings)
    asked = version_of(store, chosen, version) if version else require_champion(store, chosen)
    with _on_spark(call, "Exporting") as (lake, tell):
        tell("exporting and comparing", 0.3)
        said = export_version(lake, store, chosen, asked, to)
    call.screen.show(said, lambda: table([said]))


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
