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


def train(call: Call, names: Names = None) -> None:
    """Train models, compare each with its champion, and write what the champion says to gold."""
    from emberlake.models import recipe, train_all

    for name in names or ():
        recipe(name)  # a wrong name is said before an engine starts
    with _on_spark(call, "Training") as (lake, tell):
        done = train_all(lake, names, tell)

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
    from emberlake.models import recipe
    from emberlake.models.listing import compare_versions

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
    from emberlake.models import promotion, recipe
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
    from emberlake.models import promotion, recipe
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
    from emberlake.models import recipe, recipes, write_scores

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
    ("card", card, ("emberlake models card churn", "emberlake models card churn --html churn.html")),
):  # fmt: skip
    command(app, _name, _examples)(_function)
