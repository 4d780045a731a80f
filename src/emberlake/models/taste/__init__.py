"""What each customer wants next: alternating least squares on what they bought and how, against simpler answers.

Public: `RECOMMENDATIONS`, the recipe.
"""

from emberlake.models.taste.recipe import RECOMMENDATIONS

__all__ = ["RECOMMENDATIONS"]
