"""A registered version as a file that scores without Spark."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emberlake.errors import ModelError
from emberlake.models.artifacts import HOLDOUT
from emberlake.models.export import export_pipeline
from emberlake.models.recipe import Recipe
from emberlake.models.saving import load_model
from emberlake.models.store import Store
from emberlake.models.versions import Version
from emberlake.progress import Progress, silent

if TYPE_CHECKING:
    from emberlake.lake import Lake


def export_version(
    lake: Lake, store: Store, recipe: Recipe, version: Version, path: Path, progress: Progress = silent
) -> dict[str, Any]:
    """Write the version's scorer, compared with its pipeline on the rows of today, or else on its hold-out.

    Args:
        lake: open on a Spark session.
        path: of the file; one that is there is replaced, at once and whole.

    Raises:
        ModelError: if the model is no pipeline of trees, or would score differently; no file is left then.
    """
    require_exportable(recipe)
    model = load_model(store, recipe, version.run_id)
    if recipe.inputs is not None:
        rows = recipe.inputs(model, {name: lake.read(name) for name in recipe.reads})
    elif store.has(version.run_id, HOLDOUT):
        rows = lake.session.read.parquet(store.artifact(version.run_id, HOLDOUT).as_uri())
    else:
        raise ModelError(f"{recipe.name} keeps no rows to compare an export on.", "Train it again.")
    columns = version.read("columns", {})
    missing = [name for name in columns if name not in rows.columns]
    if missing:
        raise ModelError(f"The rows to compare on lack {', '.join(missing)}.", "Train it again.")
    done = export_pipeline(model, rows.select(*columns), path, progress=progress)
    return {"model": recipe.name, "version": version.number, **asdict(done)}


def require_exportable(recipe: Recipe) -> None:
    """Fail for a model that is no pipeline at all.

    Raises:
        ModelError: saying what it is.
    """
    if recipe.flavor == "json":
        raise ModelError(f"{recipe.name} needs no export: it is a document of plain values already.")
