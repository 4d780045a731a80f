"""How many pieces each category will sell a day, four weeks ahead, and how long the stock lasts at that pace.

Public: `FORECAST`, the recipe.
"""

from emberlake.models.demand.recipe import FORECAST

__all__ = ["FORECAST"]
