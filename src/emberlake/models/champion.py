"""The champion for those who ask it: the lake's gold tables, streams and the serving side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emberlake.errors import ModelError
from emberlake.models.promotion import asked_in_vain
from emberlake.models.recipe import Recipe
from emberlake.models.recipes import recipe as find_recipe
from emberlake.models.saving import load_model
from emberlake.models.store import Store, open_store
from emberlake.models.versions import CHAMPION, Version, holder
from emberlake.progress import Progress, silent
from emberlake.settings import Settings

if TYPE_CHECKING:
    from emberlake.lake import Lake


def champion(settings: Settings, name: str) -> tuple[Any, int]:
    """The champion's model and its version; needs a Spark session for a pipeline.

    Raises:
        ModelError: if there is no such model, it is not trained yet, or its files are gone.
    """
    chosen = find_recipe(name)
    store = open_store(settings)
    version = require_champion(store, chosen)
    return load_model(store, chosen, version.run_id), version.number


def require_champion(store: Store, recipe: Recipe) -> Version:
    """The version that is champion.

    Raises:
        ModelError: if there is none.
    """
    version = holder(store, recipe, CHAMPION)
    if version is None:
        raise ModelError(f"{recipe.name} is not trained yet.", f"Train it: emberlake models train {recipe.name}.")
    return version


def write_scores(lake: Lake, recipe: Recipe, progress: Progress = silent) -> dict[str, int]:
    """Bring the recipe's gold tables up to date with its champion, and say how many rows each has.

    Raises:
        ModelError: if the champion does not take the rows that there are now.
    """
    if recipe.write is None:
        return {}
    store = open_store(lake.settings)
    version = require_champion(store, recipe)
    model = load_model(store, recipe, version.run_id)
    try:
        return recipe.write(lake, model, version.number, progress)
    except Exception as e:
        # The engine says so of a column that is not there; all else is not the model's fault.
        if type(e).__name__ == "AnalysisException" or "IllegalArgument" in type(e).__name__:
            raise asked_in_vain(recipe, version.number, e) from e
        raise
