"""A two-tower network for recommendations, an optional extra, beside the factorisation on the same customers.

Public: `TWO_TOWER`, the recipe.
"""

from emberlake.models.deep.recipe import TWO_TOWER

__all__ = ["TWO_TOWER"]
