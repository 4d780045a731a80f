"""Every model in a line: its champion, what it reaches, and whether the data allows it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from emberlake.errors import ModelError
from emberlake.lake import Lake
from emberlake.models.checks import NotAllowed
from emberlake.models.promotion import won
from emberlake.models.recipe import Recipe
from emberlake.models.recipes import recipes
from emberlake.models.store import Store, open_store
from emberlake.models.training import best_baseline, is_better, pin
from emberlake.models.versions import CHALLENGER, CHAMPION, Version, changes, holder, versions
from emberlake.settings import Settings


def list_models(settings: Settings) -> list[dict[str, Any]]:
    """All recipes, trained or not; no engine is needed.

    Raises:
        ModelError: if there is a store that cannot be read.
    """
    store = store_if_there(settings)
    with Lake(None, settings) as lake:
        return [_line(store, lake, recipe) for recipe in recipes().values()]


def store_if_there(settings: Settings) -> Store | None:
    """The store; None while nothing was ever trained under this root."""
    try:
        return open_store(settings)
    except ModelError:
        if (settings.models / "artifacts").exists() or (settings.models / "mlflow.sqlite").exists():
            raise
        return None


def _line(store: Store | None, lake: Lake, recipe: Recipe) -> dict[str, Any]:
    line: dict[str, Any] = {"name": recipe.name, "champion": None, "metric": recipe.metric.name, "value": None}
    line |= {"title": recipe.metric.title, "unit": recipe.metric.unit}
    line |= {"baseline": None, "baseline_value": None, "beats_baseline": None, "trained_at": None, "challenger": None}
    line |= {"drift": None, "question": recipe.question, "why_not": _why_not(lake, recipe)}
    if store is None or (champion := holder(store, recipe, CHAMPION)) is None:
        return line
    challenger = holder(store, recipe, CHALLENGER)
    return line | measured(recipe, champion) | {
        "champion": champion.number,
        "challenger": challenger.number if challenger else None,
        "trained_at": champion.tags.get("emberlake.trained_at"),
        "drift": champion.tags.get("emberlake.drift"),
    }  # fmt: skip


def measured(recipe: Recipe, version: Version) -> dict[str, Any]:
    """What a version reached beside its best baseline."""
    value = version.read("metrics", {}).get(recipe.metric.name)
    name, best = best_baseline(recipe, version.read("baselines", {}))
    return {
        "value": value,
        "baseline": name,
        "baseline_value": best,
        "beats_baseline": value is not None and is_better(recipe, value, best),
    }


def _why_not(lake: Lake, recipe: Recipe) -> str:
    try:
        pin(lake, recipe)
    except NotAllowed as e:
        return e.problem
    return ""


def compare_versions(settings: Settings, recipe: Recipe) -> dict[str, Any]:
    """Champion and challenger side by side, as the challenger's training compared them, and the record of changes.

    Raises:
        ModelError: if the model is not trained.
    """
    store = open_store(settings)
    champion, challenger = holder(store, recipe, CHAMPION), holder(store, recipe, CHALLENGER)
    if champion is None:
        raise ModelError(f"{recipe.name} is not trained yet.", f"Train it: emberlake models train {recipe.name}.")
    compared = challenger.read("comparison") if challenger else None
    return {
        "name": recipe.name,
        "champion": _side(recipe, champion),
        "challenger": _side(recipe, challenger) if challenger else None,
        "comparison": compared,
        "compared_with": challenger.read("champion") if challenger else None,
        "why": challenger.tags.get("emberlake.why", "") if challenger else "There is no challenger.",
        "would_be_promoted": bool(challenger and won(challenger, champion)),
        "versions": [_side(recipe, version) for version in versions(store, recipe)],
        "changes": [asdict(change) for change in changes(store, recipe)],
    }


def _side(recipe: Recipe, version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "trained_at": version.tags.get("emberlake.trained_at"),
        "run_id": version.run_id,
        **measured(recipe, version),
        "why": version.tags.get("emberlake.why"),
    }
