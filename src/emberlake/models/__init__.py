"""Order value, segments, churn, recommendations, forecast and odd orders: trained, tracked, compared, kept.

Public: `Recipe`, `recipe`, `recipes`; `train`, `train_all`, `champion`, `write_scores`. The command line also calls
`listing`, `promotion`, `drift` and `explain`.
"""

from emberlake.models.champion import champion, write_scores
from emberlake.models.every import Trained, train_all
from emberlake.models.recipe import Recipe
from emberlake.models.recipes import recipe, recipes
from emberlake.models.training import Training, train

__all__ = [
    "Recipe", "Trained", "Training", "champion", "recipe", "recipes", "train", "train_all", "write_scores",
]  # fmt: skip
