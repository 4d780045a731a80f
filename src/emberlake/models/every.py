"""All models one after the other: what the main job does."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emberlake.errors import EmberlakeError, ModelError
from emberlake.models.champion import write_scores
from emberlake.models.checks import NotAllowed
from emberlake.models.recipe import Recipe
from emberlake.models.recipes import recipe as find_recipe
from emberlake.models.recipes import recipes
from emberlake.models.training import Training, train
from emberlake.progress import Progress, silent

if TYPE_CHECKING:
    from emberlake.lake import Lake

# A training beside this one ends within minutes; the main job waits for it.
_WAIT = 600.0


@dataclass
class Trained:
    """What training all came to.

    Attributes:
        models: one entry a recipe, in order: name, measure (its title), unit, value, baseline, baseline_value,
            beats_baseline, `is` (champion or challenger, with the version), why, why_not (why there is no model; empty
            for a trained one), failed, seconds, rows (of the gold tables that it wrote).
    """

    models: list[dict[str, Any]] = field(default_factory=list)

    @property
    def failures(self) -> list[str]:
        """A sentence for each recipe that failed."""
        return [f"{model['name']}: {model['why_not']}" for model in self.models if model["failed"]]


def train_all(
    lake: Lake, names: Sequence[str] | None = None, progress: Progress = silent, again: bool = False
) -> Trained:
    """Train each model that the data allows, and write what its champion says to gold.

    One that fails does not stop the others.

    Args:
        names: recipes; None: all that are trained by default.
        again: fit also where neither the tables nor the code have changed since a version was trained.

    Raises:
        ModelError: at the end, if one failed for another reason than the data; the others are trained and written.
    """
    usual = [each for each in recipes().values() if each.by_default]
    chosen = [find_recipe(name) for name in names] if names else usual
    done = Trained()
    for number, each in enumerate(chosen):

        def tell(doing: str, fraction: float, each: Recipe = each, number: int = number) -> None:
            progress(f"{each.title}: {doing}", (number + min(fraction, 1.0)) / len(chosen))

        done.models.append(_one(lake, each, tell, again))
    if done.failures:
        others = f"The other {len(chosen) - len(done.failures)} are done." if len(chosen) > 1 else ""
        raise ModelError(f"Training failed for {'; '.join(done.failures)}", others)
    return done


def _one(lake: Lake, recipe: Recipe, tell: Progress, again: bool) -> dict[str, Any]:
    begun = time.perf_counter()
    try:
        tell("training", 0.0)
        training = train(lake, recipe, lambda doing, fraction: tell(doing, 0.85 * fraction), wait=_WAIT, again=again)
        tell("what the champion says", 0.85)
        rows = write_scores(lake, recipe, lambda doing, fraction: tell(doing, 0.85 + 0.15 * fraction))
    except NotAllowed as e:
        return _without(recipe, str(e), False, begun)
    except EmberlakeError as e:
        return _without(recipe, str(e), True, begun)
    except Exception as e:
        said = (str(e).strip().splitlines() or [""])[0][:300]
        return _without(recipe, f"{type(e).__name__}: {said}", True, begun)
    return entry(recipe, training, rows, time.perf_counter() - begun)


def entry(recipe: Recipe, training: Training, rows: dict[str, int], seconds: float) -> dict[str, Any]:
    """A training as one line of a summary."""
    return {
        "name": recipe.name,
        "measure": recipe.metric.title,
        "unit": recipe.metric.unit,
        "value": training.value,
        "baseline": training.baseline,
        "baseline_value": training.baseline_value,
        "beats_baseline": training.beats_baseline,
        "is": f"{'champion' if training.promoted else 'challenger'} {training.version}",
        "why": training.why,
        "why_not": "",
        "failed": False,
        "seconds": round(seconds, 1),
        "rows": rows,
    }


def _without(recipe: Recipe, why: str, failed: bool, begun: float) -> dict[str, Any]:
    nothing = dict.fromkeys(("value", "baseline_value", "beats_baseline"))
    return {
        "name": recipe.name, "measure": recipe.metric.title, "unit": recipe.metric.unit, "baseline": "", **nothing,
        "is": "", "why": "", "why_not": why, "failed": failed,
        "seconds": round(time.perf_counter() - begun, 1), "rows": {},
    }  # fmt: skip
