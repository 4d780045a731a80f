"""Order value, segments, churn, recommendations, forecast and odd orders: trained, tracked, compared, kept.

Public: `Recipe`, `recipe`, `recipes`.
"""

from emberlake.models.recipe import Recipe
from emberlake.models.recipes import recipe, recipes

__all__ = ["Recipe", "recipe", "recipes"]
