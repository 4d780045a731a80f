"""Customers in segments: k-means on how recently, how often and how they buy, and each segment told in words.

Public: `SEGMENTS`, the recipe.
"""

from emberlake.models.segments.recipe import SEGMENTS

__all__ = ["SEGMENTS"]
